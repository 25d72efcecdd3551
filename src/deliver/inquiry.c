/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking an issuer.  Knows no flow, and keeps nothing. */
#include <config.h>

#include "deliver/inquiry.h"

#include "auth/form.h"
#include "base/apart.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/mask.h"
#include "net/https.h"

#include <stdio.h>
#include <string.h>

enum {
	INQUIRY_RESULT_LIMIT = sizeof(struct diag) + 128 * 1024,
	INQUIRY_HEADER_LIMIT = 16 * 1024,
	INQUIRY_TIMEOUT_S = HTTPS_TIMEOUT_S + 5
};

static const char form_type[] = "application/x-www-form-urlencoded";

/* ---- one question -------------------------------------------------------- */

static const char *host_of(const char *url, char host[static 256])
{
	struct span rest = span_skip(span_of(url), sizeof "https://" - 1);

	rest.length = span_find(rest, '/');
	rest.length = span_find(rest, '?');
	snprintf(host, 256, "%.*s", (int)rest.length, rest.at);
	return host;
}

static bool is_success(unsigned status)
{
	return status >= 200 && status < 300;
}

static bool refuse(
	const char *url, unsigned status, const char *what, struct diag *why)
{
	char host[256], number[16];

	snprintf(number, sizeof number, "%u", status);
	return diag_set(why,
		is_success(status) ? DIAG_OAUTH_UNREADABLE : DIAG_OAUTH_ANSWER,
		host_of(url, host), number, what);
}

/* RFC 6749 5.2: an error has a 4yz, and says which.  Of 429 and 5yz the words
 * are no matter: the same question may be answered later. */
static bool read_answer(const char *url, const struct https_answer *reply,
	bool wants_status, struct answer *out, struct diag *why)
{
	struct diag reason;
	bool may_be_error = reply->status >= 400 && reply->status < 500 &&
			    reply->status != 429;

	if (!is_success(reply->status) && !may_be_error)
		return refuse(url, reply->status,
			DIAG_WORDS N_("it cannot answer now"), why);
	if (wants_status && is_success(reply->status))
		return true;
	if (!answer_parse(buf_span(reply->body), out, &reason)) {
		if (reason.id != DIAG_JSON_INVALID &&
			reason.id != DIAG_OAUTH_MEMBER) {
			*why = reason;
			return false;
		}
		return refuse(url, reply->status,
			DIAG_WORDS N_("it is no answer of an issuer"), why);
	}
	if (is_success(reply->status) || answer_has(out, ANSWER_error))
		return true;
	answer_wipe(out);
	return refuse(url, reply->status,
		DIAG_WORDS N_("it is no answer of an issuer"), why);
}

/* RFC 6749 2.3.1: both are encoded as in a form before they are joined. */
static bool put_basic(const struct inquiry *inquiry, struct buf *out)
{
	struct buf pair = BUF_INIT(INQUIRY_HEADER_LIMIT);
	bool fits;

	form_put_encoded(&pair, inquiry->basic_user);
	buf_put_byte(&pair, ':');
	form_put_encoded(&pair, inquiry->basic_secret);
	fits = !pair.overflowed && buf_puts(out, "Basic ") &&
	       base64_encode(buf_span(&pair), out);
	buf_wipe_free(&pair);
	return fits;
}

static struct https_request request_of(const struct inquiry *inquiry)
{
	const struct account *account = inquiry->account;

	return (struct https_request){
		.url = inquiry->url,
		.body = inquiry->form,
		.content_type = inquiry->type ? inquiry->type : form_type,
		.trust_file = account_trust_file(account),
		.proxy_host = account->proxy_host,
		.proxy_port = (unsigned)account->proxy_port,
		.proxy_user = account->proxy_user,
		.proxy_password = &account->proxy_password,
	};
}

