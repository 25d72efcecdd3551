/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The AUTH part of the dialogue, RFC 4954.  Carries responses and challenges;
 * what they mean is the mechanism's and the caller's business.
 */
#include <config.h>

#include "base/base64.h"
#include "base/text.h"
#include "smtp/dialogue_internal.h"

#include <stdio.h>

bool authentication_lets_mail_pass(const struct smtp_dialogue *dialogue)
{
	const struct smtp_authentication *auth = &dialogue->authentication;

	return auth->stage == AUTHENTICATION_DONE ||
	       (auth->stage == AUTHENTICATION_SENT && auth->may_be_followed &&
		       dialogue->delivery->is_active);
}

bool authentication_wants_caller(const struct smtp_dialogue *dialogue)
{
	switch (dialogue->authentication.stage) {
	case AUTHENTICATION_CHOICE:
	case AUTHENTICATION_CHALLENGED:
	case AUTHENTICATION_CONFIRMED:
		return true;
	case AUTHENTICATION_NEEDED:
	case AUTHENTICATION_SENT:
	case AUTHENTICATION_HELD:
	case AUTHENTICATION_CANCELLED:
	case AUTHENTICATION_REFUSED:
	case AUTHENTICATION_RETRIED:
	case AUTHENTICATION_DONE:
		break;
	}
	return false;
}

void authentication_free(struct smtp_authentication *auth)
{
	secret_wipe(&auth->held);
	buf_wipe_free(&auth->challenge);
}

/* ---- out ----------------------------------------------------------------- */

/* Sends dialogue->line, whose secret begins at SECRET_FROM. */
static void send_secret(struct smtp_dialogue *dialogue, enum smtp_verb verb,
	size_t secret_from, const char *shown)
{
	struct smtp_authentication *auth = &dialogue->authentication;
	struct span secret =
		span_trim(span_skip(buf_span(&dialogue->line), secret_from));

	mask_set_sent(&dialogue->mask, secret);
	auth->stage = AUTHENTICATION_SENT;
	auth->has_challenge = false;
	wire_send(dialogue, verb, 0, shown);
}

static void cancel(struct smtp_dialogue *dialogue, const struct diag *why)
{
	struct smtp_authentication *auth = &dialogue->authentication;

	auth->refusal = *why;
	auth->has_refusal = true;
	auth->stage = AUTHENTICATION_CANCELLED;
	auth->has_challenge = false;
	auth->has_held = false;
	secret_wipe(&auth->held);
}

static void set_protocol_error(const struct smtp_dialogue *dialogue,
	struct diag *why, const char *what)
{
	diag_set(why, DIAG_SMTP_AUTH_PROTOCOL,
		dialogue->authentication.mechanism, what);
}

static void send_response(struct smtp_dialogue *dialogue, struct span response)
{
	struct diag why;

	if (command_response(&dialogue->line, response)) {
		send_secret(dialogue, SMTP_VERB_AUTH_RESPONSE, 0, "<hidden>");
		return;
	}
	buf_wipe(&dialogue->line);
	set_protocol_error(
		dialogue, &why, DIAG_WORDS N_("the response is too long"));
	cancel(dialogue, &why);
}

static void send_held(struct smtp_dialogue *dialogue)
{
	struct smtp_authentication *auth = &dialogue->authentication;

	auth->has_held = false;
	send_response(dialogue, secret_span(&auth->held));
	secret_wipe(&auth->held);
}

static void send_cancel(struct smtp_dialogue *dialogue)
{
	dialogue->authentication.stage = AUTHENTICATION_SENT;
	buf_puts(&dialogue->line, "*\r\n");
	wire_send(dialogue, SMTP_VERB_AUTH_CANCEL, 0, NULL);
}

/* Says AUTH, with INITIAL (NULL: without) if it may stand on the line. */
static void send_auth(
	struct smtp_dialogue *dialogue, const struct span *initial)
{
	struct smtp_authentication *auth = &dialogue->authentication;
	struct diag why;
	char shown[64];

	if (!command_auth(&dialogue->line, auth->mechanism, initial,
		    &auth->is_inline, &why)) {
		wire_give_up(dialogue, &why);
		return;
	}
	auth->may_be_followed = auth->is_inline && auth->like.is_one_trip &&
				!dialogue->params.auth_alone &&
				dialogue->session.ehlo.has[EHLO_PIPELINING];
	snprintf(shown, sizeof shown, "AUTH %s%s", auth->mechanism,
		auth->is_inline ? " <hidden>" : "");
	send_secret(dialogue, SMTP_VERB_AUTH,
		sizeof "AUTH" + strlen(auth->mechanism), shown);
}

