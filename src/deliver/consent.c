/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The consent of a person.  Shows nothing, and stores nothing. */
#include <config.h>

#include "deliver/consent.h"

#include "auth/form.h"
#include "auth/redirect.h"
#include "base/clock.h"
#include "base/random.h"
#include "deliver/inquiry.h"
#include "deliver/token.h"
#include "net/keys.h"
#include "net/loopback.h"

#include <stdio.h>
#include <string.h>

enum {
	CONSENT_FORM_LIMIT = 64 * 1024,
	CONSENT_SECRET_BYTES = 32, /* RFC 7636 4.1: 43 letters */
	CONSENT_VALUE_LIMIT = 8 * 1024
};

static const char *own_client_id(
	const struct consent *consent, const struct login *login)
{
	const char *id = consent->account->oauth_client_id;

	return id ? id : answer_text(&login->is, ANSWER_client_id);
}

/* What has to be known later, when the table may have changed. */
static void keep_issuer(const struct consent *consent, struct login *login)
{
	const struct issuer *issuer = consent->issuer;

	if (own_client_id(consent, login) !=
		answer_text(&login->is, ANSWER_client_id))
		answer_set(&login->is, ANSWER_client_id,
			consent->account->oauth_client_id);
	answer_set(&login->is, ANSWER_token_endpoint, issuer->token);
	answer_set(&login->is, ANSWER_revocation_endpoint, issuer->revocation);
	if (issuer->issuer[0])
		answer_set(&login->is, ANSWER_issuer, issuer->issuer);
}

static bool take(const struct consent *consent, const struct answer *answer,
	struct login *login, struct diag *why)
{
	if (answer_has(answer, ANSWER_error))
		return inquiry_explain(
			consent->issuer->name, answer, NULL, why);
	if (!answer_has(answer, ANSWER_scope)) /* RFC 6749 5.1: as asked */
		answer_set(&login->is, ANSWER_scope, consent->issuer->scope);
	keep_issuer(consent, login);
	return token_take(consent->issuer->token, answer, login, why);
}

/* What says who the person is, not what the token is good for: with a token for
 * a resource of its own it is in no list at some.  offline_access is the
 * refresh token itself. */
static bool is_beside(struct span scope)
{
	return span_equal(scope, SPAN("offline_access")) ||
	       span_equal(scope, SPAN("openid")) ||
	       span_equal(scope, SPAN("profile"));
}

/* What the issuer does not give without a word. */
bool consent_check(const struct consent *consent, const struct login *login,
	struct diag *why)
{
	const char *scope = answer_text(&login->is, ANSWER_scope);
	struct span granted = span_of(scope ? scope : "");
	struct span rest = span_of(consent->issuer->scope), word, missing;
	char name[256];

	if (!answer_has(&login->is, ANSWER_refresh_token))
		return diag_set(why, DIAG_OAUTH_LESS, consent->issuer->name,
			DIAG_WORDS N_("no refresh token"));
	while ((word = span_cut_word(&rest)).length) {
		if (is_beside(word) ||
			answer_scope_covers(granted, word, &missing))
			continue;
		snprintf(name, sizeof name, "%s%.*s",
			DIAG_WORDS N_("not the scope %s") DIAG_NEXT,
			(int)missing.length, missing.at);
		return diag_set(
			why, DIAG_OAUTH_LESS, consent->issuer->name, name);
	}
	return true;
}

/* ---- who we are ------------------------------------------------------------
 */

/* RFC 7591 3.2.2. */
static bool say_unregistered(const struct consent *consent,
	const struct answer *answer, struct diag *why)
{
	const char *error = answer_text(answer, ANSWER_error);
	const char *more = answer_text(answer, ANSWER_error_description);

	return diag_set(why, DIAG_OAUTH_UNREGISTERED, consent->issuer->name,
		more && error
			? arena_printf(consent->arena, "%s, %s", error, more)
		: error ? error
			: DIAG_WORDS N_("there is no client id in its answer"));
}

/* RFC 7591: where the issuer takes anybody, we introduce ourselves. */
static bool introduce(const struct consent *consent, const char *redirect,
	struct login *login, struct diag *why)
{
	struct buf body = BUF_INIT(CONSENT_FORM_LIMIT);
	struct inquiry inquiry = { .account = consent->account,
		.url = consent->issuer->registration,
		.type = "application/json" };
	struct answer answer = { .values = { { NULL, 0 } } };
	bool is_fine;

