/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets on loopback: the race, the deadlines, the five operations. */
#include <config.h>

#include "base/clock.h"
#include "net/tcp.h"
#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* A socket bound to ADDRESS with a free port, which goes to *PORT; without a
 * backlog nobody listens. */
static int bound(const char *address, int backlog, unsigned *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct sockaddr *any = (struct sockaddr *)(void *)&at;
	socklen_t length = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, address, &at.sin_addr);
	at.sin_port = htons((uint16_t)*port);
	if (bind(fd, any, length) < 0 || (backlog >= 0 && listen(fd, backlog)))
		tap_note("bind %s: errno %d", address, errno);
	getsockname(fd, any, &length);
	*port = ntohs(at.sin_port);
	return fd;
}

static volatile sig_atomic_t alarms;

static void on_alarm(int signal_number)
{
	(void)signal_number;
	alarms++;
}

/* A signal every 20 ms, or none any more. */
static void set_alarms(bool on)
{
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } }, off = { 0 };
	struct sigaction action = { .sa_handler = on_alarm };

	alarms = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, on ? &often : &off, NULL);
}

static void add(struct resolve_list *list, const char *address, unsigned port,
	struct arena *arena)
{
	struct resolve_list one = { 0 };
	struct resolve_address *items =
		arena_alloc(arena, (list->count + 1) * sizeof *items);

	resolve_host(address, port, CLOCK_NEVER, arena, &one, NULL);
	if (list->count)
		memcpy(items, list->items, list->count * sizeof *items);
	if (one.count)
		items[list->count++] = one.items[0];
	list->items = items;
}

static void test_connect(struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct diag why = { 0 };
	struct buf literal = BUF_INIT(100);
	struct stream *stream;
	unsigned port = 0;
	int fd = bound("127.0.0.1", 5, &port);

	add(&list, "127.0.0.1", port, arena);
	stream = tcp_connect(&list, "here:1", clock_deadline(5), &why);
	if (tap_ok(stream, "connects")) {
		tcp_put_own_literal(stream, &literal);
		tap_is_text(buf_text(&literal), "[127.0.0.1]", "own literal");
		tap_ok(tcp_peer_is_local(stream), "the peer is local");
		tap_is_number((int64_t)stream->ops->buffered(stream), 0,
			"nothing is buffered");
	}
	stream_close(stream);
	buf_free(&literal);
	close(fd);
}

static void test_flags(struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct stream *stream;
	unsigned port = 0;
	int fd = bound("127.0.0.1", 5, &port), on = 0, its = fd + 1;
	socklen_t length = sizeof on;

	add(&list, "127.0.0.1", port, arena);
	stream = tcp_connect(&list, "here:1", clock_deadline(5), NULL);
	getsockopt(its, IPPROTO_TCP, TCP_NODELAY, &on, &length);
	tap_ok(stream && on, "TCP_NODELAY is set");
	tap_ok(fcntl(its, F_GETFD) & FD_CLOEXEC, "closed on exec");
	tap_ok(fcntl(its, F_GETFL) & O_NONBLOCK, "non-blocking");
	stream_close(stream);
	tap_ok(fcntl(its, F_GETFD) < 0, "closed with the stream");
	close(fd);
}

static void test_refused(struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct diag why = { 0 };
	struct buf text = BUF_INIT(300);
	unsigned port = 0;
	int fd = bound("127.0.0.1", -1, &port);

	add(&list, "127.0.0.1", port, arena);
	tap_ok(!tcp_connect(&list, "mail:587", clock_deadline(5), &why),
		"nobody listens");
	tap_is_diag(&why, DIAG_NET_REFUSED, "refused");
	diag_sentence(&why, false, &text);
	tap_is_text(buf_text(&text), "mail:587 refused the connection",
		"with its sentence");
	buf_free(&text);
	close(fd);
}

static const struct {
	const char *name, *source, *to;
	enum diag_id want; /* DIAG_NONE: connected */
} sources[] = {
	{ "from 127.0.0.9", "127.0.0.9", "127.0.0.1", DIAG_NONE },
	{ "from an address that is not ours", "192.0.2.77", "127.0.0.1",
		DIAG_NET_SOURCE },
	{ "from the other family", "::1", "127.0.0.1", DIAG_NET_SOURCE },
};

static void test_source(size_t i, struct arena *arena)
{
	struct resolve_list list = { 0 }, source = { 0 };
	struct buf literal = BUF_INIT(100);
	struct diag why = { 0 };
	struct stream *stream;
	unsigned port = 0;
	int fd = bound("127.0.0.1", 5, &port);

	add(&list, sources[i].to, port, arena);
	add(&source, sources[i].source, 0, arena);
	stream = tcp_connect_from(
		&list, source.items, "mail:587", clock_deadline(5), &why);
	tap_is_diag(&why, sources[i].want, sources[i].name);
	if (stream) {
		tcp_put_own_literal(stream, &literal);
		tap_is_text(buf_text(&literal), "[127.0.0.9]", "own end");
	}
	stream_close(stream);
	buf_free(&literal);
	close(fd);
}

