/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mail transaction of the dialogue: MAIL, RCPT, DATA, the message, and a
 * verdict for each recipient.  Knows nothing of EHLO, TLS and AUTH.
 */
#include <config.h>

#include "smtp/dialogue_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

/* ---- verdicts ------------------------------------------------------------ */

static enum verdict_kind kind_of(const struct diag *why)
{
	return diag_is_final(why) ? VERDICT_REFUSED : VERDICT_DEFERRED;
}

static const struct diag *keep(
	struct smtp_delivery *delivery, const struct diag *why)
{
	return arena_memdup(delivery->arena, why, sizeof *why);
}

/* A diag is large; beyond SMTP_REFUSALS_KEPT one speaks for all others of its
 * kind. */
static const struct diag *keep_refusal(
	struct smtp_delivery *delivery, const struct diag *why)
{
	const struct diag **other =
		&delivery->other_refusal[diag_is_temporary(why)];

	if (++delivery->refusals <= SMTP_REFUSALS_KEPT)
		return keep(delivery, why);
	if (!*other)
		*other = keep(delivery, why);
	return *other;
}

static void refuse_recipient(struct smtp_delivery *delivery, size_t recipient,
	const struct diag *why)
{
	delivery->verdicts[recipient] =
		(struct verdict){ kind_of(why), keep_refusal(delivery, why) };
}

void transaction_end(struct smtp_dialogue *dialogue, const struct diag *why)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	const struct diag *kept;

	if (!delivery->is_active)
		return;
	kept = keep(delivery, why);
	for (size_t i = 0; i < delivery->asked->envelope->recipient_count; i++)
		if (delivery->verdicts[i].kind == VERDICT_UNKNOWN)
			delivery->verdicts[i] =
				(struct verdict){ kind_of(why), kept };
	delivery->is_active = false;
}

/* Whether the message of this round is for that recipient. */
static bool is_in_round(const struct smtp_delivery *delivery, size_t recipient)
{
	const struct verdict *verdict = &delivery->verdicts[recipient];

	return recipient < delivery->cursor &&
	       verdict->kind == VERDICT_UNKNOWN && !verdict->why;
}

void transaction_end_round(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	const struct diag *kept = keep(delivery, why);

	for (size_t i = 0; i < delivery->cursor; i++)
		if (is_in_round(delivery, i))
			delivery->verdicts[i] =
				(struct verdict){ kind_of(why), kept };
}

void transaction_leave(struct smtp_dialogue *dialogue)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	size_t count = delivery->asked->envelope->recipient_count;

	for (size_t i = 0; i < count; i++)
		if (delivery->verdicts[i].kind == VERDICT_UNKNOWN)
			delivery->verdicts[i].why = NULL;
	delivery->is_active = false;
}

bool transaction_has_more(const struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *delivery = dialogue->delivery;
	size_t count = delivery->asked->envelope->recipient_count;

	if (delivery->unanswered)
		return delivery->named > 1;
	for (size_t i = 0; i < count; i++)
		if (delivery->verdicts[i].kind == VERDICT_UNKNOWN &&
			!is_in_round(delivery, i))
			return true;
	return false;
}

static void begin_round(struct smtp_delivery *delivery)
{
	size_t count = delivery->asked->envelope->recipient_count;

	for (size_t i = 0; i < count; i++)
		if (delivery->verdicts[i].kind == VERDICT_UNKNOWN)
			delivery->verdicts[i].why = NULL;
	/* An address may have no form without what was renounced. */
	delivery->is_screened =
		delivery->is_screened && !delivery->has_renounced;
	delivery->has_renounced = delivery->is_void = false;
	delivery->is_reset_sent = false;
	delivery->is_mail_sent = delivery->is_mail_taken = false;
	delivery->is_data_sent = false;
	delivery->is_body = delivery->is_dot_queued = false;
	delivery->is_empty = false;
	delivery->is_chunked = delivery->is_chunk_sent = false;
	delivery->cursor = delivery->named = 0;
	delivery->taken = delivery->accepted = 0;
	delivery->dots = (struct dotstuff){ 0 };
}

/* The message has its last reply: those who are left get it next, but not
 * behind others. */
static void finish_round(struct smtp_dialogue *dialogue)
{
	if (dialogue->delivery->is_shared)
		transaction_leave(dialogue);
	else if (transaction_has_more(dialogue))
		begin_round(dialogue->delivery);
	else
		dialogue->delivery->is_active = false;
}

static void end_delivered(struct smtp_dialogue *dialogue)
{
	struct smtp_delivery *delivery = dialogue->delivery;

	for (size_t i = 0; i < delivery->cursor; i++)
		if (is_in_round(delivery, i))
			delivery->verdicts[i].kind = VERDICT_DELIVERED;
	finish_round(dialogue);
}

