/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of SASL: the choice of a mechanism, our own mechanisms
 * byte for byte, and SCRAM against libgsasl's server side.
 */
#include <config.h>

#include "auth/sasl.h"
#include "base/base64.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#ifdef HAVE_LIBGSASL
#include <gsasl.h>
#endif

static struct secret password = { NULL, 0 };

/* What CRAM-MD5 makes of it is checked, not the arithmetic. */
static bool fake_hmac(struct span key, struct span data, unsigned char *out)
{
	for (unsigned char i = 0; i < 16; i++)
		out[i] = i;
	out[15] = 0xFF;
	return span_equal(key, SPAN("s3cret,=")) &&
	       span_equal(data, SPAN("<1@a.example>"));
}

static bool no_hmac(struct span key, struct span data, unsigned char *out)
{
	(void)key, (void)data, (void)out;
	return false;
}

static struct sasl_params secure_params(void)
{
	return (struct sasl_params){ .user = "me@example.org",
		.password = &password,
		.is_secure = true,
		.host = "mail.example.org",
		.port = 587,
		.hmac_md5 = fake_hmac };
}

/* ---- the choice ---------------------------------------------------------- */

#define ALL                                                                    \
	"LOGIN PLAIN EXTERNAL SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS "     \
	"SCRAM-SHA-256-PLUS CRAM-MD5"

struct choice {
	const char *name, *mechanism;
	bool is_secure, has_binding;
	const char *offered, *after, *want;
};

static const struct choice choices[] = {
	{ "PLAIN before LOGIN", NULL, true, false, "LOGIN PLAIN", NULL,
		"PLAIN" },
	{ "any case, any blanks", NULL, true, false, "  login\tplain ", NULL,
		"PLAIN" },
	{ "LOGIN alone", NULL, true, false, "LOGIN", NULL, "LOGIN" },
	{ "nothing in clear", NULL, false, false, "LOGIN PLAIN", NULL, NULL },
	{ "nothing offered", NULL, true, false, "", NULL, NULL },
	{ "nothing known", NULL, true, false, "SECURID X-OURS PLAIN2", NULL,
		NULL },
	{ "after PLAIN comes LOGIN", NULL, true, false, "PLAIN LOGIN", "PLAIN",
		"LOGIN" },
	{ "after LOGIN comes nothing", NULL, true, false, ALL, "LOGIN", NULL },
	{ "one that was named", "login", true, false, ALL, NULL, "LOGIN" },
	{ "one that was named, and no other after it", "login", true, false,
		ALL, "LOGIN", NULL },
	{ "one that was named but is not offered", "plain", true, false,
		"LOGIN", NULL, NULL },
	{ "PLAIN by name in clear", "plain", false, false, ALL, NULL, NULL },
	{ "CRAM-MD5 only by name", NULL, true, false, "CRAM-MD5", NULL, NULL },
	{ "CRAM-MD5 by name, in clear", "cram-md5", false, false, ALL, NULL,
		"CRAM-MD5" },
	{ "tokens only by name", NULL, true, false, "XOAUTH2 OAUTHBEARER", NULL,
		NULL },
	{ "XOAUTH2 by name", "xoauth2", true, false, "PLAIN XOAUTH2", NULL,
		"XOAUTH2" },
	{ "OAUTHBEARER by name", "oauthbearer", true, false, "OAUTHBEARER",
		NULL, "OAUTHBEARER" },
	{ "no token in clear", "xoauth2", false, false, "XOAUTH2", NULL, NULL },
	{ "a token: OAUTHBEARER first", "t", true, false,
		"PLAIN XOAUTH2 OAUTHBEARER", NULL, "OAUTHBEARER" },
	{ "a token: whichever is offered", "t", true, false, "PLAIN XOAUTH2",
		NULL, "XOAUTH2" },
	{ "a token: no other", "t", true, false, "PLAIN LOGIN", NULL, NULL },
	{ "a token: never in clear", "t", false, false, "XOAUTH2", NULL, NULL },
	{ "EXTERNAL only by name", NULL, true, false, "EXTERNAL", NULL, NULL },
	{ "EXTERNAL by name", "EXTERNAL", true, false, ALL, NULL, "EXTERNAL" },
};

static const struct choice scram_choices[] = {
	{ "SCRAM before PLAIN", NULL, true, false, ALL, NULL, "SCRAM-SHA-256" },
	{ "with channel binding", NULL, true, true, ALL, NULL,
		"SCRAM-SHA-256-PLUS" },
	{ "SHA-1-PLUS before SHA-256", NULL, true, true,
		"SCRAM-SHA-256 SCRAM-SHA-1-PLUS", NULL, "SCRAM-SHA-1-PLUS" },
	{ "SCRAM in clear", NULL, false, false, ALL, NULL, "SCRAM-SHA-256" },
	{ "after SCRAM-SHA-256-PLUS", NULL, true, true, ALL,
		"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS" },
	{ "after SCRAM-SHA-1, in clear", NULL, false, false, ALL, "SCRAM-SHA-1",
		NULL },
	{ "-PLUS by name without binding", "SCRAM-SHA-256-PLUS", true, false,
		ALL, NULL, NULL },
	{ "Kerberos, DIGEST-MD5 and NTLM only by name", NULL, true, false,
		"GSSAPI DIGEST-MD5 NTLM", NULL, NULL },
	{ "GSSAPI by name", "GSSAPI", false, false, "PLAIN GSSAPI", NULL,
		"GSSAPI" },
	{ "DIGEST-MD5 by name", "DIGEST-MD5", true, false, "DIGEST-MD5", NULL,
		"DIGEST-MD5" },
	{ "NTLM by name", "NTLM", true, false, "NTLM", NULL, "NTLM" },
};

