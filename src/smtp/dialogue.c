/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The door of the dialogue: bytes in and out, the one place that decides what
 * is sent next, and the end.  Does not know what a command means.
 */
#include <config.h>

#include "base/text.h"
#include "smtp/dialogue_internal.h"

static void (*const handlers[SMTP_VERB_COUNT])(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply) = {
#define VERB(id, name, handler, ends_group, success, deadline)                 \
	[SMTP_VERB_##id] = handler,
#include "smtp/verb.def"
#undef VERB
};

/* ---- the end ------------------------------------------------------------- */

/* Whether the server has answered the message, in words that are no verdict:
 * then another try will hear the same. */
static bool is_answer_unreadable(
	const struct smtp_dialogue *dialogue, const struct diag *why)
{
	return dialogue->delivery->said.has_noise ||
	       (dialogue->session.failed_at == dialogue->delivery &&
		       (why->id == DIAG_SMTP_REPLY_TOO_LONG ||
			       why->id == DIAG_SMTP_REPLY_UNEXPECTED));
}

/* What is not the server's verdict about one of several is nobody's. */
static void end_open(struct smtp_dialogue *dialogue, const struct diag *why)
{
	if (dialogue->delivery->is_shared)
		transaction_leave(dialogue);
	else
		transaction_end(dialogue, why);
}

/* Every open recipient gets WHY, or because of it that the message may have
 * arrived: but not from a server that has said that it closes. */
static void end_delivery(struct smtp_dialogue *dialogue, const struct diag *why)
{
	struct diag doubt;
	struct buf sentence = BUF_INIT(DIAG_TEXT_BYTES);

	if (dialogue->session.is_closing ||
		!transaction_is_in_doubt(dialogue)) {
		end_open(dialogue, why);
		return;
	}
	if (dialogue->delivery->said.has_noise)
		buf_put_span(
			&sentence, buf_span(&dialogue->delivery->said.skipped));
	else
		diag_sentence(why, false, &sentence);
	diag_set(&doubt,
		is_answer_unreadable(dialogue, why)
			? DIAG_SMTP_ANSWER_UNREADABLE
			: DIAG_SMTP_POSSIBLE_DUPLICATE,
		buf_text(&sentence));
	buf_free(&sentence);
	transaction_end_round(dialogue, &doubt);
	end_open(dialogue, why);
}

static void end_deliveries(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	for (size_t i = 0; i < dialogue->under_way; i++) {
		dialogue->delivery = window_at(dialogue, i);
		if (dialogue->delivery->is_active)
			end_delivery(dialogue, why);
	}
	dialogue->delivery = window_newest(dialogue);
}

/* The last word to a server that waits for us to speak. */
static void take_leave(struct smtp_dialogue *dialogue)
{
	buf_puts(&dialogue->line, "QUIT\r\n");
	wire_send(dialogue, SMTP_VERB_QUIT, 0, NULL);
	dialogue->session.is_quit_sent = true;
}

/* What comes of a failure that was recorded. */
static void settle(struct smtp_dialogue *dialogue)
{
	struct smtp_session *session = &dialogue->session;
	bool may_speak =
		session->may_take_leave && session->failure.reply_code != 421 &&
		!dialogue->queue.count && !dialogue->delivery->is_body &&
		!wire_output(dialogue).length;

	if (!session->has_failed || session->is_settled)
		return;
	session->is_settled = true;
	end_deliveries(dialogue, &session->failure);
	wire_clear_output(dialogue);
	dialogue->queue.count = 0;
	if (may_speak)
		take_leave(dialogue);
}

/* ---- the one place that decides ------------------------------------------ */

static bool step(struct smtp_dialogue *dialogue)
{
	if (dialogue->session.is_over || dialogue->session.is_closing)
		return false;
	if (dialogue->session.stage != SESSION_OPEN)
		return session_step(dialogue);
	if (transaction_dot_step(dialogue))
		return true;
	if (!authentication_lets_mail_pass(dialogue))
		return authentication_step(dialogue);
	if (session_etrn_step(dialogue) ||
		(dialogue->delivery->is_active && transaction_step(dialogue)))
		return true;
	return session_quit_step(dialogue);
}

static void advance(struct smtp_dialogue *dialogue)
{
	dialogue->delivery = window_newest(dialogue);
	while (step(dialogue))
		;
	settle(dialogue);
}

/* ---- in ------------------------------------------------------------------ */

static void on_line(void *context, struct span line)
{
	const struct smtp_dialogue *dialogue = context;
	struct buf shown = BUF_INIT(2 * REPLY_LIMIT);

	if (!dialogue->params.trace)
		return;
	mask_put(&dialogue->mask, line, &shown);
	wire_trace(dialogue, SMTP_RECEIVED, buf_span(&shown));
	buf_free(&shown);
}

/* The session is done with, all that may still come is the reply to QUIT. */
static bool is_winding_up(const struct smtp_dialogue *dialogue)
{
	return dialogue->session.is_over ||
	       (dialogue->session.is_quit_sent &&
		       !dialogue->delivery->is_active);
}

/* A reply to nothing.  A server may close at any time (RFC 5321 3.8) and some
 * refuse a message while it is still being sent; all else is an error. */
static void take_unasked(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct diag why;

	if (dialogue->delivery->is_body && !dialogue->delivery->is_empty &&
		(reply_is_class(reply, 4) || reply_is_class(reply, 5))) {
		wire_remember(dialogue, reply);
		advice_explain(dialogue, &why, reply,
			(struct diag_args){ .id = DIAG_SMTP_DATA_REFUSED });
		transaction_end(dialogue, &why);
	} else {
		diag_set(&why, DIAG_SMTP_REPLY_UNASKED);
		reply_explain(reply, &why);
	}
	wire_fail(dialogue, &why);
}

/* Nothing more goes out; what went may still be answered, and by Exim, which
 * stays, is.  Whoever is not answered the server has not looked at. */
static void take_closing_of_many(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	struct smtp_command command;

	if (!dialogue->session.is_closing)
		dialogue->session.closing = *why;
	dialogue->session.is_closing = true;
	wire_clear_output(dialogue);
	if (!dialogue->is_reply_asked)
		return;
	command = wire_take_head(dialogue);
	dialogue->answered = command.verb;
	transaction_on_closing(dialogue, &command);
}

static void take_closing(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	const struct smtp_command *head = wire_head(dialogue);
	const char *asked = head ? wire_verb(head->verb)->name : "";
	struct diag why;

	wire_remember(dialogue, reply);
	/* The sentence does not say what was asked; whoever looks for the
	 * reason wants to know. */
	advice_explain(dialogue, &why, reply,
		(struct diag_args){ .id = DIAG_SMTP_CLOSING, .a = asked });
	if (dialogue->delivery->is_shared) {
		take_closing_of_many(dialogue, &why);
		return;
	}
	/* An answer to the message itself leaves no doubt. */
	if (dialogue->is_reply_asked)
		transaction_end(dialogue, &why);
	wire_fail(dialogue, &why);
}

static bool is_message(enum smtp_verb verb)
{
	return verb == SMTP_VERB_DOT || verb == SMTP_VERB_BDAT_LAST;
}

static bool is_expected(enum smtp_verb verb, const struct smtp_reply *reply)
{
	/* A good-bye (to the QUIT that went along) is no word about a
	 * message. */
	if (is_message(verb) && reply->code == 221)
		return false;
	return reply_is_class(reply, wire_verb(verb)->success) ||
	       reply_is_class(reply, 4) || reply_is_class(reply, 5) ||
	       (reply_is_class(reply, 3) &&
		       (verb == SMTP_VERB_AUTH ||
			       verb == SMTP_VERB_AUTH_RESPONSE));
}

static void take_reply(struct smtp_dialogue *dialogue)
{
	const struct smtp_reply *reply = &dialogue->parser.reply;
	struct smtp_command command;

	if (reply->code == 421 && dialogue->session.stage != SESSION_GREETING) {
		take_closing(dialogue, reply);
		return;
	}
	if (!dialogue->is_reply_asked) {
		take_unasked(dialogue, reply);
		return;
	}
	command = wire_take_head(dialogue);
	dialogue->answered = command.verb;
	if (is_expected(command.verb, reply)) {
		handlers[command.verb](dialogue, &command, reply);
		return;
	}
	wire_fail_unexpected(dialogue, wire_verb(command.verb)->name, reply);
}

/* Whether what comes next is the answer to a message. */
static bool is_answer_due(const struct smtp_dialogue *dialogue)
{
	const struct smtp_command *head = wire_head(dialogue);

	return head && wire_is_head_sent(dialogue) && is_message(head->verb);
}

/* A line that was no reply, for the log.  Empty ones say nothing. */
static void keep_skipped(struct smtp_dialogue *dialogue)
{
	struct span line = span_trim(buf_span(&dialogue->parser.line));
	struct smtp_said *said = &dialogue->delivery->said;
	struct buf *skipped = &said->skipped;
	struct buf shown = BUF_INIT(2 * REPLY_LIMIT);

	said->skipped_lines++;
	if (!line.length || skipped->overflowed)
		return;
	if (is_answer_due(dialogue))
		said->has_noise = true;
	if (skipped->length)
		buf_put_byte(skipped, ' ');
	/* Hidden before it is cut: half a secret is one, too. */
	mask_put(&dialogue->mask, line, &shown);
	text_put_printable(skipped, buf_span(&shown));
	buf_free(&shown);
}

/* Reads at most one reply off *BYTES. */
static void take_bytes(struct smtp_dialogue *dialogue, struct span *bytes)
{
	struct diag why;

	const struct smtp_command *head = wire_head(dialogue);

	dialogue->delivery = head ? head->delivery : window_newest(dialogue);
	if (dialogue->session.stage == SESSION_HANDSHAKE) {
		diag_set(&why, DIAG_TLS_INJECTION);
		wire_fail(dialogue, &why);
		return;
	}
	if (!dialogue->parser.size_bytes)
		dialogue->is_reply_asked = wire_is_head_sent(dialogue);
	/* The second: what a server adds to its answer. */
	dialogue->parser.skips_noise =
		is_answer_due(dialogue) || is_message(dialogue->answered);
	switch (reply_parse(&dialogue->parser, bytes, &why)) {
	case REPLY_MORE:
		return;
	case REPLY_SKIPPED:
		keep_skipped(dialogue);
		return;
	case REPLY_BROKEN:
		wire_fail(dialogue, &why);
		return;
	case REPLY_COMPLETE:
		dialogue->reply_count++;
		take_reply(dialogue);
		reply_parser_reset(&dialogue->parser);
		advance(dialogue);
	}
}

/* All that was asked before the 421 is answered. */
static void end_closing(struct smtp_dialogue *dialogue)
{
	if (dialogue->session.is_closing && !wire_is_head_sent(dialogue))
		wire_fail(dialogue, &dialogue->session.closing);
}

bool smtp_dialogue_feed(
	struct smtp_dialogue *dialogue, struct span bytes, struct diag *why)
{
	while (bytes.length && !is_winding_up(dialogue)) {
		take_bytes(dialogue, &bytes);
		dialogue->delivery = window_newest(dialogue);
		end_closing(dialogue);
		settle(dialogue);
	}
	if (dialogue->session.has_failed && why)
		*why = dialogue->session.failure;
	return !dialogue->session.has_failed;
}

/* Whether what comes next tells how the server takes what stands behind a
 * message. */
static bool is_probe_due(const struct smtp_dialogue *dialogue)
{
	const struct smtp_command *head = wire_head(dialogue);

	return head && dialogue->session.sharing == SMTP_SHARING_PROBED &&
	       head->delivery->is_behind;
}

void smtp_dialogue_broken(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	if (is_probe_due(dialogue))
		dialogue->session.sharing = SMTP_SHARING_REFUSED;
	if (is_winding_up(dialogue))
		dialogue->session.is_over = true;
	else
		wire_fail(dialogue, dialogue->session.is_closing
					    ? &dialogue->session.closing
					    : why);
	settle(dialogue);
}

/* ---- what the caller does ------------------------------------------------ */

void smtp_dialogue_sent(struct smtp_dialogue *dialogue, size_t length)
{
	wire_sent(dialogue, length);
}

struct span smtp_dialogue_output(const struct smtp_dialogue *dialogue)
{
	return wire_output(dialogue);
}

void smtp_dialogue_etrn(struct smtp_dialogue *dialogue, const char *node)
{
	dialogue->session.etrn_node = node;
	advance(dialogue);
}

void smtp_dialogue_finish(struct smtp_dialogue *dialogue)
{
	dialogue->session.is_finishing = true;
	advance(dialogue);
}

void smtp_dialogue_tls_done(struct smtp_dialogue *dialogue)
{
	session_tls_done(dialogue);
	advance(dialogue);
}

void smtp_dialogue_auth(struct smtp_dialogue *dialogue,
	const struct smtp_mechanism *mechanism, const struct span *initial)
{
	authentication_begin(dialogue, mechanism, initial);
	advance(dialogue);
}

void smtp_dialogue_auth_continue(
	struct smtp_dialogue *dialogue, struct span response)
{
	authentication_continue(dialogue, response);
	advance(dialogue);
}

void smtp_dialogue_auth_cancel(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	authentication_cancel(dialogue, why);
	advance(dialogue);
}

void smtp_dialogue_auth_give_up(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	authentication_give_up(dialogue, why);
	settle(dialogue);
}

void smtp_dialogue_auth_accept(struct smtp_dialogue *dialogue)
{
	authentication_accept(dialogue);
	advance(dialogue);
}

void smtp_dialogue_submit(
	struct smtp_dialogue *dialogue, const struct delivery *delivery)
{
	if (window_is_active(dialogue))
		return;
	window_restart(dialogue);
	transaction_begin(dialogue, delivery, false);
	advance(dialogue);
}

void smtp_dialogue_follow(
	struct smtp_dialogue *dialogue, const struct delivery *delivery)
{
	/* One that went by itself is taken by now. */
	if (window_newest(dialogue)->is_shared)
		window_add(dialogue);
	else
		window_restart(dialogue);
	transaction_begin(dialogue, delivery, true);
	advance(dialogue);
}

void smtp_dialogue_body(struct smtp_dialogue *dialogue, struct span piece)
{
	transaction_body(dialogue, piece);
	settle(dialogue);
}

void smtp_dialogue_body_end(struct smtp_dialogue *dialogue)
{
	transaction_body_end(dialogue);
	advance(dialogue);
}

void smtp_dialogue_body_abort(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	wire_fail(dialogue, why);
	settle(dialogue);
}

/* ---- what next ----------------------------------------------------------- */

static enum smtp_deadline deadline(const struct smtp_dialogue *dialogue)
{
	const struct smtp_command *head = wire_head(dialogue);

	if (dialogue->session.is_closing)
		return SMTP_DEADLINE_QUIT;
	if (is_probe_due(dialogue))
		return SMTP_DEADLINE_PROBE;
	return head ? wire_verb(head->verb)->deadline : SMTP_DEADLINE_COMMAND;
}

/* Whether nothing is due any more for the oldest one. */
static bool is_oldest_done(const struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *oldest = window_oldest(dialogue);
	const struct smtp_command *head = wire_head(dialogue);

	return !oldest->is_active && (!head || head->verb == SMTP_VERB_QUIT ||
					     head->delivery != oldest);
}

struct smtp_want smtp_dialogue_next(const struct smtp_dialogue *dialogue)
{

	if (dialogue->session.is_over)
		return (struct smtp_want){ SMTP_WANT_DONE, SMTP_DEADLINE_QUIT };
	if (dialogue->session.stage == SESSION_HANDSHAKE)
		return (struct smtp_want){ SMTP_WANT_TLS,
			SMTP_DEADLINE_COMMAND };
	if (authentication_wants_caller(dialogue))
		return (struct smtp_want){ SMTP_WANT_SASL,
			SMTP_DEADLINE_COMMAND };
	if (transaction_wants_body(dialogue))
		return (struct smtp_want){ SMTP_WANT_BODY,
			SMTP_DEADLINE_BLOCK };
	if (is_oldest_done(dialogue))
		return (struct smtp_want){ SMTP_WANT_DONE, SMTP_DEADLINE_QUIT };
	return (struct smtp_want){ SMTP_WANT_REPLY, deadline(dialogue) };
}

/* ---- birth, death and what the caller may see ---------------------------- */

struct smtp_dialogue *smtp_dialogue_new(const struct smtp_params *params)
{
	struct smtp_dialogue *dialogue = mem_zalloc(sizeof *dialogue);

	dialogue->params = *params;
	dialogue->session.is_secure = params->is_secure;
	ehlo_init(&dialogue->session.ehlo);
	if (!params->auth)
		dialogue->authentication.stage = AUTHENTICATION_DONE;
	buf_init(&dialogue->authentication.challenge, REPLY_LIMIT);
	reply_parser_init(&dialogue->parser);
	dialogue->parser.on_line = on_line;
	dialogue->parser.context = dialogue;
	if (params->secret)
		mask_set_secret(&dialogue->mask, secret_span(params->secret));
	dialogue->parser.reply.mask = &dialogue->mask;
	window_init(dialogue);
	dialogue->queue.limit_bytes = SMTP_WINDOW_BYTES;
	buf_init(&dialogue->line, COMMAND_RESPONSE_LIMIT);
	buf_init(&dialogue->chunk, 3 * SMTP_BODY_PIECE);
	buf_init(&dialogue->output, SMTP_OUTPUT_LIMIT);
	/* The connection itself is the first command: the greeting answers. */
	wire_expect_again(dialogue,
		&(const struct smtp_command){ .verb = SMTP_VERB_GREETING,
			.delivery = dialogue->delivery });
	return dialogue;
}

void smtp_dialogue_free(struct smtp_dialogue *dialogue)
{
	if (!dialogue)
		return;
	ehlo_free(&dialogue->session.ehlo);
	authentication_free(&dialogue->authentication);
	window_free(dialogue);
	reply_parser_free(&dialogue->parser);
	mask_wipe(&dialogue->mask);
	buf_wipe_free(&dialogue->line);
	buf_wipe_free(&dialogue->output);
	buf_free(&dialogue->chunk);
	mem_free(dialogue);
}

const struct ehlo *smtp_dialogue_ehlo(const struct smtp_dialogue *dialogue)
{
	return &dialogue->session.ehlo;
}

uint64_t smtp_dialogue_reply_count(const struct smtp_dialogue *dialogue)
{
	return dialogue->reply_count;
}

const struct smtp_reply *smtp_dialogue_last_reply(
	const struct smtp_dialogue *dialogue)
{
	return &window_oldest(dialogue)->said.last;
}

unsigned smtp_dialogue_skipped(
	const struct smtp_dialogue *dialogue, const char **words)
{
	const struct smtp_said *said = &window_oldest(dialogue)->said;

	*words = buf_text(&said->skipped);
	return said->skipped_lines;
}

const struct diag *smtp_dialogue_suppressed(
	const struct smtp_dialogue *dialogue)
{
	const struct diag *suppressed =
		&window_oldest(dialogue)->said.suppressed;

	return suppressed->id == DIAG_NONE ? NULL : suppressed;
}

bool smtp_dialogue_came_to_mail(const struct smtp_dialogue *dialogue)
{
	return window_oldest(dialogue)->is_mail_sent;
}

const struct diag *smtp_dialogue_failure(const struct smtp_dialogue *dialogue)
{
	return dialogue->session.has_failed ? &dialogue->session.failure : NULL;
}