bool transaction_is_in_doubt(const struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *delivery = dialogue->delivery;

	return delivery->is_active && delivery->is_dot_queued &&
	       !delivery->is_empty && !delivery->is_left &&
	       dialogue->sent > delivery->dot_start;
}

/* ---- before anything is sent --------------------------------------------- */

/* The ASCII form is understood everywhere, so it is used wherever there is
 * one; an address without waits for SMTPUTF8 or is refused by command_…(). */
static const char *wire_form(const struct envelope_address *address)
{
	return address->ascii ? address->ascii : address->utf8;
}

static uint64_t size_of(const struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *delivery = dialogue->delivery;
	const struct delivery *asked = delivery->asked;

	if (delivery->is_7bit && asked->words_size_bytes)
		return asked->words_size_bytes;
	return asked->ascii_size_bytes && !delivery->is_smtputf8
		       ? asked->ascii_size_bytes
		       : asked->size_bytes;
}

static struct command_mail mail_of(const struct smtp_dialogue *dialogue)
{
	const struct delivery *asked = dialogue->delivery->asked;
	const struct envelope *envelope = asked->envelope;
	const bool *has = dialogue->session.ehlo.has;

	return (struct command_mail){
		.address = wire_form(&envelope->sender),
		.has_size = has[EHLO_SIZE],
		.size = size_of(dialogue),
		.is_8bit = asked->is_8bit && has[EHLO_EIGHTBITMIME],
		.is_smtputf8 = dialogue->delivery->is_smtputf8,
		.requires_tls = dialogue->params.requires_tls,
		.dsn_return = has[EHLO_DSN] ? envelope->dsn_return : NULL,
		.dsn_envid = has[EHLO_DSN] ? envelope->dsn_envid : NULL,
	};
}

static struct command_rcpt rcpt_of(
	const struct smtp_dialogue *dialogue, size_t recipient)
{
	const struct envelope *envelope = dialogue->delivery->asked->envelope;
	const struct envelope_address *to = &envelope->recipients[recipient];
	struct command_rcpt rcpt = {
		.address = wire_form(to),
		.is_smtputf8 = dialogue->delivery->is_smtputf8,
	};

	if (!dialogue->session.ehlo.has[EHLO_DSN])
		return rcpt;
	rcpt.dsn_notify =
		to->wish.notify ? to->wish.notify : envelope->dsn_notify;
	rcpt.dsn_original = to->wish.original;
	rcpt.has_original = rcpt.dsn_notify != NULL;
	return rcpt;
}

/* RFC 1870 6.3: better not to begin than to be refused after the upload. */
static bool fits_server(const struct smtp_dialogue *dialogue, struct diag *why)
{
	const struct ehlo *ehlo = &dialogue->session.ehlo;
	char size[24], limit[24];

	if (!ehlo->has_size_limit || !ehlo->size_limit ||
		size_of(dialogue) <= ehlo->size_limit)
		return true;
	snprintf(size, sizeof size, "%" PRIu64, size_of(dialogue));
	snprintf(limit, sizeof limit, "%" PRIu64, ehlo->size_limit);
	return diag_set(why, DIAG_SMTP_TOO_LARGE, size, limit);
}

/* RFC 8689 2: on every hop, this one included. */
static bool keeps_tls(const struct smtp_dialogue *dialogue, struct diag *why)
{
	return !dialogue->params.requires_tls ||
	       (dialogue->session.is_secure &&
		       dialogue->session.ehlo.has[EHLO_REQUIRETLS]) ||
	       diag_set(why, DIAG_SMTP_NO_REQUIRETLS);
}

/* Gives a verdict to each recipient that cannot be named to this server;
 * returns how many are left. */
static size_t screen_recipients(struct smtp_dialogue *dialogue)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	size_t left = 0;

	for (size_t i = 0; i < delivery->asked->envelope->recipient_count;
		i++) {
		struct command_rcpt rcpt = rcpt_of(dialogue, i);
		struct diag why;

		if (delivery->verdicts[i].kind != VERDICT_UNKNOWN)
			continue;
		if (command_rcpt(&dialogue->line, &rcpt, &why))
			left++;
		else
			refuse_recipient(delivery, i, &why);
		buf_clear(&dialogue->line);
	}
	return left;
}

static void screen(struct smtp_dialogue *dialogue)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	const bool *has = dialogue->session.ehlo.has;
	struct command_mail mail;
	struct diag why;

	delivery->is_screened = true;
	delivery->is_smtputf8 =
		(delivery->asked->envelope->needs_smtputf8 ||
			delivery->asked->envelope->wants_smtputf8) &&
		has[EHLO_SMTPUTF8];
	delivery->is_7bit = !has[EHLO_SMTPUTF8] && !has[EHLO_EIGHTBITMIME];
	mail = mail_of(dialogue);
	if (!fits_server(dialogue, &why) || !keeps_tls(dialogue, &why) ||
		!command_mail(&dialogue->line, &mail, &why))
		transaction_end(dialogue, &why);
	else if (!screen_recipients(dialogue))
		delivery->is_active = false;
	buf_clear(&dialogue->line);
}