bool inquire(
	const struct inquiry *inquiry, struct answer *out, struct diag *why)
{
	struct https_request request = request_of(inquiry);
	struct buf body = BUF_INIT(ANSWER_BODY_LIMIT);
	struct buf header = BUF_INIT(INQUIRY_HEADER_LIMIT);
	struct https_answer reply = { .body = &body };
	bool is_fine = true;

	if (inquiry->basic_secret) {
		is_fine = put_basic(inquiry, &header) ||
			  refuse(inquiry->url, 0,
				  DIAG_WORDS N_("the client's secret is too "
						"long"),
				  why);
		request.authorization = buf_text(&header);
	}
	is_fine = is_fine && https_ask(&request, &reply, why) &&
		  read_answer(inquiry->url, &reply, inquiry->wants_status, out,
			  why);
	if (is_fine && reply.date > 0)
		out->date = reply.date;
	buf_wipe_free(&header);
	buf_wipe_free(&body);
	return is_fine;
}

/* ---- in a child ---------------------------------------------------------- */

/* A diag is a plain value, and a child has our addresses. */
bool inquiry_put_result(bool is_fine, const struct diag *why,
	const struct answer *answer, struct buf *out)
{
	if (is_fine)
		return buf_put_byte(out, '+') && answer_put(answer, out);
	return buf_put_byte(out, '-') &&
	       buf_put(out, (const char *)why, sizeof *why);
}

bool inquiry_get_result(struct span bytes, struct answer *out, struct diag *why)
{
	if (bytes.length && bytes.at[0] == '+' &&
		answer_get(span_skip(bytes, 1), out))
		return true;
	if (bytes.length == sizeof *why + 1 && bytes.at[0] == '-') {
		if (why)
			memcpy(why, bytes.at + 1, sizeof *why);
		return false;
	}
	return diag_set(why, DIAG_OAUTH_ANSWER, "-", "0",
		DIAG_WORDS N_("the process that asked it ended early"));
}

static bool work(void *context, struct buf *out)
{
	struct answer answer = { .values = { { NULL, 0 } } };
	struct diag why;
	bool is_fine = inquire(context, &answer, &why);

	is_fine = inquiry_put_result(is_fine, &why, &answer, out);
	answer_wipe(&answer);
	return is_fine;
}

bool inquire_apart(
	const struct inquiry *inquiry, struct answer *out, struct diag *why)
{
	struct buf told = BUF_INIT(INQUIRY_RESULT_LIMIT);
	struct inquiry copy = *inquiry;
	bool is_fine;

	(void)apart_run(work, &copy, clock_deadline(INQUIRY_TIMEOUT_S), &told);
	is_fine = inquiry_get_result(buf_span(&told), out, why);
	buf_wipe_free(&told);
	return is_fine;
}

/* ---- what an issuer says of itself --------------------------------------- */

static const char *copy_of(const struct answer *answer, enum answer_field field,
	const char *known, struct arena *arena)
{
	const char *said = answer_text(answer, field);

	return known[0] || !said ? known : arena_strdup(arena, said);
}

/* A login is for later, too: where that has a scope of its own, it is asked for
 * (OpenID Connect Core 1.0, 11). */
static void add_offline(
	const struct answer *answer, struct issuer *issuer, struct arena *arena)
{
	const char *all = answer_text(answer, ANSWER_scopes_supported);
	const struct span offline = SPAN("offline_access");
	struct span missing;

	if (issuer->wants_offline && all &&
		answer_scope_covers(span_of(all), offline, &missing) &&
		!answer_scope_covers(span_of(issuer->scope), offline, &missing))
		issuer->scope = arena_printf(arena, "%s%soffline_access",
			issuer->scope, issuer->scope[0] ? " " : "");
}

static bool take_metadata(
	const struct answer *answer, struct issuer *issuer, struct arena *arena)
{
	const char *name = answer_text(answer, ANSWER_issuer);

	/* RFC 8414 3.3. */
	if (issuer->may_guess_metadata &&
		(!name || strcmp(name, issuer->issuer) != 0))
		return false;
	issuer->issuer = copy_of(answer, ANSWER_issuer, issuer->issuer, arena);
	issuer->authorization = copy_of(answer, ANSWER_authorization_endpoint,
		issuer->authorization, arena);
	issuer->token =
		copy_of(answer, ANSWER_token_endpoint, issuer->token, arena);
	issuer->device = copy_of(answer, ANSWER_device_authorization_endpoint,
		issuer->device, arena);
	issuer->revocation = copy_of(
		answer, ANSWER_revocation_endpoint, issuer->revocation, arena);
	issuer->registration = copy_of(answer, ANSWER_registration_endpoint,
		issuer->registration, arena);
	add_offline(answer, issuer, arena);
	issuer->says_who = answer_number(answer, ANSWER_iss_supported) == 1;
	return true;
}

