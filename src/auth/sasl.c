/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows libgsasl.  Knows nothing of SMTP or TLS. */
#include <config.h>

#include "auth/sasl.h"

#include "auth/oauth.h"
#include "base/base64.h"
#include "base/mask.h"
#include "base/mem.h"
#include "base/text.h"

#include <sysexits.h>

#ifdef HAVE_LIBGSASL
#include <gsasl.h>
#include <stdint.h>

#define LIBRARY              gsasl
#define LIBRARY_SYMBOL(name) gsasl_##name
#define LIBRARY_NAME         LIBGSASL_SONAME
#define LIBRARY_TABLE        "auth/gsasl.def"
#include "base/library_calls.h"
#endif

/* What a server may say in one challenge; RFC 5802 needs far less. */
enum { SASL_CHALLENGE_LIMIT = 16 * 1024, SASL_BINDING_LIMIT = 512 };
/* SHA-256 */
enum { SASL_HASH_MAX = 32 };
/* MS-NLMP 2.2.1.2: the fixed part of a CHALLENGE_MESSAGE, and what libgsasl
 * reads of one at most; and of a name, what libntlm puts into its answer. */
enum { NTLM_HEADER = 32, NTLM_BYTES = 1072, NTLM_NAME_MAX = 150 };
/* Of a refused token's reason, what is shown; and HMAC-MD5. */
enum { SASL_REASON_LIMIT = 300, SASL_MD5_BYTES = 16 };

enum mechanism_trait {
	/* The password itself goes to the server. */
	SASL_IS_PLAIN = 1,
	/* The client speaks first. */
	SASL_IS_FIRST = 2,
	/* It proves that both ends see the same TLS connection. */
	SASL_IS_PLUS = 4,
	/* Never chosen unless named. */
	SASL_IS_ON_REQUEST = 8,
	/* The server must prove that it knows the password. */
	SASL_IS_MUTUAL = 16,
	/* The secret is an access token. */
	SASL_IS_TOKEN = 32,
	/* User and password are prepared (RFC 4013), which not all survive. */
	SASL_IS_PREPARED = 64,
	/* As struct sasl_manner has them. */
	SASL_IS_ONE_TRIP = 128,
	SASL_IS_TWO_STEPS = 256,
	SASL_IS_FOR_PEOPLE = 512
};

struct mechanism {
	const char *name;
	unsigned traits;
	bool (*begin)(struct sasl *sasl, struct diag *why); /* may be NULL */
	bool (*step)(struct sasl *sasl, struct span challenge, struct buf *out,
		struct diag *why);
	size_t hash_size; /* of SCRAM's hash, in bytes */
};

struct sasl {
	const struct mechanism *mechanism;
	const struct sasl_params *params;
	unsigned steps;          /* done */
	bool is_complete;        /* nothing is left to say or to check */
	bool has_failed;         /* by our own judgement */
	bool is_binding_refused; /* the server does not see our channel */
	struct buf reason; /* why the server will refuse the token, or empty */
#ifdef HAVE_LIBGSASL
	Gsasl *library;
	Gsasl_session *session;
#endif
};

/* REASON is a msgid, or a library's own word. */
static bool fail(const struct sasl *sasl, const char *reason, struct diag *why)
{
	struct buf words = BUF_INIT(SASL_REASON_LIMIT);

	buf_puts(&words, DIAG_WORDS);
	buf_puts(&words, reason);
	diag_set(why, DIAG_SMTP_AUTH_PROTOCOL, sasl->mechanism->name,
		buf_text(&words));
	buf_free(&words);
	return false;
}

static const char *user_of(const struct sasl *sasl)
{
	return sasl->params->user ? sasl->params->user : "";
}

static struct span password_of(const struct sasl *sasl)
{
	if (!sasl->params->password)
		return span_make("", 0);
	return secret_span(sasl->params->password);
}

static bool put(const struct sasl *sasl, bool was_put, struct diag *why)
{
	return was_put || fail(sasl, N_("the answer is too long"), why);
}

/* ---- our own mechanisms -------------------------------------------------- */

