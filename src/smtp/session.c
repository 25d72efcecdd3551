/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session part of the dialogue: greeting, EHLO or HELO, STARTTLS and QUIT.
 * Knows nothing of messages.
 */
#include <config.h>

#include "smtp/dialogue_internal.h"

static void give_up(struct smtp_dialogue *dialogue,
	const struct smtp_reply *reply, struct diag_args args)
{
	struct diag why;

	if (reply) {
		wire_remember(dialogue, reply);
		advice_explain(dialogue, &why, reply, args);
	} else {
		diag_set_args(&why, args);
	}
	wire_give_up(dialogue, &why);
}

/* Servers that offer PIPELINING and do not mean it of what stands behind a
 * message: they refuse it, or never read it (seen in 2026). */
static bool is_one_by_one(const struct smtp_reply *reply)
{
	static const char *const names[] = { "haraka", "chasquid", "opensmtpd",
		"dovecot", "burl" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (reply_says(reply, span_of(names[i])))
			return true;
	return false;
}

/* RFC 5321 4.2.4 and RFC 3207 4 know no other success than 220 here. */
void session_on_greeting(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	(void)command;
	dialogue->session.is_one_by_one = is_one_by_one(reply);
	if (reply->code == 220)
		dialogue->session.stage = SESSION_EHLO;
	else if (reply_is_class(reply, 2))
		wire_fail_unexpected(dialogue, SMTP_GREETING_NAME, reply);
	else
		give_up(dialogue, reply,
			(struct diag_args){ .id = DIAG_SMTP_GREETING });
}

static bool needs_starttls(const struct smtp_dialogue *dialogue)
{
	return dialogue->params.starttls && !dialogue->session.is_secure;
}

/* Only these say that EHLO itself is not known (RFC 5321 3.2, 4.2.2): all else
 * is about who says it, and HELO would hear the same. */
static bool knows_no_ehlo(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	return !dialogue->params.is_lmtp &&
	       (reply->code == 500 || reply->code == 502 || reply->code == 504);
}

/* HELO is for servers that know no extension (RFC 5321 3.2), which is of no
 * use to those who need one. */
static void on_ehlo_refused(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	enum diag_id id = DIAG_NONE;

	if (!knows_no_ehlo(dialogue, reply))
		id = DIAG_SMTP_HELLO;
	else if (needs_starttls(dialogue))
		id = DIAG_SMTP_NO_STARTTLS;
	else if (dialogue->params.auth)
		id = DIAG_SMTP_NO_AUTH;
	if (id)
		give_up(dialogue, reply,
			(struct diag_args){ .id = id,
				.a = dialogue->params.is_lmtp ? "LHLO"
							      : "EHLO" });
	else
		dialogue->session.stage = SESSION_HELO;
}

static void read_offers(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct ehlo *ehlo = &dialogue->session.ehlo;

	dialogue->session.is_one_by_one |= is_one_by_one(reply);
	ehlo_read(ehlo, reply);
	if (dialogue->params.ehlo_ignore)
		ehlo_ignore(ehlo, span_of(dialogue->params.ehlo_ignore));
}

void session_on_hello(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	if (!reply_is_class(reply, 2)) {
		if (command->verb != SMTP_VERB_HELO)
			on_ehlo_refused(dialogue, reply);
		else
			give_up(dialogue, reply,
				(struct diag_args){
					.id = DIAG_SMTP_HELLO, .a = "HELO" });
		return;
	}
	if (command->verb != SMTP_VERB_HELO)
		read_offers(dialogue, reply);
	else
		ehlo_forget(&dialogue->session.ehlo);
	dialogue->session.stage =
		needs_starttls(dialogue) ? SESSION_STARTTLS : SESSION_OPEN;
}

void session_on_starttls(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	(void)command;
	if (reply->code == 220)
		dialogue->session.stage = SESSION_HANDSHAKE;
	else if (reply_is_class(reply, 2))
		wire_fail_unexpected(dialogue, "STARTTLS", reply);
	else
		give_up(dialogue, reply,
			(struct diag_args){ .id = DIAG_SMTP_STARTTLS_REFUSED });
}

void session_on_quit(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	(void)command;
	(void)reply;
	dialogue->session.is_over = true;
}

/* RFC 1985 5.3: 250 to 253 are a yes, with or without mail to send. */
void session_on_etrn(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	struct smtp_session *session = &dialogue->session;

	(void)command;
	wire_remember(dialogue, reply);
	if (reply_is_class(reply, 2))
		return;
	session->is_etrn_refused = true;
	advice_explain(dialogue, &session->etrn_refusal, reply,
		(struct diag_args){ .id = DIAG_SMTP_ETRN_REFUSED,
			.a = session->etrn_node });
}

static bool send_hello(struct smtp_dialogue *dialogue, enum smtp_verb verb)
{
	const char *name = verb == SMTP_VERB_HELO ? "HELO" : "EHLO";
	struct diag why;

	if (verb == SMTP_VERB_LHLO)
		name = "LHLO";
	if (command_hello(
		    &dialogue->line, name, dialogue->params.helo_name, &why))
		wire_send(dialogue, verb, 0, NULL);
	else
		wire_give_up(dialogue, &why);
	return true;
}

static bool send_starttls(struct smtp_dialogue *dialogue)
{
	if (!dialogue->session.ehlo.has[EHLO_STARTTLS]) {
		give_up(dialogue, NULL,
			(struct diag_args){ .id = DIAG_SMTP_NO_STARTTLS });
		return true;
	}
	buf_puts(&dialogue->line, "STARTTLS\r\n");
	wire_send(dialogue, SMTP_VERB_STARTTLS, 0, NULL);
	return true;
}

bool session_step(struct smtp_dialogue *dialogue)
{
	if (dialogue->queue.count)
		return false;
	switch (dialogue->session.stage) {
	case SESSION_EHLO:
		return send_hello(dialogue, dialogue->params.is_lmtp
						    ? SMTP_VERB_LHLO
						    : SMTP_VERB_EHLO);
	case SESSION_HELO:
		return send_hello(dialogue, SMTP_VERB_HELO);
	case SESSION_STARTTLS:
		return send_starttls(dialogue);
	case SESSION_GREETING:
	case SESSION_HANDSHAKE:
	case SESSION_OPEN:
		break;
	}
	return false;
}

/* QUIT may go with the final dot: nothing that the server answers to the dot
 * would make us say anything else. */
bool session_quit_step(struct smtp_dialogue *dialogue)
{
	if (!dialogue->session.is_finishing || dialogue->session.is_quit_sent ||
		!wire_may_send(dialogue) ||
		(dialogue->delivery->is_active &&
			(!dialogue->delivery->is_dot_queued ||
				transaction_has_more(dialogue))))
		return false;
	buf_puts(&dialogue->line, "QUIT\r\n");
	wire_send(dialogue, SMTP_VERB_QUIT, 0, NULL);
	dialogue->session.is_quit_sent = true;
	return true;
}

bool session_etrn_step(struct smtp_dialogue *dialogue)
{
	struct smtp_session *session = &dialogue->session;
	struct diag *why = &session->etrn_refusal;

	if (!session->etrn_node || session->is_etrn_sent ||
		!wire_may_send(dialogue))
		return false;
	session->is_etrn_sent = true;
	if (!session->ehlo.has[EHLO_ETRN]) {
		diag_set(why, DIAG_SMTP_NO_ETRN);
		session->is_etrn_refused = true;
	} else if (command_etrn(&dialogue->line, session->etrn_node, why)) {
		wire_send(dialogue, SMTP_VERB_ETRN, 0, NULL);
	} else {
		session->is_etrn_refused = true;
	}
	return true;
}

bool smtp_dialogue_etrn_result(
	const struct smtp_dialogue *dialogue, struct diag *why)
{
	const struct smtp_session *session = &dialogue->session;

	if (session->is_etrn_refused)
		*why = session->etrn_refusal;
	else if (session->has_failed)
		*why = session->failure;
	return !session->is_etrn_refused && !session->has_failed;
}

void session_tls_done(struct smtp_dialogue *dialogue)
{
	if (dialogue->session.stage != SESSION_HANDSHAKE ||
		dialogue->session.is_over)
		return;
	ehlo_forget(&dialogue->session.ehlo);
	dialogue->session.is_secure = true;
	dialogue->session.stage = SESSION_EHLO;
}