	buf_printf(&body,
		"{\"client_name\":\"mailchute\",\"redirect_uris\":[\"%s\"],"
		"\"application_type\":\"native\","
		"\"grant_types\":[\"authorization_code\",\"refresh_token\"],"
		"\"response_types\":[\"code\"],"
		"\"token_endpoint_auth_method\":\"none\"}",
		redirect);
	inquiry.form = buf_span(&body);
	is_fine = inquire_apart(&inquiry, &answer, why);
	if (is_fine && !answer_has(&answer, ANSWER_client_id))
		is_fine = say_unregistered(consent, &answer, why);
	if (is_fine) {
		answer_set(&login->is, ANSWER_client_id,
			answer_text(&answer, ANSWER_client_id));
		answer_set(&login->is, ANSWER_client_secret,
			answer_text(&answer, ANSWER_client_secret));
	}
	answer_wipe(&answer);
	buf_free(&body);
	return is_fine;
}

static bool find_client(const struct consent *consent, const char *redirect,
	struct login *login, struct diag *why)
{
	if (own_client_id(consent, login))
		return true;
	if (redirect && consent->issuer->registration[0])
		return introduce(consent, redirect, login, why);
	return diag_set(why, DIAG_OAUTH_NO_CLIENT, consent->account->name);
}

/* ---- with a browser --------------------------------------------------------
 */

/* One request for consent: what only we know of it. */
struct asking {
	const char *uri; /* where the browser comes back to */
	struct buf state, verifier, url;
};

static void put_random(struct buf *out)
{
	char bytes[CONSENT_SECRET_BYTES];

	random_bytes(bytes, sizeof bytes);
	form_put_base64(out, span_make(bytes, sizeof bytes));
	secret_erase(bytes, sizeof bytes);
}

static void asking_free(struct asking *asking)
{
	buf_wipe_free(&asking->state);
	buf_wipe_free(&asking->verifier);
	buf_wipe_free(&asking->url);
}

/* RFC 6749 4.1.1 with RFC 7636 4.2. */
static bool asking_make(const struct consent *consent,
	const struct login *login, struct asking *asking, struct diag *why)
{
	const struct issuer *issuer = consent->issuer;
	struct buf query = BUF_INIT(CONSENT_FORM_LIMIT);
	struct buf challenge = BUF_INIT(CONSENT_VALUE_LIMIT);
	unsigned char hash[32];
	bool is_fine;

	put_random(&asking->state);
	put_random(&asking->verifier);
	is_fine = key_hash(buf_span(&asking->verifier), hash, why);
	form_put_base64(&challenge, span_make((char *)hash, sizeof hash));
	form_put(&query, "response_type", "code");
	form_put(&query, "client_id", own_client_id(consent, login));
	form_put(&query, "redirect_uri", asking->uri);
	form_put(&query, "scope", issuer->scope);
	form_put(&query, "state", buf_text(&asking->state));
	form_put(&query, "code_challenge", buf_text(&challenge));
	form_put(&query, "code_challenge_method", "S256");
	form_put(&query, "login_hint", consent->account->user);
	if (issuer->more[0])
		buf_printf(&query, "&%s", issuer->more);
	is_fine = is_fine && form_put_url(&asking->url, issuer->authorization,
				     buf_span(&query));
	buf_free(&query);
	buf_free(&challenge);
	return is_fine;
}

/* RFC 6749 4.1.3. */
static bool exchange(const struct consent *consent, const struct asking *asking,
	const char *code, struct login *login, struct diag *why)
{
	struct buf form = BUF_INIT(CONSENT_FORM_LIMIT);
	struct answer answer = { .values = { { NULL, 0 } } };
	bool is_fine;

	form_put(&form, "grant_type", "authorization_code");
	form_put(&form, "code", code);
	form_put(&form, "redirect_uri", asking->uri);
	form_put(&form, "code_verifier", buf_text(&asking->verifier));
	is_fine = token_ask(consent->account, &login->is,
			  consent->issuer->token, &form, true, &answer, why) &&
		  take(consent, &answer, login, why);
	answer_wipe(&answer);
	buf_wipe_free(&form);
	return is_fine;
}

static bool finish(const struct consent *consent, const struct asking *asking,
	enum redirect_kind kind, const struct buf *value, struct login *login,
	struct diag *why)
{
	if (kind == REDIRECT_CODE)
		return exchange(consent, asking, buf_text(value), login, why);
	return diag_set(
		why, DIAG_OAUTH_DENIED, consent->issuer->name, buf_text(value));
}

/* "http://127.0.0.1:%p/" with the port. */
static const char *with_port(
	const char *redirect, unsigned port, struct arena *arena)
{
	const char *at = strstr(redirect, "%p");

	return at ? arena_printf(arena, "%.*s%u%s", (int)(at - redirect),
			    redirect, port, at + 2)
		  : redirect;
}