/* RFC 4616 2: no authorization identity, the user, the password. */
static bool step_plain(struct sasl *sasl, struct span challenge,
	struct buf *out, struct diag *why)
{
	if (challenge.length || sasl->steps)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	sasl->is_complete = true;
	return put(sasl,
		buf_put_byte(out, '\0') && buf_puts(out, user_of(sasl)) &&
			buf_put_byte(out, '\0') &&
			buf_put_span(out, password_of(sasl)),
		why);
}

/* draft-murchison-sasl-login: the prompts differ between servers ("Username:",
 * "User Name", nothing at all), so only their order counts. */
static bool step_login(struct sasl *sasl, struct span challenge,
	struct buf *out, struct diag *why)
{
	(void)challenge;
	if (sasl->steps > 1)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	sasl->is_complete = sasl->steps == 1;
	return put(sasl,
		sasl->steps ? buf_put_span(out, password_of(sasl))
			    : buf_puts(out, user_of(sasl)),
		why);
}

/* RFC 4422 appendix A: who we are is known already; the user, if there is one,
 * is whom we want to act as. */
static bool step_external(struct sasl *sasl, struct span challenge,
	struct buf *out, struct diag *why)
{
	if (challenge.length || sasl->steps)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	sasl->is_complete = true;
	return put(sasl, buf_puts(out, user_of(sasl)), why);
}

/* RFC 2195 2: the user, and the HMAC of the challenge in hexadecimal. */
static bool step_cram_md5(struct sasl *sasl, struct span challenge,
	struct buf *out, struct diag *why)
{
	unsigned char digest[SASL_MD5_BYTES];
	bool was_put;

	if (sasl->steps)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	if (!challenge.length)
		return fail(sasl, N_("the challenge is empty"), why);
	if (!sasl->params->hmac_md5 ||
		!sasl->params->hmac_md5(password_of(sasl), challenge, digest))
		return fail(sasl, N_("the TLS library has no MD5"), why);
	was_put = buf_printf(out, "%s ", user_of(sasl)) &&
		  text_put_hex(out, digest, sizeof digest);
	sasl->is_complete = true;
	return put(sasl, was_put, why);
}

/* ---- access tokens ------------------------------------------------------- */

static bool begin_token(struct sasl *sasl, struct diag *why)
{
	return oauth_is_token(password_of(sasl)) ||
	       fail(sasl,
		       N_("the access token is empty, or holds a space, a "
			  "control character or more than ASCII"),
		       why);
}

/* The second challenge is the reason of a refusal, which only comes when it has
 * been ANSWERed. */
static bool take_reason(struct sasl *sasl, struct span challenge,
	const char *answer, struct buf *out, struct diag *why)
{
	if (sasl->steps > 1)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	oauth_put_reason(challenge, &sasl->reason);
	return put(sasl, buf_puts(out, answer), why);
}

static bool step_token(struct sasl *sasl, struct span challenge,
	struct buf *out, struct diag *why)
{
	const struct oauth_params params = {
		.user = user_of(sasl),
		.token = password_of(sasl),
		.host = sasl->params->host,
		.port = sasl->params->port,
	};
	bool is_bearer = !strcmp(sasl->mechanism->name, "OAUTHBEARER");

	if (sasl->steps)
		return take_reason(
			sasl, challenge, is_bearer ? "\001" : "", out, why);
	if (challenge.length)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	sasl->is_complete = true;
	return put(sasl,
		is_bearer ? oauth_put_bearer(&params, out)
			  : oauth_put_xoauth2(&params, out),
		why);
}

/* ---- libgsasl ------------------------------------------------------------ */

#ifdef HAVE_LIBGSASL

static bool begin_library(struct sasl *sasl, struct diag *why)
{
	int result;

	if (!load(why))
		return false;
	result = gsasl.init(&sasl->library);
	if (result == GSASL_OK)
		result = gsasl.client_start(
			sasl->library, sasl->mechanism->name, &sasl->session);
	if (result != GSASL_OK)
		return fail(sasl, gsasl.strerror(result), why);
	gsasl.property_set(sasl->session, GSASL_AUTHID, user_of(sasl));
	return true;
}

