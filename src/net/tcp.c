/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets as streams, and the race to connect one.  Knows no protocol. */
#include <config.h>

#include "net/tcp.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "net/endpoint.h"
#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* process_normalise() ignores SIGPIPE */
#endif

/* RFC 8305 section 5: the recommended delay between attempts, and how many
 * addresses are worth one. */
enum { RACE_DELAY_MS = 250, RACE_MAX = 16 };
/* How long a unix socket's full backlog is left alone. */
enum { BACKLOG_DELAY_MS = 20 };

struct tcp_stream {
	struct stream stream;
	int fd;
};

static int stream_fd(const struct stream *stream)
{
	return ((const struct tcp_stream *)(const void *)stream)->fd;
}

/* ---- the five operations ------------------------------------------------- */

static enum stream_result failed(struct diag *why)
{
	if (errno == EAGAIN)
		return STREAM_AGAIN;
	diag_set(why, DIAG_NET_LOST);
	diag_add_errno(why, errno);
	return STREAM_FAILED;
}

static enum stream_result tcp_read(struct stream *stream, char *into,
	size_t capacity, size_t *got, struct diag *why)
{
	ssize_t count;

	do
		count = recv(stream_fd(stream), into, capacity, 0);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return failed(why);
	*got = (size_t)count;
	return count ? STREAM_OK : STREAM_END;
}

static enum stream_result tcp_write(struct stream *stream, const char *from,
	size_t length, size_t *sent, struct diag *why)
{
	ssize_t count;

	do
		count = send(stream_fd(stream), from, length, MSG_NOSIGNAL);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return failed(why);
	*sent = (size_t)count;
	return STREAM_OK;
}

/* poll(2) to the deadline, whatever signals and stops come between; one that
 * ends us is ECANCELED. */
static int poll_until(struct pollfd *fds, size_t count, int64_t deadline_ms)
{
	int ready;

	do
		ready = interrupt_poll(
			fds, (nfds_t)count, clock_left_ms(deadline_ms));
	while ((ready < 0 && errno == EINTR) ||
		(ready == 0 && clock_left_ms(deadline_ms)));
	return ready;
}

/* An error or a hang-up counts as whatever was waited for: the next read or
 * write will tell. */
static bool tcp_wait(struct stream *stream, unsigned events,
	int64_t deadline_ms, unsigned *ready, struct diag *why)
{
	struct pollfd fd = { .fd = stream_fd(stream) };

	if (events & STREAM_READABLE)
		fd.events |= POLLIN;
	if (events & STREAM_WRITABLE)
		fd.events |= POLLOUT;
	if (poll_until(&fd, 1, deadline_ms) < 0) {
		if (errno == ECANCELED)
			return interrupt_explain(why);
		return diag_set_errno(why, errno, DIAG_NET_SYSTEM);
	}
	*ready = 0;
	if (fd.revents & (POLLERR | POLLHUP | POLLNVAL))
		*ready = events;
	if (fd.revents & POLLIN)
		*ready |= STREAM_READABLE;
	if (fd.revents & POLLOUT)
		*ready |= STREAM_WRITABLE;
	return true;
}

static size_t tcp_buffered(struct stream *stream)
{
	(void)stream;
	return 0;
}

static void tcp_close(struct stream *stream)
{
	close(stream_fd(stream));
	mem_free(stream);
}

static const struct stream_ops tcp_ops = { .read = tcp_read,
	.write = tcp_write,
	.wait = tcp_wait,
	.buffered = tcp_buffered,
	.close = tcp_close };

/* One write a flight is the caller's habit; Nagle would only make the last
 * piece wait for a delayed ACK.  (No TCP socket: no matter.) */
struct stream *tcp_from_fd(int fd)
{
	struct tcp_stream *tcp = mem_zalloc(sizeof *tcp);
	int on = 1;

	tcp->stream.ops = &tcp_ops;
	tcp->fd = fd;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return &tcp->stream;
}

/* ---- the race ------------------------------------------------------------ */

struct race {
	const struct resolve_address *entrants[RACE_MAX];
	size_t count, next; /* entrants, and the first that has not started */
	struct pollfd running[RACE_MAX];
	size_t running_count;
	int64_t next_start_ms;
	int error;                            /* the one worth reporting */
	const struct resolve_address *source; /* or NULL */
	bool is_source_bad;
};

/* RFC 8305 section 4: families alternate, beginning with that of the first
 * address; within a family getaddrinfo(3) knows best. */
static void race_line_up(struct race *race, const struct resolve_list *list)
{
	sa_family_t first;
	size_t same = 0, other = 0;
	bool wants_same = true;

	if (!list->count)
		return;
	first = list->items[0].address.ss_family;
	while (race->count < RACE_MAX) {
		size_t *at = wants_same ? &same : &other;

		while (*at < list->count &&
			(list->items[*at].address.ss_family == first) !=
				wants_same)
			++*at;
		if (*at < list->count)
			race->entrants[race->count++] = &list->items[(*at)++];
		else if (same >= list->count && other >= list->count)
			return;
		wants_same = !wants_same;
	}
}

