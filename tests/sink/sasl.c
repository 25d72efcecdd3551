/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's side of SASL: PLAIN and LOGIN in every build, SCRAM with
 * libgsasl. */
#include <config.h>

#include "base/base64.h"
#include "base/mem.h"
#include "net/tls.h"
#include "sink.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef HAVE_LIBGSASL
#include <gsasl.h>
#endif

enum { SINK_NAME_BYTES = 256 };

struct mechanism {
	const char *name;
	bool has_binding, is_on_request;
	enum sink_sasl_result (*step)(struct sink_sasl *sasl,
		const struct span *response, struct buf *out);
};

struct sink_sasl {
	const struct mechanism *mechanism;
	const struct sink_options *options;
	struct sink_conn *conn;
	unsigned steps;
	char user[SINK_NAME_BYTES];
#ifdef HAVE_LIBGSASL
	Gsasl *library;
	Gsasl_session *session;
	bool is_accepted; /* but for the client's last, empty response */
#endif
};

/* The password of USER, or NULL. */
static const char *password_of(
	const struct sink_options *options, struct span user)
{
	for (size_t i = 0; i < options->users.count; i++) {
		struct span password = span_of(options->users.items[i]);
		struct span name = span_cut(&password, ':');

		if (span_equal(name, user))
			return password.at;
	}
	return NULL;
}

static void remember(struct sink_sasl *sasl, struct span user)
{
	size_t length = user.length;

	if (length >= sizeof sasl->user)
		length = sizeof sasl->user - 1;
	memcpy(sasl->user, user.at, length);
	sasl->user[length] = '\0';
}

static enum sink_sasl_result judge(
	struct sink_sasl *sasl, struct span user, struct span password)
{
	const char *right = password_of(sasl->options, user);

	remember(sasl, user);
	return right && span_equal(span_of(right), password)
		       ? SINK_SASL_ACCEPTED
		       : SINK_SASL_REFUSED;
}

static enum sink_sasl_result step_plain(
	struct sink_sasl *sasl, const struct span *response, struct buf *out)
{
	struct span rest, user;

	(void)out;
	if (!response)
		return SINK_SASL_CHALLENGE;
	rest = *response;
	span_cut(&rest, '\0');
	user = span_cut(&rest, '\0');
	return judge(sasl, user, rest);
}

static enum sink_sasl_result step_login(
	struct sink_sasl *sasl, const struct span *response, struct buf *out)
{
	if (!response) {
		buf_puts(out, "Username:");
		return SINK_SASL_CHALLENGE;
	}
	if (!sasl->user[0]) {
		remember(sasl, *response);
		buf_puts(out, "Password:");
		return SINK_SASL_CHALLENGE;
	}
	return judge(sasl, span_of(sasl->user), *response);
}

/* Who the client is, its certificate has told; it may act as nobody else. */
static enum sink_sasl_result step_external(
	struct sink_sasl *sasl, const struct span *response, struct buf *out)
{
	(void)out;
	if (!response)
		return SINK_SASL_CHALLENGE;
	if (!sink_conn_client(sasl->conn, sasl->user, sizeof sasl->user))
		return SINK_SASL_REFUSED;
	return !response->length || span_equal(*response, span_of(sasl->user))
		       ? SINK_SASL_ACCEPTED
		       : SINK_SASL_REFUSED;
}

static struct span after(struct span text, const char *mark)
{
	size_t length = strlen(mark);

	while (text.length >= length && memcmp(text.at, mark, length) != 0)
		text = span_skip(text, 1);
	return text.length >= length ? span_skip(text, length)
				     : span_make("", 0);
}

/* Whether the file of tokens has it now. */
static bool is_in_file(const char *path, struct span user, struct span token)
{
	FILE *file = path ? fopen(path, "r") : NULL;
	char *line = NULL;
	size_t room = 0;
	bool is_there = false;
	ssize_t length;

	while (file && !is_there &&
		(length = getline(&line, &room, file)) > 0) {
		struct span rest = span_make(line, (size_t)length);
		struct span name;

		rest = span_cut(&rest, '\n');
		name = span_cut(&rest, ':');
		is_there = span_equal(name, user) && span_equal(rest, token);
	}
	free(line);
	if (file)
		fclose(file);
	return is_there;
}