static void test_choice(const struct choice *choice)
{
	struct sasl_params params = secure_params();

	params.mechanism = choice->mechanism;
	params.is_token = choice->mechanism && !strcmp(choice->mechanism, "t");
	params.is_secure = choice->is_secure;
	params.binding_type = choice->has_binding ? "tls-exporter" : NULL;
	tap_is_text(
		sasl_choose(&params, span_of(choice->offered), choice->after),
		choice->want, choice->name);
}

/* ---- our own mechanisms -------------------------------------------------- */

enum { STEPS_MAX = 3 };

static const struct {
	const char *name, *mechanism, *user;
	bool has_initial;
	struct span challenges[STEPS_MAX], want[STEPS_MAX];
	unsigned count;
} exchanges[] = {
	{ "PLAIN", "plain", "me@example.org", true, { SPAN("") },
		{ SPAN("\0me@example.org\0s3cret,=") }, 1 },
	{ "LOGIN", "LOGIN", "me@example.org", false,
		{ SPAN("Username:"), SPAN("Password:") },
		{ SPAN("me@example.org"), SPAN("s3cret,=") }, 2 },
	{ "LOGIN with other prompts", "LOGIN", "me@example.org", false,
		{ SPAN("Password:"), SPAN("") },
		{ SPAN("me@example.org"), SPAN("s3cret,=") }, 2 },
	{ "CRAM-MD5", "CRAM-MD5", "tim", false, { SPAN("<1@a.example>") },
		{ SPAN("tim 000102030405060708090a0b0c0d0eff") }, 1 },
	{ "XOAUTH2 with a reason", "XOAUTH2", "me@example.org", true,
		{ SPAN(""), SPAN("{\"status\":\"400\"}") },
		{ SPAN("user=me@example.org\001auth=Bearer "
		       "s3cret,=\001\001"),
			SPAN("") },
		2 },
	{ "OAUTHBEARER with a reason", "OAUTHBEARER", "a,b=c", true,
		{ SPAN(""), SPAN("{\"status\":\"invalid_token\"}") },
		{ SPAN("n,a=a=2Cb=3Dc,\001host=mail.example.org\001port=587"
		       "\001auth=Bearer s3cret,=\001\001"),
			SPAN("\001") },
		2 },
	{ "EXTERNAL", "EXTERNAL", NULL, true, { SPAN("") }, { SPAN("") }, 1 },
	{ "EXTERNAL for somebody", "EXTERNAL", "me@example.org", true,
		{ SPAN("") }, { SPAN("me@example.org") }, 1 },
};

/* one trip, two steps, for people */
static const struct {
	const char *mechanism, *want;
} manners[] = {
	{ "PLAIN", "100" },
	{ "EXTERNAL", "100" },
	{ "LOGIN", "001" },
	{ "XOAUTH2", "001" },
	{ "OAUTHBEARER", "001" },
	{ "CRAM-MD5", "000" },
};

static void test_manner(size_t i)
{
	struct sasl_params params = secure_params();
	struct sasl_manner manner = { 0 };
	char got[4] = "";
	struct sasl *sasl;

	params.mechanism = manners[i].mechanism;
	params.user = "me";
	sasl = sasl_new(manners[i].mechanism, &params, NULL);
	if (sasl)
		manner = sasl_manner(sasl);
	snprintf(got, sizeof got, "%d%d%d", manner.is_one_trip,
		manner.is_two_steps, manner.is_for_people);
	tap_is_text(got, manners[i].want, manners[i].mechanism);
	sasl_free(sasl);
}

static void test_exchange(size_t i)
{
	struct sasl_params params = secure_params();
	struct buf out = BUF_INIT(1000);
	struct diag why = { 0 };
	struct sasl *sasl;

	params.mechanism = exchanges[i].mechanism;
	params.user = exchanges[i].user;
	sasl = sasl_new(exchanges[i].mechanism, &params, &why);
	if (!tap_ok(sasl, "%s begins", exchanges[i].name))
		return;
	tap_is_number(sasl_has_initial(sasl), exchanges[i].has_initial,
		"who speaks first");
	for (unsigned step = 0; step < exchanges[i].count; step++) {
		buf_wipe(&out);
		tap_ok(sasl_step(
			       sasl, exchanges[i].challenges[step], &out, &why),
			"step %u", step);
		tap_is_span(buf_span(&out), exchanges[i].want[step],
			exchanges[i].name);
	}
	tap_ok(sasl_finish(sasl, &why), "finished");
	tap_ok(!sasl_step(sasl, SPAN("more"), &out, &why), "no further step");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is what it says");
	sasl_free(sasl);
	buf_wipe_free(&out);
}

static void test_refusals(void)
{
	struct sasl_params params = secure_params();
	struct secret bad = { NULL, 0 };
	struct buf small = BUF_INIT(4), out = BUF_INIT(1000);
	struct diag why = { 0 };
	struct sasl *sasl;

	params.is_secure = false;
	tap_ok(!sasl_new("PLAIN", &params, &why), "PLAIN in clear");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is refused");
	why.id = DIAG_NONE;
	tap_ok(!sasl_new("LOGIN", &params, &why), "LOGIN in clear");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is refused");
	why.id = DIAG_NONE;
	tap_ok(!sasl_new("SECURID", &params, &why), "SECURID");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is not known");
	tap_ok(!sasl_knows("SECURID") && sasl_knows("plain"), "sasl_knows()");

	params.is_secure = true;
	secret_set(&bad, "a\0b", 3);
	params.password = &bad;
	why.id = DIAG_NONE;
	tap_ok(!sasl_new("PLAIN", &params, &why), "a NUL in the password");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is refused");
	secret_wipe(&bad);

	params.password = &password;
	sasl = sasl_new("PLAIN", &params, &why);
	why.id = DIAG_NONE;
	tap_ok(!sasl_step(sasl, SPAN(""), &small, &why), "no room");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is an error");
	sasl_free(sasl);
	sasl = sasl_new("PLAIN", &params, &why);
	tap_ok(!sasl_step(sasl, SPAN("hello"), &out, &why),
		"PLAIN never answers a challenge");
	tap_is_number((int64_t)out.length, 0, "and says nothing");
	sasl_free(sasl);
	sasl_free(NULL);
	buf_wipe_free(&small);
	buf_free(&out);
}

