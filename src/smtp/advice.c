/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person may do about a refusal, by what this session was and was not
 * told to do.  Knows no provider and no server's words but "STARTTLS".
 */
#include <config.h>

#include "base/text.h"
#include "smtp/dialogue_internal.h"

/* Whether the enhanced status is one of subject SUBJECT (RFC 3463 2: the second
 * number). */
static bool is_about(const struct smtp_reply *reply, char subject)
{
	return reply->status[0] && reply->status[2] == subject &&
	       reply->status[3] == '.';
}

static bool has_word(const struct smtp_reply *reply, const char *word)
{
	size_t length = strlen(word);
	struct span text = buf_span(&reply->text);

	for (; text.length >= length; text = span_skip(text, 1))
		if (span_starts_with_nocase(text, span_of(word)))
			return true;
	return false;
}

static bool is_permanent(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	(void)dialogue;
	return reply_is_class(reply, 5);
}

static bool is_hello(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	(void)reply;
	return dialogue->session.stage == SESSION_EHLO ||
	       dialogue->session.stage == SESSION_HELO;
}

/* 551 and 554 are about who comes, not about how he is called. */
static bool is_block(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	(void)dialogue;
	return reply->code == 551 || reply->code == 554;
}

static bool is_maybe_block(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	(void)dialogue;
	return reply->code == 550 && !is_about(reply, '5');
}

static bool wants_tls(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	return !dialogue->session.is_secure &&
	       (reply->code == 538 || has_word(reply, "STARTTLS"));
}

static bool is_logged_in(const struct smtp_dialogue *dialogue)
{
	return dialogue->params.auth &&
	       dialogue->authentication.stage == AUTHENTICATION_DONE;
}

static bool was_logged_in(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	(void)reply;
	return is_logged_in(dialogue);
}

/* A mailbox that is not there is none the less for a login (5.1.x, 5.2.x). */
static bool is_login_unused(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	return !dialogue->params.auth &&
	       dialogue->session.ehlo.has[EHLO_AUTH] && !is_about(reply, '1') &&
	       !is_about(reply, '2') && !is_about(reply, '3');
}

/* Nor was it seen whether there is one. */
static bool is_login_unseen(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	return !dialogue->params.auth && !dialogue->session.is_secure &&
	       dialogue->session.ehlo.has[EHLO_STARTTLS] &&
	       (reply->code != 550 || is_about(reply, '7') ||
		       has_word(reply, "relay")) &&
	       !is_about(reply, '1') && !is_about(reply, '2') &&
	       !is_about(reply, '3');
}

static bool is_senders_fault(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	return is_logged_in(dialogue) && reply_is_class(reply, 5) &&
	       !is_about(reply, '3') && !is_about(reply, '5');
}

/* Many servers look at the sender when the first recipient is named. */
static bool is_senders_fault_at_rcpt(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	return is_logged_in(dialogue) && reply->code == 553 &&
	       is_about(reply, '7');
}

static bool is_out_of_order(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	(void)dialogue;
	return reply->code == 503;
}

static bool is_about_encryption(
	const struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	(void)dialogue;
	return reply->code == 530 || reply->code == 538;
}

static const char hint_name[] =
	N_("set 'domain' to the full name of this machine; some servers look "
	   "it up");
static const char hint_tls[] =
	N_("the server wants encryption first: set 'tls on'");
static const char hint_login[] =
	N_("the server offers a login, and none was used: set 'auth on', "
	   "'user' and a password");
static const char hint_login_unseen[] =
	N_("no login was used, and the server may offer one behind STARTTLS: "
	   "set 'tls on', 'auth on', 'user' and a password");
static const char hint_sender[] =
	N_("'from' is the sender: many servers take the address of the login "
	   "alone, or one that was confirmed with the provider");

/* The first row that fits. */
static const struct {
	enum diag_id id;
	bool (*is_for)(const struct smtp_dialogue *dialogue,
		const struct smtp_reply *reply);
	const char *hint;
} rows[] = {
	{ DIAG_SMTP_GREETING, is_permanent,
		N_("this server takes no mail from here: use the submission "
		   "server of a mail provider, or ask its operator") },
	{ DIAG_SMTP_HELLO, is_block,
		N_("the server refuses this machine's address: its operator "
		   "can say why; mail goes out through the submission server "
		   "of a mail provider") },
	{ DIAG_SMTP_HELLO, is_maybe_block,
		N_("the server refuses this machine's name or address: set "
		   "'domain' to its full name, or ask the server's operator") },
	{ DIAG_SMTP_HELLO, is_hello, hint_name },
	{ DIAG_SMTP_CLOSING, is_hello,
		N_("if it says so again: set 'domain' to the full name of this "
		   "machine; some servers look it up") },
	{ DIAG_SMTP_AUTH_REQUIRED, wants_tls, hint_tls },
	{ DIAG_SMTP_AUTH_REQUIRED, was_logged_in,
		N_("the login had been accepted: ask the provider what this "
		   "account lacks") },
	{ DIAG_SMTP_AUTH_REQUIRED, is_login_unseen, hint_login_unseen },
	{ DIAG_SMTP_AUTH_REFUSED, wants_tls, hint_tls },
	{ DIAG_SMTP_AUTH_REFUSED, is_out_of_order,
		N_("the server takes no login on this port, or not in this "
		   "way: check 'port' and 'tls'; if it wants none, set 'auth "
		   "off'") },
	{ DIAG_SMTP_AUTH_REFUSED, is_about_encryption,
		N_("the server did not look at the password: check 'port', "
		   "'tls' and 'auth' in the account") },
	{ DIAG_SMTP_MAIL_REFUSED, is_login_unused, hint_login },
	{ DIAG_SMTP_MAIL_REFUSED, is_login_unseen, hint_login_unseen },
	{ DIAG_SMTP_MAIL_REFUSED, is_senders_fault, hint_sender },
	{ DIAG_SMTP_RCPT_REFUSED, is_login_unused, hint_login },
	{ DIAG_SMTP_RCPT_REFUSED, is_login_unseen, hint_login_unseen },
	{ DIAG_SMTP_RCPT_REFUSED, is_senders_fault_at_rcpt, hint_sender },
};

void advise(const struct smtp_dialogue *dialogue,
	const struct smtp_reply *reply, struct diag *why)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].id == why->id && rows[i].is_for(dialogue, reply)) {
			diag_add_hint(why, rows[i].hint);
			return;
		}
}

void advice_explain(const struct smtp_dialogue *dialogue, struct diag *why,
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