static bool ask_metadata(const struct account *account, const char *url,
	struct issuer *issuer, struct arena *arena, struct diag *why)
{
	const struct inquiry inquiry = { .account = account, .url = url };
	struct answer answer = { .values = { { NULL, 0 } } };
	bool is_fine = inquire_apart(&inquiry, &answer, why);

	if (is_fine && !answer_has(&answer, ANSWER_token_endpoint))
		is_fine = refuse(url, 200,
			DIAG_WORDS N_("it is no answer of an issuer"), why);
	if (is_fine && !take_metadata(&answer, issuer, arena))
		is_fine = refuse(url, 200,
			DIAG_WORDS N_("it is about another issuer"), why);
	answer_wipe(&answer);
	return is_fine;
}

/* RFC 8414 3.1 puts the well-known path between host and path; OpenID Connect
 * Discovery 4.1 behind both. */
static const char *guess(
	const char *issuer, bool is_behind, struct arena *arena)
{
	struct span whole = span_of(issuer), path;

	if (whole.at[whole.length - 1] == '/')
		whole.length--;
	path = span_skip(whole, sizeof "https://" - 1);
	path = span_skip(path, span_find(path, '/'));
	if (is_behind)
		return arena_printf(arena,
			"%.*s/.well-known/openid-configuration",
			(int)whole.length, whole.at);
	return arena_printf(arena,
		"%.*s/.well-known/oauth-authorization-server%.*s",
		(int)(whole.length - path.length), whole.at, (int)path.length,
		path.at);
}

/* Of two failures the first says more, unless the second could be read. */
static bool guess_metadata(const struct account *account, struct issuer *issuer,
	struct arena *arena, struct diag *why)
{
	struct diag first, second;

	if (ask_metadata(account, guess(issuer->issuer, true, arena), issuer,
		    arena, &first))
		return true;
	if (first.id == DIAG_OAUTH_ANSWER ||
		first.id == DIAG_OAUTH_UNREADABLE) {
		if (ask_metadata(account, guess(issuer->issuer, false, arena),
			    issuer, arena, &second))
			return true;
		if (second.id == DIAG_OAUTH_UNREADABLE)
			first = second;
	}
	if (why)
		*why = first;
	return false;
}

bool inquire_endpoints(const struct account *account, struct issuer *issuer,
	struct arena *arena, struct diag *why)
{
	if (issuer->token[0])
		return true;
	if (issuer->metadata[0])
		return ask_metadata(
			account, issuer->metadata, issuer, arena, why);
	if (!issuer->may_guess_metadata)
		return diag_set(why, DIAG_OAUTH_NO_ISSUER, account->name);
	return guess_metadata(account, issuer, arena, why);
}

/* ---- errors -------------------------------------------------------------- */

/* RFC 6749 5.2: what the same question will always be answered with. */
static bool is_about_client(const char *error)
{
	static const char *const words[] = { "invalid_client",
		"unauthorized_client", "invalid_scope", "invalid_request",
		"unsupported_grant_type" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(error, words[i]))
			return true;
	return false;
}

bool inquiry_explain(const char *issuer, const struct answer *answer,
	const struct secret *hidden, struct diag *why)
{
	const char *error = answer_text(answer, ANSWER_error);
	const char *more = answer_text(answer, ANSWER_error_description);
	struct buf plain = BUF_INIT(2048), shown = BUF_INIT(4096);
	struct mask mask = { .plain = { NULL, 0 } };

	buf_puts(&plain, error ? error : "?");
	if (more)
		buf_printf(&plain, ", %s", more);
	if (hidden)
		mask_set_secret(&mask, secret_span(hidden));
	mask_put(&mask, buf_span(&plain), &shown);
	if (error && is_about_client(error))
		diag_set(why, DIAG_OAUTH_CLIENT, issuer, buf_text(&shown));
	else
		diag_set(why, DIAG_OAUTH_REFUSED, issuer, buf_text(&shown));
	mask_wipe(&mask);
	buf_free(&plain);
	buf_free(&shown);
	return false;
}