static struct redirect wanted_by(
	const struct consent *consent, const struct asking *asking)
{
	return (struct redirect){ .uri = asking->uri,
		.state = buf_text(&asking->state),
		.issuer = consent->issuer->issuer,
		.must_say = consent->issuer->says_who };
}

struct waiting {
	struct redirect wanted;
	struct buf *value;
	enum redirect_kind kind;
};

static bool is_awaited(void *context, struct span head)
{
	struct waiting *waiting = context;

	buf_wipe(waiting->value);
	waiting->kind = redirect_read(&waiting->wanted, head, waiting->value);
	return waiting->kind != REDIRECT_NOT_OURS;
}

static bool wait_for_browser(const struct consent *consent,
	const struct asking *asking, struct loopback *loopback,
	struct login *login, struct diag *why)
{
	struct buf value = BUF_INIT(CONSENT_VALUE_LIMIT);
	struct waiting waiting = { .value = &value,
		.wanted = wanted_by(consent, asking) };
	bool is_fine;

	consent->show(consent->context, buf_text(&asking->url), NULL);
	is_fine =
		loopback_wait(loopback, clock_deadline(CONSENT_TIMEOUT_S),
			is_awaited, &waiting)
			? finish(consent, asking, waiting.kind, &value, login,
				  why)
			: diag_set(why, DIAG_OAUTH_LATE, consent->issuer->name);
	buf_wipe_free(&value);
	return is_fine;
}

static struct asking asking_new(const char *uri)
{
	return (struct asking){ .uri = uri,
		.state = BUF_INIT(CONSENT_VALUE_LIMIT),
		.verifier = BUF_INIT(CONSENT_VALUE_LIMIT),
		.url = BUF_INIT(CONSENT_FORM_LIMIT) };
}

static bool has_pages(const struct consent *consent, struct diag *why)
{
	return consent->issuer->authorization[0] ||
	       diag_set(why, DIAG_OAUTH_NO_FLOW, consent->issuer->name,
		       DIAG_WORDS N_("consent in a browser"));
}

bool consent_by_browser(
	const struct consent *consent, struct login *login, struct diag *why)
{
	struct loopback loopback;
	struct asking asking;
	bool is_fine;

	if (!has_pages(consent, why) ||
		!loopback_open(&loopback, consent->issuer->redirect, why))
		return false;
	asking = asking_new(with_port(
		consent->issuer->redirect, loopback.port, consent->arena));
	is_fine = find_client(consent, asking.uri, login, why) &&
		  asking_make(consent, login, &asking, why) &&
		  wait_for_browser(consent, &asking, &loopback, login, why);
	asking_free(&asking);
	loopback_close(&loopback);
	return is_fine;
}

/* Nobody listens: any port will do, and one that is registered is in the URI.
 */
enum { PASTE_PORT = 49152 };

bool consent_by_paste(
	const struct consent *consent, struct login *login, struct diag *why)
{
	struct asking asking = asking_new(with_port(
		consent->issuer->redirect, PASTE_PORT, consent->arena));
	struct buf text = BUF_INIT(CONSENT_FORM_LIMIT);
	struct buf value = BUF_INIT(CONSENT_VALUE_LIMIT);
	enum redirect_kind kind = REDIRECT_NOT_OURS;
	bool is_fine = has_pages(consent, why) &&
		       find_client(consent, asking.uri, login, why) &&
		       asking_make(consent, login, &asking, why);

	if (is_fine) {
		const struct redirect wanted = wanted_by(consent, &asking);

		consent->show(consent->context, buf_text(&asking.url), NULL);
		while (kind == REDIRECT_NOT_OURS &&
			consent->read(consent->context, &text)) {
			buf_wipe(&value);
			kind = redirect_read_pasted(
				&wanted, buf_span(&text), &value);
			buf_wipe(&text);
			if (kind == REDIRECT_NOT_OURS)
				consent->refuse(consent->context, asking.uri);
		}
		is_fine = kind == REDIRECT_NOT_OURS
				  ? diag_set(why, DIAG_OAUTH_PASTED)
				  : finish(consent, &asking, kind, &value,
					    login, why);
	}
	asking_free(&asking);
	buf_wipe_free(&text);
	buf_wipe_free(&value);
	return is_fine;
}

/* ---- with another device
 * ----------------------------------------------------- */

static bool ask_device(const struct consent *consent, const struct login *login,
	struct answer *device, struct diag *why)
{
	struct buf form = BUF_INIT(CONSENT_FORM_LIMIT);
	bool is_fine;