/* Both forms: "user=" or "a=", then "auth=Bearer ".  A token that is wrong
 * gets a reason first, and the refusal when the client has answered it. */
static enum sink_sasl_result step_token(
	struct sink_sasl *sasl, const struct span *response, struct buf *out)
{
	bool is_bearer = !strcmp(sasl->mechanism->name, "OAUTHBEARER");
	struct span user, token;

	if (!response)
		return SINK_SASL_CHALLENGE;
	if (sasl->steps++)
		return SINK_SASL_REFUSED;
	user = after(*response, is_bearer ? "n,a=" : "user=");
	user = span_cut(&user, is_bearer ? ',' : '\001');
	token = after(*response, "\001auth=Bearer ");
	token = span_cut(&token, '\001');
	if (judge(sasl, user, token) == SINK_SASL_ACCEPTED ||
		is_in_file(sasl->options->tokens, user, token))
		return SINK_SASL_ACCEPTED;
	buf_puts(out, "{\"status\":\"invalid_token\",\"schemes\":\"bearer\","
		      "\"scope\":\"https:\\/\\/mail.example.test\\/\"");
	if (sasl->options->metadata)
		buf_printf(out, ",\"openid-configuration\":\"%s\"",
			sasl->options->metadata);
	buf_puts(out, "}");
	return SINK_SASL_CHALLENGE;
}

/* RFC 2195. */
static enum sink_sasl_result step_cram_md5(
	struct sink_sasl *sasl, const struct span *response, struct buf *out)
{
	const char *challenge = "<1896.697170952@sink.example.test>";
	struct buf want = BUF_INIT(100);
	struct span user, digest;
	unsigned char bytes[16];
	const char *password;
	bool is_right;

	if (!response) {
		buf_puts(out, challenge);
		return SINK_SASL_CHALLENGE;
	}
	digest = *response;
	user = span_cut(&digest, ' ');
	remember(sasl, user);
	password = password_of(sasl->options, user);
	if (password &&
		tls_hmac_md5(span_of(password), span_of(challenge), bytes))
		for (size_t i = 0; i < sizeof bytes; i++)
			buf_printf(&want, "%02x", bytes[i]);
	is_right = password && span_equal(buf_span(&want), digest);
	buf_free(&want);
	return is_right ? SINK_SASL_ACCEPTED : SINK_SASL_REFUSED;
}

#ifdef HAVE_LIBGSASL

static int put_binding(
	struct sink_sasl *sasl, const char *type, Gsasl_property property)
{
	struct buf data = BUF_INIT(1000), text = BUF_INIT(2000);
	int result = GSASL_NO_CALLBACK;

	if (sasl->mechanism->has_binding &&
		sink_conn_binding(sasl->conn, type, &data) &&
		base64_encode(buf_span(&data), &text)) {
		gsasl_property_set(sasl->session, property, buf_text(&text));
		result = GSASL_OK;
	}
	buf_free(&data);
	buf_free(&text);
	return result;
}

static int on_property(
	Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	struct sink_sasl *sasl = gsasl_callback_hook_get(library);
	const char *user = gsasl_property_fast(session, GSASL_AUTHID);
	const char *password;
	char count[24];

	switch ((int)property) {
	case GSASL_PASSWORD:
		password =
			password_of(sasl->options, span_of(user ? user : ""));
		if (!password)
			return GSASL_NO_CALLBACK;
		gsasl_property_set(session, property, password);
		return GSASL_OK;
	case GSASL_SCRAM_ITER:
		if (!sasl->options->scram_iterations)
			return GSASL_NO_CALLBACK;
		snprintf(count, sizeof count, "%lu",
			sasl->options->scram_iterations);
		gsasl_property_set(session, property, count);
		return GSASL_OK;
#if GSASL_VERSION_NUMBER >= 0x020000
	case GSASL_CB_TLS_EXPORTER:
		return put_binding(sasl, "tls-exporter", property);
#endif
	case GSASL_CB_TLS_UNIQUE:
		return put_binding(sasl, "tls-unique", property);
	}
	return GSASL_NO_CALLBACK;
}

static bool start_scram(struct sink_sasl *sasl)
{
	if (gsasl_init(&sasl->library) != GSASL_OK)
		return false;
	gsasl_callback_hook_set(sasl->library, sasl);
	gsasl_callback_set(sasl->library, on_property);
	return gsasl_server_start(sasl->library, sasl->mechanism->name,
		       &sasl->session) == GSASL_OK;
}

