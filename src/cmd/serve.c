/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 'mailchute serve': the system-wide door.  Programs of this machine hand their
 * mail to a unix socket or a loopback port; the relay's password is known to
 * this process and its children alone.  The parent listens and forks: a child
 * for each connection, and one for each queue, which it runs.
 */
#include <config.h>

#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/reception_door.h"
#include "cmd/report.h"
#include "config/account.h"
#include "deliver/queue.h"
#include "deliver/runner.h"
#include "net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	LISTENERS_MAX = 32,
	CONNECTIONS_MAX = 200,
	CONNECTIONS_PER_CALLER_MAX = 20,
	QUEUES_MAX = 32,
	RESTART_S = 10, /* of a runner that ended */
	IDLE_S = 300,   /* RFC 5321 4.5.3.2.7 */
	CALLER_BYTES = 64
};

static const char usual_socket[] = "/run/mailchute/submit";
static const char usual_config[] = SYSCONFDIR "/mailchute/relay.conf";

struct connection_child {
	pid_t pid; /* 0: the place is free */
	struct listen_peer peer;
};

struct queue_child {
	const struct account *account;
	const char *path;
	pid_t pid;
	time_t not_before;
};

struct serve {
	struct arena *arena;
	struct request request; /* of every message */
	struct config config;
	const char *host_name;
	int listeners[LISTENERS_MAX];
	size_t listener_count;
	struct connection_child connections[CONNECTIONS_MAX];
	struct queue_child queues[QUEUES_MAX];
	size_t queue_count;
};

/* ---- signals ------------------------------------------------------------- */

static int signal_pipe[2] = { -1, -1 };
static volatile sig_atomic_t is_stopping;

static void on_signal(int number)
{
	int kept = errno;
	ssize_t put = write(signal_pipe[1], "", 1);

	(void)put;
	if (number != SIGCHLD)
		is_stopping = 1;
	errno = kept;
}

static void set_signals(void (*handler)(int))
{
	static const int numbers[] = { SIGCHLD, SIGTERM, SIGINT };
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		(void)sigaction(numbers[i], &action, NULL);
}

static bool open_signals(struct diag *why)
{
	if (pipe(signal_pipe) < 0) {
		diag_set(why, DIAG_SYSTEM_FAILED, "pipe");
		return diag_add_errno(why, errno);
	}
	for (int i = 0; i < 2; i++) {
		(void)fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
		(void)fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
	}
	set_signals(on_signal);
	return true;
}

/* What only the parent has. */
static void become_child(struct serve *serve)
{
	set_signals(SIG_DFL);
	close(signal_pipe[0]);
	close(signal_pipe[1]);
	for (size_t i = 0; i < serve->listener_count; i++)
		close(serve->listeners[i]);
}

/* ---- the configuration --------------------------------------------------- */

/* A relay that hands its mail to a socket would hand it to itself. */
static bool check_accounts(const struct serve *serve, struct diag *why)
{
	for (size_t i = 0; i < serve->config.account_count; i++)
		if (serve->config.accounts[i]->socket)
			return diag_set(why, DIAG_CONFIG_CONFLICT,
				serve->config.accounts[i]->name,
				"socket: this is the relay, it needs a host");
	return serve->config.account_count ||
	       diag_set(why, DIAG_CONFIG_NONE, serve->request.config_file);
}

static bool load(
	struct serve *serve, const struct request *said, struct diag *why)
{
	serve->request = (struct request){
		.manner = ARGV_SENDMAIL,
		.is_fenced = true,
		.config_file =
			said->config_file ? said->config_file : usual_config,
		.account = said->account,
		.errors = REQUEST_ERRORS_QUIET,
	};
	return config_load_only(serve->request.config_file, serve->arena,
		       &serve->config, why) &&
	       check_accounts(serve, why);
}

/* ---- sockets ------------------------------------------------------------- */

static bool add_listener(struct serve *serve, int fd)
{
	if (fd < 0 || serve->listener_count == LISTENERS_MAX)
		return false;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	serve->listeners[serve->listener_count++] = fd;
	return true;
}

