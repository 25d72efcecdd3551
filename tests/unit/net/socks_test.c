/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SOCKS 5 over a socket pair: what the proxy will say lies there before it is
 * asked, and what was asked is read afterwards.
 */
#include <config.h>

#include "base/clock.h"
#include "net/socks.h"
#include "net/tcp.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING "\5\1\0"
#define TO_V4    "\5\1\0\1\300\0\2\1\2\113" /* 192.0.2.1:587 */
#define DONE     "\5\0\0\1\0\0\0\0\0\0"

static const struct {
	const char *name, *host, *user, *password;
	struct span said, want; /* by the proxy, by us */
	enum diag_id id;        /* DIAG_NONE: connected */
	const char *text;
} rows[] = {
	{ "an IPv4 address", "192.0.2.1", NULL, NULL, SPAN("\5\0" DONE),
		SPAN(GREETING TO_V4), DIAG_NONE, NULL },
	{ "a name", "mail.example", NULL, NULL, SPAN("\5\0" DONE),
		SPAN(GREETING "\5\1\0\3\14mail.example\2\113"), DIAG_NONE,
		NULL },
	{ "an internationalised name", "b\303\274cher.example", NULL, NULL,
		SPAN("\5\0" DONE),
		SPAN(GREETING "\5\1\0\3\25xn--bcher-kva.example\2\113"),
		DIAG_NONE, NULL },
	{ "an IPv6 address in brackets", "[2001:db8::1]", NULL, NULL,
		SPAN("\5\0" DONE),
		SPAN(GREETING "\5\1\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1"
			      "\2\113"),
		DIAG_NONE, NULL },
	{ "an answer with a name in it", "192.0.2.1", NULL, NULL,
		SPAN("\5\0\5\0\0\3\4here\0\1"), SPAN(GREETING TO_V4), DIAG_NONE,
		NULL },
	{ "an answer with an IPv6 address", "192.0.2.1", NULL, NULL,
		SPAN("\5\0\5\0\0\4aaaaaaaaaaaaaaaa\0\1"), SPAN(GREETING TO_V4),
		DIAG_NONE, NULL },
	{ "a login that is not wanted", "192.0.2.1", "ann", "secret",
		SPAN("\5\0" DONE), SPAN("\5\2\0\2" TO_V4), DIAG_NONE, NULL },
	{ "a login", "192.0.2.1", "ann", "secret", SPAN("\5\2\1\0" DONE),
		SPAN("\5\2\0\2\1\3ann\6secret" TO_V4), DIAG_NONE, NULL },
	{ "a login that is refused", "192.0.2.1", "ann", "secret",
		SPAN("\5\2\1\1"), SPAN("\5\2\0\2\1\3ann\6secret"),
		DIAG_NET_PROXY_LOGIN, "the proxy p:1080 refused the login" },
	{ "a login without a password", "192.0.2.1", "ann", NULL, SPAN("\5\2"),
		SPAN("\5\2\0\2"), DIAG_NET_PROXY_LOGIN, NULL },
	{ "a login that we have not", "192.0.2.1", NULL, NULL, SPAN("\5\377"),
		SPAN(GREETING), DIAG_NET_PROXY_LOGIN, NULL },
	{ "a login that nobody offered", "192.0.2.1", NULL, NULL, SPAN("\5\2"),
		SPAN(GREETING), DIAG_NET_PROXY,
		"the proxy p:1080 does not connect to 192.0.2.1: it wants an "
		"unknown login" },
	{ "refused", "192.0.2.1", NULL, NULL, SPAN("\5\0\5\5\0\1"),
		SPAN(GREETING TO_V4), DIAG_NET_PROXY,
		"the proxy p:1080 does not connect to 192.0.2.1: the "
		"connection was refused" },
	{ "not allowed", "192.0.2.1", NULL, NULL, SPAN("\5\0\5\2\0\1"),
		SPAN(GREETING TO_V4), DIAG_NET_PROXY,
		"the proxy p:1080 does not connect to 192.0.2.1: its rules do "
		"not allow it" },
	{ "an unknown reason", "192.0.2.1", NULL, NULL, SPAN("\5\0\5\371\0\1"),
		SPAN(GREETING TO_V4), DIAG_NET_PROXY,
		"the proxy p:1080 does not connect to 192.0.2.1: it failed" },
	{ "SOCKS 4", "192.0.2.1", NULL, NULL, SPAN("\0\132"), SPAN(GREETING),
		DIAG_NET_PROXY,
		"the proxy p:1080 does not connect to 192.0.2.1: it does not "
		"speak SOCKS 5" },
	{ "HTTP", "192.0.2.1", NULL, NULL, SPAN("HTTP/1.0 400"), SPAN(GREETING),
		DIAG_NET_PROXY, NULL },
	{ "another version in the answer", "192.0.2.1", NULL, NULL,
		SPAN("\5\0\4\0\0\1"), SPAN(GREETING TO_V4), DIAG_NET_PROXY,
		NULL },
	{ "an unknown type of address", "192.0.2.1", NULL, NULL,
		SPAN("\5\0\5\0\0\2"), SPAN(GREETING TO_V4), DIAG_NET_PROXY,
		NULL },
};