/* libgsasl frees its copy of the password without wiping it. */
static void erase_property(Gsasl_session *session, Gsasl_property property)
{
	const char *text = gsasl.property_fast(session, property);

	if (text)
		secret_erase((void *)(uintptr_t)text, strlen(text));
}

static void end_library(struct sasl *sasl)
{
	if (sasl->session) {
		erase_property(sasl->session, GSASL_PASSWORD);
		erase_property(sasl->session, GSASL_SCRAM_SALTED_PASSWORD);
		gsasl.finish(sasl->session);
	}
	if (sasl->library)
		gsasl.done(sasl->library);
}

static void give_password(struct sasl *sasl)
{
	struct span password = password_of(sasl);

	gsasl.property_set_raw(
		sasl->session, GSASL_PASSWORD, password.at, password.length);
}

/* What libgsasl makes of CHALLENGE; a GSASL_… code, or -1 when it did not fit
 * OUT. */
static int ask_library(
	struct sasl *sasl, struct span challenge, struct buf *out)
{
	char *answer = NULL;
	size_t length = 0;
	int result = gsasl.step(sasl->session, challenge.at, challenge.length,
		&answer, &length);

	if (result != GSASL_OK && result != GSASL_NEEDS_MORE)
		return result;
	sasl->is_complete = result == GSASL_OK;
	if (length && !buf_put(out, answer, length))
		result = -1;
	if (answer)
		secret_erase(answer, length);
	gsasl.free(answer);
	return result;
}

static bool explain_result(
	const struct sasl *sasl, int result, struct diag *why)
{
	return result < 0 ? put(sasl, false, why)
			  : fail(sasl, gsasl.strerror(result), why);
}

static bool is_result_fine(int result)
{
	return result == GSASL_OK || result == GSASL_NEEDS_MORE;
}

static bool begin_digest_md5(struct sasl *sasl, struct diag *why)
{
	if (!begin_library(sasl, why))
		return false;
	gsasl.property_set(sasl->session, GSASL_SERVICE, "smtp");
	gsasl.property_set(sasl->session, GSASL_HOSTNAME, sasl->params->host);
	give_password(sasl);
	return true;
}

/* RFC 2831: a challenge, and one more that proves that the server knows the
 * password too. */
static bool step_digest_md5(struct sasl *sasl, struct span challenge,
	struct buf *out, struct diag *why)
{
	int result;

	if (sasl->is_complete || sasl->steps > 1)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	if (!challenge.length)
		return fail(sasl, N_("the challenge is empty"), why);
	result = ask_library(sasl, challenge, out);
	if (sasl->steps && result == GSASL_MECHANISM_PARSE_ERROR)
		return fail(sasl,
			N_("the server does not know the password itself"),
			why);
	return is_result_fine(result) || explain_result(sasl, result, why);
}

/* ---- GSSAPI (RFC 4752): the ticket is Kerberos' business ----------------- */

/* Nobody is named to act as: whom the ticket is for is who we are. */
static bool begin_gssapi(struct sasl *sasl, struct diag *why)
{
	if (!begin_library(sasl, why))
		return false;
	gsasl.property_set(sasl->session, GSASL_SERVICE, "smtp");
	gsasl.property_set(sasl->session, GSASL_HOSTNAME, sasl->params->host);
	return true;
}

/* The first step is between us and Kerberos alone. */
static bool step_gssapi(struct sasl *sasl, struct span challenge,
	struct buf *out, struct diag *why)
{
	int result;

	if (sasl->is_complete)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	if (!sasl->steps && challenge.length)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	result = ask_library(sasl, challenge, out);
	if (is_result_fine(result))
		return true;
	return !sasl->steps && result > 0
		       ? diag_set(why, DIAG_SMTP_NO_TICKET, sasl->params->host)
		       : explain_result(sasl, result, why);
}

/* ---- NTLM (MS-NLMP) ------------------------------------------------------ */

static bool begin_ntlm(struct sasl *sasl, struct diag *why)
{
	const char *domain = sasl->params->domain;

	if (strlen(user_of(sasl)) > NTLM_NAME_MAX ||
		(domain && strlen(domain) > NTLM_NAME_MAX))
		return fail(
			sasl, N_("the user or the domain is too long"), why);
	if (!begin_library(sasl, why))
		return false;
	gsasl.property_set(sasl->session, GSASL_REALM, domain ? domain : "");
	give_password(sasl);
	return true;
}

