/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The access token of an account.  Knows no person, and no SMTP. */
#include <config.h>

#include "deliver/token.h"

#include "auth/form.h"
#include "base/apart.h"
#include "base/clock.h"
#include "base/text.h"
#include "deliver/assertion.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
	TOKEN_MARGIN_S = 60, /* of its life, or a tenth of it if that is less */
	TOKEN_USUAL_LIFE_S = 600, /* when the issuer does not say */
	TOKEN_FRESH_S = 60,
	TOKEN_LOCK_TIMEOUT_S = 45,
	TOKEN_TIMEOUT_S = 120,
	TOKEN_FORM_LIMIT = 64 * 1024,
	TOKEN_CLOCKS_APART_S = 60, /* more than what is signed bears */
	TOKEN_RESULT_LIMIT = sizeof(struct diag) + 128 * 1024
};

/* ---- what is kept -------------------------------------------------------- */

static bool is_good(const struct login *login)
{
	time_t now = clock_wall(), life = login->expires - login->fetched;
	time_t margin = life / 10 < TOKEN_MARGIN_S ? life / 10 : TOKEN_MARGIN_S;

	return answer_has(&login->is, ANSWER_access_token) &&
	       login->fetched <= now && now < login->expires - margin;
}

static bool is_token(const struct login *login, const struct secret *token)
{
	return token &&
	       span_equal(secret_span(token),
		       secret_span(&login->is.values[ANSWER_access_token]));
}

static void give(const struct login *login, struct secret *out)
{
	const struct secret *token = &login->is.values[ANSWER_access_token];

	secret_set(out, token->bytes, token->length);
}

/* A login belongs to the client that it was made for. */
static bool is_for(const struct login *login, const struct account *account)
{
	const char *id = answer_text(&login->is, ANSWER_client_id);

	return !account->oauth_client_id || !id ||
	       !strcmp(account->oauth_client_id, id);
}

bool token_needs_no_login(const struct account *account)
{
	return account->oauth_flow == OPTION_OAUTH_FLOW_CLIENT ||
	       account->oauth_flow == OPTION_OAUTH_FLOW_JWT;
}

bool token_lasts(const struct account *account)
{
	struct arena *arena = arena_new();
	struct login_store store;
	struct login login = { .fetched = 0 };
	bool lasts = token_needs_no_login(account) ||
		     (login_store_open(account, arena, &store, NULL) &&
			     login_store_read(&store, false, &login, NULL) ==
				     LOGIN_READ);

	login_wipe(&login);
	arena_free(arena);
	return lasts;
}

/* ---- asking -------------------------------------------------------------- */

static bool ask(const struct inquiry *inquiry, bool is_apart,
	struct answer *out, struct diag *why)
{
	return is_apart ? inquire_apart(inquiry, out, why)
			: inquire(inquiry, out, why);
}

static bool is_error(const struct answer *answer, const char *word)
{
	const char *error = answer_text(answer, ANSWER_error);

	return error && !strcmp(error, word);
}

static bool is_far(int64_t date)
{
	int64_t apart = date - clock_wall();

	return date > 0 &&
	       (apart > TOKEN_CLOCKS_APART_S || apart < -TOKEN_CLOCKS_APART_S);
}

/* FORM, and what ASSERTION says at NOW. */
static bool put_signed(const struct assertion *assertion,
	const struct assertion_claims *claims, bool is_grant, struct span form,
	struct buf *out, struct diag *why)
{
	struct buf jwt = BUF_INIT(ASSERTION_LIMIT);
	bool is_fine =
		is_grant ? assertion_put_grant(assertion, claims, &jwt, why)
			 : assertion_put_client(assertion, claims, &jwt, why);

	buf_put_span(out, form);
	if (!is_grant)
		form_put(out, "client_assertion_type",
			"urn:ietf:params:oauth:client-assertion-type:"
			"jwt-bearer");
	form_put(out, is_grant ? "assertion" : "client_assertion",
		buf_text(&jwt));
	buf_wipe_free(&jwt);
	return is_fine;
}

/* What is signed says when: an issuer that refuses it, and whose clock is far
 * from ours, is asked once more by its own. */
static bool ask_signed(struct inquiry *inquiry, struct assertion_claims *claims,
	bool is_grant, struct span form, bool is_apart, struct answer *out,
	struct diag *why)
{
	struct assertion assertion;
	bool is_fine = assertion_open(inquiry->account, &assertion, why);
	bool is_again = false;