/* ---- out ----------------------------------------------------------------- */

static void send_mail(struct smtp_dialogue *dialogue)
{
	struct command_mail mail = mail_of(dialogue);
	struct diag why;

	dialogue->delivery->is_mail_sent = true;
	dialogue->session.mails++;
	if (command_mail(&dialogue->line, &mail, &why))
		wire_send(dialogue, SMTP_VERB_MAIL, 0, NULL);
}

static void send_rcpt(struct smtp_dialogue *dialogue)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	struct command_rcpt rcpt = rcpt_of(dialogue, delivery->cursor);
	struct diag why;

	if (command_rcpt(&dialogue->line, &rcpt, &why)) {
		wire_send(dialogue, SMTP_VERB_RCPT, delivery->cursor, NULL);
		delivery->unanswered++;
		delivery->named++;
	}
	delivery->cursor++;
}

/* Moves the cursor to the next recipient to name; false when there is none. */
static bool has_recipient_left(struct smtp_delivery *delivery)
{
	size_t count = delivery->asked->envelope->recipient_count;

	while (delivery->cursor < count &&
		delivery->verdicts[delivery->cursor].kind != VERDICT_UNKNOWN)
		delivery->cursor++;
	return delivery->cursor < count;
}

/* RFC 9422 4.2 */
static bool is_round_full(const struct smtp_dialogue *dialogue)
{
	unsigned long limit = dialogue->session.ehlo.rcpt_max;

	return limit && dialogue->delivery->named >= limit;
}

/* RFC 9422 4.1: refused ones count, too.  Those who are left have to go over
 * another connection. */
static bool leave_at_limit(struct smtp_dialogue *dialogue)
{
	const struct smtp_session *session = &dialogue->session;
	unsigned long limit = session->ehlo.mail_max;
	char number[24];
	struct diag why;

	if ((!session->is_full && (!limit || session->mails < limit)) ||
		dialogue->delivery->is_mail_sent || dialogue->queue.count)
		return false;
	snprintf(number, sizeof number, "%lu",
		session->is_full ? session->recipients : limit);
	diag_set(&why,
		session->is_full ? DIAG_SMTP_RCPT_LIMIT : DIAG_SMTP_MAIL_LIMIT,
		number);
	wire_give_up(dialogue, &why);
	return true;
}

/* Behind a message whose end is not known yet, too: were all its recipients
 * refused, MAIL would be refused as "nested", and this message go out under
 * that one's sender. */
static bool wants_reset(const struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *delivery = dialogue->delivery;

	return !delivery->is_reset_sent &&
	       (dialogue->session.needs_reset || delivery->is_behind);
}

/* The next command; SMTP_VERB_COUNT when there is none. */
static enum smtp_verb next_verb(struct smtp_dialogue *dialogue)
{
	struct smtp_delivery *delivery = dialogue->delivery;

	if (delivery->is_void || delivery->is_data_sent)
		return SMTP_VERB_COUNT;
	if (!delivery->is_mail_sent)
		return wants_reset(dialogue) ? SMTP_VERB_RSET : SMTP_VERB_MAIL;
	if (has_recipient_left(delivery) && !is_round_full(dialogue))
		return SMTP_VERB_RCPT;
	if (delivery->asked->is_question)
		return SMTP_VERB_RSET;
	if (delivery->accepted || delivery->unanswered)
		return SMTP_VERB_DATA;
	return SMTP_VERB_COUNT;
}

/* Nothing has to be asked first, so that a small message is one flight with its
 * commands.  A refused chunk ends the connection: everybody must have been
 * named by then. */
static bool begin_chunks(struct smtp_dialogue *dialogue)
{
	struct smtp_delivery *delivery = dialogue->delivery;

	if (!dialogue->session.ehlo.has[EHLO_CHUNKING] ||
		dialogue->params.is_lmtp || has_recipient_left(delivery))
		return false;
	delivery->is_chunked = delivery->is_body = true;
	delivery->dots.keeps_dots = true;
	buf_clear(&dialogue->chunk);
	return true;
}