/* ---- tokens, and CRAM-MD5's troubles --------------------------------------
 */

static const struct {
	const char *name, *mechanism, *challenge;
	unsigned code;
	const char *want, *want_hint;
	int want_exit_code;
} token_refusals[] = {
	{ "a reason", "XOAUTH2",
		"{\"status\":\"400\",\"scope\":\"https:\\/\\/m/\"}", 535,
		"the server refused the access token of me@example.org (400, "
		"scope https://m/): 535 5.7.8 no",
		"access token may be old", EX_NOPERM },
	/* The server could not ask about it, and passwords are no matter. */
	{ "no reason", "OAUTHBEARER", NULL, 535,
		"the server refused the login of me@example.org with "
		"OAUTHBEARER, and says nothing against the token: 535 5.7.8 no",
		"it may not reach who gave the token", EX_TEMPFAIL },
	{ "no time", "XOAUTH2", NULL, 454,
		"the server refused the login of me@example.org with XOAUTH2, "
		"and says nothing against the token: 454 4.7.8 no",
		"it may not reach who gave the token", EX_TEMPFAIL },
	{ "another code", "XOAUTH2", NULL, 538,
		"the server refused the login of me@example.org with XOAUTH2: "
		"538 5.7.8 no",
		"access token may be old", EX_NOPERM },
	{ "a password", "LOGIN", NULL, 535,
		"the server refused the login of me@example.org with LOGIN: "
		"535 5.7.8 no",
		"check user name and password", EX_NOPERM },
};

static void test_token_refusal(size_t i)
{
	const char *mechanism = token_refusals[i].mechanism;
	struct sasl_params params = secure_params();
	struct buf out = BUF_INIT(1000), text = BUF_INIT(2000);
	struct diag why = { 0 };
	struct sasl *sasl;

	params.mechanism = mechanism;
	sasl = sasl_new(mechanism, &params, &why);
	sasl_step(sasl, SPAN(""), &out, &why);
	if (token_refusals[i].challenge)
		sasl_step(
			sasl, span_of(token_refusals[i].challenge), &out, &why);
	diag_set(&why, DIAG_SMTP_AUTH_REFUSED, "me@example.org", mechanism);
	diag_add_reply(&why, token_refusals[i].code,
		token_refusals[i].code < 500 ? SPAN("4.7.8") : SPAN("5.7.8"),
		SPAN("no"));
	sasl_explain_refusal(sasl, &why);
	diag_sentence(&why, false, &text);
	tap_is_text(buf_text(&text), token_refusals[i].want,
		token_refusals[i].name);
	tap_is_number(why.exit_code, token_refusals[i].want_exit_code,
		"the exit code");
	tap_is_text(why.status,
		token_refusals[i].code < 500 ? "4.7.8" : "5.7.8", "the status");
	buf_clear(&text);
	tap_ok(diag_hint(&why, &text) &&
			strstr(buf_text(&text), token_refusals[i].want_hint),
		"the hint: %s", buf_text(&text));
	sasl_free(sasl);
	buf_wipe_free(&out);
	buf_free(&text);
}

static const struct {
	const char *name;
	struct span token;
} bad_tokens[] = {
	{ "no token", SPAN("") },
	{ "a blank in the token", SPAN("ya29 x") },
	{ "a separator in the token", SPAN("ya29\001x") },
	{ "a newline in the token", SPAN("ya29\n") },
	{ "a DEL in the token", SPAN("ya29\177") },
	{ "an umlaut in the token", SPAN("ya\303\244") },
};

static void test_bad_token(size_t i)
{
	struct sasl_params params = secure_params();
	struct secret token = { NULL, 0 };
	struct diag why = { 0 };

	if (bad_tokens[i].token.length)
		secret_set(&token, bad_tokens[i].token.at,
			bad_tokens[i].token.length);
	params.mechanism = "XOAUTH2";
	params.password = &token;
	tap_ok(!sasl_new("XOAUTH2", &params, &why), "%s", bad_tokens[i].name);
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is refused");
	secret_wipe(&token);
}

static void test_cram_md5(void)
{
	static const struct {
		const char *name, *challenge, *want;
		bool (*hmac)(struct span, struct span, unsigned char *);
	} rows[] = {
		{ "an empty challenge", "", "the challenge is empty",
			fake_hmac },
		{ "no MD5", "<1@a.example>", "has no MD5", no_hmac },
		{ "no MD5 at all", "<1@a.example>", "has no MD5", NULL },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sasl_params params = secure_params();
		struct buf out = BUF_INIT(100), text = BUF_INIT(1000);
		struct diag why = { 0 };
		struct sasl *sasl;

		params.mechanism = "CRAM-MD5";
		params.hmac_md5 = rows[i].hmac;
		sasl = sasl_new("CRAM-MD5", &params, &why);
		tap_ok(!sasl_step(sasl, span_of(rows[i].challenge), &out, &why),
			"CRAM-MD5: %s", rows[i].name);
		diag_sentence(&why, false, &text);
		tap_ok(strstr(buf_text(&text), rows[i].want), "says: %s",
			buf_text(&text));
		sasl_free(sasl);
		buf_free(&out);
		buf_free(&text);
	}
}