	claims->now = clock_wall();
	do {
		struct buf whole = BUF_INIT(TOKEN_FORM_LIMIT);

		answer_wipe(out);
		is_fine = is_fine && put_signed(&assertion, claims, is_grant,
					     form, &whole, why);
		inquiry->form = buf_span(&whole);
		is_fine = is_fine && ask(inquiry, is_apart, out, why);
		is_again = is_fine && !is_again && is_far(out->date) &&
			   answer_has(out, ANSWER_error);
		if (is_again)
			claims->now = (time_t)out->date;
		buf_wipe_free(&whole);
	} while (is_again);
	assertion_close(&assertion);
	return is_fine;
}

/* A key instead of the secret. */
static bool ask_with_key(struct inquiry *inquiry, const char *id,
	const struct buf *form, bool is_apart, struct answer *out,
	struct diag *why)
{
	struct assertion_claims claims = { .client = id,
		.audience = inquiry->url };

	return ask_signed(
		inquiry, &claims, false, buf_span(form), is_apart, out, why);
}

/* The secret goes in the form, as most issuers document it; those that know it
 * in the header alone say that they do not know the client. */
static bool ask_as_client(struct inquiry *inquiry,
	const struct answer *registered, struct buf *form, bool is_apart,
	struct answer *out, struct diag *why)
{
	const struct account *account = inquiry->account;
	const char *id = account->oauth_client_id;
	const char *word = account->oauth_client_secret.bytes;
	size_t length;

	if (!id && registered) {
		id = answer_text(registered, ANSWER_client_id);
		word = answer_text(registered, ANSWER_client_secret);
	}
	form_put(form, "client_id", id);
	if (account->oauth_key_file)
		return ask_with_key(inquiry, id, form, is_apart, out, why);
	length = form->length;
	form_put(form, "client_secret", word);
	inquiry->form = buf_span(form);
	if (!ask(inquiry, is_apart, out, why))
		return false;
	if (!word || !id || !is_error(out, "invalid_client"))
		return true;
	answer_wipe(out);
	inquiry->form.length = length;
	inquiry->basic_user = id;
	inquiry->basic_secret = word;
	return ask(inquiry, is_apart, out, why);
}

bool token_ask(const struct account *account, const struct answer *registered,
	const char *url, struct buf *form, bool is_apart, struct answer *out,
	struct diag *why)
{
	struct inquiry inquiry = { .account = account, .url = url };

	return ask_as_client(&inquiry, registered, form, is_apart, out, why);
}

bool token_tell(const struct account *account, const struct answer *registered,
	const char *url, struct buf *form, struct diag *why)
{
	struct inquiry inquiry = {
		.account = account, .url = url, .wants_status = true
	};
	struct answer answer = { .values = { { NULL, 0 } } };
	bool is_fine =
		ask_as_client(&inquiry, registered, form, true, &answer, why);

	if (is_fine && answer_has(&answer, ANSWER_error))
		is_fine = inquiry_explain(url, &answer, NULL, why);
	answer_wipe(&answer);
	return is_fine;
}

bool token_take(const char *url, const struct answer *answer,
	struct login *login, struct diag *why)
{
	static const enum answer_field taken[] = { ANSWER_access_token,
		ANSWER_refresh_token, ANSWER_scope };
	const char *type = answer_text(answer, ANSWER_token_type);
	int64_t life = answer_number(answer, ANSWER_expires_in);

	if (!answer_has(answer, ANSWER_access_token) ||
		(type && !span_equal_nocase(span_of(type), SPAN("bearer"))))
		return diag_set(why, DIAG_OAUTH_UNREADABLE, url, "200",
			DIAG_WORDS N_("there is no access token in it"));
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (answer_has(answer, taken[i]))
			answer_set(&login->is, taken[i],
				answer_text(answer, taken[i]));
	login->fetched = clock_wall();
	login->expires =
		login->fetched + (life < 0 ? TOKEN_USUAL_LIFE_S : life);
	login->ended = 0;
	return true;
}

/* ---- a new one, in a child ----------------------------------------------- */

struct renewal {
	const struct account *account;
	const struct secret *refused; /* not this one again; NULL */
	struct arena *arena;
	struct login_store store;
	struct login login;
	struct issuer issuer;
};

static bool say_no_login(const struct account *account, struct diag *why)
{
	return diag_set(why, DIAG_OAUTH_NO_LOGIN, account->name,
		account->user ? account->user : "");
}

