/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logging in: which mechanism, and what is tried when the server does not take
 * it.  Knows no mechanism (auth/) and no command (smtp/). */
#include <config.h>

#include "deliver/login.h"

#include "net/tls.h"

#include <string.h>

enum {
	RESPONSE_LIMIT = 64 * 1024, /* a SASL response */
	BINDING_LIMIT = 600
};

void login_init(struct login *login)
{
	login->binding = BUF_INIT(BINDING_LIMIT);
}

/* No password but through verified TLS, or to this machine when the profile
 * gave up TLS or the check by name (promise 5). */
static bool is_secure(const struct login *login)
{
	const struct account *account = login->account;

	if (login->peer->tls_version &&
		(account->tls_certcheck || account->tls_fingerprint))
		return true;
	return login->peer->is_local &&
	       (login->peer->tls_version ||
		       account_permits_clear_password(account));
}

static void prepare_sasl(struct login *login)
{
	const struct account *account = login->account;

	login->params = (struct sasl_params){
		.mechanism = account_mechanism(account),
		.user = account->user,
		.password = login->password,
		.is_token = account_uses_login(account),
		.domain = account->ntlmdomain,
		.host = account->host,
		.port = (unsigned)account->port,
		.is_secure = is_secure(login),
		.derive = tls_derive_key,
		.hmac_md5 = tls_hmac_md5,
	};
	if (!login->peer->tls_version)
		return;
	login->params.binding_type =
		tls_channel_binding(login->peer->stream, &login->binding);
	login->params.binding = buf_span(&login->binding);
}

/* A mechanism may fail for a reason of its own (a -PLUS whose channel binding
 * the server cannot do, a name it does not know after all): then the next one
 * without channel binding is tried, once.  A password that was refused, and a
 * server that failed our own check, are never tried again: some providers lock
 * an account after three refusals. */
static bool may_try_another(
	const struct login *login, const struct diag *refusal)
{
	bool is_unknown = refusal->id == DIAG_SMTP_NO_MECHANISM &&
			  refusal->reply_code != 0;

	return login->sasl && !login->has_fallen_back &&
	       !login->params.mechanism &&
	       (is_unknown || sasl_blames_binding(login->sasl));
}

/* *WHY, a refusal, as another sentence: the reply stays what it was. */
static void reword(struct diag *why, struct diag_args args)
{
	struct diag reworded;

	diag_set_args(&reworded, args);
	reworded.exit_code = why->exit_code;
	reworded.reply_code = why->reply_code;
	memcpy(reworded.status, why->status, sizeof reworded.status);
	memcpy(reworded.reply, why->reply, sizeof reworded.reply);
	*why = reworded;
}

/* No mechanism is usable, as *WHY says: MECHANISM is what HINT is about. */
static void reword_hint(
	struct diag *why, const char *mechanism, const char *hint)
{
	struct buf offered = BUF_INIT(DIAG_TEXT_BYTES);

	buf_puts(&offered, why->text);
	reword(why, (struct diag_args){ .id = DIAG_SMTP_NO_MECHANISM,
			    .a = buf_text(&offered),
			    .b = mechanism });
	diag_add_hint(why, hint);
	buf_free(&offered);
}

/* What is offered and would do: without the one that the profile names, or if
 * it named one. */
static void name_mechanism(struct login *login, struct diag *why)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(login->dialogue);
	struct span offered = buf_span(&ehlo->mechanisms);
	struct sasl_params any = login->params;
	bool is_token = false;
	const char *name;

	any.mechanism = NULL;
	if (sasl_choose(&any, offered, NULL)) {
		if (login->params.mechanism)
			reword_hint(why, login->params.mechanism,
				N_("the server has no '%2$s': 'auth on' takes "
				   "the best of what it offers"));
		return;
	}
	name = sasl_choose_by_name(&any, offered, &is_token);
	if (name)
		reword_hint(why, name,
			is_token ? N_("it takes access tokens: set 'auth "
				      "%2$s' and 'oauth_client_id' in place of "
				      "the password, then 'mailchute login'")
				 : N_("set 'auth %2$s': it is offered, and "
				      "used only when it is named"));
}

