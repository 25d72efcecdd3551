/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client's side of SOCKS 5.  Knows no sockets but streams. */
#include <config.h>

#include "net/socks.h"

#include "base/clock.h"
#include "base/text.h"
#include "net/idn.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* RFC 1928 3 to 6, RFC 1929 2. */
enum {
	SOCKS_VERSION = 5,
	SOCKS_LOGIN_VERSION = 1,
	METHOD_NONE = 0,
	METHOD_PASSWORD = 2,
	METHOD_NO_ACCEPTABLE = 0xFF,
	COMMAND_CONNECT = 1,
	ADDRESS_V4 = 1,
	ADDRESS_NAME = 3,
	ADDRESS_V6 = 4,
	SOCKS_TEXT_MAX = 255, /* of a name, a user, a password */
	SOCKS_MESSAGE_LIMIT = 600,
	SOCKS_REASON_LIMIT = 200
};

struct exchange {
	struct stream *stream;
	const struct socks_params *params;
	int64_t begin_ms, deadline_ms;
};

static bool fail(
	const struct exchange *exchange, const char *reason, struct diag *why)
{
	struct buf words = BUF_INIT(SOCKS_REASON_LIMIT);

	buf_puts(&words, DIAG_WORDS);
	buf_puts(&words, reason);
	diag_set(why, DIAG_NET_PROXY, exchange->params->proxy,
		exchange->params->host, buf_text(&words));
	buf_free(&words);
	return false;
}

/* ---- bytes --------------------------------------------------------------- */

static bool wait_for(
	const struct exchange *exchange, unsigned events, struct diag *why)
{
	struct stream *stream = exchange->stream;
	unsigned ready = 0;
	char seconds[24];

	if (!stream->ops->wait(
		    stream, events, exchange->deadline_ms, &ready, why))
		return false;
	if (ready)
		return true;
	snprintf(seconds, sizeof seconds, "%lld",
		(long long)(clock_now_ms() - exchange->begin_ms + 500) / 1000);
	return diag_set(why, DIAG_NET_CONNECT_TIMEOUT, exchange->params->proxy,
		seconds);
}

static bool send_all(
	const struct exchange *exchange, struct span bytes, struct diag *why)
{
	while (bytes.length) {
		size_t sent = 0;
		enum stream_result result = exchange->stream->ops->write(
			exchange->stream, bytes.at, bytes.length, &sent, why);

		if (result == STREAM_OK)
			bytes = span_skip(bytes, sent);
		else if (result != STREAM_AGAIN ||
			 !wait_for(exchange, STREAM_WRITABLE, why))
			return false;
	}
	return true;
}

/* Exactly LENGTH bytes: what follows belongs to the server. */
static bool receive(const struct exchange *exchange, unsigned char *into,
	size_t length, struct diag *why)
{
	while (length) {
		size_t got = 0;
		enum stream_result result = exchange->stream->ops->read(
			exchange->stream, (char *)into, length, &got, why);

		if (result == STREAM_END)
			return fail(exchange, N_("it hung up"), why);
		if (result == STREAM_OK) {
			into += got;
			length -= got;
		} else if (result != STREAM_AGAIN ||
			   !wait_for(exchange, STREAM_READABLE, why)) {
			return false;
		}
	}
	return true;
}

/* ---- who we are ---------------------------------------------------------- */

static bool put_counted(struct buf *out, struct span text)
{
	return text.length && text.length <= SOCKS_TEXT_MAX &&
	       buf_put_byte(out, (char)text.length) && buf_put_span(out, text);
}

static bool refuse_login(const struct exchange *exchange, struct diag *why)
{
	return diag_set(why, DIAG_NET_PROXY_LOGIN, exchange->params->proxy);
}

static bool log_in(const struct exchange *exchange, struct diag *why)
{
	const struct socks_params *params = exchange->params;
	struct span password = params->password ? secret_span(params->password)
						: span_make("", 0);
	struct buf message = BUF_INIT(SOCKS_MESSAGE_LIMIT);
	unsigned char answer[2];
	bool ok = buf_put_byte(&message, SOCKS_LOGIN_VERSION) &&
		  put_counted(&message, span_of(params->user)) &&
		  put_counted(&message, password);

	if (!ok)
		refuse_login(exchange, why);
	ok = ok && send_all(exchange, buf_span(&message), why) &&
	     receive(exchange, answer, sizeof answer, why);
	buf_wipe_free(&message);
	return ok && (!answer[1] || refuse_login(exchange, why));
}

