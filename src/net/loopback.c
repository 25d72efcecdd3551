/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A port for one browser.  Knows no OAuth. */
#include <config.h>

#include "net/loopback.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CALLERS_MAX = 8, /* a browser's guesses, and who else knocks */
	HEAD_LIMIT = 16 * 1024,
	PIECE_BYTES = 2048,
	HOST_BYTES = 64
};

/* ---- the port ------------------------------------------------------------ */

static unsigned port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage storage;
	} name;
	socklen_t length = sizeof name;

	if (getsockname(fd, &name.any, &length) < 0)
		return 0;
	return ntohs(name.any.sa_family == AF_INET6 ? name.v6.sin6_port
						    : name.v4.sin_port);
}

static int open_one(const char *host, unsigned port, struct diag *why)
{
	char address[HOST_BYTES + 16];
	int fd;

	snprintf(address, sizeof address, "%s:%u", host, port);
	fd = listen_loopback(address, why);
	if (fd >= 0)
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* "HOST:PORT" of URI, with 0 for "%p". */
static bool take_apart(
	const char *uri, char host[static HOST_BYTES], unsigned long *port)
{
	struct span rest = span_of(uri), name;
	size_t colon;

	if (!span_starts_with(rest, SPAN("http://")))
		return false;
	rest = span_skip(rest, sizeof "http://" - 1);
	rest.length = span_find(rest, '/');
	for (colon = rest.length; colon && rest.at[colon - 1] != ':'; colon--)
		;
	if (colon < 2)
		return false;
	name = span_make(rest.at, colon - 1);
	rest = span_skip(rest, colon);
	*port = 0;
	if (name.length >= HOST_BYTES ||
		(!span_equal(rest, SPAN("%p")) &&
			!span_number(rest, 65535, port)))
		return false;
	memcpy(host, name.at, name.length);
	host[name.length] = '\0';
	return true;
}

bool loopback_open(struct loopback *loopback, const char *uri, struct diag *why)
{
	char host[HOST_BYTES];
	unsigned long port;
	bool is_both;

	*loopback = (struct loopback){ .fds = { -1, -1 } };
	if (!take_apart(uri, host, &port))
		return diag_set(why, DIAG_NET_NOT_LOOPBACK, uri);
	is_both = !strcmp(host, "localhost");
	loopback->fds[0] =
		open_one(is_both ? "127.0.0.1" : host, (unsigned)port, why);
	if (loopback->fds[0] < 0)
		return false;
	loopback->port = port_of(loopback->fds[0]);
	/* Where there is no IPv6 browsers do without, too. */
	if (is_both)
		loopback->fds[1] = open_one("[::1]", loopback->port, NULL);
	return true;
}

void loopback_close(struct loopback *loopback)
{
	for (int i = 0; i < LOOPBACK_LISTENERS; i++)
		if (loopback->fds[i] >= 0)
			close(loopback->fds[i]);
}

/* ---- who calls -------------------------------------------------------------
 */

struct caller {
	int fd; /* -1: nobody */
	struct buf head;
};

static void hang_up(struct caller *caller)
{
	close(caller->fd);
	caller->fd = -1;
	buf_wipe_free(&caller->head);
}

/* The oldest silent one makes room: a browser opens more than it uses. */
static void accept_one(int listener, struct caller *callers)
{
	int fd = accept(listener, NULL, NULL);
	struct caller *place = &callers[0];

	if (fd < 0)
		return;
	for (int i = 0; i < CALLERS_MAX; i++)
		if (callers[i].fd < 0)
			place = &callers[i];
	if (place->fd >= 0)
		hang_up(place);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	*place = (struct caller){ fd, BUF_INIT(HEAD_LIMIT) };
}

/* It needs no more than a page that asks for nothing else, and tells nobody
 * where it came from. */
static void answer(const struct caller *caller, bool is_awaited)
{
	static const char done[] =
		"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
		"Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"
		"Connection: close\r\n\r\n<!doctype html><title>mailchute"
		"</title><link rel=icon href=\"data:,\"><p>Done: go back to "
		"the terminal.\n";
	static const char nothing[] =
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
		"Connection: close\r\n\r\n";
	const char *text = is_awaited ? done : nothing;

	/* It fits the socket's buffer; whoever is gone misses a page. */
	if (send(caller->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return;
	(void)shutdown(caller->fd, SHUT_WR);
}

static bool is_whole(struct span head)
{
	for (size_t i = 0; i + 1 < head.length; i++)
		if (head.at[i] == '\n' &&
			(head.at[i + 1] == '\n' ||
				(i + 2 < head.length &&
					head.at[i + 1] == '\r' &&
					head.at[i + 2] == '\n')))
			return true;
	return false;
}

/* Whether it was the awaited one. */
static bool listen_to(struct caller *caller,
	bool (*is_awaited)(void *context, struct span head), void *context)
{
	char piece[PIECE_BYTES];
	ssize_t got = recv(caller->fd, piece, sizeof piece, 0);
	bool is_right = false;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got > 0 && buf_put(&caller->head, piece, (size_t)got) &&
		!is_whole(buf_span(&caller->head)))
		return false;
	if (got > 0) {
		is_right = !caller->head.overflowed &&
			   is_awaited(context, buf_span(&caller->head));
		answer(caller, is_right);
	}
	hang_up(caller);
	return is_right;
}

bool loopback_wait(const struct loopback *loopback, int64_t deadline_ms,
	bool (*is_awaited)(void *context, struct span head), void *context)
{
	struct caller callers[CALLERS_MAX];
	struct pollfd fds[LOOPBACK_LISTENERS + CALLERS_MAX];
	bool is_done = false;

	for (int i = 0; i < CALLERS_MAX; i++)
		callers[i] = (struct caller){ .fd = -1 };
	while (!is_done && clock_left_ms(deadline_ms)) {
		for (int i = 0; i < LOOPBACK_LISTENERS; i++)
			fds[i] = (struct pollfd){ .fd = loopback->fds[i],
				.events = POLLIN };
		for (int i = 0; i < CALLERS_MAX; i++)
			fds[LOOPBACK_LISTENERS + i] =
				(struct pollfd){ .fd = callers[i].fd,
					.events = POLLIN };
		if (clock_wait(fds, LOOPBACK_LISTENERS + CALLERS_MAX,
			    clock_left_ms(deadline_ms)) <= 0)
			continue;
		for (int i = 0; i < CALLERS_MAX && !is_done; i++)
			if (fds[LOOPBACK_LISTENERS + i].revents)
				is_done = listen_to(
					&callers[i], is_awaited, context);
		for (int i = 0; i < LOOPBACK_LISTENERS; i++)
			if (fds[i].revents)
				accept_one(fds[i].fd, callers);
	}
	for (int i = 0; i < CALLERS_MAX; i++)
		if (callers[i].fd >= 0)
			hang_up(&callers[i]);
	return is_done;
}