/* Of a password that may be right after all, how to try it by hand. */
static void name_other_mechanism(struct login *login, struct diag *why)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(login->dialogue);
	const char *user = login->account->user, *other = NULL;

	if (why->id == DIAG_SMTP_AUTH_REFUSED && why->reply_code == 535)
		other = sasl_choose_other(&login->params,
			buf_span(&ehlo->mechanisms), login->mechanism);
	if (!other)
		return;
	reword(why, (struct diag_args){ .id = DIAG_SMTP_AUTH_REFUSED,
			    .a = user ? user : "",
			    .b = login->mechanism,
			    .c = other });
	diag_add_hint(why,
		N_("check user name and password; many providers want an app "
		   "password here; if they are right, try 'auth %3$s', which "
		   "the server offers, too"));
}

static void give_up_on_mechanisms(struct login *login)
{
	const char *wanted = login->params.mechanism;
	struct diag why;

	smtp_dialogue_explain_mechanisms(login->dialogue, &why);
	name_mechanism(login, &why);
	if (wanted && !sasl_knows(wanted))
		diag_add_hint(&why,
			N_("this build does not know the mechanism of 'auth': "
			   "it was made without libgsasl"));
	if (!login->params.is_secure)
		diag_add_hint(&why, N_("PLAIN and LOGIN need verified TLS: set "
				       "'tls on' and 'tls_certcheck on'"));
	smtp_dialogue_auth_give_up(login->dialogue, &why);
}

static void say_auth(struct login *login, const struct span *initial)
{
	const struct sasl_manner manner = sasl_manner(login->sasl);
	const struct smtp_mechanism mechanism = { .name = login->mechanism,
		.is_one_trip = manner.is_one_trip,
		.is_never_inline = manner.is_two_steps,
		.is_for_people = manner.is_for_people };

	smtp_dialogue_auth(login->dialogue, &mechanism, initial);
}

static void begin_mechanism(struct login *login, const char *after)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(login->dialogue);
	const char *name =
		sasl_choose(&login->params, buf_span(&ehlo->mechanisms), after);
	struct buf response = BUF_INIT(RESPONSE_LIMIT);
	struct span initial;
	struct diag why;

	if (!name) {
		give_up_on_mechanisms(login);
		return;
	}
	sasl_free(login->sasl);
	login->mechanism = name;
	login->sasl = sasl_new(name, &login->params, &why);
	if (!login->sasl) {
		smtp_dialogue_auth_give_up(login->dialogue, &why);
	} else if (!sasl_has_initial(login->sasl)) {
		say_auth(login, NULL);
	} else if (!sasl_step(login->sasl, SPAN(""), &response, &why)) {
		smtp_dialogue_auth_give_up(login->dialogue, &why);
	} else {
		initial = buf_span(&response);
		say_auth(login, &initial);
	}
	buf_wipe_free(&response);
}

static void answer_challenge(struct login *login, struct span challenge)
{
	struct buf response = BUF_INIT(RESPONSE_LIMIT);
	struct diag why;

	if (sasl_step(login->sasl, challenge, &response, &why))
		smtp_dialogue_auth_continue(
			login->dialogue, buf_span(&response));
	else
		smtp_dialogue_auth_cancel(login->dialogue, &why);
	buf_wipe_free(&response);
}

void login_step(struct login *login, struct smtp_dialogue *dialogue)
{
	const struct span *challenge = smtp_dialogue_challenge(dialogue);
	const struct diag *refusal = smtp_dialogue_auth_refusal(dialogue);
	struct diag why;

	login->dialogue = dialogue;
	if (smtp_dialogue_is_authenticated(dialogue)) {
		login->is_accepted = sasl_finish(login->sasl, &why);
		if (login->is_accepted)
			smtp_dialogue_auth_accept(dialogue);
		else
			smtp_dialogue_auth_give_up(dialogue, &why);
	} else if (challenge) {
		answer_challenge(login, *challenge);
	} else if (!refusal) {
		prepare_sasl(login);
		begin_mechanism(login, NULL);
	} else if (may_try_another(login, refusal)) {
		login->has_fallen_back = true;
		login->params.binding_type = NULL;
		begin_mechanism(login, login->mechanism);
	} else {
		why = *refusal;
		if (login->sasl)
			sasl_explain_refusal(login->sasl, &why);
		name_other_mechanism(login, &why);
		smtp_dialogue_auth_give_up(dialogue, &why);
	}
}

void login_forget(struct login *login)
{
	sasl_free(login->sasl);
	buf_wipe(&login->binding);
	login->sasl = NULL;
	login->mechanism = NULL;
	login->has_fallen_back = login->is_accepted = false;
}

void login_free(struct login *login)
{
	sasl_free(login->sasl);
	buf_wipe_free(&login->binding);
}