static bool is_unreachable(int error)
{
	return error == ENETUNREACH || error == EHOSTUNREACH ||
	       error == ENETDOWN || error == EADDRNOTAVAIL ||
	       error == EAFNOSUPPORT;
}

/* The first error is the one to report, but that a family has no route says
 * less than what a host of the other one said. */
static void race_note(struct race *race, int error)
{
	if (!race->error ||
		(is_unreachable(race->error) && !is_unreachable(error)))
		race->error = error;
}

static int socket_open(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd >= 0) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, O_NONBLOCK);
	}
	return fd;
}

static bool race_bind(struct race *race, int fd)
{
	union endpoint from = { .storage = { 0 } };

	if (!race->source)
		return true;
	from.storage = race->source->address;
	race->is_source_bad = bind(fd, &from.any, race->source->length) < 0;
	return !race->is_source_bad;
}

/* Returns the descriptor when the connection is there at once, else -1. */
static int race_start_next(struct race *race)
{
	const struct resolve_address *entrant = race->entrants[race->next++];
	union endpoint to = { .storage = entrant->address };
	int fd = socket_open(to.any.sa_family);
	int error;

	race->next_start_ms = clock_now_ms() + RACE_DELAY_MS;
	if (fd >= 0 && race_bind(race, fd) &&
		connect(fd, &to.any, entrant->length) == 0)
		return fd;
	error = errno;
	/* After EINTR the connection goes on being made (POSIX). */
	if (fd >= 0 && (error == EINPROGRESS || error == EINTR)) {
		race->running[race->running_count++] =
			(struct pollfd){ .fd = fd, .events = POLLOUT };
		return -1;
	}
	race_note(race, error);
	race->next_start_ms = 0;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Returns the descriptor of an attempt that succeeded, else -1; those that
 * failed leave the race and call for the next at once. */
static int race_settle(struct race *race)
{
	for (size_t i = 0; i < race->running_count;) {
		int fd = race->running[i].fd, error = 0;
		socklen_t length = sizeof error;

		if (!race->running[i].revents) {
			i++;
			continue;
		}
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
			error = errno;
		race->running[i] = race->running[--race->running_count];
		if (!error)
			return fd;
		close(fd);
		race_note(race, error);
		race->next_start_ms = 0;
	}
	return -1;
}

/* The winner, or -1 with the reason in race->error (0: the deadline). */
static int race_run(struct race *race, int64_t deadline_ms)
{
	while (race->next < race->count || race->running_count) {
		bool may_start = race->next < race->count;
		int64_t until = deadline_ms;
		int fd;

		if (may_start && race->next_start_ms <= clock_now_ms()) {
			fd = race_start_next(race);
			if (fd >= 0)
				return fd;
			continue;
		}
		if (may_start)
			until = clock_earlier(until, race->next_start_ms);
		if (poll_until(race->running, race->running_count, until) < 0 &&
			errno == ECANCELED) {
			race->error = ECANCELED;
			return -1;
		}
		fd = race_settle(race);
		if (fd >= 0)
			return fd;
		if (!clock_left_ms(deadline_ms)) {
			race->error = 0;
			return -1;
		}
	}
	return -1;
}

static bool explain_timeout(
	const char *name, int64_t begin_ms, struct diag *why)
{
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%lld",
		(long long)(clock_now_ms() - begin_ms + 500) / 1000);
	return diag_set(why, DIAG_NET_CONNECT_TIMEOUT, name, seconds);
}

static bool explain_error(const char *name, int error, struct diag *why)
{
	if (error == ECANCELED)
		return interrupt_explain(why);
	if (error == ECONNREFUSED)
		return diag_set(why, DIAG_NET_REFUSED, name);
	if (is_unreachable(error) || error == ENOENT)
		diag_set(why, DIAG_NET_UNREACHABLE, name);
	else if (error == ECONNRESET || error == ECONNABORTED || error == EPIPE)
		diag_set(why, DIAG_NET_LOST); /* at once: it was there */
	else
		diag_set(why, DIAG_NET_SYSTEM);
	return diag_add_errno(why, error);
}

static bool explain_race(const struct race *race, const char *name,
	int64_t begin_ms, struct diag *why)
{
	if (race->is_source_bad)
		return diag_set_errno(why, race->error, DIAG_NET_SOURCE, name);
	return !race->error || race->error == ETIMEDOUT
		       ? explain_timeout(name, begin_ms, why)
		       : explain_error(name, race->error, why);
}

static struct stream *run(struct race *race, const char *name,
	int64_t deadline_ms, struct diag *why)
{
	int64_t begin_ms = clock_now_ms();
	int fd;

	race->error = race->count ? 0 : EADDRNOTAVAIL;
	fd = race_run(race, deadline_ms);
	for (size_t i = 0; i < race->running_count; i++)
		close(race->running[i].fd);
	if (fd >= 0)
		return tcp_from_fd(fd);
	explain_race(race, name, begin_ms, why);
	return NULL;
}

