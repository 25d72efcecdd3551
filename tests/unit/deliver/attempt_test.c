/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An attempt in a process of its own: what that can still do when the server
 * speaks, and what is known when it dies. */
#include <config.h>

#include "base/sandbox.h"
#include "base/snapshot.h"
#include "base/source.h"
#include "deliver/attempt.h"
#include "tap.h"
#include "unit/deeds.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 60, SENT_BYTES = 64 };

/* What the test, the server and the attempt share. */
static struct shared {
	volatile pid_t attempt;   /* who reads what the server says */
	volatile bool dies_early; /* when the server greets */
	volatile bool killed;     /* by the server, behind the dot */
	volatile bool tries_deeds, works[DEED_COUNT];
	volatile bool reads_trust, writes_trust, reads_file, has_unix;
	volatile bool is_tried;
	volatile bool stalls, has_left;     /* the server; the attempt */
	volatile unsigned missing, rewound; /* a library, so often */
	char trust[SENT_BYTES], attached[SENT_BYTES];
} * shared;

static int listener;
static unsigned port;
static const char *socket_path; /* or NULL: the port */

/* ---- the server ---------------------------------------------------------- */

static void listen_on_loopback(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, length) < 0 ||
		listen(listener, 5) < 0 ||
		getsockname(listener, (struct sockaddr *)&address, &length) < 0)
		_exit(99);
	port = ntohs(address.sin_port);
}

/* Reads until what came ends in END; false when nothing more comes. */
static bool await(int fd, const char *end)
{
	char bytes[4096];
	size_t length = 0, wanted = strlen(end);

	while (length < wanted ||
		memcmp(bytes + length - wanted, end, wanted) != 0) {
		ssize_t got = read(fd, bytes + length, sizeof bytes - length);

		if (got <= 0)
			return false;
		length += (size_t)got;
	}
	return true;
}

static bool say(int fd, const char *text)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static void serve_one(int fd)
{
	static const struct {
		const char *awaited, *said;
	} steps[] = {
		{ "", "220 hi\r\n" },
		{ "\r\n", "250 hi\r\n" },
		{ "\r\n", "250 2.1.0 fine\r\n" },
		{ "\r\n", "250 2.1.5 fine\r\n" },
		{ "DATA\r\n", "354 go\r\n" },
		{ "\r\n.\r\n", NULL },
	};

	if (shared->stalls) {
		(void)say(fd, steps[0].said);
		(void)await(fd, "\n.\n");
		shared->has_left = true;
		return;
	}
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (!await(fd, steps[i].awaited) ||
			(steps[i].said && !say(fd, steps[i].said)))
			return;
	if (shared->killed)
		kill(shared->attempt, SIGKILL);
	else
		(void)say(fd, "250 2.0.0 yours\r\n");
}

static pid_t start_server(void)
{
	pid_t pid = fork();

	while (pid == 0) {
		int fd = accept(listener, NULL, NULL);

		serve_one(fd);
		close(fd);
	}
	return pid;
}

/* ---- in the attempt ------------------------------------------------------ */

static bool read_trust(void)
{
	return deed_opens(shared->trust, O_RDONLY);
}

static bool write_trust(void)
{
	return deed_opens(shared->trust, O_WRONLY);
}

