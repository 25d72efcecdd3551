/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sockets for the shell suites.  Knows nothing of mail.
 *
 *	sockets call ADDRESS [SECONDS]
 *		stdin goes there, what comes back to stdout, until the other
 *		end hangs up; our end stays open so long after stdin's end (60)
 *	sockets pass COUNT ADDRESS... -- COMMAND...
 *		runs COMMAND with the listening sockets as descriptors 3 and up,
 *		as a service manager does (sd_listen_fds(3)); LISTEN_FDS is
 *		COUNT, whatever there is
 *	sockets crowd COUNT ADDRESS
 *		so many connections at once; prints what comes back on the last,
 *		until the other end hangs up
 *	sockets hear PATH
 *		prints the datagrams that come there, each a line
 *
 * ADDRESS is a path, or a port of 127.0.0.1, or any:PORT (of every address), or
 * udp:PORT, or file:PATH (no socket at all).
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 10, FIRST = 3, PIECE = 4096 };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "sockets: %s: %s\n", what, strerror(errno));
	exit(2);
}

union place {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in inet;
};

static socklen_t make_place(const char *address, union place *out)
{
	const char *port = strrchr(address, ':');

	memset(out, 0, sizeof *out);
	if (address[0] == '/') {
		out->local.sun_family = AF_UNIX;
		snprintf(out->local.sun_path, sizeof out->local.sun_path, "%s",
			address);
		return sizeof out->local;
	}
	out->inet.sin_family = AF_INET;
	out->inet.sin_port =
		htons((in_port_t)strtoul(port ? port + 1 : address, NULL, 10));
	out->inet.sin_addr.s_addr =
		htonl(strncmp(address, "any:", 4) == 0 ? INADDR_ANY
						       : INADDR_LOOPBACK);
	return sizeof out->inet;
}

/* ---- call ---------------------------------------------------------------- */

/* False at the end of FROM. */
static bool move(int from, int to)
{
	char bytes[PIECE];
	ssize_t count = read(from, bytes, sizeof bytes);

	for (ssize_t at = 0; at < count;) {
		ssize_t put = write(to, bytes + at, (size_t)(count - at));

		if (put < 0)
			return false;
		at += put;
	}
	return count > 0;
}

static int connect_to(const char *address)
{
	union place place;
	socklen_t length = make_place(address, &place);
	int fd = socket(place.any.sa_family, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, &place.any, length) < 0)
		die(address);
	return fd;
}

static int call(const char *address, int patience_s)
{
	int fd = connect_to(address);
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	bool is_open = true;

	while (poll(fds, 2, is_open ? -1 : patience_s * 1000) > 0) {
		if (fds[1].revents && !move(fd, STDOUT_FILENO))
			return 0;
		if (is_open && fds[0].revents && !move(STDIN_FILENO, fd)) {
			is_open = false;
			fds[0].fd = -1;
		}
	}
	return 1;
}

static int crowd(long count, const char *address)
{
	int last = -1;

	while (count-- > 0)
		last = connect_to(address);
	while (last >= 0 && move(last, STDOUT_FILENO))
		;
	return 0;
}

/* ---- pass ---------------------------------------------------------------- */

static int open_place(const char *address)
{
	union place place;
	socklen_t length = make_place(address, &place);
	bool is_udp = strncmp(address, "udp:", 4) == 0;
	int fd, on = 1;

	if (strncmp(address, "file:", 5) == 0)
		return open(address + 5, O_RDWR | O_CREAT, 0600);
	fd = socket(place.any.sa_family, is_udp ? SOCK_DGRAM : SOCK_STREAM, 0);
	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
		bind(fd, &place.any, length) < 0 ||
		(!is_udp && listen(fd, BACKLOG) < 0))
		return -1;
	return fd;
}

static int pass(char **words)
{
	char text[16];
	int wanted = FIRST;

	for (int fd = FIRST; fd < FIRST + BACKLOG; fd++)
		close(fd);
	setenv("LISTEN_FDS", *words++, 1);
	for (; *words && strcmp(*words, "--") != 0; words++)
		if (open_place(*words) != wanted++)
			die(*words);
	if (!*words || !words[1])
		return 2;
	snprintf(text, sizeof text, "%ld", (long)getpid());
	/* A test of what is not meant for the process says so itself. */
	setenv("LISTEN_PID", text, getenv("LISTEN_PID") == NULL);
	execvp(words[1], words + 1);
	die(words[1]);
}

/* ---- hear ---------------------------------------------------------------- */

static int hear(const char *path)
{
	union place place;
	socklen_t length = make_place(path, &place);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char bytes[PIECE];
	ssize_t count;

	if (fd < 0 || bind(fd, &place.any, length) < 0)
		die(path);
	while ((count = recv(fd, bytes, sizeof bytes, 0)) > 0) {
		printf("%.*s\n", (int)count, bytes);
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && strcmp(argv[1], "call") == 0)
		return call(argv[2],
			argc > 3 ? (int)strtol(argv[3], NULL, 10) : 60);
	if (argc >= 4 && strcmp(argv[1], "pass") == 0)
		return pass(argv + 2);
	if (argc == 4 && strcmp(argv[1], "crowd") == 0)
		return crowd(strtol(argv[2], NULL, 10), argv[3]);
	if (argc == 3 && strcmp(argv[1], "hear") == 0)
		return hear(argv[2]);
	fprintf(stderr, "usage: sockets call ADDRESS [SECONDS] | "
			"pass COUNT ADDRESS... -- COMMAND... | "
			"crowd COUNT ADDRESS | hear PATH\n");
	return 2;
}