struct stream *tcp_connect(const struct resolve_list *addresses,
	const char *name, int64_t deadline_ms, struct diag *why)
{
	struct race race = { .error = 0 };

	race_line_up(&race, addresses);
	return run(&race, name, deadline_ms, why);
}

struct stream *tcp_connect_from(const struct resolve_list *addresses,
	const struct resolve_address *source, const char *name,
	int64_t deadline_ms, struct diag *why)
{
	struct race race = { .source = source };

	for (size_t i = 0; i < addresses->count && race.count < RACE_MAX; i++)
		if (addresses->items[i].address.ss_family ==
			source->address.ss_family)
			race.entrants[race.count++] = &addresses->items[i];
	race.is_source_bad = !race.count;
	return run(&race, name, deadline_ms, why);
}

/* ---- unix sockets -------------------------------------------------------- */

/* A listener whose backlog is full says EAGAIN on Linux, and cannot be polled
 * for: wait a little, until the deadline. */
static int connect_local(int fd, const union endpoint *to, int64_t deadline_ms)
{
	struct pollfd none = { .fd = -1 };

	while (connect(fd, &to->any, sizeof to->local) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return errno == EISCONN ? 0 : errno;
		if (!clock_left_ms(deadline_ms))
			return ETIMEDOUT;
		if (poll_until(&none, 1,
			    clock_earlier(deadline_ms,
				    clock_now_ms() + BACKLOG_DELAY_MS)) < 0 &&
			errno == ECANCELED)
			return ECANCELED;
	}
	return 0;
}

struct stream *tcp_connect_unix(
	const char *path, int64_t deadline_ms, struct diag *why)
{
	union endpoint to = { .local.sun_family = AF_UNIX };
	int64_t begin_ms = clock_now_ms();
	int fd, error = ENAMETOOLONG;

	fd = socket_open(AF_UNIX);
	if (fd < 0) {
		error = errno;
	} else if (strlen(path) < sizeof to.local.sun_path) {
		memcpy(to.local.sun_path, path, strlen(path) + 1);
		error = connect_local(fd, &to, deadline_ms);
	}
	if (fd >= 0 && !error && !listen_is_trusted(fd, path)) {
		close(fd);
		diag_set(why, DIAG_NET_NOT_TRUSTED, path);
		return NULL;
	}
	if (fd >= 0 && !error)
		return tcp_from_fd(fd);
	if (fd >= 0)
		close(fd);
	if (error == ETIMEDOUT)
		explain_timeout(path, begin_ms, why);
	else
		explain_error(path, error, why);
	diag_add_hint(why, N_("is the service that listens there running?"));
	return NULL;
}

/* ---- the two ends -------------------------------------------------------- */

/* An IPv4 address that came through an IPv6 socket is an IPv4 address. */
static const unsigned char *v4_bytes(const union endpoint *end)
{
	if (end->any.sa_family == AF_INET)
		return (const unsigned char *)&end->v4.sin_addr;
	if (end->any.sa_family == AF_INET6 &&
		IN6_IS_ADDR_V4MAPPED(&end->v6.sin6_addr))
		return end->v6.sin6_addr.s6_addr + 12;
	return NULL;
}

void tcp_put_own_literal(struct stream *stream, struct buf *out)
{
	union endpoint own = { .storage = { 0 } };
	socklen_t length = sizeof own;
	char text[INET6_ADDRSTRLEN];
	const unsigned char *v4;

	getsockname(stream_fd(stream), &own.any, &length);
	v4 = v4_bytes(&own);
	if (v4)
		buf_printf(out, "[%u.%u.%u.%u]", v4[0], v4[1], v4[2], v4[3]);
	else if (own.any.sa_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &own.v6.sin6_addr, text, sizeof text))
		buf_printf(out, "[IPv6:%s]", text);
	else
		buf_puts(out, "[127.0.0.1]");
}

bool tcp_source(const struct resolve_address *to, struct resolve_address *from)
{
	union endpoint there = { .storage = to->address };
	union endpoint here = { .storage = { 0 } };
	int fd = socket(there.any.sa_family, SOCK_DGRAM, 0);
	bool is_found;

	from->length = sizeof here.storage;
	is_found = fd >= 0 && connect(fd, &there.any, to->length) == 0 &&
		   getsockname(fd, &here.any, &from->length) == 0;
	from->address = here.storage;
	if (fd >= 0)
		close(fd);
	return is_found;
}

bool tcp_peer_is_local(struct stream *stream)
{
	union endpoint peer = { .storage = { 0 } };
	socklen_t length = sizeof peer;
	const unsigned char *v4;

	if (getpeername(stream_fd(stream), &peer.any, &length) < 0)
		return false;
	v4 = v4_bytes(&peer);
	if (v4)
		return v4[0] == 127;
	return peer.any.sa_family == AF_UNIX || endpoint_is_loopback(&peer);
}
