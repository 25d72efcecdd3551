/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection against a server that resets it, in clear on loopback. */
#include <config.h>

#include "base/source.h"
#include "deliver/connection.h"
#include "tap.h"

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SESSIONS = 40, PATIENCE_S = 60 };

static int listener;
static unsigned port;

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

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		_exit(99);
}

/* Reads until what came ends in END. */
static void await(int fd, const char *end)
{
	char bytes[4096];
	size_t length = 0, wanted = strlen(end);

	for (;;) {
		ssize_t got = read(fd, bytes + length, sizeof bytes - length);

		if (got <= 0)
			_exit(99);
		length += (size_t)got;
		if (length >= wanted &&
			!memcmp(bytes + length - wanted, end, wanted))
			return;
	}
}

/* Takes a message without PIPELINING, then resets the connection behind the
 * 250, so that our QUIT cannot be written. */
static void serve_one(void)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	int fd = accept(listener, NULL, NULL);

	say(fd, "220 hi\r\n");
	await(fd, "\r\n");
	say(fd, "250 hi\r\n");
	for (int i = 0; i < 2; i++) {
		await(fd, "\r\n");
		say(fd, "250 fine\r\n");
	}
	await(fd, "DATA\r\n");
	say(fd, "354 go\r\n");
	await(fd, "\r\n.\r\n");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	say(fd, "250 yours\r\n");
	close(fd);
}

static pid_t start_server(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (int i = 0; i < SESSIONS; i++)
			serve_one();
		_exit(0);
	}
	return pid;
}

static struct envelope_address bob = { .utf8 = "bob@example.test",
	.ascii = "bob@example.test" };

static bool deliver_one(const struct account *account)
{
	const struct secret none = { NULL, 0 };
	const struct connection_params params = { .account = account,
		.password = &none };
	const struct envelope envelope = {
		.sender = { .utf8 = "a@example.test",
			.ascii = "a@example.test" },
		.recipients = &bob,
		.recipient_count = 1,
	};
	struct source *message = source_from_span(SPAN("A: b\r\n\r\nc\r\n"));
	const struct delivery delivery = { .envelope = &envelope,
		.message = message,
		.size_bytes = 11,
		.message_id = "",
		.is_last = true };
	struct arena *arena = arena_new();
	struct outcome outcome;
	struct connection *connection;
	bool is_told;

	outcome_init(&outcome);
	connection = connection_new(&params, arena, &outcome.failure);
	if (connection)
		connection_deliver(connection, &delivery, arena, &outcome);
	/* The reset may overtake the 250: then it is in doubt, not lost. */
	is_told = !outcome_reason(&outcome) ||
		  outcome_reason(&outcome)->id == DIAG_SMTP_POSSIBLE_DUPLICATE;
	connection_free(connection);
	source_close(message);
	arena_free(arena);
	return is_told;
}

/* Without an end to the reading of last words this hung for ever. */
static void test_reset_behind_the_250(void)
{
	struct account account = { .name = "test",
		.host = "127.0.0.1",
		.domain = "client.example.test" };
	unsigned told = 0;
	int status = -1;
	pid_t server;

	listen_on_loopback();
	account.port = (long)port;
	server = start_server();
	for (int i = 0; i < SESSIONS; i++)
		told += deliver_one(&account);
	tap_is_number(told, SESSIONS, "delivered or in doubt, and it ends");
	waitpid(server, &status, 0);
	tap_is_number(status, 0, "the server saw every message");
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(PATIENCE_S);
	test_reset_behind_the_250();
	return tap_done();
}
