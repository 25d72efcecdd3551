/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sink's main program: listens, and forks for each connection. */
#include <config.h>

#include "sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SINK_CHILDREN_MAX = 512, SINK_BACKLOG = 128, SINK_TICK_MS = 200 };

struct listener {
	const char *name, *port;
	bool is_implicit, is_clear;
	int fd; /* -1: not wanted */
	unsigned bound;
};

struct sink {
	struct sink_options options;
	struct sink_tls *tls;
	struct sink_shared *shared;
	struct listener listeners[3];
	pid_t children[SINK_CHILDREN_MAX];
	size_t child_count;
	unsigned long accepted;
};

static volatile sig_atomic_t is_over;

static void on_signal(int signal_number)
{
	(void)signal_number;
	is_over = 1;
}

static void on_child(int signal_number)
{
	(void)signal_number; /* only wakes poll() */
}

static void die(const char *what)
{
	fprintf(stderr, "sink: %s: errno %d\n", what, errno);
	exit(71);
}

/* ---- listening ----------------------------------------------------------- */

union endpoint {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Loopback only: whatever the options say, this is no server for a network. */
static socklen_t read_address(
	const char *text, unsigned port, union endpoint *out)
{
	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1 &&
		(ntohl(out->v4.sin_addr.s_addr) >> 24) == 127) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons((uint16_t)port);
		return sizeof out->v4;
	}
	if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1 &&
		IN6_IS_ADDR_LOOPBACK(&out->v6.sin6_addr)) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons((uint16_t)port);
		return sizeof out->v6;
	}
	fputs("sink: --address wants a loopback address\n", stderr);
	exit(64);
}

static void open_listener(struct listener *listener, const char *address)
{
	union endpoint at;
	unsigned long port = 0;
	socklen_t length;
	int on = 1;

	listener->fd = -1;
	if (!listener->port)
		return;
	if (!span_number(span_of(listener->port), 65535, &port)) {
		fprintf(stderr, "sink: bad port for --%s\n", listener->name);
		exit(64);
	}
	length = read_address(address, (unsigned)port, &at);
	listener->fd = socket(at.any.sa_family, SOCK_STREAM, 0);
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener->fd, &at.any, length) < 0 ||
		listen(listener->fd, SINK_BACKLOG) < 0)
		die("bind");
	fcntl(listener->fd, F_SETFL, O_NONBLOCK);
	getsockname(listener->fd, &at.any, &length);
	listener->bound = ntohs(
		at.any.sa_family == AF_INET ? at.v4.sin_port : at.v6.sin6_port);
}

static void put_ports(const struct sink *sink, FILE *file)
{
	for (size_t i = 0; i < 3; i++)
		if (sink->listeners[i].fd >= 0)
			fprintf(file, "%s_port=%u\n", sink->listeners[i].name,
				sink->listeners[i].bound);
	fflush(file);
}

/* The file appears whole, once everything is ready. */
static void write_ports(const struct sink *sink)
{
	char part[4096];
	FILE *file;

	if (!sink->options.port_file) {
		put_ports(sink, stdout);
		return;
	}
	snprintf(part, sizeof part, "%s.part", sink->options.port_file);
	file = fopen(part, "w");
	if (!file)
		die(part);
	put_ports(sink, file);
	fclose(file);
	if (rename(part, sink->options.port_file) < 0)
		die(sink->options.port_file);
}

/* ---- children ------------------------------------------------------------ */

static void reap(struct sink *sink, bool is_blocking)
{
	for (size_t i = 0; i < sink->child_count;) {
		pid_t pid = waitpid(
			sink->children[i], NULL, is_blocking ? 0 : WNOHANG);

		if (pid == 0 || (pid < 0 && errno == EINTR))
			i += pid == 0;
		else
			sink->children[i] = sink->children[--sink->child_count];
	}
}