static unsigned little_endian(const char *at, size_t count)
{
	unsigned value = 0;

	while (count--)
		value = value << 8 | (unsigned char)at[count];
	return value;
}

/* The name of the server's domain, at offset 12: length, room, place. */
static bool is_ntlm_challenge(struct span challenge)
{
	const char *at = challenge.at;
	size_t length, place;

	if (challenge.length < NTLM_HEADER || challenge.length > NTLM_BYTES ||
		memcmp(at, "NTLMSSP\0\2\0\0\0", 12) != 0)
		return false;
	length = little_endian(at + 12, 2);
	place = little_endian(at + 16, 4);
	return !length || (place >= NTLM_HEADER && place <= challenge.length &&
				  length <= challenge.length - place);
}

/* libgsasl copies the challenge into a larger struct and reads what it has not
 * filled, to answer the server with it (before 2.2.4): so all is filled. */
static int answer_ntlm(
	struct sasl *sasl, struct span challenge, struct buf *out)
{
	char whole[NTLM_BYTES] = { 0 };

	memcpy(whole, challenge.at, challenge.length);
	return ask_library(sasl, span_make(whole, sizeof whole), out);
}

/* The first message says who we are, and answers nothing. */
static bool step_ntlm(struct sasl *sasl, struct span challenge, struct buf *out,
	struct diag *why)
{
	int result;

	if (sasl->steps > 1)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	if (sasl->steps && !is_ntlm_challenge(challenge))
		return fail(
			sasl, N_("the challenge cannot be understood"), why);
	result = sasl->steps ? answer_ntlm(sasl, challenge, out)
			     : ask_library(sasl, SPAN(""), out);
	return is_result_fine(result) || explain_result(sasl, result, why);
}

/* ---- SCRAM (RFC 5802, 7677) ---------------------------------------------- */

/* libgsasl wants base 64. */
static bool set_binding(struct sasl *sasl, struct diag *why)
{
	const char *type = sasl->params->binding_type;
	struct buf text = BUF_INIT(SASL_BINDING_LIMIT);
	Gsasl_property property = GSASL_CB_TLS_UNIQUE;
	bool is_known = type && !strcmp(type, "tls-unique");

#if GSASL_VERSION_NUMBER >= 0x020000
	if (type && !strcmp(type, "tls-exporter")) {
		property = GSASL_CB_TLS_EXPORTER;
		is_known = true;
	}
#endif
	if (is_known && base64_encode(sasl->params->binding, &text))
		gsasl.property_set(sasl->session, property, buf_text(&text));
	buf_wipe_free(&text);
	return is_known || fail(sasl, N_("there is no channel binding"), why);
}

/* Channel binding data goes to the -PLUS mechanisms only: libgsasl 2.2 fails
 * the others when it is given any. */
static bool begin_scram(struct sasl *sasl, struct diag *why)
{
	return begin_library(sasl, why) &&
	       (!(sasl->mechanism->traits & SASL_IS_PLUS) ||
		       set_binding(sasl, why));
}

static bool is_plain_ascii(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text == 0x7F)
			return false;
	return true;
}

/* Without the library it will be said that it is missing. */
static bool can_prepare_text(const char *text)
{
	char *prepared = NULL;
	bool is_fine;

	if (is_plain_ascii(text) || !load(NULL))
		return true;
	is_fine = gsasl.saslprep(text, 0, &prepared, NULL) == GSASL_OK;
	if (prepared)
		secret_erase(prepared, strlen(prepared));
	gsasl.free(prepared);
	return is_fine;
}

/* A password in Latin-1, or with a control character, is one for PLAIN. */
static bool can_prepare(const struct sasl_params *params)
{
	const struct secret *password = params->password;

	return (!params->user || can_prepare_text(params->user)) &&
	       (!password || !password->length ||
		       can_prepare_text(password->bytes));
}

/* The value of one attribute of a SCRAM message, RFC 5802 5.1; a NULL span
 * when it is absent. */