/* ---- SCRAM --------------------------------------------------------------- */

#ifdef HAVE_LIBGSASL

struct server {
	const char *password, *iterations, *binding;
	Gsasl_property binding_property;
	Gsasl *library;
	Gsasl_session *session;
};

static int answer_property(
	Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	const struct server *server = gsasl_callback_hook_get(library);
	struct buf text = BUF_INIT(500);

	if (property == GSASL_PASSWORD) {
		gsasl_property_set(session, property, server->password);
		return GSASL_OK;
	}
	if (property == GSASL_SCRAM_ITER && server->iterations) {
		gsasl_property_set(session, property, server->iterations);
		return GSASL_OK;
	}
	if (property != server->binding_property || !server->binding)
		return GSASL_NO_CALLBACK;
	base64_encode(span_of(server->binding), &text);
	gsasl_property_set(session, property, buf_text(&text));
	buf_free(&text);
	return GSASL_OK;
}

static void server_start(struct server *server, const char *mechanism)
{
	if (gsasl_init(&server->library) != GSASL_OK)
		exit(99);
	gsasl_callback_hook_set(server->library, server);
	gsasl_callback_set(server->library, answer_property);
	if (gsasl_server_start(server->library, mechanism, &server->session) !=
		GSASL_OK)
		exit(99);
}

static int server_step(
	struct server *server, const struct buf *from, struct buf *challenge)
{
	char *out = NULL;
	size_t length = 0;
	int result = gsasl_step(
		server->session, buf_text(from), from->length, &out, &length);

	buf_clear(challenge);
	if (length)
		buf_put(challenge, out, length);
	gsasl_free(out);
	return result;
}

static unsigned derivations;

/* A PBKDF2 that is not libgsasl's client's. */
static bool derive(struct span word, struct span salt, unsigned long iterations,
	unsigned char *out, size_t out_size)
{
	Gsasl_hash hash = out_size == 20 ? GSASL_HASH_SHA1 : GSASL_HASH_SHA256;
	char key[32], client[32], server[32], stored[32];

	derivations++;
	if (gsasl_scram_secrets_from_password(hash, word.at,
		    (unsigned)iterations, salt.at, salt.length, key, client,
		    server, stored) != GSASL_OK)
		return false;
	memcpy(out, key, out_size);
	return true;
}

static bool cannot_derive(struct span word, struct span salt,
	unsigned long iterations, unsigned char *out, size_t out_size)
{
	(void)word, (void)salt, (void)iterations;
	memset(out, 'x', out_size);
	derivations++;
	return false;
}

static bool derive_wrongly(struct span word, struct span salt,
	unsigned long iterations, unsigned char *out, size_t out_size)
{
	cannot_derive(word, salt, iterations, out, out_size);
	return true;
}

/* What happens to the server's messages on the way. */
enum meddling {
	MEDDLE_NOT,
	MEDDLE_SIGNATURE,  /* another server signature */
	MEDDLE_SILENCE,    /* "235" without server-final */
	MEDDLE_EMPTY,      /* an empty server-final */
	MEDDLE_REFUSE,     /* e=invalid-proof */
	MEDDLE_ERROR,      /* e=other */
	MEDDLE_BINDING,    /* e=channel-binding-not-supported */
	MEDDLE_NONCE,      /* another nonce */
	MEDDLE_NO_COUNT,   /* no iteration count */
	MEDDLE_BAD_COUNT,  /* "i=40a6" */
	MEDDLE_LOW_COUNT,  /* "i=4095" */
	MEDDLE_HIGH_COUNT, /* "i=1000001" */
	MEDDLE_EXTENSION,  /* m= */
	MEDDLE_GARBAGE,    /* no SCRAM at all */
	MEDDLE_HUGE        /* a challenge of 100 KB */
};