/* LAST: what stands behind the proxy's words is the server's, and unread. */
static void talk(size_t i, struct stream *stream, int fd)
{
	struct secret password = { NULL, 0 };
	struct socks_params params = { .proxy = "p:1080",
		.host = rows[i].host,
		.port = 587,
		.user = rows[i].user };
	struct buf text = BUF_INIT(1000);
	struct diag why = { 0 };
	char got[1000], after[8];
	ssize_t count;
	size_t more = 0;

	if (rows[i].password) {
		secret_set(
			&password, rows[i].password, strlen(rows[i].password));
		params.password = &password;
	}
	send(fd, rows[i].said.at, rows[i].said.length, MSG_NOSIGNAL);
	send(fd, "220 hi", 6, MSG_NOSIGNAL);
	tap_is_number(socks_connect(stream, &params, clock_deadline(5), &why),
		rows[i].id == DIAG_NONE, rows[i].name);
	tap_is_diag(&why, rows[i].id, "the diag");
	count = recv(fd, got, sizeof got, MSG_DONTWAIT);
	tap_is_span(span_make(got, count > 0 ? (size_t)count : 0), rows[i].want,
		"what we said");
	diag_sentence(&why, false, &text);
	if (rows[i].text)
		tap_is_text(buf_text(&text), rows[i].text, "the sentence");
	if (rows[i].id == DIAG_NONE) {
		stream->ops->read(stream, after, sizeof after, &more, NULL);
		tap_is_span(span_make(after, more), SPAN("220 hi"),
			"the server's own words are left");
	}
	secret_wipe(&password);
	buf_free(&text);
}

static void test_row(size_t i)
{
	struct stream *stream;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		exit(99);
	stream = tcp_from_fd(fds[0]);
	talk(i, stream, fds[1]);
	stream_close(stream);
	close(fds[1]);
}

static void test_silence(void)
{
	const struct socks_params params = {
		.proxy = "p:1080", .host = "h", .port = 25
	};
	struct diag why = { 0 };
	struct stream *stream;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		exit(99);
	stream = tcp_from_fd(fds[0]);
	tap_ok(!socks_connect(stream, &params, clock_now_ms() + 100, &why),
		"a proxy that says nothing");
	tap_is_diag(&why, DIAG_NET_CONNECT_TIMEOUT, "is a time-out");
	why.id = DIAG_NONE;
	shutdown(fds[1], SHUT_WR);
	tap_ok(!socks_connect(stream, &params, clock_deadline(5), &why),
		"a proxy that hangs up");
	tap_is_diag(&why, DIAG_NET_PROXY, "is told so");
	stream_close(stream);
	close(fds[1]);
}

static void test_long_name(void)
{
	const struct socks_params params = { .proxy = "p:1080",
		.host = "012345678901234567890123456789012345678901234567890123"
			"4"
			"567890123456789012345678901234567890123456789012345678"
			"9"
			"012345678901234567890123456789012345678901234567890123"
			"4"
			"567890123456789012345678901234567890123456789012345678"
			"9"
			"012345678901234567890123456789012345678901234567890123"
			"4",
		.port = 25 };
	struct diag why = { 0 };
	struct stream *stream;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		exit(99);
	stream = tcp_from_fd(fds[0]);
	tap_ok(!socks_connect(stream, &params, clock_deadline(5), &why),
		"a name of 275 bytes");
	tap_is_diag(&why, DIAG_ADDRESS_DOMAIN_INVALID, "is none");
	stream_close(stream);
	close(fds[1]);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(i);
	test_silence();
	test_long_name();
	return tap_done();
}