static bool say_ended(const struct account *account, struct diag *why)
{
	return diag_set(why, DIAG_OAUTH_ENDED, account->name,
		account->user ? account->user : "");
}

/* The file of a service account says whose it is. */
static bool take_key_issuer(struct renewal *renewal, struct diag *why)
{
	struct issuer *issuer = &renewal->issuer;
	struct assertion assertion;
	bool is_fine = assertion_open(renewal->account, &assertion, why);
	const char *said = answer_text(&assertion.file, ANSWER_token_uri);

	if (is_fine && said)
		issuer->name = issuer->token =
			arena_strdup(renewal->arena, said);
	assertion_close(&assertion);
	return is_fine &&
	       inquire_endpoints(renewal->account, issuer, renewal->arena, why);
}

/* What a login has learnt of the issuer counts more than the table. */
static bool find_issuer(struct renewal *renewal, struct diag *why)
{
	const char *known =
		answer_text(&renewal->login.is, ANSWER_token_endpoint);

	if (!issuer_of_account(
		    renewal->account, renewal->arena, &renewal->issuer, why))
		return false;
	if (known && !renewal->account->oauth_token_url)
		renewal->issuer.token = known;
	if (!renewal->issuer.token[0] && !renewal->issuer.name[0] &&
		renewal->account->oauth_flow == OPTION_OAUTH_FLOW_JWT)
		return take_key_issuer(renewal, why);
	return inquire_endpoints(
		renewal->account, &renewal->issuer, renewal->arena, why);
}

static void put_question(const struct renewal *renewal, struct buf *form)
{
	if (renewal->account->oauth_flow == OPTION_OAUTH_FLOW_CLIENT) {
		form_put(form, "grant_type", "client_credentials");
		form_put(form, "scope", renewal->issuer.scope);
		return;
	}
	form_put(form, "grant_type", "refresh_token");
	form_put(form, "refresh_token",
		answer_text(&renewal->login.is, ANSWER_refresh_token));
}

/* RFC 7523 2.1: who asks is in what is signed. */
static bool ask_for_grant(
	struct renewal *renewal, struct answer *out, struct diag *why)
{
	const struct account *account = renewal->account;
	struct inquiry inquiry = { .account = account,
		.url = renewal->issuer.token };
	struct assertion_claims claims = { .client = account->oauth_client_id,
		.user = account->user,
		.scope = renewal->issuer.scope,
		.audience = renewal->issuer.token };

	return ask_signed(&inquiry, &claims, true,
		SPAN("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3A"
		     "jwt-bearer"),
		false, out, why);
}

static bool ask_for_token(
	struct renewal *renewal, struct answer *out, struct diag *why)
{
	struct buf form = BUF_INIT(TOKEN_FORM_LIMIT);
	bool is_fine;

	if (renewal->account->oauth_flow == OPTION_OAUTH_FLOW_JWT)
		return ask_for_grant(renewal, out, why);
	put_question(renewal, &form);
	is_fine = token_ask(renewal->account, &renewal->login.is,
		renewal->issuer.token, &form, false, out, why);
	buf_wipe_free(&form);
	return is_fine;
}

/* Nobody need ask again with a refresh token that the issuer has refused. */
static bool note_end(struct renewal *renewal, struct diag *why)
{
	renewal->login.ended = clock_wall();
	answer_set(&renewal->login.is, ANSWER_access_token, NULL);
	(void)login_store_write(&renewal->store, false, &renewal->login, NULL);
	return say_ended(renewal->account, why);
}

static bool take_answer(
	struct renewal *renewal, const struct answer *answer, struct diag *why)
{
	const struct secret *old =
		&renewal->login.is.values[ANSWER_refresh_token];
	bool is_rotated;

	if (is_error(answer, "invalid_grant") &&
		!token_needs_no_login(renewal->account))
		return note_end(renewal, why);
	if (answer_has(answer, ANSWER_error))
		return inquiry_explain(renewal->issuer.name, answer, old, why);
	is_rotated =
		answer_has(answer, ANSWER_refresh_token) &&
		!span_equal(secret_span(old),
			secret_span(&answer->values[ANSWER_refresh_token]));
	if (!answer_has(&renewal->login.is, ANSWER_token_endpoint))
		answer_set(&renewal->login.is, ANSWER_token_endpoint,
			renewal->issuer.token);
	return token_take(
		       renewal->issuer.token, answer, &renewal->login, why) &&
	       login_store_write(
		       &renewal->store, is_rotated, &renewal->login, why);
}