static struct span scram_attribute(struct span message, char name)
{
	while (message.length) {
		struct span part = span_cut(&message, ',');

		if (part.length >= 2 && part.at[0] == name && part.at[1] == '=')
			return span_skip(part, 2);
	}
	return span_make(NULL, 0);
}

/* The server-first message: a count that is too low would let whoever listens
 * try passwords, one that is too high would keep us busy for hours. */
static bool check_iterations(const struct sasl *sasl, struct span challenge,
	unsigned long *count, struct diag *why)
{
	struct span text = scram_attribute(challenge, 'i');

	if (scram_attribute(challenge, 'm').at)
		return fail(sasl,
			N_("the server wants an extension that is not known"),
			why);
	if (!text.at)
		return fail(
			sasl, N_("the challenge has no iteration count"), why);
	if (!span_number(text, SASL_ITERATIONS_MAX, count))
		return fail(sasl,
			N_("the iteration count is no number, or too high"),
			why);
	return *count >= SASL_ITERATIONS_MIN ||
	       fail(sasl, N_("the iteration count is too low to be safe"), why);
}

/* SaltedPassword of RFC 5802 3, which is nearly all the work there is, by the
 * caller's PBKDF2; false when that, or the password's preparation, fails. */
static bool derive_key(struct sasl *sasl, struct span challenge,
	unsigned long iterations, unsigned char *key)
{
	struct span salt64 = scram_attribute(challenge, 's');
	struct buf salt = BUF_INIT(SASL_CHALLENGE_LIMIT);
	char *prepared = NULL;
	bool ok = sasl->params->derive && password_of(sasl).length &&
		  base64_decode(salt64, &salt) &&
		  gsasl.saslprep(sasl->params->password->bytes, 0, &prepared,
			  NULL) == GSASL_OK;

	ok = ok && sasl->params->derive(span_of(prepared), buf_span(&salt),
			   iterations, key, sasl->mechanism->hash_size);
	if (prepared)
		secret_erase(prepared, strlen(prepared));
	gsasl.free(prepared);
	buf_free(&salt);
	return ok;
}

/* Gives libgsasl the derived key, in hexadecimal, or else the password. */
static void give_secret(
	struct sasl *sasl, struct span challenge, unsigned long iterations)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char key[SASL_HASH_MAX];
	char text[2 * SASL_HASH_MAX + 1];
	size_t size = sasl->mechanism->hash_size;

	if (derive_key(sasl, challenge, iterations, key)) {
		for (size_t i = 0; i < size; i++) {
			text[2 * i] = digits[key[i] >> 4];
			text[2 * i + 1] = digits[key[i] & 15];
		}
		text[2 * size] = '\0';
		gsasl.property_set(
			sasl->session, GSASL_SCRAM_SALTED_PASSWORD, text);
	} else {
		give_password(sasl);
	}
	secret_erase(key, sizeof key);
	secret_erase(text, sizeof text);
}

/* RFC 5802 7: values of "e=" in place of the server's signature. */
static bool is_refusal(struct span error)
{
	return span_equal(error, SPAN("invalid-proof")) ||
	       span_equal(error, SPAN("unknown-user")) ||
	       span_equal(error, SPAN("invalid-username-encoding"));
}

static bool is_binding_error(struct span error)
{
	return span_equal(error, SPAN("channel-bindings-dont-match")) ||
	       span_equal(error, SPAN("channel-binding-not-supported")) ||
	       span_equal(error, SPAN("unsupported-channel-binding-type"));
}

static bool explain_server_error(
	struct sasl *sasl, struct span error, struct diag *why)
{
	struct buf text = BUF_INIT(SASL_REASON_LIMIT);

	if (is_refusal(error))
		return diag_set(why, DIAG_SMTP_AUTH_REFUSED, user_of(sasl),
			sasl->mechanism->name);
	sasl->is_binding_refused = is_binding_error(error);
	buf_puts(&text, N_("the server says %s"));
	buf_puts(&text, DIAG_NEXT);
	text_put_printable(&text, error);
	fail(sasl, buf_text(&text), why);
	buf_free(&text);
	return false;
}

static bool explain_scram(
	struct sasl *sasl, int result, struct span challenge, struct diag *why)
{
	struct span error = scram_attribute(challenge, 'e');