static void send_verb(struct smtp_dialogue *dialogue, enum smtp_verb verb)
{
	if (verb == SMTP_VERB_MAIL) {
		send_mail(dialogue);
	} else if (verb == SMTP_VERB_RCPT) {
		send_rcpt(dialogue);
	} else if (verb == SMTP_VERB_RSET) {
		dialogue->session.needs_reset = false;
		dialogue->delivery->is_reset_sent = true;
		/* Behind a question: in the place of DATA. */
		dialogue->delivery->is_data_sent =
			dialogue->delivery->is_mail_sent;
		buf_puts(&dialogue->line, "RSET\r\n");
		wire_send(dialogue, verb, 0, NULL);
	} else {
		dialogue->delivery->is_data_sent = true;
		if (begin_chunks(dialogue))
			return;
		buf_puts(&dialogue->line, "DATA\r\n");
		wire_send(dialogue, verb, 0, NULL);
	}
}

bool transaction_step(struct smtp_dialogue *dialogue)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	enum smtp_verb verb;

	if (delivery->is_body)
		return false;
	if (!delivery->is_screened) {
		screen(dialogue);
		return true;
	}
	if (leave_at_limit(dialogue))
		return true;
	verb = next_verb(dialogue);
	if (verb != SMTP_VERB_COUNT && wire_may_send(dialogue) &&
		!(verb == SMTP_VERB_RCPT && window_is_probe(dialogue))) {
		send_verb(dialogue, verb);
		return true;
	}
	if (verb == SMTP_VERB_COUNT &&
		(!dialogue->queue.count ||
			(delivery->is_empty &&
				!transaction_has_more(dialogue)))) {
		/* All has been answered (but for a QUIT behind a lone dot),
		 * and nobody is left of this round. */
		if (delivery->asked->is_question)
			end_delivered(dialogue);
		else
			finish_round(dialogue);
		return true;
	}
	return false;
}

static void send_dot(struct smtp_dialogue *dialogue)
{
	dialogue->delivery->dot_start = dialogue->queued;
	dialogue->delivery->is_dot_queued = true;
	buf_puts(&dialogue->line, DOTSTUFF_FINAL_DOT);
	wire_send(dialogue, SMTP_VERB_DOT, 0, NULL);
}

bool transaction_dot_step(struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *delivery = dialogue->delivery;

	if (!delivery->is_active || !delivery->is_empty ||
		delivery->is_dot_queued)
		return false;
	send_dot(dialogue);
	return true;
}

/* ---- in ------------------------------------------------------------------ */

/* The server has not looked at it, or cannot have: replies may still be due,
 * and nothing follows it any more. */
static void leave_void(
	struct smtp_dialogue *dialogue, enum smtp_sharing sharing)
{
	dialogue->delivery->is_left = dialogue->delivery->is_void = true;
	dialogue->delivery->accepted = 0;
	if (dialogue->session.sharing != SMTP_SHARING_REFUSED)
		dialogue->session.sharing = sharing;
}

/* An answer to RSET or MAIL that is not about the mail when it stands behind
 * another one. */
static bool left_unheard(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	bool is_refused = reply->code == 500 || reply->code == 503 ||
			  renounce_is_about_flight(reply);

	if (!dialogue->delivery->is_behind ||
		!(is_refused || reply_says(reply, SPAN("too many"))))
		return false;
	leave_void(dialogue,
		is_refused ? SMTP_SHARING_REFUSED : SMTP_SHARING_SHUT);
	return true;
}

void transaction_on_rset(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	/* Refused: then MAIL will be, too, and that has a better sentence. */
	(void)command;
	if (reply_is_class(reply, 2))
		dialogue->session.needs_reset = false;
	else if (!left_unheard(dialogue, reply) &&
		 dialogue->delivery->is_behind)
		leave_void(dialogue, SMTP_SHARING_SHUT);
}

/* Nothing more will come of it, but replies may still be due: the verdicts
 * are given now, the transaction ends when the queue is empty. */
static void void_transaction(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	dialogue->delivery->is_void = true;
	dialogue->delivery->accepted = 0;
	transaction_end(dialogue, why);
	dialogue->delivery->is_active = true;
}

/* Everybody who was named in this round is named once more in the next, without
 * what was renounced. */
static void put_off_round(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	const struct diag *kept;
	struct diag why;

	wire_remember(dialogue, reply);
	renounce_explain(dialogue, reply, &why);
	kept = keep(delivery, &why);
	delivery->is_void = true;
	delivery->accepted = 0;
	for (size_t i = 0; i < delivery->cursor; i++)
		if (is_in_round(delivery, i))
			delivery->verdicts[i].why = kept;
}