/* One address refuses, the next answers: without the 250 ms. */
static void test_next_address(struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct stream *stream;
	unsigned port = 0;
	int64_t begin = clock_now_ms();
	int fd = bound("127.0.0.3", 5, &port);

	add(&list, "127.0.0.2", port, arena);
	add(&list, "127.0.0.3", port, arena);
	stream = tcp_connect(&list, "x", clock_deadline(5), NULL);
	tap_ok(stream, "the second address after a refusal");
	tap_ok(clock_now_ms() - begin < 240, "at once");
	stream_close(stream);
	close(fd);
}

/* A listener whose backlog is full does not answer: Linux drops the SYN.
 * Returns the descriptors that fill it. */
static void fill_backlog(unsigned port, int *fds, size_t count)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, "127.0.0.4", &at.sin_addr);
	for (size_t i = 0; i < count; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
		if (connect(fds[i], (struct sockaddr *)(void *)&at, sizeof at) <
				0 &&
			errno != EINPROGRESS)
			tap_note("connect: errno %d", errno);
	}
}

static void test_silent(struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct diag why = { 0 };
	struct stream *stream;
	unsigned port = 0;
	int fd = bound("127.0.0.4", 0, &port), fds[4];
	int64_t begin;
	int other = bound("127.0.0.5", 5, &port), count;

	fill_backlog(port, fds, 4);
	add(&list, "127.0.0.4", port, arena);
	set_alarms(true);
	begin = clock_now_ms();
	stream = tcp_connect(&list, "mute:25", begin + 600, &why);
	count = alarms;
	set_alarms(false);
	tap_ok(!stream, "a host that does not answer");
	tap_is_diag(&why, DIAG_NET_CONNECT_TIMEOUT, "is a time-out");
	tap_ok(clock_now_ms() - begin >= 600 && clock_now_ms() - begin < 2000,
		"at the deadline");
	tap_ok(count > 5, "whatever signals come (%d came)", count);

	add(&list, "127.0.0.5", port, arena);
	begin = clock_now_ms();
	stream = tcp_connect(&list, "x", clock_deadline(5), &why);
	tap_ok(stream, "the second address wins the race");
	tap_ok(clock_now_ms() - begin >= 240 && clock_now_ms() - begin < 1000,
		"started 250 ms later");
	stream_close(stream);
	for (size_t i = 0; i < 4; i++)
		close(fds[i]);
	close(other);
	close(fd);
}

static void test_no_route(struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct diag why = { 0 };
	unsigned port = 0;
	int64_t begin;
	int fd = bound("127.0.0.1", -1, &port);

	/* 255.255.255.255 cannot be connected to: ENETUNREACH, without a
	 * packet. */
	add(&list, "255.255.255.255", 25, arena);
	tap_ok(!tcp_connect(&list, "far:25", clock_deadline(5), &why),
		"no route");
	tap_is_diag(&why, DIAG_NET_UNREACHABLE, "is unreachable");
	tap_ok(why.system_error, "with the system's reason");
	add(&list, "127.0.0.1", port, arena);
	begin = clock_now_ms();
	tcp_connect(&list, "far:25", clock_deadline(5), &why);
	tap_is_diag(&why, DIAG_NET_REFUSED, "a refusal says more");
	tap_ok(clock_now_ms() - begin < 240, "and is not waited for");
	list.count = 0;
	tcp_connect(&list, "far:25", clock_deadline(5), &why);
	tap_is_diag(&why, DIAG_NET_UNREACHABLE, "no address at all");
	close(fd);
}

