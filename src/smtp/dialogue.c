/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The door of the dialogue: bytes in and out, the queue of unanswered
 * commands, and what is wanted next.  Does not know what a command means.
 */
#include <config.h>

#include "base/text.h"
#include "smtp/dialogue_internal.h"

static const struct verb {
	const char *name;
	void (*on_reply)(struct smtp_dialogue *dialogue,
		const struct smtp_command *command,
		const struct smtp_reply *reply);
	bool ends_group;
	unsigned success;
	enum smtp_deadline deadline;
} verbs[SMTP_VERB_COUNT] = {
#define VERB(id, name, handler, ends_group, success, deadline)                 \
	[SMTP_VERB_##id] = { name, handler, ends_group, success,               \
		SMTP_DEADLINE_##deadline },
#include "smtp/verb.def"
#undef VERB
};

/* ---- the queue ----------------------------------------------------------- */

static const struct smtp_command *queue_at(
	const struct smtp_queue *queue, size_t index)
{
	size_t slots = sizeof queue->at / sizeof queue->at[0];

	return &queue->at[(queue->first + index) % slots];
}

static void queue_push(struct smtp_queue *queue, struct smtp_command command)
{
	size_t slots = sizeof queue->at / sizeof queue->at[0];

	queue->at[(queue->first + queue->count) % slots] = command;
	queue->count++;
}

static struct smtp_command queue_pop(struct smtp_queue *queue)
{
	struct smtp_command command = *queue_at(queue, 0);

	queue->first =
		(queue->first + 1) % (sizeof queue->at / sizeof queue->at[0]);
	queue->count--;
	queue->answered_end = command.end;
	return command;
}

void dialogue_expect_again(
	struct smtp_dialogue *dialogue, const struct smtp_command *command)
{
	struct smtp_queue *queue = &dialogue->queue;
	size_t slots = sizeof queue->at / sizeof queue->at[0];

	queue->first = (queue->first + slots - 1) % slots;
	queue->at[queue->first] = *command;
	queue->count++;
}

/* Closes the window when it is full, and opens it again when half of it has
 * been answered, so that one reply does not set off one little packet. */
static void queue_watch(struct smtp_queue *queue, uint64_t queued)
{
	uint64_t unanswered = queued - queue->answered_end;

	if (queue->count >= SMTP_WINDOW_COMMANDS ||
		unanswered >= SMTP_WINDOW_BYTES)
		queue->is_draining = true;
	else if (queue->count <= SMTP_WINDOW_COMMANDS / 2 &&
		 unanswered <= SMTP_WINDOW_BYTES / 2)
		queue->is_draining = false;
}

bool dialogue_may_send(const struct smtp_dialogue *dialogue)
{
	const struct smtp_queue *queue = &dialogue->queue;
	const struct smtp_command *last;

	if (!queue->count)
		return true;
	last = queue_at(queue, queue->count - 1);
	return dialogue->session.ehlo.has[EHLO_PIPELINING] &&
	       !queue->is_draining && !verbs[last->verb].ends_group;
}

/* ---- out ----------------------------------------------------------------- */

static void trace_line(const struct smtp_dialogue *dialogue,
	enum smtp_direction direction, struct span line)
{
	if (dialogue->params.trace)
		dialogue->params.trace(
			dialogue->params.trace_context, direction, line);
}

void dialogue_send(struct smtp_dialogue *dialogue, enum smtp_verb verb,
	size_t recipient, const char *shown)
{
	struct span line = buf_span(&dialogue->line);

	if (!buf_put_span(&dialogue->output, line)) {
		dialogue_fail_overflow(dialogue);
		return;
	}
	dialogue->queued += line.length;
	queue_push(&dialogue->queue,
		(struct smtp_command){ verb, recipient, dialogue->queued });
	queue_watch(&dialogue->queue, dialogue->queued);
	line.length -= 2;
	trace_line(dialogue, SMTP_SENT, shown ? span_of(shown) : line);
	if (shown) {
		dialogue->has_secret_output = true;
		buf_wipe(&dialogue->line);
	}
	buf_clear(&dialogue->line);
}

void dialogue_send_chunk(
	struct smtp_dialogue *dialogue, enum smtp_verb verb, struct span data)
{
	struct span line = buf_span(&dialogue->line);

	if (!buf_put_span(&dialogue->output, line) ||
		!buf_put_span(&dialogue->output, data)) {
		dialogue_fail_overflow(dialogue);
		return;
	}
	dialogue->queued += line.length + data.length;
	queue_push(&dialogue->queue,
		(struct smtp_command){ .verb = verb, .end = dialogue->queued });
	line.length -= 2;
	trace_line(dialogue, SMTP_SENT, line);
	buf_clear(&dialogue->line);
}

struct span smtp_dialogue_output(const struct smtp_dialogue *dialogue)
{
	return span_skip(buf_span(&dialogue->output), dialogue->output_from);
}

static void clear_output(struct smtp_dialogue *dialogue)
{
	dialogue->queued -= smtp_dialogue_output(dialogue).length;
	dialogue->output_from = 0;
	if (dialogue->has_secret_output)
		buf_wipe(&dialogue->output);
	else
		buf_clear(&dialogue->output);
	dialogue->has_secret_output = false;
}

void smtp_dialogue_sent(struct smtp_dialogue *dialogue, size_t length)
{
	size_t waiting = smtp_dialogue_output(dialogue).length;

	if (length > waiting)
		length = waiting;
	dialogue->sent += length;
	dialogue->output_from += length;
	if (length == waiting)
		clear_output(dialogue);
}

/* ---- the one place that decides ------------------------------------------ */

static bool step(struct smtp_dialogue *dialogue)
{
	if (dialogue->session.is_over)
		return false;
	if (dialogue->session.stage != SESSION_OPEN)
		return session_step(dialogue);
	if (transaction_dot_step(dialogue))
		return true;
	if (!authentication_lets_mail_pass(dialogue))
		return authentication_step(dialogue);
	if (session_etrn_step(dialogue) ||
		(dialogue->delivery.is_active && transaction_step(dialogue)))
		return true;
	return session_quit_step(dialogue);
}

void dialogue_advance(struct smtp_dialogue *dialogue)
{
	while (step(dialogue))
		;
}

/* ---- the end ------------------------------------------------------------- */

/* Whether the server has answered the message, in words that are no verdict:
 * then another try will hear the same. */
static bool is_answer_unreadable(
	const struct smtp_dialogue *dialogue, const struct diag *why)
{
	return dialogue->has_noise || why->id == DIAG_SMTP_REPLY_TOO_LONG ||
	       why->id == DIAG_SMTP_REPLY_UNEXPECTED;
}

/* Every open recipient gets WHY, or because of it that the message may have
 * arrived. */
static void end_delivery(struct smtp_dialogue *dialogue, const struct diag *why)
{
	struct diag doubt;
	struct buf sentence = BUF_INIT(DIAG_TEXT_BYTES);

	if (!transaction_is_in_doubt(dialogue)) {
		transaction_end(dialogue, why);
		return;
	}
	if (dialogue->has_noise)
		buf_put_span(&sentence, buf_span(&dialogue->skipped));
	else
		diag_sentence(why, false, &sentence);
	diag_set(&doubt,
		is_answer_unreadable(dialogue, why)
			? DIAG_SMTP_ANSWER_UNREADABLE
			: DIAG_SMTP_POSSIBLE_DUPLICATE,
		buf_text(&sentence));
	buf_free(&sentence);
	transaction_end_round(dialogue, &doubt);
	transaction_end(dialogue, why);
}

void dialogue_fail(struct smtp_dialogue *dialogue, const struct diag *why)
{
	if (dialogue->session.is_over)
		return;
	dialogue->session.is_over = true;
	dialogue->session.has_failed = true;
	dialogue->session.failure = *why;
	end_delivery(dialogue, why);
	clear_output(dialogue);
	dialogue->queue.count = 0;
}

void dialogue_fail_overflow(struct smtp_dialogue *dialogue)
{
	struct diag why;

	diag_set(&why, DIAG_SYSTEM_FAILED, "smtp_dialogue_output");
	dialogue_fail(dialogue, &why);
}

void dialogue_give_up(struct smtp_dialogue *dialogue, const struct diag *why)
{
	bool may_speak = why->reply_code != 421 && !dialogue->queue.count &&
			 !dialogue->delivery.is_body &&
			 !smtp_dialogue_output(dialogue).length &&
			 !dialogue->session.is_over;

	dialogue_fail(dialogue, why);
	if (may_speak) {
		buf_puts(&dialogue->line, "QUIT\r\n");
		dialogue_send(dialogue, SMTP_VERB_QUIT, 0, NULL);
		dialogue->session.is_quit_sent = true;
	}
}

void dialogue_fail_unexpected(struct smtp_dialogue *dialogue, const char *name,
	const struct smtp_reply *reply)
{
	struct diag why;

	dialogue_remember(dialogue, reply);
	diag_set(&why, DIAG_SMTP_REPLY_UNEXPECTED, name);
	reply_explain(reply, &why);
	dialogue_fail(dialogue, &why);
}

void dialogue_remember(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct smtp_reply *last = &dialogue->last;

	last->code = reply->code;
	memcpy(last->status, reply->status, sizeof last->status);
	buf_clear(&last->text);
	buf_put_span(&last->text, buf_span(&reply->text));
}

void dialogue_explain(const struct smtp_dialogue *dialogue, struct diag *why,
	const struct smtp_reply *reply, struct diag_args args)
{
	if (args.id != DIAG_SMTP_AUTH_REFUSED &&
		(reply->code == 530 || reply->code == 534 ||
			reply->code == 535 || reply->code == 538))
		args = (struct diag_args){ .id = DIAG_SMTP_AUTH_REQUIRED };
	diag_set_args(why, args);
	reply_explain(reply, why);
	advise(dialogue, reply, why);
}

/* ---- in ------------------------------------------------------------------ */

static void on_line(void *context, struct span line)
{
	const struct smtp_dialogue *dialogue = context;
	struct buf shown = BUF_INIT(2 * REPLY_LIMIT);

	if (!dialogue->params.trace)
		return;
	mask_put(&dialogue->mask, line, &shown);
	trace_line(dialogue, SMTP_RECEIVED, buf_span(&shown));
	buf_free(&shown);
}

/* The session is done with, all that may still come is the reply to QUIT. */
static bool is_winding_up(const struct smtp_dialogue *dialogue)
{
	return dialogue->session.is_over ||
	       (dialogue->session.is_quit_sent &&
		       !dialogue->delivery.is_active);
}

static bool is_head_sent(const struct smtp_dialogue *dialogue)
{
	return dialogue->queue.count &&
	       queue_at(&dialogue->queue, 0)->end <= dialogue->sent;
}

/* A reply to nothing.  A server may close at any time (RFC 5321 3.8) and some
 * refuse a message while it is still being sent; all else is an error. */
static void take_unasked(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct diag why;

	if (dialogue->delivery.is_body && !dialogue->delivery.is_empty &&
		(reply_is_class(reply, 4) || reply_is_class(reply, 5))) {
		dialogue_remember(dialogue, reply);
		dialogue_explain(dialogue, &why, reply,
			(struct diag_args){ .id = DIAG_SMTP_DATA_REFUSED });
		transaction_end(dialogue, &why);
	} else {
		diag_set(&why, DIAG_SMTP_REPLY_UNASKED);
		reply_explain(reply, &why);
	}
	dialogue_fail(dialogue, &why);
}

static void take_closing(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	const char *asked =
		dialogue->queue.count
			? verbs[queue_at(&dialogue->queue, 0)->verb].name
			: "";
	struct diag why;

	dialogue_remember(dialogue, reply);
	/* The sentence does not say what was asked; whoever looks for the
	 * reason wants to know. */
	dialogue_explain(dialogue, &why, reply,
		(struct diag_args){ .id = DIAG_SMTP_CLOSING, .a = asked });
	/* An answer to the message itself leaves no doubt. */
	if (dialogue->is_reply_asked)
		transaction_end(dialogue, &why);
	dialogue_fail(dialogue, &why);
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
	return reply_is_class(reply, verbs[verb].success) ||
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
	command = queue_pop(&dialogue->queue);
	dialogue->answered = command.verb;
	queue_watch(&dialogue->queue, dialogue->queued);
	if (is_expected(command.verb, reply)) {
		verbs[command.verb].on_reply(dialogue, &command, reply);
		return;
	}
	dialogue_fail_unexpected(dialogue, verbs[command.verb].name, reply);
}

/* Whether what comes next is the answer to a message. */
static bool is_answer_due(const struct smtp_dialogue *dialogue)
{
	return is_head_sent(dialogue) &&
	       is_message(queue_at(&dialogue->queue, 0)->verb);
}

/* A line that was no reply, for the log.  Empty ones say nothing. */
static void keep_skipped(struct smtp_dialogue *dialogue)
{
	struct span line = span_trim(buf_span(&dialogue->parser.line));
	struct buf *skipped = &dialogue->skipped;
	struct buf shown = BUF_INIT(2 * REPLY_LIMIT);

	dialogue->skipped_lines++;
	if (!line.length || skipped->overflowed)
		return;
	if (is_answer_due(dialogue))
		dialogue->has_noise = true;
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

	if (dialogue->session.stage == SESSION_HANDSHAKE) {
		diag_set(&why, DIAG_TLS_INJECTION);
		dialogue_fail(dialogue, &why);
		return;
	}
	if (!dialogue->parser.size_bytes)
		dialogue->is_reply_asked = is_head_sent(dialogue);
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
		dialogue_fail(dialogue, &why);
		return;
	case REPLY_COMPLETE:
		dialogue->reply_count++;
		take_reply(dialogue);
		reply_parser_reset(&dialogue->parser);
		dialogue_advance(dialogue);
	}
}