/* REQUIRETLS is a promise, and never left out (RFC 8689 4.2.1). */
static bool renounce_for_mail(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct command_mail mail = mail_of(dialogue);
	bool has_one = false;

	/* RFC 6531 3.5: "non-ASCII addresses not permitted" */
	if (mail.is_smtputf8 && strcmp(reply->status, "5.6.7") == 0)
		return renounce(dialogue, EHLO_SMTPUTF8);
	if (!renounce_is_about_parameters(reply))
		return false;
	if (mail.has_size)
		has_one = renounce(dialogue, EHLO_SIZE);
	if (mail.is_8bit)
		has_one = renounce(dialogue, EHLO_EIGHTBITMIME) || has_one;
	if (mail.is_smtputf8)
		has_one = renounce(dialogue, EHLO_SMTPUTF8) || has_one;
	if (mail.dsn_return || mail.dsn_envid)
		has_one = renounce(dialogue, EHLO_DSN) || has_one;
	return has_one;
}

static bool has_wish(const struct smtp_delivery *delivery, size_t recipient)
{
	const struct envelope *envelope = delivery->asked->envelope;
	const struct envelope_wish *wish =
		&envelope->recipients[recipient].wish;

	return envelope->dsn_notify || wish->notify || wish->original;
}

/* The replies to what was sent ahead say the same again. */
static bool renounce_once(
	struct smtp_dialogue *dialogue, enum ehlo_extension extension)
{
	return renounce(dialogue, extension) ||
	       (dialogue->delivery->has_renounced &&
		       dialogue->session.renounced[extension]);
}

static bool renounce_for_rcpt(struct smtp_dialogue *dialogue, size_t recipient,
	const struct smtp_reply *reply)
{
	const struct smtp_delivery *delivery = dialogue->delivery;

	if (renounce_is_about_parameters(reply))
		return has_wish(delivery, recipient) &&
		       renounce_once(dialogue, EHLO_DSN);
	return renounce_is_about_order(reply) && delivery->is_mail_taken &&
	       renounce_once(dialogue, EHLO_PIPELINING);
}

void transaction_on_mail(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	const char *sender = dialogue->delivery->asked->envelope->sender.utf8;
	struct diag_args args = { .id = DIAG_SMTP_MAIL_REFUSED };
	struct diag why;

	(void)command;
	if (reply_is_class(reply, 2)) {
		dialogue->session.needs_reset = true;
		dialogue->delivery->is_mail_taken = true;
		dialogue->delivery->is_left = false;
	}
	if (dialogue->delivery->is_void || left_unheard(dialogue, reply))
		return;
	if (dialogue->session.sharing == SMTP_SHARING_PROBED &&
		dialogue->delivery->is_behind)
		dialogue->session.sharing = SMTP_SHARING_OPEN;
	if (reply_is_class(reply, 2))
		return;
	if (renounce_for_mail(dialogue, reply)) {
		put_off_round(dialogue, reply);
		return;
	}
	args.a = *sender ? sender : "<>";
	/* RFC 1870 6.1: what is too large is the message. */
	if (reply->code == 552)
		args.id = DIAG_SMTP_DATA_REFUSED;
	/* All the others have been left out. */
	else if (dialogue->params.requires_tls &&
		 renounce_is_about_parameters(reply))
		args.id = DIAG_SMTP_NO_REQUIRETLS;
	wire_remember(dialogue, reply);
	advice_explain(dialogue, &why, reply, args);
	void_transaction(dialogue, &why);
}

/* RFC 5321 4.5.3.1.10: one RCPT too many gets 452, from old servers 552.  Who
 * was put off that way has a transaction of his own coming; a round always
 * takes somebody, so there is an end to it. */
static bool means_too_many(const struct smtp_reply *reply)
{
	return (reply->code == 452 || reply->code == 552) &&
	       (!reply->status[0] || strcmp(reply->status + 1, ".5.3") == 0);
}

/* Some count the recipients of a whole connection, and refuse the first one of
 * a further transaction: over another connection he is the first of all. */
static bool is_session_full(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	return dialogue->session.recipients && !dialogue->delivery->taken &&
	       (means_too_many(reply) || reply_says(reply, SPAN("too many")) ||
		       (reply->status[0] &&
			       strcmp(reply->status + 1, ".5.3") == 0));
}

/* OCI's "254 4.7.1 Suppression for user …": a yes that means no. */
static void note_suppressed(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct diag *suppressed = &dialogue->delivery->said.suppressed;

	if (suppressed->id != DIAG_NONE || !reply_is_doubtful(reply))
		return;
	diag_set(suppressed, DIAG_SMTP_SUPPRESSED);
	reply_explain(reply, suppressed);
}