static const struct {
	const char *name, *mechanism, *server_password, *iterations;
	const char *client_type, *client_binding;
	Gsasl_property server_property;
	const char *server_binding;
	enum meddling meddling;
	enum diag_id want;
	const char *want_text;
	bool is_refused_by_server, blames_binding;
} scrams[] = {
	{ .name = "SCRAM-SHA-256", .mechanism = "SCRAM-SHA-256" },
	{ .name = "SCRAM-SHA-1", .mechanism = "SCRAM-SHA-1" },
	{ .name = "10,000 iterations",
		.mechanism = "SCRAM-SHA-256",
		.iterations = "10000" },
	{ .name = "binding data is kept from a mechanism without -PLUS",
		.mechanism = "SCRAM-SHA-256",
		.client_type = "tls-exporter",
		.client_binding = "0123456789abcdef0123456789abcdef" },
	{ .name = "tls-exporter",
		.mechanism = "SCRAM-SHA-256-PLUS",
		.client_type = "tls-exporter",
		.client_binding = "0123456789abcdef0123456789abcdef",
		.server_property = GSASL_CB_TLS_EXPORTER,
		.server_binding = "0123456789abcdef0123456789abcdef" },
	{ .name = "tls-unique",
		.mechanism = "SCRAM-SHA-1-PLUS",
		.client_type = "tls-unique",
		.client_binding = "0123456789ab",
		.server_property = GSASL_CB_TLS_UNIQUE,
		.server_binding = "0123456789ab" },
	{ .name = "somebody in the middle",
		.mechanism = "SCRAM-SHA-256-PLUS",
		.client_type = "tls-exporter",
		.client_binding = "0123456789abcdef0123456789abcdef",
		.server_property = GSASL_CB_TLS_EXPORTER,
		.server_binding = "0123456789abcdef0123456789abcdeX",
		.is_refused_by_server = true },
	{ .name = "a wrong password",
		.mechanism = "SCRAM-SHA-256",
		.server_password = "other",
		.is_refused_by_server = true },
	{ .name = "a forged signature",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_SIGNATURE,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "the server does not know the password itself" },
	{ .name = "no signature",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_SILENCE,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "did not prove that it knows the password" },
	{ .name = "no signature, with -PLUS",
		.mechanism = "SCRAM-SHA-256-PLUS",
		.client_type = "tls-exporter",
		.client_binding = "0123456789abcdef0123456789abcdef",
		.server_property = GSASL_CB_TLS_EXPORTER,
		.server_binding = "0123456789abcdef0123456789abcdef",
		.meddling = MEDDLE_SILENCE,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "did not prove that it knows the password" },
	{ .name = "an empty final message",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_EMPTY,
		.want = DIAG_SMTP_AUTH_PROTOCOL },
	{ .name = "a refusal within SCRAM",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_REFUSE,
		.want = DIAG_SMTP_AUTH_REFUSED,
		.want_text = "refused the login of me@example.org" },
	{ .name = "another error within SCRAM",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_ERROR,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "the server says other-error" },
	{ .name = "a server that cannot do the binding",
		.mechanism = "SCRAM-SHA-256-PLUS",
		.client_type = "tls-exporter",
		.client_binding = "0123456789abcdef0123456789abcdef",
		.server_property = GSASL_CB_TLS_EXPORTER,
		.server_binding = "0123456789abcdef0123456789abcdef",
		.meddling = MEDDLE_BINDING,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "the server says channel-binding-not-supported",
		.blames_binding = true },
	{ .name = "the same word where there was no binding",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_BINDING,
		.want = DIAG_SMTP_AUTH_PROTOCOL },
	{ .name = "another nonce",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_NONCE,
		.want = DIAG_SMTP_AUTH_PROTOCOL },
	{ .name = "no iteration count",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_NO_COUNT,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "has no iteration count" },
	{ .name = "a count that is no number",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_BAD_COUNT,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "is no number, or too high" },
	{ .name = "too few iterations",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_LOW_COUNT,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "too low to be safe" },
	{ .name = "too many iterations",
		.mechanism = "SCRAM-SHA-1",
		.meddling = MEDDLE_HIGH_COUNT,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "is no number, or too high" },
	{ .name = "a mandatory extension",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_EXTENSION,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "an extension that is not known" },
	{ .name = "garbage",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_GARBAGE,
		.want = DIAG_SMTP_AUTH_PROTOCOL },
	{ .name = "a huge challenge",
		.mechanism = "SCRAM-SHA-256",
		.meddling = MEDDLE_HUGE,
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "the challenge is too long" },
};

/* Replaces the part that begins with NAME= up to the next comma. */
static void replace(struct buf *message, char name, const char *by)
{
	struct span rest = buf_span(message);
	struct buf copy = BUF_INIT(10000);

	while (rest.length) {
		struct span part = span_cut(&rest, ',');

		if (copy.length)
			buf_puts(&copy, ",");
		if (part.length && part.at[0] == name)
			buf_puts(&copy, by);
		else
			buf_put_span(&copy, part);
	}
	buf_clear(message);
	buf_put_span(message, buf_span(&copy));
	buf_free(&copy);
}

static void meddle_first(enum meddling meddling, struct buf *message)
{
	if (meddling == MEDDLE_NONCE)
		replace(message, 'r', "r=somethingelse");
	if (meddling == MEDDLE_NO_COUNT)
		replace(message, 'i', "x=4096");
	if (meddling == MEDDLE_BAD_COUNT)
		replace(message, 'i', "i=40a6");
	if (meddling == MEDDLE_LOW_COUNT)
		replace(message, 'i', "i=4095");
	if (meddling == MEDDLE_HIGH_COUNT)
		replace(message, 'i', "i=1000001");
	if (meddling == MEDDLE_EXTENSION)
		buf_puts(message, ",m=new");
	if (meddling == MEDDLE_GARBAGE || meddling == MEDDLE_HUGE)
		buf_clear(message);
	if (meddling == MEDDLE_GARBAGE)
		buf_puts(message, "i=4096,\001\377");
	while (meddling == MEDDLE_HUGE && message->length < 100000)
		buf_puts(message, "i=4096,");
}

static void meddle_final(enum meddling meddling, struct buf *message)
{
	if (meddling == MEDDLE_SIGNATURE)
		message->data[3] = message->data[3] == 'A' ? 'B' : 'A';
	if (meddling == MEDDLE_EMPTY || meddling == MEDDLE_REFUSE ||
		meddling == MEDDLE_ERROR || meddling == MEDDLE_BINDING)
		buf_clear(message);
	if (meddling == MEDDLE_REFUSE)
		buf_puts(message, "e=invalid-proof");
	if (meddling == MEDDLE_ERROR)
		buf_puts(message, "e=other-error");
	if (meddling == MEDDLE_BINDING)
		buf_puts(message, "e=channel-binding-not-supported");
}