static bool greet(const struct exchange *exchange, struct diag *why)
{
	const char with_login[] = { SOCKS_VERSION, 2, METHOD_NONE,
		METHOD_PASSWORD };
	const char without[] = { SOCKS_VERSION, 1, METHOD_NONE };
	bool has_login = exchange->params->user != NULL;
	struct span message = has_login
				      ? span_make(with_login, sizeof with_login)
				      : span_make(without, sizeof without);
	unsigned char answer[2];

	if (!send_all(exchange, message, why) ||
		!receive(exchange, answer, sizeof answer, why))
		return false;
	if (answer[0] != SOCKS_VERSION)
		return fail(exchange, N_("it does not speak SOCKS 5"), why);
	if (answer[1] == METHOD_NONE)
		return true;
	if (answer[1] == METHOD_PASSWORD && has_login)
		return log_in(exchange, why);
	return answer[1] == METHOD_NO_ACCEPTABLE
		       ? refuse_login(exchange, why)
		       : fail(exchange, N_("it wants an unknown login"), why);
}

/* ---- where to ------------------------------------------------------------ */

static bool put_host(struct buf *out, const char *host, struct diag *why)
{
	struct span text = span_of(host);
	char literal[INET6_ADDRSTRLEN] = "";
	unsigned char bytes[16];
	struct buf name = BUF_INIT(SOCKS_TEXT_MAX);
	bool ok;

	if (text.length > 2 && text.at[0] == '[' &&
		text.at[text.length - 1] == ']')
		text = span_make(text.at + 1, text.length - 2);
	if (text.length < sizeof literal)
		memcpy(literal, text.at, text.length);
	if (inet_pton(AF_INET, literal, bytes) == 1)
		return buf_put_byte(out, ADDRESS_V4) &&
		       buf_put(out, (char *)bytes, 4);
	if (inet_pton(AF_INET6, literal, bytes) == 1)
		return buf_put_byte(out, ADDRESS_V6) &&
		       buf_put(out, (char *)bytes, 16);
	ok = idn_to_ascii(host, &name, why) &&
	     buf_put_byte(out, ADDRESS_NAME) &&
	     put_counted(out, buf_span(&name));
	buf_free(&name);
	return ok;
}

/* RFC 1928 6: values of REP. */
static const char *const reasons[] = { NULL, N_("it failed"),
	N_("its rules do not allow it"), N_("the network cannot be reached"),
	N_("the host cannot be reached"), N_("the connection was refused"),
	N_("the way is too long"), N_("it does not know the command"),
	N_("it does not know this type of address") };

/* The rest of the answer is the address it connects from. */
static bool skip_bound_address(
	const struct exchange *exchange, unsigned type, struct diag *why)
{
	unsigned char bytes[SOCKS_TEXT_MAX + 2];
	size_t length = type == ADDRESS_V4 ? 4 : type == ADDRESS_V6 ? 16 : 0;

	if (type == ADDRESS_NAME) {
		if (!receive(exchange, bytes, 1, why))
			return false;
		length = bytes[0];
	} else if (!length) {
		return fail(exchange, N_("it does not speak SOCKS 5"), why);
	}
	return receive(exchange, bytes, length + 2, why);
}

static bool take_answer(const struct exchange *exchange, struct diag *why)
{
	unsigned char answer[4];

	if (!receive(exchange, answer, sizeof answer, why))
		return false;
	if (answer[0] != SOCKS_VERSION)
		return fail(exchange, N_("it does not speak SOCKS 5"), why);
	if (answer[1])
		return fail(exchange,
			answer[1] < sizeof reasons / sizeof *reasons
				? reasons[answer[1]]
				: reasons[1],
			why);
	return skip_bound_address(exchange, answer[3], why);
}

bool socks_connect(struct stream *stream, const struct socks_params *params,
	int64_t deadline_ms, struct diag *why)
{
	const struct exchange exchange = { .stream = stream,
		.params = params,
		.begin_ms = clock_now_ms(),
		.deadline_ms = deadline_ms };
	struct buf message = BUF_INIT(SOCKS_MESSAGE_LIMIT);
	bool ok = buf_put_byte(&message, SOCKS_VERSION) &&
		  buf_put_byte(&message, COMMAND_CONNECT) &&
		  buf_put_byte(&message, '\0') &&
		  put_host(&message, params->host, why) &&
		  buf_put_byte(&message, (char)(params->port >> 8)) &&
		  buf_put_byte(&message, (char)(params->port & 0xFF)) &&
		  greet(&exchange, why) &&
		  send_all(&exchange, buf_span(&message), why) &&
		  take_answer(&exchange, why);

	buf_free(&message);
	return ok;
}