	if (sasl->steps == 2 && error.at)
		return explain_server_error(sasl, error, why);
	if (sasl->steps == 2 && result == GSASL_AUTHENTICATION_ERROR)
		return fail(sasl,
			N_("the server does not know the password itself"),
			why);
	return explain_result(sasl, result, why);
}

static bool step_scram(struct sasl *sasl, struct span challenge,
	struct buf *out, struct diag *why)
{
	unsigned long iterations = 0;
	int result;

	if (sasl->is_complete || sasl->steps > 2)
		return fail(
			sasl, N_("the server asks for more than it may"), why);
	if (sasl->steps == 1 &&
		!check_iterations(sasl, challenge, &iterations, why))
		return false;
	if (sasl->steps == 1)
		give_secret(sasl, challenge, iterations);
	result = ask_library(sasl, challenge, out);
	return is_result_fine(result) ||
	       explain_scram(sasl, result, challenge, why);
}

#endif /* HAVE_LIBGSASL */

/* ---- the table ----------------------------------------------------------- */

/* In the order of preference. */
static const struct mechanism mechanisms[] = {
#ifdef HAVE_LIBGSASL
	{ "SCRAM-SHA-256-PLUS",
		SASL_IS_FIRST | SASL_IS_PLUS | SASL_IS_MUTUAL |
			SASL_IS_PREPARED,
		begin_scram, step_scram, 32 },
	{ "SCRAM-SHA-1-PLUS",
		SASL_IS_FIRST | SASL_IS_PLUS | SASL_IS_MUTUAL |
			SASL_IS_PREPARED,
		begin_scram, step_scram, 20 },
	{ "SCRAM-SHA-256", SASL_IS_FIRST | SASL_IS_MUTUAL | SASL_IS_PREPARED,
		begin_scram, step_scram, 32 },
	{ "SCRAM-SHA-1", SASL_IS_FIRST | SASL_IS_MUTUAL | SASL_IS_PREPARED,
		begin_scram, step_scram, 20 },
#endif
	{ "PLAIN", SASL_IS_FIRST | SASL_IS_PLAIN | SASL_IS_ONE_TRIP, NULL,
		step_plain, 0 },
	{ "LOGIN", SASL_IS_PLAIN | SASL_IS_FOR_PEOPLE, NULL, step_login, 0 },
	{ "EXTERNAL", SASL_IS_FIRST | SASL_IS_ON_REQUEST | SASL_IS_ONE_TRIP,
		NULL, step_external, 0 },
	{ "OAUTHBEARER",
		SASL_IS_FIRST | SASL_IS_PLAIN | SASL_IS_ON_REQUEST |
			SASL_IS_TOKEN | SASL_IS_FOR_PEOPLE,
		begin_token, step_token, 0 },
	{ "XOAUTH2",
		SASL_IS_FIRST | SASL_IS_PLAIN | SASL_IS_ON_REQUEST |
			SASL_IS_TOKEN | SASL_IS_FOR_PEOPLE,
		begin_token, step_token, 0 },
	{ "CRAM-MD5", SASL_IS_ON_REQUEST, NULL, step_cram_md5, 0 },
#ifdef HAVE_LIBGSASL
	{ "GSSAPI", SASL_IS_FIRST | SASL_IS_ON_REQUEST | SASL_IS_MUTUAL,
		begin_gssapi, step_gssapi, 0 },
	{ "DIGEST-MD5", SASL_IS_ON_REQUEST | SASL_IS_MUTUAL, begin_digest_md5,
		step_digest_md5, 0 },
	{ "NTLM", SASL_IS_FIRST | SASL_IS_ON_REQUEST | SASL_IS_TWO_STEPS,
		begin_ntlm, step_ntlm, 0 },
#endif
};

enum { MECHANISM_COUNT = sizeof mechanisms / sizeof *mechanisms };

static const struct mechanism *mechanism_find(const char *name)
{
	for (size_t i = 0; i < MECHANISM_COUNT; i++)
		if (span_equal_nocase(
			    span_of(name), span_of(mechanisms[i].name)))
			return &mechanisms[i];
	return NULL;
}