void authentication_begin(struct smtp_dialogue *dialogue,
	const struct smtp_mechanism *mechanism, const struct span *initial)
{
	struct smtp_authentication *auth = &dialogue->authentication;

	if (auth->stage != AUTHENTICATION_CHOICE || dialogue->session.is_over)
		return;
	snprintf(
		auth->mechanism, sizeof auth->mechanism, "%s", mechanism->name);
	auth->like = *mechanism;
	auth->like.name = auth->mechanism;
	auth->challenges = 0;
	auth->has_retried = false;
	secret_wipe(&auth->held);
	if (initial)
		secret_set(&auth->held, initial->at, initial->length);
	send_auth(dialogue, mechanism->is_never_inline ? NULL : initial);
	auth->has_held = initial && !auth->is_inline;
}

/* The same once more, without the initial response. */
static void send_auth_again(struct smtp_dialogue *dialogue)
{
	struct smtp_authentication *auth = &dialogue->authentication;

	auth->has_retried = true;
	auth->has_held = true;
	send_auth(dialogue, NULL);
}

void authentication_continue(
	struct smtp_dialogue *dialogue, struct span response)
{
	if (dialogue->authentication.stage != AUTHENTICATION_CHALLENGED ||
		dialogue->session.is_over)
		return;
	send_response(dialogue, response);
}

void authentication_give_up(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	if (authentication_wants_caller(dialogue))
		wire_give_up(dialogue, why);
}

void authentication_cancel(
	struct smtp_dialogue *dialogue, const struct diag *why)
{
	if (dialogue->session.is_over)
		return;
	if (dialogue->authentication.stage == AUTHENTICATION_CHALLENGED)
		cancel(dialogue, why);
	else
		authentication_give_up(dialogue, why);
}

void authentication_accept(struct smtp_dialogue *dialogue)
{
	struct smtp_authentication *auth = &dialogue->authentication;

	if (auth->stage != AUTHENTICATION_CONFIRMED ||
		dialogue->session.is_over)
		return;
	auth->stage = AUTHENTICATION_DONE;
	mask_set_sent(&dialogue->mask, SPAN(""));
	secret_wipe(&auth->held);
	buf_wipe_free(&auth->challenge);
}

/* What was pipelined behind AUTH has been answered too. */
static void take_mail_back(struct smtp_dialogue *dialogue)
{
	if (dialogue->delivery->is_active)
		transaction_rewind(dialogue);
}

static bool is_behind_starttls(const struct smtp_dialogue *dialogue)
{
	return !dialogue->session.is_secure &&
	       dialogue->session.ehlo.has[EHLO_STARTTLS];
}

bool authentication_step(struct smtp_dialogue *dialogue)
{
	struct smtp_authentication *auth = &dialogue->authentication;
	struct diag why;

	if (dialogue->queue.count)
		return false;
	switch (auth->stage) {
	case AUTHENTICATION_NEEDED:
		auth->stage = AUTHENTICATION_CHOICE;
		if (!dialogue->session.ehlo.has[EHLO_AUTH]) {
			diag_set(&why, DIAG_SMTP_NO_AUTH);
			if (is_behind_starttls(dialogue))
				diag_add_hint(&why,
					N_("the server may offer it behind "
					   "STARTTLS: set 'tls on'"));
			wire_give_up(dialogue, &why);
		}
		return true;
	case AUTHENTICATION_REFUSED:
		take_mail_back(dialogue);
		auth->stage = AUTHENTICATION_CHOICE;
		return true;
	case AUTHENTICATION_RETRIED:
		take_mail_back(dialogue);
		send_auth_again(dialogue);
		return true;
	case AUTHENTICATION_HELD:
		send_held(dialogue);
		return true;
	case AUTHENTICATION_CANCELLED:
		send_cancel(dialogue);
		return true;
	case AUTHENTICATION_CHOICE:
	case AUTHENTICATION_SENT:
	case AUTHENTICATION_CHALLENGED:
	case AUTHENTICATION_CONFIRMED:
	case AUTHENTICATION_DONE:
		break;
	}
	return false;
}

/* ---- in ------------------------------------------------------------------ */

/* TEXT as base 64 whose padding was left out. */
static bool decode_unpadded(struct span text, struct buf *out)
{
	struct buf padded = BUF_INIT(REPLY_LIMIT);
	bool is_fine;

	buf_put_span(&padded, text);
	while (padded.length % 4 && buf_put_byte(&padded, '='))
		;
	is_fine = base64_decode(buf_span(&padded), out);
	buf_free(&padded);
	return is_fine;
}

static bool decode_challenge(struct smtp_authentication *auth, struct span text)
{
	struct buf *out = &auth->challenge;

	buf_clear(out);
	return base64_decode(text, out) || decode_unpadded(text, out) ||
	       (auth->like.is_for_people && buf_put_span(out, text));
}