void transaction_on_rcpt(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	const struct envelope_address *address =
		&delivery->asked->envelope->recipients[command->recipient];
	struct diag why;

	delivery->unanswered--;
	delivery->taken += reply_is_class(reply, 2);
	dialogue->session.recipients += reply_is_class(reply, 2);
	delivery->is_left = delivery->is_left && !delivery->taken;
	if (delivery->is_void)
		return;
	if (reply_is_class(reply, 2)) {
		note_suppressed(dialogue, reply);
		delivery->accepted++;
		return;
	}
	wire_remember(dialogue, reply);
	advice_explain(dialogue, &why, reply,
		(struct diag_args){
			.id = DIAG_SMTP_RCPT_REFUSED, .a = address->utf8 });
	if (renounce_for_rcpt(dialogue, command->recipient, reply)) {
		delivery->verdicts[command->recipient].why =
			keep_refusal(delivery, &why);
		return;
	}
	if (is_session_full(dialogue, reply))
		dialogue->session.is_full = true;
	if (dialogue->session.is_full ||
		(delivery->taken && means_too_many(reply))) {
		why.exit_code = EX_TEMPFAIL;
		delivery->verdicts[command->recipient].why =
			keep_refusal(delivery, &why);
		return;
	}
	refuse_recipient(delivery, command->recipient, &why);
}

/* 354 for nobody: RFC 2920 3.1 wants a lone dot.  But should the server have
 * recipients that we know nothing of (it took RCPT after refusing MAIL, or
 * takes mail although it refused AUTH), then the dot would deliver an empty
 * message: hang up. */
static void end_empty(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct diag why;

	/* LMTP has no reply to a message for nobody (RFC 2033 4.2). */
	if (!dialogue->delivery->taken && !dialogue->params.is_lmtp) {
		dialogue->delivery->is_empty = true;
		return;
	}
	if (dialogue->authentication.stage == AUTHENTICATION_REFUSED) {
		why = dialogue->authentication.refusal;
	} else {
		diag_set(&why, DIAG_SMTP_REPLY_UNEXPECTED, "DATA");
		reply_explain(reply, &why);
	}
	wire_fail(dialogue, &why);
}

void transaction_on_data(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	struct diag why;

	(void)command;
	if (reply_is_class(reply, 3) && reply->code != 354) {
		wire_fail_unexpected(dialogue, "DATA", reply);
		return;
	}
	if (reply->code == 354) {
		delivery->is_body = true;
		if (!delivery->accepted || delivery->is_void)
			end_empty(dialogue, reply);
		return;
	}
	if (!delivery->accepted)
		return;
	if (renounce_is_about_order(reply) &&
		renounce(dialogue, EHLO_PIPELINING)) {
		put_off_round(dialogue, reply);
		return;
	}
	wire_remember(dialogue, reply);
	advice_explain(dialogue, &why, reply,
		(struct diag_args){ .id = DIAG_SMTP_DATA_REFUSED });
	void_transaction(dialogue, &why);
}

/* The reply for the first recipient that has none yet (RFC 2033 4.2). */
static void on_dot_of_one(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	size_t i = command->recipient;
	struct diag why;

	while (!is_in_round(delivery, i))
		i++;
	advice_explain(dialogue, &why, reply,
		(struct diag_args){ .id = DIAG_SMTP_RCPT_REFUSED,
			.a = delivery->asked->envelope->recipients[i].utf8 });
	if (reply_is_class(reply, 2))
		delivery->verdicts[i].kind = VERDICT_DELIVERED;
	else
		refuse_recipient(delivery, i, &why);
	if (--delivery->accepted) {
		struct smtp_command next = *command;

		next.recipient = i + 1;
		wire_expect_again(dialogue, &next);
	} else {
		delivery->is_body = false;
		finish_round(dialogue);
	}
}

/* What the server says in the place of the message's end because it does not
 * like what stands behind it. */
static bool left_by_refusal(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	if (!dialogue->delivery->is_shared || !renounce_is_about_flight(reply))
		return false;
	leave_void(dialogue, SMTP_SHARING_REFUSED);
	transaction_leave(dialogue);
	return true;
}

void transaction_on_dot(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	struct diag why;

	dialogue->session.needs_reset = false;
	if (delivery->is_empty) {
		delivery->is_body = false;
		return;
	}
	wire_remember(dialogue, reply);
	note_suppressed(dialogue, reply);
	if (dialogue->params.is_lmtp) {
		on_dot_of_one(dialogue, command, reply);
		return;
	}
	delivery->is_body = false;
	if (reply_is_class(reply, 2)) {
		end_delivered(dialogue);
		return;
	}
	if (left_by_refusal(dialogue, reply))
		return;
	advice_explain(dialogue, &why, reply,
		(struct diag_args){ .id = DIAG_SMTP_DATA_REFUSED });
	transaction_end(dialogue, &why);
}

/* RFC 3030 2: after a refused chunk the server's state is anybody's guess. */
static void hang_up(struct smtp_dialogue *dialogue, const struct diag *why)
{
	transaction_end(dialogue, why);
	if (!dialogue->session.is_quit_sent)
		wire_fail(dialogue, why);
}