static bool is_offered(const struct mechanism *mechanism, struct span offered)
{
	struct span word;

	while ((word = span_cut_word(&offered)).length)
		if (span_equal_nocase(word, span_of(mechanism->name)))
			return true;
	return false;
}

/* A token goes through whatever takes tokens: which of the two the profile
 * names says more of its writer than of the server. */
static bool is_wanted(
	const struct mechanism *mechanism, const struct sasl_params *params)
{
	if (params->is_token)
		return mechanism->traits & SASL_IS_TOKEN;
	if (!params->mechanism)
		return !(mechanism->traits & SASL_IS_ON_REQUEST);
	return span_equal_nocase(
		span_of(params->mechanism), span_of(mechanism->name));
}

static bool is_allowed(
	const struct mechanism *mechanism, const struct sasl_params *params)
{
	if (!is_wanted(mechanism, params))
		return false;
	if ((mechanism->traits & SASL_IS_PLAIN) && !params->is_secure)
		return false;
	if ((mechanism->traits & SASL_IS_PLUS) && !params->binding_type)
		return false;
#ifdef HAVE_LIBGSASL
	if ((mechanism->traits & SASL_IS_PREPARED) && !params->mechanism &&
		!can_prepare(params))
		return false;
#endif
	return true;
}

const char *sasl_choose(const struct sasl_params *params, struct span offered,
	const char *after)
{
	const struct mechanism *last = after ? mechanism_find(after) : NULL;
	size_t i = last ? (size_t)(last - mechanisms) + 1 : 0;

	for (; i < MECHANISM_COUNT; i++)
		if (is_offered(&mechanisms[i], offered) &&
			is_allowed(&mechanisms[i], params))
			return mechanisms[i].name;
	return NULL;
}

const char *sasl_choose_by_name(
	const struct sasl_params *params, struct span offered, bool *is_token)
{
	struct sasl_params named = *params;

	for (size_t i = 0; i < MECHANISM_COUNT; i++) {
		named.mechanism = mechanisms[i].name;
		if (!is_offered(&mechanisms[i], offered) ||
			!is_allowed(&mechanisms[i], &named))
			continue;
		*is_token = mechanisms[i].traits & SASL_IS_TOKEN;
		return mechanisms[i].name;
	}
	return NULL;
}

const char *sasl_choose_other(const struct sasl_params *params,
	struct span offered, const char *refused)
{
	const struct mechanism *was = mechanism_find(refused);
	struct sasl_params any = *params;

	any.mechanism = NULL;
	if (!was || !(was->traits & SASL_IS_PLAIN))
		return NULL;
	for (size_t i = 0; i < MECHANISM_COUNT; i++)
		if (&mechanisms[i] != was &&
			(mechanisms[i].traits & SASL_IS_PLAIN) &&
			is_offered(&mechanisms[i], offered) &&
			is_allowed(&mechanisms[i], &any))
			return mechanisms[i].name;
	return NULL;
}

bool sasl_knows(const char *mechanism)
{
	return mechanism_find(mechanism) != NULL;
}

/* ---- one exchange -------------------------------------------------------- */

static bool begin(struct sasl *sasl, struct diag *why)
{
	struct span password = password_of(sasl);

	if (!is_allowed(sasl->mechanism, sasl->params))
		return fail(sasl,
			sasl->mechanism->traits & SASL_IS_PLUS
				? N_("there is no channel binding")
				: N_("it may not be used on this connection"),
			why);
	if (span_find(password, '\0') != password.length)
		return fail(sasl, N_("the password holds a NUL byte"), why);
	return !sasl->mechanism->begin || sasl->mechanism->begin(sasl, why);
}

struct sasl *sasl_new(const char *mechanism, const struct sasl_params *params,
	struct diag *why)
{
	const struct mechanism *found = mechanism_find(mechanism);
	struct sasl *sasl;

	if (!found) {
		diag_set(why, DIAG_SMTP_AUTH_PROTOCOL, mechanism,
			DIAG_WORDS N_("this build does not know it"));
		return NULL;
	}
	sasl = mem_zalloc(sizeof *sasl);
	sasl->mechanism = found;
	sasl->params = params;
	sasl->reason = BUF_INIT(SASL_REASON_LIMIT);
	if (begin(sasl, why))
		return sasl;
	sasl_free(sasl);
	return NULL;
}