/* One exchange; true when the client would believe a 235. */
static bool converse(struct sasl *sasl, struct server *server, size_t i,
	bool *is_refused_by_server, struct diag *why)
{
	struct buf out = BUF_INIT(10000), challenge = BUF_INIT(200000);
	bool ok;
	int result;

	ok = sasl_step(sasl, SPAN(""), &out, why);
	if (ok) {
		server_step(server, &out, &challenge);
		meddle_first(scrams[i].meddling, &challenge);
		buf_clear(&out);
		ok = sasl_step(sasl, buf_span(&challenge), &out, why);
	}
	if (ok) {
		result = server_step(server, &out, &challenge);
		*is_refused_by_server = result != GSASL_OK;
		meddle_final(scrams[i].meddling, &challenge);
		buf_clear(&out);
		if (scrams[i].meddling != MEDDLE_SILENCE &&
			!*is_refused_by_server)
			ok = sasl_step(sasl, buf_span(&challenge), &out, why);
		if (ok && !*is_refused_by_server)
			ok = sasl_finish(sasl, why);
	}
	if (ok && !*is_refused_by_server) {
		struct diag more = { 0 };

		tap_is_number(
			(int64_t)out.length, 0, "the last answer is empty");
		tap_ok(!sasl_step(sasl, SPAN(""), &out, &more),
			"and nothing may follow");
	}
	buf_wipe_free(&out);
	buf_free(&challenge);
	return ok;
}

static void test_scram(size_t i)
{
	struct sasl_params params = secure_params();
	struct server server = { .password = scrams[i].server_password,
		.iterations = scrams[i].iterations,
		.binding = scrams[i].server_binding,
		.binding_property = scrams[i].server_property };
	struct buf text = BUF_INIT(2000);
	struct diag why = { 0 };
	bool is_refused = false;
	struct sasl *sasl;

	if (!server.password)
		server.password = password.bytes;
	server_start(&server, scrams[i].mechanism);
	params.binding_type = scrams[i].client_type;
	if (scrams[i].client_binding)
		params.binding = span_of(scrams[i].client_binding);
	sasl = sasl_new(scrams[i].mechanism, &params, &why);
	if (tap_ok(sasl && sasl_has_initial(sasl), "%s: begins",
		    scrams[i].name))
		tap_is_number(converse(sasl, &server, i, &is_refused, &why),
			scrams[i].want == DIAG_NONE, scrams[i].name);
	tap_is_number(is_refused, scrams[i].is_refused_by_server,
		"what the server thinks");
	tap_is_diag(&why, scrams[i].want, "the diag");
	if (sasl)
		tap_is_number(sasl_blames_binding(sasl),
			scrams[i].blames_binding, "what is to blame");
	diag_sentence(&why, false, &text);
	if (scrams[i].want_text &&
		!tap_ok(strstr(buf_text(&text), scrams[i].want_text),
			"it says '%s'", scrams[i].want_text))
		tap_note("%s", buf_text(&text));
	sasl_free(sasl);
	gsasl_finish(server.session);
	gsasl_done(server.library);
	buf_free(&text);
}

static const struct {
	const char *name, *mechanism, *password, *server_password;
	bool (*derive)(struct span word, struct span salt,
		unsigned long iterations, unsigned char *out, size_t out_size);
	bool is_accepted;
} derived[] = {
	{ "SHA-1", "SCRAM-SHA-1", "pencil", "pencil", derive, true },
	{ "SHA-256", "SCRAM-SHA-256", "pencil", "pencil", derive, true },
	{ "a wrong password", "SCRAM-SHA-256", "pen", "pencil", derive, false },
	{ "a password to prepare", "SCRAM-SHA-256", "pen\302\255cil", "pencil",
		derive, true },
	{ "a password with umlauts", "SCRAM-SHA-256", "p\303\244n",
		"p\303\244n", derive, true },
	{ "a derivation that cannot", "SCRAM-SHA-256", "pencil", "pencil",
		cannot_derive, true },
	{ "a derivation that is used", "SCRAM-SHA-256", "pencil", "pencil",
		derive_wrongly, false },
};

static void test_derived(size_t i)
{
	struct server server = { .password = derived[i].server_password };
	struct sasl_params params = secure_params();
	struct secret word = { NULL, 0 };
	struct diag why = { 0 };
	bool is_refused = false;
	struct sasl *sasl;

	derivations = 0;
	secret_set(&word, derived[i].password, strlen(derived[i].password));
	params.password = &word;
	params.derive = derived[i].derive;
	server_start(&server, derived[i].mechanism);
	sasl = sasl_new(derived[i].mechanism, &params, &why);
	tap_ok(sasl && converse(sasl, &server, 0, &is_refused, &why) &&
			is_refused != derived[i].is_accepted,
		"derived elsewhere: %s", derived[i].name);
	tap_is_number(derivations, 1, "derived once");
	sasl_free(sasl);
	secret_wipe(&word);
	gsasl_finish(server.session);
	gsasl_done(server.library);
}

/* A -PLUS that is refused at its first message has shown no proof. */
static void test_refused_at_once(void)
{
	static const char *const names[] = { "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1",
		"PLAIN" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct sasl_params params = secure_params();
		struct buf out = BUF_INIT(1000);
		struct diag why = { 0 };
		struct sasl *sasl;

		params.binding_type = "tls-unique";
		params.binding = SPAN("0123456789ab");
		sasl = sasl_new(names[i], &params, &why);
		sasl_step(sasl, SPAN(""), &out, &why);
		tap_is_number(sasl_blames_binding(sasl), i == 0,
			"refused at once: what is to blame");
		sasl_free(sasl);
		buf_wipe_free(&out);
	}
}