/* "--socket PATH", "--socket=PATH", "--listen ADDRESS:PORT". */
static bool take_option(struct serve *serve, const char *const *words,
	size_t *index, size_t count, struct diag *why)
{
	struct span value = span_of(words[*index]);
	struct span name = span_cut(&value, '=');
	bool is_socket = span_equal(name, SPAN("--socket"));
	const char *text = words[*index] + name.length + 1;

	if (!is_socket && !span_equal(name, SPAN("--listen")))
		return diag_set(why, DIAG_USAGE_UNKNOWN_OPTION, words[*index]);
	if (name.length == strlen(words[*index])) {
		if (*index + 1 == count)
			return diag_set(
				why, DIAG_USAGE_NO_VALUE, words[*index]);
		text = words[++*index];
	}
	return add_listener(serve, is_socket ? listen_unix(text, why)
					     : listen_loopback(text, why));
}

static bool open_listeners(
	struct serve *serve, const struct request *said, struct diag *why)
{
	for (int i = 0; i < process_listen_count(); i++)
		(void)add_listener(serve, PROCESS_LISTEN_FD + i);
	for (size_t i = 0; i < said->operand_count; i++)
		if (!take_option(serve, said->operands, &i, said->operand_count,
			    why))
			return false;
	return serve->listener_count ||
	       add_listener(serve, listen_unix(usual_socket, why));
}

/* ---- queues -------------------------------------------------------------- */

static void add_queue(struct serve *serve, const struct account *account)
{
	struct folder_params place;
	struct diag why;
	const char *path;

	if (account->queue == OPTION_QUEUE_OFF ||
		serve->queue_count == QUEUES_MAX ||
		!queue_place(account, serve->arena, &place, &why))
		return;
	path = arena_printf(serve->arena, "%s/%s", place.base, place.rest);
	for (size_t i = 0; i < serve->queue_count; i++)
		if (strcmp(serve->queues[i].path, path) == 0)
			return;
	serve->queues[serve->queue_count++] =
		(struct queue_child){ .account = account, .path = path };
}

static void run_queue(struct serve *serve, const struct account *account)
{
	struct runner_params params = {
		.manner = RUNNER_WATCH,
		.report = report_lane,
	};
	struct diag why;

	become_child(serve);
	params.spool = queue_open(account, true, &why);
	if (params.spool && runner_run(&params, &why))
		_exit(0);
	_exit(report_problem(&why));
}

static void start_queues(struct serve *serve)
{
	time_t now = clock_wall();

	for (size_t i = 0; i < serve->queue_count; i++) {
		struct queue_child *queue = &serve->queues[i];
		pid_t pid;

		if (queue->pid || queue->not_before > now)
			continue;
		pid = fork();
		if (pid == 0)
			run_queue(serve, queue->account);
		queue->pid = pid > 0 ? pid : 0;
		queue->not_before = now + RESTART_S;
	}
}

/* ---- connections --------------------------------------------------------- */

static bool is_same_caller(
	const struct listen_peer *a, const struct listen_peer *b)
{
	return a->has_uid == b->has_uid && (!a->has_uid || a->uid == b->uid);
}

/* A free place; NULL when there are too many, of this caller or at all. */
static struct connection_child *find_place(
	struct serve *serve, const struct listen_peer *peer)
{
	struct connection_child *place = NULL;
	size_t same = 0;

	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection_child *one = &serve->connections[i];

		if (!one->pid)
			place = one;
		else if (is_same_caller(&one->peer, peer))
			same++;
	}
	return same < CONNECTIONS_PER_CALLER_MAX ? place : NULL;
}

static void put_caller(
	char caller[static CALLER_BYTES], const struct listen_peer *peer)
{
	if (peer->has_uid)
		snprintf(caller, CALLER_BYTES, "from uid %lu",
			(unsigned long)peer->uid);
	else
		snprintf(caller, CALLER_BYTES, "from this machine");
}

