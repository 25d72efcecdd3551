/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read of issuers' answers. */
#include <config.h>

#include "auth/answer.h"
#include "base/jsonread.h"
#include "tap.h"

static const struct {
	const char *name, *json;
	enum answer_field field;
	const char *want; /* NULL: it is not there */
} taken[] = {
	{ "a token", "{\"access_token\":\"ya29.a~b\"}", ANSWER_access_token,
		"ya29.a~b" },
	{ "a life", "{\"expires_in\":3599}", ANSWER_expires_in, "3599" },
	{ "a life as text", "{\"expires_in\":\"3599\"}", ANSWER_expires_in,
		"3599" },
	{ "a life with a fraction", "{\"expires_in\":3599.5}",
		ANSWER_expires_in, "3599" },
	{ "null", "{\"refresh_token\":null}", ANSWER_refresh_token, NULL },
	{ "an empty scope", "{\"scope\":\"\"}", ANSWER_scope, NULL },
	{ "what nobody asked for", "{\"id_token\":[1,{}]}", ANSWER_scope,
		NULL },
	{ "an endpoint",
		"{\"token_endpoint\":\"https://l.example:8443/t?a=b\"}",
		ANSWER_token_endpoint, "https://l.example:8443/t?a=b" },
	{ "a flag", "{\"authorization_response_iss_parameter_supported\":true}",
		ANSWER_iss_supported, "1" },
	{ "a list", "{\"scopes_supported\":[\"openid\",1,\"smtp\"]}",
		ANSWER_scopes_supported, "openid smtp" },
	{ "an empty list", "{\"scopes_supported\":[]}", ANSWER_scopes_supported,
		NULL },
	{ "a list that is none", "{\"scopes_supported\":\"openid\"}",
		ANSWER_scopes_supported, NULL },
	{ "a description in any words",
		"{\"error_description\":\"n\\u00e3o\\n\"}",
		ANSWER_error_description, "n\xC3\xA3o\n" },
};

static const struct {
	const char *name, *json;
	enum diag_id id;
} refused[] = {
	{ "HTML", "<html>", DIAG_JSON_INVALID },
	{ "a list for a token", "{\"access_token\":[\"a\"]}",
		DIAG_OAUTH_MEMBER },
	{ "a number for a token", "{\"access_token\":1}", DIAG_OAUTH_MEMBER },
	{ "a token with a line end", "{\"access_token\":\"a\\r\\nb\"}",
		DIAG_OAUTH_MEMBER },
	{ "a token with a space", "{\"access_token\":\"a b\"}",
		DIAG_OAUTH_MEMBER },
	{ "a negative life", "{\"expires_in\":-1}", DIAG_OAUTH_MEMBER },
	{ "a life in words", "{\"expires_in\":\"soon\"}", DIAG_OAUTH_MEMBER },
	{ "an endpoint in clear", "{\"token_endpoint\":\"http://l.example/t\"}",
		DIAG_OAUTH_MEMBER },
	{ "an endpoint with a user",
		"{\"token_endpoint\":\"https://good@bad.example/t\"}",
		DIAG_OAUTH_MEMBER },
	{ "an endpoint without a host", "{\"token_endpoint\":\"https:///t\"}",
		DIAG_OAUTH_MEMBER },
	{ "a flag that is none",
		"{\"authorization_response_iss_parameter_supported\":1}",
		DIAG_OAUTH_MEMBER },
};

static void test_parse(void)
{
	struct answer answer = { 0 };
	struct diag why;

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		const char *got = "(refused)";

		if (answer_parse(span_of(taken[i].json), &answer, &why))
			got = answer_text(&answer, taken[i].field);
		tap_is_text(got ? got : "(none)",
			taken[i].want ? taken[i].want : "(none)",
			taken[i].name);
	}
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		why.id = DIAG_NONE;
		tap_ok(!answer_parse(span_of(refused[i].json), &answer, &why),
			"%s is refused", refused[i].name);
		tap_is_diag(&why, refused[i].id, refused[i].name);
	}
	answer_wipe(&answer);
}

static void test_pipe(void)
{
	struct answer answer = { 0 }, again = { 0 };
	struct buf bytes = BUF_INIT(1000);

	answer_set(&answer, ANSWER_access_token, "at 1");
	answer_set(&answer, ANSWER_expires_in, "60");
	answer_set(&answer, ANSWER_scope, "");
	answer.date = 1796000000;
	tap_ok(answer_put(&answer, &bytes) &&
			answer_get(buf_span(&bytes), &again),
		"there and back");
	tap_is_text(answer_text(&again, ANSWER_access_token), "at 1", "token");
	tap_is_number(answer_number(&again, ANSWER_expires_in), 60, "life");
	tap_is_number(
		answer_number(&again, ANSWER_interval), -1, "no interval");
	tap_ok(!answer_has(&again, ANSWER_scope), "no scope");
	tap_is_number(again.date, 1796000000, "their clock");
	tap_ok(!answer_get(SPAN("0 0 9 at"), &again), "a piece is none");
	tap_ok(!answer_get(SPAN("0 0 2 at0 2 at"), &again), "nor one twice");
	answer_wipe(&answer);
	answer_wipe(&again);
	buf_wipe_free(&bytes);
}

static void test_scope(void)
{
	struct span missing = { NULL, 0 };

	tap_ok(answer_scope_covers(
		       SPAN("smtp openid x"), SPAN("openid smtp"), &missing),
		"in another order, and more");
	tap_ok(answer_scope_covers(
		       SPAN("SMTP.Send"), SPAN("smtp.send"), &missing),
		"Microsoft changes the case");
	tap_ok(!answer_scope_covers(SPAN("openid smtp"),
		       SPAN("openid offline_access smtp"), &missing),
		"one is missing");
	tap_is_span(missing, SPAN("offline_access"), "which");
	tap_ok(answer_scope_covers(SPAN(""), SPAN(""), &missing), "none");
}

int main(void)
{
	if (jsonread_is_built())
		test_parse();
	else
		tap_skip("answers", "this build has no jansson");
	test_pipe();
	test_scope();
	return tap_done();
}