	form_put(&form, "scope", consent->issuer->scope);
	is_fine = token_ask(consent->account, &login->is,
		consent->issuer->device, &form, true, device, why);
	buf_wipe_free(&form);
	if (is_fine && answer_has(device, ANSWER_error))
		return inquiry_explain(
			consent->issuer->name, device, NULL, why);
	if (!is_fine || (answer_has(device, ANSWER_device_code) &&
				answer_has(device, ANSWER_user_code)))
		return is_fine;
	return diag_set(why, DIAG_OAUTH_UNREADABLE, consent->issuer->name,
		"200", DIAG_WORDS N_("there is no code in it"));
}

static bool poll_once(const struct consent *consent,
	const struct answer *device, const struct login *login,
	struct answer *answer, struct diag *why)
{
	struct buf form = BUF_INIT(CONSENT_FORM_LIMIT);
	bool is_fine;

	form_put(&form, "grant_type",
		"urn:ietf:params:oauth:grant-type:device_code");
	form_put(&form, "device_code", answer_text(device, ANSWER_device_code));
	is_fine = token_ask(consent->account, &login->is,
		consent->issuer->token, &form, true, answer, why);
	buf_wipe_free(&form);
	return is_fine;
}

static bool says(const struct answer *answer, const char *word)
{
	const char *error = answer_text(answer, ANSWER_error);

	return error && !strcmp(error, word);
}

/* Any issuer may name any number of seconds: the code's life is the most. */
static void wait_interval(int64_t interval_s, int64_t deadline_ms)
{
	int left_ms = clock_left_ms(deadline_ms);

	(void)clock_wait(NULL, 0,
		interval_s < left_ms / 1000 ? (int)interval_s * 1000 : left_ms);
}

/* RFC 8628 3.5.  An issuer that fails once is asked again, but a grant is taken
 * once: to ask behind it would take it back, even if it could not be read. */
static bool may_ask_again(
	bool is_answer, const struct answer *answer, const struct diag *why)
{
	if (is_answer)
		return says(answer, "slow_down") ||
		       says(answer, "authorization_pending");
	return diag_is_temporary(why) && why->id != DIAG_OAUTH_UNREADABLE &&
	       why->id != DIAG_HTTPS_TOO_LONG;
}

static bool poll_device(const struct consent *consent,
	const struct answer *device, struct login *login, struct diag *why)
{
	int64_t interval = answer_number(device, ANSWER_interval);
	int64_t life = answer_number(device, ANSWER_expires_in);
	int64_t deadline_ms =
		clock_deadline(life > 0 ? (long)life : CONSENT_TIMEOUT_S);

	if (interval <= 0)
		interval = CONSENT_INTERVAL_S;
	while (clock_left_ms(deadline_ms)) {
		struct answer answer = { .values = { { NULL, 0 } } };
		bool is_answer, is_fine;

		wait_interval(interval, deadline_ms);
		is_answer = poll_once(consent, device, login, &answer, why);
		if (is_answer && says(&answer, "slow_down"))
			interval += CONSENT_INTERVAL_S;
		if (may_ask_again(is_answer, &answer, why)) {
			answer_wipe(&answer);
			continue;
		}
		if (is_answer && says(&answer, "expired_token"))
			is_fine = diag_set(
				why, DIAG_OAUTH_LATE, consent->issuer->name);
		else if (is_answer && says(&answer, "access_denied"))
			is_fine = diag_set(why, DIAG_OAUTH_DENIED,
				consent->issuer->name, "access_denied");
		else
			is_fine =
				is_answer && take(consent, &answer, login, why);
		answer_wipe(&answer);
		return is_fine;
	}
	return diag_set(why, DIAG_OAUTH_LATE, consent->issuer->name);
}

static void show_device(
	const struct consent *consent, const struct answer *device)
{
	const char *url = answer_text(device, ANSWER_verification_uri);

	if (!url)
		url = answer_text(device, ANSWER_verification_url);
	consent->show(consent->context, url ? url : consent->issuer->name,
		answer_text(device, ANSWER_user_code));
}

bool consent_by_device(
	const struct consent *consent, struct login *login, struct diag *why)
{
	struct answer device = { .values = { { NULL, 0 } } };
	bool is_fine;

	if (!consent->issuer->device[0])
		return diag_set(why, DIAG_OAUTH_NO_FLOW, consent->issuer->name,
			DIAG_WORDS N_("codes for another device"));
	is_fine = find_client(consent, NULL, login, why) &&
		  ask_device(consent, login, &device, why);
	if (is_fine) {
		show_device(consent, &device);
		is_fine = poll_device(consent, &device, login, why);
	}
	answer_wipe(&device);
	return is_fine;
}