static bool is_for_nobody(const struct smtp_delivery *delivery)
{
	return delivery->is_void || !delivery->accepted;
}

/* Whether the refusal of a chunk is about something that can be done without:
 * then all of it goes once more, over another connection. */
static bool renounce_for_chunk(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct smtp_delivery *delivery = dialogue->delivery;

	if (is_for_nobody(delivery))
		return delivery->has_renounced;
	if (!renounce_is_about_command(reply))
		return false;
	if (renounce_is_about_order(reply))
		renounce(dialogue, EHLO_PIPELINING);
	return renounce(dialogue, EHLO_CHUNKING);
}

/* Every message behind it begins with RSET. */
static void on_shared_chunk_refused(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct diag why;

	dialogue->session.needs_reset = true;
	if (is_for_nobody(dialogue->delivery)) {
		finish_round(dialogue);
	} else if (!left_by_refusal(dialogue, reply)) {
		wire_remember(dialogue, reply);
		advice_explain(dialogue, &why, reply,
			(struct diag_args){ .id = DIAG_SMTP_DATA_REFUSED });
		transaction_end(dialogue, &why);
	}
}

static void on_chunk_refused(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct diag why;

	if (renounce_for_chunk(dialogue, reply)) {
		renounce_explain(dialogue, reply, &why);
		wire_remember(dialogue, reply);
		transaction_end(dialogue, &why);
		wire_fail(dialogue, &why);
		return;
	}
	/* The refusal of MAIL or RCPT says more than that of BDAT. */
	if (!is_for_nobody(dialogue->delivery))
		wire_remember(dialogue, reply);
	advice_explain(dialogue, &why, reply,
		(struct diag_args){ .id = DIAG_SMTP_DATA_REFUSED });
	hang_up(dialogue, &why);
}

void transaction_on_bdat(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	(void)command;
	if (!reply_is_class(reply, 2))
		on_chunk_refused(dialogue, reply);
	else if (is_for_nobody(dialogue->delivery))
		wire_fail_unexpected(dialogue, "BDAT", reply);
}

void transaction_on_bdat_last(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	struct smtp_delivery *delivery = dialogue->delivery;

	(void)command;
	delivery->is_body = false;
	dialogue->session.needs_reset = false;
	if (!reply_is_class(reply, 2) && delivery->is_shared) {
		on_shared_chunk_refused(dialogue, reply);
	} else if (!reply_is_class(reply, 2)) {
		on_chunk_refused(dialogue, reply);
	} else if (is_for_nobody(delivery)) {
		/* Somebody may have got it, whoever that is. */
		delivery->is_left = false;
		wire_fail_unexpected(dialogue, "BDAT", reply);
	} else {
		wire_remember(dialogue, reply);
		note_suppressed(dialogue, reply);
		end_delivered(dialogue);
	}
}

void transaction_on_closing(
	struct smtp_dialogue *dialogue, const struct smtp_command *command)
{
	leave_void(dialogue, SMTP_SHARING_SHUT);
	if (command->verb == SMTP_VERB_RCPT)
		dialogue->delivery->unanswered--;
	if (command->verb == SMTP_VERB_DOT ||
		command->verb == SMTP_VERB_BDAT_LAST)
		transaction_leave(dialogue);
}

/* ---- the caller's side --------------------------------------------------- */

static void forget(struct smtp_said *said)
{
	said->last.code = 0;
	said->last.status[0] = '\0';
	buf_clear(&said->last.text);
	said->suppressed = (struct diag){ .id = DIAG_NONE };
	said->skipped_lines = 0;
	said->has_noise = false;
	said->skipped.overflowed = false;
	buf_clear(&said->skipped);
}

static void begin(struct smtp_delivery *delivery)
{
	const struct delivery *asked = delivery->asked;
	struct smtp_delivery begun = { .asked = asked,
		.arena = delivery->arena,
		.said = delivery->said,
		.verdicts = delivery->verdicts,
		.is_active = true,
		.is_shared = delivery->is_shared };
	struct verdict *verdicts = delivery->verdicts;

	*delivery = begun;
	for (size_t i = 0; i < asked->envelope->recipient_count; i++)
		verdicts[i] = (struct verdict){ VERDICT_UNKNOWN, NULL };
}

void transaction_rewind(struct smtp_dialogue *dialogue)
{
	begin(dialogue->delivery);
}

void transaction_begin(struct smtp_dialogue *dialogue,
	const struct delivery *asked, bool is_shared)
{
	struct smtp_delivery *delivery = dialogue->delivery;
	struct diag why;

	delivery->is_shared = is_shared;
	arena_free(delivery->arena);
	delivery->arena = arena_new();
	delivery->asked = asked;
	delivery->verdicts = arena_alloc(delivery->arena,
		asked->envelope->recipient_count * sizeof *delivery->verdicts);
	begin(delivery);
	delivery->is_behind = is_shared && dialogue->queue.count != 0;
	forget(&delivery->said);
	if (dialogue->session.has_failed) {
		transaction_end(dialogue, &dialogue->session.failure);
	} else if (dialogue->session.is_over ||
		   dialogue->session.is_quit_sent) {
		diag_set(&why, DIAG_NET_CLOSED);
		transaction_end(dialogue, &why);
	}
}