struct sasl_manner sasl_manner(const struct sasl *sasl)
{
	unsigned traits = sasl->mechanism->traits;

	return (struct sasl_manner){ (traits & SASL_IS_ONE_TRIP) != 0,
		(traits & SASL_IS_TWO_STEPS) != 0,
		(traits & SASL_IS_FOR_PEOPLE) != 0 };
}

bool sasl_has_initial(const struct sasl *sasl)
{
	return sasl->mechanism->traits & SASL_IS_FIRST;
}

bool sasl_step(struct sasl *sasl, struct span challenge, struct buf *out,
	struct diag *why)
{
	sasl->has_failed =
		challenge.length > SASL_CHALLENGE_LIMIT
			? !fail(sasl, N_("the challenge is too long"), why)
			: !sasl->mechanism->step(sasl, challenge, out, why);
	if (sasl->has_failed) {
		sasl->is_complete = false;
		return false;
	}
	sasl->steps++;
	return true;
}

/* For the simple mechanisms the server's word is enough: whatever it has not
 * asked for it does not need. */
bool sasl_finish(struct sasl *sasl, struct diag *why)
{
	return !(sasl->mechanism->traits & SASL_IS_MUTUAL) ||
	       sasl->is_complete ||
	       fail(sasl,
		       N_("the server did not prove that it knows the "
			  "password"),
		       why);
}

bool sasl_blames_binding(const struct sasl *sasl)
{
	return (sasl->mechanism->traits & SASL_IS_PLUS) &&
	       (sasl->is_binding_refused ||
		       (!sasl->has_failed && sasl->steps <= 1));
}

/* Another diag, but the reply stays what it was. */
static void replace(struct diag *why, struct diag with)
{
	with.exit_code = why->exit_code;
	with.reply_code = why->reply_code;
	memcpy(with.status, why->status, sizeof with.status);
	memcpy(with.reply, why->reply, sizeof with.reply);
	*why = with;
}

static void set_token_refused(const struct sasl *sasl, struct diag *why)
{
	struct diag refused;
	struct buf reason = BUF_INIT(8 * SASL_REASON_LIMIT);
	struct mask mask = { .plain = { NULL, 0 } };

	mask_set_secret(&mask, secret_span(sasl->params->password));
	mask_put(&mask, buf_span(&sasl->reason), &reason);
	diag_set(&refused, DIAG_SMTP_TOKEN_REFUSED, user_of(sasl),
		buf_text(&reason));
	mask_wipe(&mask);
	buf_free(&reason);
	replace(why, refused);
}

/* Dovecot, for one, says 535 when its issuer is away (seen in November 2026).
 */
static void set_token_unchecked(const struct sasl *sasl, struct diag *why)
{
	struct diag unchecked;

	diag_set(&unchecked, DIAG_SMTP_TOKEN_UNCHECKED, user_of(sasl),
		sasl->mechanism->name);
	replace(why, unchecked);
	why->exit_code = EX_TEMPFAIL;
}

void sasl_explain_refusal(const struct sasl *sasl, struct diag *why)
{
	if (!(sasl->mechanism->traits & SASL_IS_TOKEN) ||
		why->id != DIAG_SMTP_AUTH_REFUSED)
		return;
	if (sasl->reason.length)
		set_token_refused(sasl, why);
	else if (why->reply_code == 535 || why->reply_code < 500)
		set_token_unchecked(sasl, why);
	else
		diag_add_hint(why,
			N_("the access token may be old, or made for something "
			   "else than SMTP"));
}

void sasl_free(struct sasl *sasl)
{
	if (!sasl)
		return;
	buf_free(&sasl->reason);
#ifdef HAVE_LIBGSASL
	end_library(sasl);
#endif
	mem_free(sasl);
}

const char *sasl_library_version(bool is_loaded)
{
#ifdef HAVE_LIBGSASL
	if (!is_loaded)
		return GSASL_VERSION;
	return load(NULL) ? gsasl.check_version(NULL) : NULL;
#else
	(void)is_loaded;
	return "";
#endif
}