static void serve(struct sink *sink, const struct listener *listener, int fd)
{
	struct sink_session_params params = { .options = &sink->options,
		.tls = sink->tls,
		.fd = fd,
		.is_implicit = listener->is_implicit,
		.is_clear = listener->is_clear,
		.number = sink->accepted,
		.shared = sink->shared };
	int on = 1;

	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	for (size_t i = 0; i < 3; i++)
		if (sink->listeners[i].fd >= 0)
			close(sink->listeners[i].fd);
	fcntl(fd, F_SETFL, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (sink->options.lifetime_s)
		alarm((unsigned)sink->options.lifetime_s);
	sink_session_run(&params);
	sink_tls_free(sink->tls);
	exit(0);
}

static void take_connection(struct sink *sink, const struct listener *listener)
{
	int fd = accept(listener->fd, NULL, NULL);
	pid_t pid;

	if (fd < 0)
		return;
	sink->accepted++;
	pid = fork();
	if (pid == 0)
		serve(sink, listener, fd);
	if (pid > 0)
		sink->children[sink->child_count++] = pid;
	close(fd);
}

/* ---- the loop ------------------------------------------------------------ */

static bool is_full(const struct sink *sink)
{
	unsigned long max = sink->options.max_connections;

	return max && sink->accepted >= max;
}

static void run(struct sink *sink)
{
	time_t begin = time(NULL);
	unsigned long lifetime = sink->options.lifetime_s;

	while (!is_over && !is_full(sink)) {
		struct pollfd fds[3];
		bool has_room = sink->child_count < SINK_CHILDREN_MAX;

		for (size_t i = 0; i < 3; i++)
			fds[i] = (struct pollfd){
				.fd = has_room ? sink->listeners[i].fd : -1,
				.events = POLLIN
			};
		if (poll(fds, 3, SINK_TICK_MS) > 0)
			for (size_t i = 0; i < 3 && !is_full(sink); i++)
				if (fds[i].revents &&
					sink->child_count < SINK_CHILDREN_MAX)
					take_connection(
						sink, &sink->listeners[i]);
		reap(sink, false);
		if (lifetime && (unsigned long)(time(NULL) - begin) > lifetime)
			is_over = 1;
	}
}

/* Whoever comes now is refused at once, not when the last child has ended. */
static void close_listeners(const struct sink *sink)
{
	for (size_t i = 0; i < 3; i++)
		if (sink->listeners[i].fd >= 0)
			close(sink->listeners[i].fd);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = on_child;
	sigaction(SIGCHLD, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* A mistake in it is told at once, not to a client. */
static void check_script(const char *path)
{
	struct sink_script *script = path ? sink_script_read(path) : NULL;

	if (path && !script)
		exit(64);
	sink_script_free(script);
}

int main(int argc, char **argv)
{
	struct sink sink = { .child_count = 0 };
	int exit_code;

	(void)argc;
	if (!sink_options_read(&sink.options, argv, &exit_code))
		return exit_code;
	check_script(sink.options.script);
	catch_signals();
	sink.shared = mmap(NULL, sizeof *sink.shared, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sink.shared == MAP_FAILED)
		die("mmap");
	if (sink.options.maildir && mkdir(sink.options.maildir, 0700) < 0 &&
		errno != EEXIST)
		die(sink.options.maildir);
	sink.tls = sink_tls_new(&sink.options);
	sink.listeners[0] = (struct listener){ .name = "starttls",
		.port = sink.options.starttls_port };
	sink.listeners[1] = (struct listener){ .name = "implicit",
		.port = sink.options.implicit_port,
		.is_implicit = true };
	sink.listeners[2] = (struct listener){ .name = "clear",
		.port = sink.options.clear_port,
		.is_clear = true };
	for (size_t i = 0; i < 3; i++)
		open_listener(&sink.listeners[i], sink.options.address);
	write_ports(&sink);
	run(&sink);
	close_listeners(&sink);
	for (size_t i = 0; is_over && i < sink.child_count; i++)
		kill(sink.children[i], SIGTERM);
	reap(&sink, true);
	sink_tls_free(sink.tls);
	return 0;
}