static void on_challenge(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct smtp_authentication *auth = &dialogue->authentication;
	struct diag why;

	if (auth->may_be_followed && dialogue->queue.count) {
		/* It would take our MAIL for the answer. */
		set_protocol_error(dialogue, &why,
			DIAG_WORDS N_(
				"the server asks for more than there is"));
		reply_explain(reply, &why);
		wire_fail(dialogue, &why);
		return;
	}
	auth->may_be_followed = false;
	/* It asks for the initial response; in what words is no matter. */
	if (!auth->has_held &&
		!decode_challenge(auth, span_trim(buf_span(&reply->text)))) {
		set_protocol_error(dialogue, &why,
			DIAG_WORDS N_("the challenge is not base 64"));
		cancel(dialogue, &why);
	} else if (++auth->challenges > SMTP_CHALLENGES_MAX) {
		set_protocol_error(dialogue, &why,
			DIAG_WORDS N_("the challenges do not end"));
		cancel(dialogue, &why);
	} else if (auth->has_held) {
		auth->stage = AUTHENTICATION_HELD;
	} else {
		auth->challenge_span = buf_span(&auth->challenge);
		auth->has_challenge = true;
		auth->stage = AUTHENTICATION_CHALLENGED;
	}
}

static void on_success(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct smtp_authentication *auth = &dialogue->authentication;
	struct diag why;

	if (reply->code == 235 && !auth->has_held) {
		auth->stage = AUTHENTICATION_CONFIRMED;
		auth->has_refusal = false;
		return;
	}
	wire_remember(dialogue, reply);
	set_protocol_error(dialogue, &why,
		auth->has_held
			? DIAG_WORDS N_("the server did not ask for it")
			: DIAG_WORDS N_("success has another code than 235"));
	reply_explain(reply, &why);
	wire_fail(dialogue, &why);
}

bool smtp_dialogue_explain_mechanisms(
	const struct smtp_dialogue *dialogue, struct diag *why)
{
	struct buf shown = BUF_INIT(2 * REPLY_LIMIT);

	mask_put(&dialogue->mask, buf_span(&dialogue->session.ehlo.mechanisms),
		&shown);
	diag_set(why, DIAG_SMTP_NO_MECHANISM, buf_text(&shown));
	buf_free(&shown);
	return false;
}

/* 500, 502 and 504 are about the mechanism, not about who we are. */
static bool is_about_mechanism(const struct smtp_reply *reply)
{
	return reply->code == 500 || reply->code == 502 || reply->code == 504;
}

/* Old Exchange and some appliances know the mechanism, but no initial response
 * (which RFC 2554 did not have for all, and RFC 4954 4 leaves them): 501, or
 * 504 for "parameter not implemented". */
static bool is_about_initial(const struct smtp_authentication *auth,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	return command->verb == SMTP_VERB_AUTH && auth->is_inline &&
	       !auth->has_retried && (reply->code == 501 || reply->code == 504);
}

static void on_refusal(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	struct smtp_authentication *auth = &dialogue->authentication;
	struct diag *why = &auth->refusal;
	const char *user = dialogue->params.auth_user;

	wire_remember(dialogue, reply);
	if (auth->may_be_followed)
		dialogue->delivery->is_void = true;
	if (is_about_initial(auth, command, reply)) {
		auth->stage = AUTHENTICATION_RETRIED;
		return;
	}
	secret_wipe(&auth->held);
	auth->has_held = false;
	auth->has_refusal = true;
	if (is_about_mechanism(reply))
		smtp_dialogue_explain_mechanisms(dialogue, why);
	else
		diag_set(why, DIAG_SMTP_AUTH_REFUSED, user ? user : "",
			auth->mechanism);
	reply_explain(reply, why);
	advise(dialogue, reply, why);
	/* RFC 4954 4.7.12 (432) and 454 too: another mechanism, or the same
	 * password in a minute, only makes it worse. */
	if (reply_is_class(reply, 4)) {
		wire_give_up(dialogue, why);
		return;
	}
	auth->stage = AUTHENTICATION_REFUSED;
}

void authentication_on_reply(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	if (reply->code == 334)
		on_challenge(dialogue, reply);
	else if (reply_is_class(reply, 2) || reply_is_class(reply, 3))
		on_success(dialogue, reply);
	else
		on_refusal(dialogue, command, reply);
}

/* The exchange is over, whatever words the server has for it (RFC 4954 4
 * wants 501); the refusal was set when it was cancelled. */
void authentication_on_cancel(struct smtp_dialogue *dialogue,
	const struct smtp_command *command, const struct smtp_reply *reply)
{
	(void)command;
	(void)reply;
	dialogue->authentication.stage = AUTHENTICATION_REFUSED;
}

const struct span *smtp_dialogue_challenge(const struct smtp_dialogue *dialogue)
{
	return dialogue->authentication.has_challenge
		       ? &dialogue->authentication.challenge_span
		       : NULL;
}

bool smtp_dialogue_is_authenticated(const struct smtp_dialogue *dialogue)
{
	return dialogue->authentication.stage == AUTHENTICATION_CONFIRMED ||
	       (dialogue->authentication.stage == AUTHENTICATION_DONE &&
		       dialogue->params.auth);
}

const struct diag *smtp_dialogue_auth_refusal(
	const struct smtp_dialogue *dialogue)
{
	return dialogue->authentication.has_refusal
		       ? &dialogue->authentication.refusal
		       : NULL;
}