static void test_operations(void)
{
	struct diag why = { 0 };
	struct stream *stream;
	char bytes[16];
	size_t count = 0;
	unsigned ready = 7;
	int fds[2];
	int64_t begin;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return;
	stream = tcp_from_fd(fds[0]);
	tap_is_number(stream->ops->read(stream, bytes, 16, &count, &why),
		STREAM_AGAIN, "nothing to read");
	set_alarms(true);
	begin = clock_now_ms();
	tap_ok(stream->ops->wait(
		       stream, STREAM_READABLE, begin + 100, &ready, &why) &&
			ready == 0 && clock_now_ms() - begin >= 100,
		"wait() ends at its deadline, signals or not");
	set_alarms(false);
	tap_ok(stream->ops->wait(stream, STREAM_READABLE, 0, &ready, &why) &&
			ready == 0,
		"a deadline of 0 only looks");
	tap_ok(stream->ops->wait(stream, STREAM_READABLE | STREAM_WRITABLE,
		       clock_deadline(5), &ready, &why) &&
			ready == STREAM_WRITABLE,
		"it can be written");
	tap_is_number(stream->ops->write(stream, "ping", 4, &count, &why),
		STREAM_OK, "write");
	tap_is_number((int64_t)read(fds[1], bytes, 16), 4, "all of it came");
	tap_is_number((int64_t)write(fds[1], "pong!", 5), 5, "an answer");
	tap_ok(stream->ops->wait(stream, STREAM_READABLE, clock_deadline(5),
		       &ready, &why) &&
			ready == STREAM_READABLE,
		"it can be read");
	tap_is_number(stream->ops->read(stream, bytes, 3, &count, &why),
		STREAM_OK, "read");
	tap_is_span(span_make(bytes, count), SPAN("pon"), "a part");
	stream->ops->read(stream, bytes, 16, &count, &why);
	close(fds[1]);
	tap_is_number(stream->ops->read(stream, bytes, 16, &count, &why),
		STREAM_END, "the end");
	tap_is_number(stream->ops->write(stream, "x", 1, &count, &why),
		STREAM_FAILED, "a write to nobody: no SIGPIPE");
	tap_is_diag(&why, DIAG_NET_LOST, "but a lost connection");
	tap_is_number(why.system_error, EPIPE, "with errno");
	stream_close(stream);
	stream_close(NULL);
}

static void test_reset(struct arena *arena)
{
	struct linger hard = { 1, 0 };
	struct resolve_list list = { 0 };
	struct diag why = { 0 };
	struct stream *stream;
	unsigned port = 0, ready = 0;
	int fd = bound("127.0.0.1", 5, &port), peer;
	char byte;
	size_t got;

	add(&list, "127.0.0.1", port, arena);
	stream = tcp_connect(&list, "x", clock_deadline(5), &why);
	peer = accept(fd, NULL, NULL);
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(peer);
	stream->ops->wait(
		stream, STREAM_READABLE, clock_deadline(5), &ready, &why);
	tap_is_number(ready, STREAM_READABLE, "a reset wakes the reader");
	tap_is_number(stream->ops->read(stream, &byte, 1, &got, &why),
		STREAM_FAILED, "and is no end");
	tap_is_diag(&why, DIAG_NET_LOST, "but a lost connection");
	stream_close(stream);
	close(fd);
}

static void test_unix(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char folder[] = "/tmp/tcp_test.XXXXXX", longer[200];
	struct buf literal = BUF_INIT(50);
	struct diag why = { 0 };
	struct stream *stream, *second;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int64_t begin;

	if (!mkdtemp(folder))
		return;
	snprintf(at.sun_path, sizeof at.sun_path, "%s/s", folder);
	tap_ok(!tcp_connect_unix(at.sun_path, clock_deadline(5), &why),
		"no such socket");
	tap_is_diag(&why, DIAG_NET_UNREACHABLE, "unreachable");
	tap_is_number(why.system_error, ENOENT, "with the reason");
	bind(fd, (struct sockaddr *)(void *)&at, sizeof at);
	tap_ok(!tcp_connect_unix(at.sun_path, clock_deadline(5), &why),
		"nobody listens at the socket");
	tap_is_diag(&why, DIAG_NET_REFUSED, "refused");
	listen(fd, 0);
	stream = tcp_connect_unix(at.sun_path, clock_deadline(5), &why);
	if (tap_ok(stream, "connects")) {
		tap_ok(tcp_peer_is_local(stream), "the peer is local");
		tcp_put_own_literal(stream, &literal);
		tap_is_text(buf_text(&literal), "[127.0.0.1]", "own literal");
	}
	begin = clock_now_ms();
	second = tcp_connect_unix(at.sun_path, begin + 150, &why);
	tap_ok(!second && clock_now_ms() - begin < 1000,
		"a full backlog is waited for to the deadline");
	tap_is_diag(&why, DIAG_NET_CONNECT_TIMEOUT, "and a time-out then");
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	tap_ok(!tcp_connect_unix(longer, clock_deadline(5), &why),
		"a path that is too long");
	tap_is_number(why.system_error, ENAMETOOLONG, "says so");
	stream_close(stream);
	stream_close(second);
	buf_free(&literal);
	close(fd);
	unlink(at.sun_path);
	rmdir(folder);
}

int main(void)
{
	struct arena *arena = arena_new();

	test_connect(arena);
	test_flags(arena);
	test_refused(arena);
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		test_source(i, arena);
	test_next_address(arena);
	test_silent(arena);
	test_no_route(arena);
	test_operations();
	test_reset(arena);
	test_unix();
	arena_free(arena);
	return tap_done();
}