static void serve_one(
	struct serve *serve, int fd, const struct listen_peer *peer)
{
	const struct timeval patience = { .tv_sec = IDLE_S };
	char caller[CALLER_BYTES];
	struct config config = { .account_count = 0 };
	struct diag why;
	struct reception_door_params params = {
		.in = fd,
		.out = fd,
		.request = &serve->request,
		.config_failure = &why,
		.host_name = serve->host_name,
		.caller = caller,
		.idle_limit_ms = IDLE_S * 1000,
	};

	become_child(serve);
	put_caller(caller, peer);
	/* As it is now: a password that was changed needs no restart. */
	if (config_load_only(
		    serve->request.config_file, serve->arena, &config, &why))
		params.config = &config;
	/* In the log, too. */
	serve->request.log_tag = caller;
	(void)fcntl(fd, F_SETFL, 0);
	(void)setsockopt(
		fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	_exit(reception_door_run(&params));
}

static void turn_away(int fd)
{
	static const char busy[] = "421 4.7.0 too many connections\r\n";
	ssize_t put = send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL);

	(void)put;
}

static void take_call(struct serve *serve, int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct connection_child *place;
	struct listen_peer peer;
	pid_t pid = -1;

	if (fd < 0)
		return;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	listen_identify(fd, &peer);
	place = find_place(serve, &peer);
	if (place)
		pid = fork();
	if (pid == 0)
		serve_one(serve, fd, &peer);
	if (pid > 0)
		*place = (struct connection_child){ pid, peer };
	else
		turn_away(fd);
	close(fd);
}

/* ---- the parent ---------------------------------------------------------- */

static void reap(struct serve *serve)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < CONNECTIONS_MAX; i++)
			if (serve->connections[i].pid == pid)
				serve->connections[i].pid = 0;
		for (size_t i = 0; i < serve->queue_count; i++)
			if (serve->queues[i].pid == pid)
				serve->queues[i].pid = 0;
	}
}

static void wait_for_calls(struct serve *serve)
{
	struct pollfd fds[LISTENERS_MAX + 1];
	char bytes[64];

	for (size_t i = 0; i < serve->listener_count; i++)
		fds[i] = (struct pollfd){ .fd = serve->listeners[i],
			.events = POLLIN };
	fds[serve->listener_count] =
		(struct pollfd){ .fd = signal_pipe[0], .events = POLLIN };
	if (poll(fds, (nfds_t)serve->listener_count + 1, RESTART_S * 1000) > 0)
		for (size_t i = 0; i < serve->listener_count; i++)
			if (fds[i].revents)
				take_call(serve, serve->listeners[i]);
	while (read(signal_pipe[0], bytes, sizeof bytes) > 0)
		;
	reap(serve);
}

/* Messages that are under way are finished; no further one is taken. */
static void stop(struct serve *serve)
{
	for (size_t i = 0; i < serve->listener_count; i++)
		close(serve->listeners[i]);
	serve->listener_count = 0;
	for (size_t i = 0; i < serve->queue_count; i++)
		if (serve->queues[i].pid)
			(void)kill(serve->queues[i].pid, SIGTERM);
	for (size_t i = 0; i < serve->queue_count; i++)
		while (serve->queues[i].pid)
			wait_for_calls(serve);
}

static void listen_and_fork(struct serve *serve)
{
	for (size_t i = 0; i < serve->config.account_count; i++)
		add_queue(serve, serve->config.accounts[i]);
	while (!is_stopping) {
		start_queues(serve);
		wait_for_calls(serve);
	}
	stop(serve);
}

int cmd_serve(const struct cmd_context *context)
{
	struct serve *serve = mem_zalloc(sizeof *serve);
	struct diag why;
	int exit_code = EX_OK;

	serve->arena = arena_new();
	serve->host_name = process_host_name(serve->arena);
	if (!serve->host_name)
		serve->host_name = "localhost";
	if (load(serve, context->request, &why) &&
		open_listeners(serve, context->request, &why) &&
		open_signals(&why))
		listen_and_fork(serve);
	else
		exit_code = report_problem(&why);
	config_wipe(&serve->config);
	arena_free(serve->arena);
	mem_free(serve);
	return exit_code;
}