static bool ask_issuer(struct renewal *renewal, struct diag *why)
{
	struct answer answer = { .values = { { NULL, 0 } } };
	bool is_fine = ask_for_token(renewal, &answer, why) &&
		       take_answer(renewal, &answer, why);

	answer_wipe(&answer);
	return is_fine;
}

/* What is there now, under the lock: another process may have been faster. */
static bool renew(struct renewal *renewal, struct diag *why)
{
	const struct account *account = renewal->account;
	bool is_alone = token_needs_no_login(account);

	if (!login_store_lock(
		    &renewal->store, clock_deadline(TOKEN_LOCK_TIMEOUT_S), why))
		return false;
	switch (login_store_read(
		&renewal->store, !is_alone, &renewal->login, why)) {
	case LOGIN_FAILED:
		return false;
	case LOGIN_MISSING:
		if (!is_alone)
			return say_no_login(account, why);
		break;
	case LOGIN_READ:
		break;
	}
	if (!is_for(&renewal->login, account))
		return say_no_login(account, why);
	if (is_good(&renewal->login) &&
		!is_token(&renewal->login, renewal->refused))
		return true;
	if (renewal->login.ended)
		return say_ended(account, why);
	if (!is_alone && !answer_has(&renewal->login.is, ANSWER_refresh_token))
		return say_no_login(account, why);
	return login_store_reserve(&renewal->store, why) &&
	       find_issuer(renewal, why) && ask_issuer(renewal, why);
}

static bool work(void *context, struct buf *out)
{
	struct renewal *renewal = context;
	struct answer answer = { .values = { { NULL, 0 } } };
	struct diag why;
	bool is_fine = renew(renewal, &why);

	if (is_fine)
		give(&renewal->login, &answer.values[ANSWER_access_token]);
	login_store_close(&renewal->store);
	is_fine = inquiry_put_result(is_fine, &why, &answer, out);
	answer_wipe(&answer);
	login_wipe(&renewal->login);
	return is_fine;
}

static bool renew_apart(
	struct renewal *renewal, struct secret *out, struct diag *why)
{
	struct buf told = BUF_INIT(TOKEN_RESULT_LIMIT);
	struct answer answer = { .values = { { NULL, 0 } } };
	bool is_fine;

	(void)apart_run(work, renewal, clock_deadline(TOKEN_TIMEOUT_S), &told);
	is_fine = inquiry_get_result(buf_span(&told), &answer, why);
	if (is_fine)
		secret_set(out, answer.values[ANSWER_access_token].bytes,
			answer.values[ANSWER_access_token].length);
	answer_wipe(&answer);
	buf_wipe_free(&told);
	return is_fine;
}

/* ---- for whoever sends --------------------------------------------------- */

bool token_get(
	const struct account *account, struct secret *out, struct diag *why)
{
	struct arena *arena = arena_new();
	struct renewal renewal = { .account = account, .arena = arena };
	struct login login = { .fetched = 0 };
	bool is_fine = login_store_open(account, arena, &renewal.store, why);

	if (is_fine &&
		login_store_read(&renewal.store, false, &login, NULL) ==
			LOGIN_READ &&
		is_good(&login) && is_for(&login, account))
		give(&login, out);
	else
		is_fine = is_fine && renew_apart(&renewal, out, why);
	login_wipe(&login);
	arena_free(arena);
	return is_fine;
}

static bool has_just_come(
	const struct login_store *store, const struct secret *token)
{
	struct login login = { .fetched = 0 };
	bool is_fresh =
		login_store_read(store, false, &login, NULL) == LOGIN_READ &&
		is_token(&login, token) &&
		clock_wall() - login.fetched < TOKEN_FRESH_S;

	login_wipe(&login);
	return is_fresh;
}

bool token_renew(
	const struct account *account, struct secret *token, struct diag *why)
{
	struct arena *arena = arena_new();
	struct secret refused = { NULL, 0 };
	struct renewal renewal = {
		.account = account, .refused = &refused, .arena = arena
	};
	bool is_fine = login_store_open(account, arena, &renewal.store, why);

	if (is_fine && has_just_come(&renewal.store, token)) {
		why->exit_code = EX_TEMPFAIL;
		is_fine = diag_add_hint(why,
			N_("the token has only just come: the clocks of who "
			   "gave it and of the server may differ"));
	} else if (is_fine) {
		secret_set(&refused, token->bytes, token->length);
		is_fine = renew_apart(&renewal, token, why);
		secret_wipe(&refused);
	}
	arena_free(arena);
	return is_fine;
}