/* RFC 4013: neither can be a password for SCRAM. */
static void test_unprepared(void)
{
	static const struct {
		const char *user, *word, *mechanism, *want;
	} rows[] = {
		{ "me", "fa\303\247on", NULL, "SCRAM-SHA-256" },
		{ "me", "fa\347on", NULL, "PLAIN" },
		{ "me", "a\tb", NULL, "PLAIN" },
		{ "m\001", "ab", NULL, "PLAIN" },
		{ "me", "a\tb", "SCRAM-SHA-1", "SCRAM-SHA-1" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sasl_params params = secure_params();
		struct secret word = { NULL, 0 };

		secret_set(&word, rows[i].word, strlen(rows[i].word));
		params.user = rows[i].user;
		params.password = &word;
		params.mechanism = rows[i].mechanism;
		tap_is_text(sasl_choose(&params, SPAN(ALL), NULL), rows[i].want,
			"a password that cannot be prepared");
		secret_wipe(&word);
	}
}

/* ---- DIGEST-MD5 ---------------------------------------------------------- */

static const struct {
	const char *name, *server_password;
	const char *first, *last; /* instead of the server's; NULL: its own */
	bool is_refused_by_server;
	enum diag_id want;
	const char *want_text;
} digests[] = {
	{ .name = "DIGEST-MD5" },
	{ .name = "a wrong password",
		.server_password = "other",
		.is_refused_by_server = true },
	{ .name = "a server that does not know the password",
		.last = "rspauth=00000000000000000000000000000000",
		.want = DIAG_SMTP_AUTH_PROTOCOL },
	{ .name = "a server that proves nothing",
		.last = "",
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "the challenge is empty" },
	{ .name = "an empty challenge",
		.first = "",
		.want = DIAG_SMTP_AUTH_PROTOCOL,
		.want_text = "the challenge is empty" },
	{ .name = "a challenge without a nonce",
		.first = "realm=\"x\",algorithm=md5-sess",
		.want = DIAG_SMTP_AUTH_PROTOCOL },
	{ .name = "another algorithm",
		.first = "nonce=\"x\",algorithm=md4-sess",
		.want = DIAG_SMTP_AUTH_PROTOCOL },
	{ .name = "a challenge that is none",
		.first = "\001\377=\"",
		.want = DIAG_SMTP_AUTH_PROTOCOL },
};

static bool converse_digest(
	struct sasl *sasl, struct server *server, size_t i, struct diag *why)
{
	struct buf out = BUF_INIT(10000), challenge = BUF_INIT(10000);
	bool ok, is_refused;

	server_step(server, &out, &challenge);
	ok = sasl_step(sasl,
		digests[i].first ? span_of(digests[i].first)
				 : buf_span(&challenge),
		&out, why);
	if (ok) {
		is_refused = server_step(server, &out, &challenge) != GSASL_OK;
		tap_is_number(is_refused, digests[i].is_refused_by_server,
			"what the server thinks");
		buf_clear(&out);
		ok = is_refused ||
		     (sasl_step(sasl,
			      digests[i].last ? span_of(digests[i].last)
					      : buf_span(&challenge),
			      &out, why) &&
			     !out.length && sasl_finish(sasl, why));
	}
	buf_wipe_free(&out);
	buf_free(&challenge);
	return ok;
}

static void test_digest(size_t i)
{
	struct sasl_params params = secure_params();
	struct server server = { .password = digests[i].server_password };
	struct buf text = BUF_INIT(2000);
	struct diag why = { 0 };
	struct sasl *sasl;

	if (!server.password)
		server.password = password.bytes;
	server_start(&server, "DIGEST-MD5");
	gsasl_property_set(server.session, GSASL_REALM, "example.org");
	gsasl_property_set(server.session, GSASL_SERVICE, "smtp");
	gsasl_property_set(server.session, GSASL_HOSTNAME, "mail.example.org");
	params.mechanism = "DIGEST-MD5";
	sasl = sasl_new("DIGEST-MD5", &params, &why);
	tap_is_number(sasl && !sasl_has_initial(sasl) &&
			      converse_digest(sasl, &server, i, &why),
		digests[i].want == DIAG_NONE, digests[i].name);
	tap_is_diag(&why, digests[i].want, "the diag");
	diag_sentence(&why, false, &text);
	if (digests[i].want_text &&
		!tap_ok(strstr(buf_text(&text), digests[i].want_text),
			"it says '%s'", digests[i].want_text))
		tap_note("%s", buf_text(&text));
	sasl_free(sasl);
	gsasl_finish(server.session);
	gsasl_done(server.library);
	buf_free(&text);
}

/* ---- NTLM ---------------------------------------------------------------- */

#define NTLM_TYPE_2 "NTLMSSP\0\2\0\0\0"
#define NTLM_REST   "\5\2\0\0\1\2\3\4\5\6\7\10"

static const struct {
	const char *name;
	struct span challenge;
	bool is_answered;
} ntlms[] = {
	{ "a challenge without a domain",
		SPAN(NTLM_TYPE_2 "\0\0\0\0\0\0\0\0" NTLM_REST), true },
	{ "one with a domain",
		SPAN(NTLM_TYPE_2 "\4\0\4\0\60\0\0\0" NTLM_REST
				 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0A\0B\0"),
		true },
	{ "a domain behind the end",
		SPAN(NTLM_TYPE_2 "\4\0\4\0\61\0\0\0" NTLM_REST
				 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0A\0B\0"),
		false },
	{ "a domain far behind the end",
		SPAN(NTLM_TYPE_2 "\1\0\1\0\377\377\377\377" NTLM_REST), false },
	{ "a domain in the header",
		SPAN(NTLM_TYPE_2 "\1\0\1\0\0\0\0\0" NTLM_REST), false },
	{ "a short challenge",
		SPAN(NTLM_TYPE_2 "\0\0\0\0\0\0\0\0\5\2\0\0\1\2\3\4\5\6\7"),
		false },
	{ "an empty challenge", SPAN(""), false },
	{ "another type", SPAN("NTLMSSP\0\3\0\0\0\0\0\0\0\0\0\0\0" NTLM_REST),
		false },
	{ "no NTLM", SPAN("NTLMSSX\0\2\0\0\0\0\0\0\0\0\0\0\0" NTLM_REST),
		false },
};

static void test_ntlm(size_t i)
{
	struct sasl_params params = secure_params();
	struct buf out = BUF_INIT(10000);
	struct diag why = { 0 };
	struct sasl *sasl;
	bool is_answered;

	params.mechanism = "NTLM";
	params.domain = "EXAMPLE";
	sasl = sasl_new("NTLM", &params, &why);
	tap_ok(sasl && sasl_has_initial(sasl) &&
			sasl_step(sasl, SPAN(""), &out, &why) &&
			span_starts_with(
				buf_span(&out), SPAN("NTLMSSP\0\1\0\0\0")),
		"NTLM begins");
	buf_clear(&out);
	is_answered = sasl_step(sasl, ntlms[i].challenge, &out, &why);
	tap_is_number(is_answered, ntlms[i].is_answered, ntlms[i].name);
	tap_is_diag(&why, is_answered ? DIAG_NONE : DIAG_SMTP_AUTH_PROTOCOL,
		"the diag");
	if (is_answered)
		tap_ok(span_starts_with(buf_span(&out),
			       SPAN("NTLMSSP\0\3\0\0\0\30\0\30\0")),
			"the answer has 24 bytes of LM response");
	sasl_free(sasl);
	buf_wipe_free(&out);
}

static void test_ntlm_names(void)
{
	struct sasl_params params = secure_params();
	char name[152];
	struct diag why = { 0 };

	memset(name, 'a', sizeof name);
	name[151] = '\0';
	params.mechanism = "NTLM";
	params.user = name;
	tap_ok(!sasl_new("NTLM", &params, &why), "a user of 151 bytes");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is too long");
	params.user = "me";
	params.domain = name;
	why.id = DIAG_NONE;
	tap_ok(!sasl_new("NTLM", &params, &why), "a domain of 151 bytes");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is too long");
}

/* ---- GSSAPI -------------------------------------------------------------- */

/* With a ticket it is tested by tests/servers. */
static void test_no_ticket(void)
{
	struct sasl_params params = secure_params();
	struct buf out = BUF_INIT(10000), text = BUF_INIT(1000);
	struct diag why = { 0 };
	struct sasl *sasl;

	setenv("KRB5_CONFIG", "/dev/null", 1);
	setenv("KRB5CCNAME", "FILE:/nonexistent", 1);
	params.mechanism = "GSSAPI";
	params.user = NULL;
	sasl = sasl_new("GSSAPI", &params, &why);
	tap_ok(sasl && !sasl_step(sasl, SPAN(""), &out, &why), "no ticket");
	tap_is_diag(&why, DIAG_SMTP_NO_TICKET, "the diag");
	tap_is_number(why.exit_code, 77, "the exit code");
	diag_sentence(&why, false, &text);
	tap_is_text(buf_text(&text),
		"there is no valid Kerberos ticket for the mail service of "
		"mail.example.org",
		"the sentence");
	sasl_free(sasl);
	sasl = sasl_new("GSSAPI", &params, &why);
	why.id = DIAG_NONE;
	tap_ok(!sasl_step(sasl, SPAN("hello"), &out, &why),
		"a server that speaks first");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is refused");
	sasl_free(sasl);
	buf_wipe_free(&out);
	buf_free(&text);
}

static void test_scrams(void)
{
	struct sasl_params params = secure_params();
	struct diag why = { 0 };

	test_refused_at_once();
	test_unprepared();
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
		test_digest(i);
	for (size_t i = 0; i < sizeof ntlms / sizeof *ntlms; i++)
		test_ntlm(i);
	test_ntlm_names();
	test_no_ticket();
	for (size_t i = 0; i < sizeof scrams / sizeof *scrams; i++)
		test_scram(i);
	for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
		test_derived(i);
	tap_ok(!sasl_new("SCRAM-SHA-256-PLUS", &params, &why),
		"-PLUS without binding");
	tap_is_diag(&why, DIAG_SMTP_AUTH_PROTOCOL, "is refused");
	params.binding_type = "tls-server-end-point";
	tap_ok(!sasl_new("SCRAM-SHA-256-PLUS", &params, &why),
		"-PLUS with a binding that is not known");
	tap_ok(sasl_library_version(true)[0] != '\0',
		"the library has a version");
}

#else

static void test_scrams(void)
{
	tap_skip("SCRAM", "built without libgsasl");
	tap_ok(!sasl_knows("SCRAM-SHA-256"), "SCRAM is not known");
	tap_is_text(sasl_library_version(true), "", "no version");
}

#endif

int main(void)
{
	secret_set(&password, "s3cret,=", 8);
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
		test_choice(&choices[i]);
	for (size_t i = 0; i < sizeof scram_choices / sizeof *scram_choices;
		i++)
		if (sasl_knows("SCRAM-SHA-256"))
			test_choice(&scram_choices[i]);
		else
			tap_skip(scram_choices[i].name,
				"built without libgsasl");
	for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
		test_manner(i);
	for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++)
		test_exchange(i);
	test_refusals();
	for (size_t i = 0; i < sizeof token_refusals / sizeof *token_refusals;
		i++)
		test_token_refusal(i);
	for (size_t i = 0; i < sizeof bad_tokens / sizeof *bad_tokens; i++)
		test_bad_token(i);
	test_cram_md5();
	test_scrams();
	secret_wipe(&password);
	return tap_done();
}