/* More than one chunk goes out only when there is somebody to have it.  The
 * window for commands is not asked: the server reads what it has the length
 * of, and its replies are read meanwhile. */
static bool wants_chunk(const struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *delivery = dialogue->delivery;
	size_t unanswered = dialogue->queue.count;

	if (!delivery->is_chunk_sent)
		return true;
	return !delivery->unanswered && !is_for_nobody(delivery) &&
	       (dialogue->session.ehlo.has[EHLO_PIPELINING]
			       ? unanswered < SMTP_CHUNKS_UNANSWERED
			       : !unanswered);
}

bool transaction_wants_body(const struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *delivery = dialogue->delivery;

	return delivery->is_active && delivery->is_body &&
	       !delivery->is_dot_queued &&
	       (!delivery->is_chunked || wants_chunk(dialogue));
}

static void send_chunk(struct smtp_dialogue *dialogue, bool is_last)
{
	struct span data = buf_span(&dialogue->chunk);

	buf_printf(&dialogue->line, "BDAT %zu%s\r\n", data.length,
		is_last ? " LAST" : "");
	wire_send_chunk(
		dialogue, is_last ? SMTP_VERB_BDAT_LAST : SMTP_VERB_BDAT, data);
	dialogue->delivery->is_chunk_sent = true;
	buf_clear(&dialogue->chunk);
}

static void put_in_chunks(struct smtp_dialogue *dialogue, struct span piece)
{
	if (dialogue->chunk.length + piece.length > SMTP_BODY_PIECE)
		send_chunk(dialogue, false);
	if (!dotstuff_put(&dialogue->delivery->dots, piece, &dialogue->chunk))
		wire_fail_overflow(dialogue);
}

static void end_chunks(struct smtp_dialogue *dialogue)
{
	if (!dotstuff_finish(&dialogue->delivery->dots, &dialogue->chunk)) {
		wire_fail_overflow(dialogue);
		return;
	}
	send_chunk(dialogue, true);
	if (dialogue->session.is_over)
		return;
	dialogue->delivery->is_dot_queued = true;
	/* Its last byte. */
	dialogue->delivery->dot_start = dialogue->queued - 1;
}

static bool may_take_body(const struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *delivery = dialogue->delivery;

	return !dialogue->session.is_over && delivery->is_active &&
	       delivery->is_body && !delivery->is_dot_queued;
}

/* Accounts for what was appended since MARK; a buffer that is full is the
 * caller's mistake, and must never shorten a message. */
static void count_body(struct smtp_dialogue *dialogue, size_t mark)
{
	dialogue->queued += dialogue->output.length - mark;
	if (dialogue->output.overflowed)
		wire_fail_overflow(dialogue);
}

bool smtp_dialogue_is_smtputf8(const struct smtp_dialogue *dialogue)
{
	return dialogue->delivery->is_smtputf8;
}

bool smtp_dialogue_is_7bit(const struct smtp_dialogue *dialogue)
{
	return dialogue->delivery->is_7bit;
}

void transaction_body(struct smtp_dialogue *dialogue, struct span piece)
{
	size_t mark = dialogue->output.length;

	if (!may_take_body(dialogue))
		return;
	if (dialogue->delivery->is_chunked) {
		put_in_chunks(dialogue, piece);
		return;
	}
	dotstuff_put(&dialogue->delivery->dots, piece, &dialogue->output);
	count_body(dialogue, mark);
}

void transaction_body_end(struct smtp_dialogue *dialogue)
{
	size_t mark = dialogue->output.length;

	if (!may_take_body(dialogue))
		return;
	if (dialogue->delivery->is_chunked) {
		end_chunks(dialogue);
	} else {
		dotstuff_finish(&dialogue->delivery->dots, &dialogue->output);
		count_body(dialogue, mark);
		if (!dialogue->session.is_over)
			send_dot(dialogue);
	}
}

const struct verdict *smtp_dialogue_verdict(
	const struct smtp_dialogue *dialogue, size_t recipient)
{
	static const struct verdict unknown = { VERDICT_UNKNOWN, NULL };
	const struct smtp_delivery *delivery = window_oldest(dialogue);

	if (!delivery->verdicts ||
		recipient >= delivery->asked->envelope->recipient_count)
		return &unknown;
	return &delivery->verdicts[recipient];
}