/* In SMTP the server's last message is one more challenge, which the client
 * answers with nothing (RFC 4954 4). */
static enum sink_sasl_result last_message(
	struct sink_sasl *sasl, struct buf *out)
{
	const char *user = gsasl_property_fast(sasl->session, GSASL_AUTHID);

	remember(sasl, span_of(user ? user : ""));
	sasl->is_accepted = true;
	if (sasl->options->scram_skip_final)
		return SINK_SASL_ACCEPTED;
	if (sasl->options->scram_forge && out->length > 3)
		out->data[3] = out->data[3] == 'A' ? 'B' : 'A';
	return SINK_SASL_CHALLENGE;
}

static enum sink_sasl_result step_scram(
	struct sink_sasl *sasl, const struct span *response, struct buf *out)
{
	char *text = NULL;
	size_t length = 0;
	int result;

	if (sasl->is_accepted)
		return SINK_SASL_ACCEPTED;
	if (!sasl->session && !start_scram(sasl))
		return SINK_SASL_REFUSED;
	if (!response)
		return SINK_SASL_CHALLENGE;
	result = gsasl_step(
		sasl->session, response->at, response->length, &text, &length);
	if (length)
		buf_put(out, text, length);
	gsasl_free(text);
	if (result == GSASL_OK)
		return last_message(sasl, out);
	return result == GSASL_NEEDS_MORE ? SINK_SASL_CHALLENGE
					  : SINK_SASL_REFUSED;
}

#endif

static const struct mechanism mechanisms[] = {
#ifdef HAVE_LIBGSASL
	{ "SCRAM-SHA-256-PLUS", true, false, step_scram },
	{ "SCRAM-SHA-1-PLUS", true, false, step_scram },
	{ "SCRAM-SHA-256", false, false, step_scram },
	{ "SCRAM-SHA-1", false, false, step_scram },
#endif
	{ "PLAIN", false, false, step_plain },
	{ "LOGIN", false, false, step_login },
	{ "EXTERNAL", false, true, step_external },
	{ "OAUTHBEARER", false, true, step_token },
	{ "XOAUTH2", false, true, step_token },
	{ "CRAM-MD5", false, true, step_cram_md5 },
};

enum { MECHANISM_COUNT = sizeof mechanisms / sizeof *mechanisms };

struct sink_sasl *sink_sasl_new(const char *mechanism,
	const struct sink_options *options, struct sink_conn *conn)
{
	for (size_t i = 0; i < MECHANISM_COUNT; i++)
		if (span_equal_nocase(
			    span_of(mechanism), span_of(mechanisms[i].name))) {
			struct sink_sasl *sasl = mem_zalloc(sizeof *sasl);

			sasl->mechanism = &mechanisms[i];
			sasl->options = options;
			sasl->conn = conn;
			return sasl;
		}
	return NULL;
}

enum sink_sasl_result sink_sasl_step(
	struct sink_sasl *sasl, const struct span *response, struct buf *out)
{
	buf_clear(out);
	return sasl->mechanism->step(sasl, response, out);
}

const char *sink_sasl_user(const struct sink_sasl *sasl)
{
	return sasl->user;
}

void sink_sasl_free(struct sink_sasl *sasl)
{
	if (!sasl)
		return;
#ifdef HAVE_LIBGSASL
	if (sasl->session)
		gsasl_finish(sasl->session);
	if (sasl->library)
		gsasl_done(sasl->library);
#endif
	mem_free(sasl);
}

static bool is_in(const char *list, const char *name)
{
	struct span rest = span_of(list), word;

	while ((word = span_cut_word(&rest)).length)
		if (span_equal_nocase(word, span_of(name)))
			return true;
	return false;
}

void sink_sasl_put_known(struct buf *out, const char *wanted, bool with_binding)
{
	for (size_t i = 0; i < MECHANISM_COUNT; i++) {
		if ((wanted ? !is_in(wanted, mechanisms[i].name)
			    : mechanisms[i].is_on_request) ||
			(mechanisms[i].has_binding && !with_binding))
			continue;
		if (out->length)
			buf_puts(out, " ");
		buf_puts(out, mechanisms[i].name);
	}
}