static bool open_unix(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* At the first word of the server. */
static void hear(void *context, enum smtp_direction direction, struct span line)
{
	(void)context;
	(void)line;
	if (direction == SMTP_SENT || shared->is_tried)
		return;
	shared->is_tried = true;
	shared->attempt = getpid();
	if (shared->tries_deeds) {
		deeds_try(shared->works);
		shared->reads_trust = read_trust();
		shared->writes_trust = write_trust();
		shared->reads_file = deed_opens(shared->attached, O_RDONLY);
		shared->has_unix = open_unix();
	}
	if (shared->dies_early)
		(void)raise(SIGKILL);
}

/* ---- the tests ----------------------------------------------------------- */

static struct envelope_address bob = { .utf8 = "bob@example.test",
	.ascii = "bob@example.test" };

/* As a message whose form takes a library. */
static bool rewind_with_library(struct source *source, struct diag *why)
{
	(void)source;
	shared->rewound++;
	if (!shared->missing)
		return true;
	shared->missing--;
	return diag_set(why, DIAG_LIBRARY_NOT_LOADED, "libx.so", "denied");
}

static bool next_once(
	struct source *source, struct span *piece, struct diag *why)
{
	static bool is_over;

	(void)source;
	(void)why;
	*piece = is_over ? SPAN("") : SPAN("A: b\r\n\r\nc\r\n");
	is_over = !is_over;
	return true;
}

static void close_nothing(struct source *source)
{
	(void)source;
}

static void attempt(
	bool is_confined, struct arena *arena, struct outcome *outcome)
{
	const struct secret none = { NULL, 0 };
	struct account account = { .name = "test",
		.host = "127.0.0.1",
		.port = (long)port,
		.domain = "client.example.test",
		.tls_trust_file = shared->trust,
		.socket = socket_path,
		.sandbox = is_confined };
	const struct connection_params params = {
		.account = &account, .password = &none, .listener = hear
	};
	struct envelope *envelope = arena_alloc(arena, sizeof *envelope);
	static const struct source_ops ops = { .next = next_once,
		.rewind = rewind_with_library,
		.close = close_nothing };
	struct source message = { .ops = &ops };
	const struct delivery delivery = { .envelope = envelope,
		.message = &message,
		.size_bytes = 11,
		.message_id = "",
		.is_last = true };

	*envelope = (struct envelope){
		.sender = { .utf8 = "a@example.test",
			.ascii = "a@example.test" },
		.recipients = &bob,
		.recipient_count = 1,
	};
	outcome_init(outcome);
	outcome->envelope = envelope;
	shared->is_tried = false;
	shared->attempt = 0;
	shared->rewound = 0;
	attempt_make(&params, &delivery, arena, outcome);
}

static void test_deeds(const struct sandbox_state *kernel)
{
	struct arena *arena = arena_new();
	struct outcome outcome;

	shared->tries_deeds = true;
	attempt(true, arena, &outcome);
	shared->tries_deeds = false;
	tap_ok(!outcome_reason(&outcome), "it is delivered");
	tap_is_text(outcome.reply.reply, "250 2.0.0 yours", "the reply");
	tap_ok(shared->attempt && shared->attempt != getpid(), "elsewhere");
	deeds_check("the sender", shared->works, kernel->files, kernel->calls);
	tap_ok(shared->reads_trust, "reads the trust file");
	tap_ok(!kernel->files || !shared->writes_trust, "writes it not");
	tap_ok(!kernel->files || !shared->reads_file, "reads no other");
	tap_ok(!kernel->calls || !shared->has_unix, "has no unix sockets");
	arena_free(arena);
}

/* Up to five seconds. */
static void wait_until(const volatile bool *is_so)
{
	for (int i = 0; i < 1000 && !*is_so; i++)
		(void)poll(NULL, 0, 5);
}

/* Whoever is killed has nobody left who delivers behind his back. */
static void test_orphan(void)
{
	struct arena *arena = arena_new();
	struct outcome outcome;
	pid_t parent;

	shared->is_tried = false;
	shared->stalls = true;
	parent = fork();
	if (parent == 0) {
		attempt(true, arena, &outcome);
		_exit(0);
	}
	wait_until(&shared->is_tried);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	wait_until(&shared->has_left);
	tap_ok(shared->is_tried && shared->has_left, "an orphan ends");
	shared->stalls = false;
	arena_free(arena);
}

/* Another connection to the same socket. */
static void test_unix(void)
{
	struct arena *arena = arena_new();
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct outcome outcome;
	pid_t server;

	snprintf(address.sun_path, sizeof address.sun_path, "%s.s",
		shared->trust);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	tap_ok(bind(listener, (struct sockaddr *)&address, sizeof address) ==
				0 &&
			listen(listener, 5) == 0,
		"a unix socket");
	server = start_server();
	socket_path = address.sun_path;
	shared->tries_deeds = true;
	attempt(true, arena, &outcome);
	shared->tries_deeds = false;
	socket_path = NULL;
	tap_ok(!outcome_reason(&outcome), "by a socket: it is delivered");
	tap_ok(shared->has_unix, "has unix sockets");
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	(void)unlink(address.sun_path);
	arena_free(arena);
}

/* A file that is in the message is read again when the connection broke. */
static void test_attachment(void)
{
	struct arena *arena = arena_new();
	struct outcome outcome;
	struct diag why;
	struct source *file = snapshot_new(shared->attached, &why);

	shared->tries_deeds = true;
	attempt(true, arena, &outcome);
	shared->tries_deeds = false;
	tap_ok(file && shared->reads_file, "reads what is attached");
	source_close(file);
	arena_free(arena);
}

/* Where no process can be made: in a sandbox of a lane, which makes none. */
static void test_no_child(const struct sandbox_state *kernel)
{
	struct arena *arena = arena_new();
	struct outcome outcome;
	struct sandbox_state ignored;
	int status = -1;
	pid_t alone = fork();

	if (alone == 0) {
		sandbox_enter(&(struct sandbox_params){ .profile = SANDBOX_LANE,
				      .any_file = true,
				      .any_port = true },
			&ignored);
		attempt(true, arena, &outcome);
		_exit(!outcome_reason(&outcome) && shared->attempt == getpid()
				? 0
				: 1);
	}
	tap_ok(alone > 0 && waitpid(alone, &status, 0) == alone, "it ends");
	if (kernel->calls)
		tap_is_number(status, 0, "without a process: delivered here");
	else
		tap_skip("without a process", "not by this kernel");
	arena_free(arena);
}

/* What is between us and the system has needs of its own. */
static void test_preloaded(const struct sandbox_state *kernel)
{
	struct arena *arena = arena_new();
	struct outcome outcome;

	setenv("LD_PRELOAD", "libx.so", 1);
	shared->tries_deeds = true;
	attempt(true, arena, &outcome);
	shared->tries_deeds = false;
	unsetenv("LD_PRELOAD");
	tap_ok(!outcome_reason(&outcome), "preloaded: it is delivered");
	tap_ok(shared->works[DEED_READ_PASSWD], "reads any file");
	deeds_check("preloaded", shared->works, false, kernel->calls);
	arena_free(arena);
}

static void test_off(void)
{
	struct arena *arena = arena_new();
	struct outcome outcome;

	attempt(false, arena, &outcome);
	tap_ok(!outcome_reason(&outcome), "off: it is delivered");
	tap_ok(shared->attempt == getpid(), "off: here");
	arena_free(arena);
}

static void test_deaths(void)
{
	struct arena *arena = arena_new();
	struct outcome outcome;

	shared->dies_early = true;
	attempt(true, arena, &outcome);
	tap_is_diag(&outcome.failure, DIAG_DELIVERY_DIED, "at the greeting");
	tap_ok(!outcome.came_to_mail, "nothing was sent");
	shared->dies_early = false;
	shared->killed = true;
	attempt(true, arena, &outcome);
	tap_is_diag(&outcome.failure, DIAG_SMTP_POSSIBLE_DUPLICATE,
		"behind the dot");
	tap_is_number(outcome_exit_code(&outcome, NULL), 75, "exit code");
	shared->killed = false;
	arena_free(arena);
}

/* Once more, with the library, and not for ever. */
static void test_library(void)
{
	struct arena *arena = arena_new();
	struct outcome outcome;

	shared->missing = 1;
	attempt(true, arena, &outcome);
	tap_ok(!outcome_reason(&outcome), "a library that is found here");
	tap_is_number(shared->rewound, 2, "twice");
	shared->missing = 9;
	attempt(true, arena, &outcome);
	tap_is_diag(&outcome.failure, DIAG_LIBRARY_NOT_LOADED, "not there");
	tap_is_number(shared->rewound, 2, "twice");
	shared->missing = 0;
	arena_free(arena);
}

int main(void)
{
	struct sandbox_state kernel;
	pid_t server;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	alarm(PATIENCE_S);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 99;
	snprintf(shared->trust, sizeof shared->trust, "/tmp/attempt.XXXXXX");
	snprintf(shared->attached, sizeof shared->attached,
		"/tmp/attempt.XXXXXX");
	fd = mkstemp(shared->trust);
	close(fd);
	fd = mkstemp(shared->attached);
	close(fd);
	sandbox_ask(&kernel);
	listen_on_loopback();
	server = start_server();
	test_deeds(&kernel);
	test_deaths();
	test_preloaded(&kernel);
	test_attachment();
	test_no_child(&kernel);
	test_off();
	test_library();
	test_orphan();
	test_unix();
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	(void)unlink(shared->trust);
	(void)unlink(shared->attached);
	return tap_done();
}