bool smtp_dialogue_feed(
	struct smtp_dialogue *dialogue, struct span bytes, struct diag *why)
{
	while (bytes.length && !is_winding_up(dialogue))
		take_bytes(dialogue, &bytes);
	if (dialogue->session.has_failed && why)
		*why = dialogue->session.failure;
	return !dialogue->session.has_failed;
}

void smtp_dialogue_broken(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	if (is_winding_up(dialogue))
		dialogue->session.is_over = true;
	else
		dialogue_fail(dialogue, why);
}

/* ---- what next ----------------------------------------------------------- */

struct smtp_want smtp_dialogue_next(const struct smtp_dialogue *dialogue)
{
	const struct smtp_queue *queue = &dialogue->queue;

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
	if (!dialogue->delivery.is_active &&
		(!queue->count || queue_at(queue, 0)->verb == SMTP_VERB_QUIT))
		return (struct smtp_want){ SMTP_WANT_DONE, SMTP_DEADLINE_QUIT };
	return (struct smtp_want){ SMTP_WANT_REPLY,
		verbs[queue_at(queue, 0)->verb].deadline };
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
	dialogue->parser.reply.mask = dialogue->last.mask = &dialogue->mask;
	buf_init(&dialogue->last.text, REPLY_LIMIT);
	buf_init(&dialogue->skipped, SMTP_SKIPPED_KEPT);
	buf_init(&dialogue->line, COMMAND_RESPONSE_LIMIT);
	buf_init(&dialogue->chunk, 3 * SMTP_BODY_PIECE);
	buf_init(&dialogue->output, SMTP_OUTPUT_LIMIT);
	/* The connection itself is the first command: the greeting answers. */
	queue_push(&dialogue->queue,
		(struct smtp_command){ .verb = SMTP_VERB_GREETING });
	return dialogue;
}

void smtp_dialogue_free(struct smtp_dialogue *dialogue)
{
	if (!dialogue)
		return;
	ehlo_free(&dialogue->session.ehlo);
	authentication_free(&dialogue->authentication);
	arena_free(dialogue->delivery.arena);
	reply_parser_free(&dialogue->parser);
	mask_wipe(&dialogue->mask);
	buf_free(&dialogue->last.text);
	buf_free(&dialogue->skipped);
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
	return &dialogue->last;
}

unsigned smtp_dialogue_skipped(
	const struct smtp_dialogue *dialogue, const char **words)
{
	*words = buf_text(&dialogue->skipped);
	return dialogue->skipped_lines;
}

const struct diag *smtp_dialogue_suppressed(
	const struct smtp_dialogue *dialogue)
{
	return dialogue->suppressed.id == DIAG_NONE ? NULL
						    : &dialogue->suppressed;
}

bool smtp_dialogue_came_to_mail(const struct smtp_dialogue *dialogue)
{
	return dialogue->delivery.is_mail_sent;
}

const struct diag *smtp_dialogue_failure(const struct smtp_dialogue *dialogue)
{
	return dialogue->session.has_failed ? &dialogue->session.failure : NULL;
}
