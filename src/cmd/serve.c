/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 'mailchute serve': the system-wide door.  Programs of this machine hand their
 * mail to a unix socket or a loopback port; the relay's password is known to
 * this process and its children alone.  The parent listens and forks: a child
 * for each connection, and one for each queue, which it runs.
 *
 * All children hold the reading end of a pipe in which nothing is ever written:
 * at its end, the parent ends, or was killed.
 */
#include <config.h>

#include "base/clock.h"
#include "base/pipe.h"
#include "base/place.h"
#include "base/process.h"
#include "base/rate.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/log_fallback.h"
#include "cmd/reception_door.h"
#include "cmd/report.h"
#include "cmd/serve_calls.h"
#include "config/account.h"
#include "config/check.h"
#include "config/choose.h"
#include "config/load.h"
#include "deliver/handover.h"
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
	RESTART_S = 10, /* of a runner that ended */
	PAUSE_MS = 100, /* when there is no descriptor or process left */
	CALLER_BYTES = 64,
	LISTENERS_MAX = 32,
	LOG_LINES_PER_MINUTE = 60 /* about a caller's refusals */
};

#define VERB_TABLE "cmd/serve.def"
#include "cmd/words_verb.h"

const struct words_table cmd_serve_words = {
	.usage = N_("[OPTION]..."),
	.about = N_("Takes mail from the programs of this machine and keeps "
		    "the password to itself.\n"),
	.page = "8 mailchute-serve",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
};

/* Invariant: the place is free when path is NULL. */
struct queue_child {
	char *path;
	const struct account *account; /* NULL: no profile has it any more */
	pid_t pid;
	time_t not_before;
};

struct serve {
	struct arena *arena;
	const struct said *said;
	struct request request; /* of every message */
	struct arena *config_arena;
	struct config config;
	struct config_held held; /* no path: there is a file */
	const char *host_name;
	struct rates *rates; /* NULL: any number of messages */
	struct rates *log_rates;
	unsigned unsaid; /* who was turned away, without a line in the log */
	int listeners[LISTENERS_MAX + PROCESS_LISTEN_MAX];
	size_t listener_count;
	int stop_pipe[2];
	struct calls calls;
	struct queue_child *queues;
	size_t queue_count;
};

/* ---- signals ------------------------------------------------------------- */

static int signal_pipe[2] = { -1, -1 };
static volatile sig_atomic_t is_stopping, is_reloading;

static void on_signal(int number)
{
	int kept = errno;
	ssize_t put = write(signal_pipe[1], "", 1);

	(void)put;
	if (number == SIGHUP)
		is_reloading = 1;
	else if (number != SIGCHLD)
		is_stopping = 1;
	errno = kept;
}

/* In a child that finishes its message: the parent has heard it, too. */
static void let_pass(int number)
{
	(void)number;
}

static void set_signals(void (*handler)(int))
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = handler,
		.sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		(void)sigaction(numbers[i], &action, NULL);
}

static bool open_pipe(int fds[2], struct diag *why)
{
	if (pipe_open(fds, false))
		return true;
	return diag_set_errno(why, errno, DIAG_SYSTEM_FAILED, "pipe");
}

static bool open_signals(struct serve *serve, struct diag *why)
{
	const struct sigaction child = { .sa_handler = on_signal };

	if (!open_pipe(signal_pipe, why) || !open_pipe(serve->stop_pipe, why))
		return false;
	(void)sigaction(SIGCHLD, &child, NULL);
	set_signals(on_signal);
	return true;
}

static void close_listeners(struct serve *serve)
{
	for (size_t i = 0; i < serve->listener_count; i++)
		close(serve->listeners[i]);
	serve->listener_count = 0;
}

/* Leaves what only the parent has. */
static void become_child(struct serve *serve, void (*handler)(int))
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };

	(void)sigaction(SIGCHLD, &usual, NULL);
	set_signals(handler);
	close(signal_pipe[0]);
	close(signal_pipe[1]);
	close(serve->stop_pipe[1]);
	close_listeners(serve);
	calls_close_waiting(&serve->calls);
}

/* ---- the configuration --------------------------------------------------- */

/* A relay that hands its mail to a socket would hand it to itself. */
static bool check_account(const struct serve *serve,
	const struct config *config, const struct account *account,
	struct arena *arena, struct diag *why)
{
	if (account->socket)
		return diag_set(why, DIAG_CONFIG_CONFLICT, account->name,
			DIAG_WORDS N_("socket: this is the relay, it needs a "
				      "host"));
	return config_check_account(
		config, &serve->request, account, arena, why);
}

static bool check_accounts(const struct serve *serve,
	const struct config *config, struct arena *arena, struct diag *why)
{
	for (size_t i = 0; i < config->account_count; i++)
		if (!check_account(
			    serve, config, config->accounts[i], arena, why))
			return false;
	return config->account_count ||
	       diag_set(why, DIAG_CONFIG_NONE, serve->request.config_file);
}

/* No file was named, and the usual one is not there. */
static bool has_no_file(const struct serve *serve)
{
	return serve->request.config_file == place_system.relay_config &&
	       access(place_system.relay_config, F_OK) < 0 && errno == ENOENT;
}

/* What there was before stays when it fails. */
static bool load(struct serve *serve, struct diag *why)
{
	struct arena *arena = arena_new();
	struct config config = { .account_count = 0 };
	bool is_held = has_no_file(serve);

	if (!(is_held ? config_load_service(arena, &config, why)
		      : config_load_only(serve->request.config_file, arena,
				&config, why)) ||
		!check_accounts(serve, &config, arena, why)) {
		config_wipe(&config);
		arena_free(arena);
		return false;
	}
	config_wipe(&serve->config);
	arena_free(serve->config_arena);
	serve->config = config;
	serve->config_arena = arena;
	serve->held = (struct config_held){
		is_held ? serve->request.config_file : NULL, &serve->config
	};
	return true;
}

static void set_request(struct serve *serve, const struct request *said)
{
	serve->request = (struct request){
		.manner = ARGV_SENDMAIL,
		.is_fenced = true,
		.is_taken = true,
		.config_file = said->config_file ? said->config_file
						 : place_system.relay_config,
		.account = said->account,
		.errors = REQUEST_ERRORS_QUIET,
	};
}

/* ---- sockets ------------------------------------------------------------- */

static bool add_listener(struct serve *serve, int fd)
{
	if (fd < 0)
		return false;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	serve->listeners[serve->listener_count++] = fd;
	return true;
}

/* From a service manager. */
static bool take_listeners(struct serve *serve, struct diag *why)
{
	int count = process_listen_count();

	if (count < 0)
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "LISTEN_FDS",
			process_getenv("LISTEN_FDS"), "0-32");
	for (int fd = PROCESS_LISTEN_FD; fd < PROCESS_LISTEN_FD + count; fd++)
		if (!listen_check(fd, why) || !add_listener(serve, fd))
			return false;
	return true;
}

static bool open_each(struct serve *serve, const struct words_list *names,
	int (*listener)(const char *name, struct diag *why), struct diag *why)
{
	for (size_t i = 0; i < names->count; i++)
		if (!add_listener(serve, listener(names->items[i], why)))
			return false;
	return true;
}

static bool open_listeners(struct serve *serve, struct diag *why)
{
	const struct said *said = serve->said;

	if (said->sockets.count + said->addresses.count > LISTENERS_MAX)
		return diag_set(why, DIAG_USAGE_BAD_VALUE,
			said->sockets.count ? "--socket" : "--listen",
			said->sockets.count ? said->sockets.items[0]
					    : said->addresses.items[0],
			DIAG_WORDS N_("too many"));
	return open_each(serve, &said->sockets, listen_unix, why) &&
	       open_each(serve, &said->addresses, listen_loopback, why) &&
	       (serve->listener_count ||
		       add_listener(
			       serve, listen_unix(place_system.socket, why)));
}

/* ---- queues -------------------------------------------------------------- */

/* The place of PATH, or a free one. */
static struct queue_child *find_queue(struct serve *serve, const char *path)
{
	struct queue_child *unused = NULL;

	for (size_t i = 0; i < serve->queue_count; i++) {
		struct queue_child *queue = &serve->queues[i];

		if (!queue->path)
			unused = queue;
		else if (strcmp(queue->path, path) == 0)
			return queue;
	}
	if (unused)
		return unused;
	serve->queues = mem_array(
		serve->queues, serve->queue_count + 1, sizeof *serve->queues);
	unused = &serve->queues[serve->queue_count++];
	*unused = (struct queue_child){ .path = NULL };
	return unused;
}

static void add_queue(struct serve *serve, const struct account *account)
{
	struct arena *arena = arena_new();
	struct queue_child *queue;
	struct folder_params place;
	struct diag why;
	const char *path;

	if (account->queue == OPTION_QUEUE_OFF)
		goto done;
	if (!queue_place(account, arena, &place, &why)) {
		report_problem(&why);
		goto done;
	}
	path = arena_printf(arena, "%s/%s", place.base, place.rest);
	queue = find_queue(serve, path);
	if (!queue->path)
		*queue = (struct queue_child){ .path = mem_strdup(path) };
	if (!queue->account)
		queue->account = account;
done:
	arena_free(arena);
}

/* The queues of the profiles that there are now; a runner whose queue is still
 * among them goes on. */
static void set_queues(struct serve *serve)
{
	for (size_t i = 0; i < serve->queue_count; i++)
		serve->queues[i].account = NULL;
	for (size_t i = 0; i < serve->config.account_count; i++)
		add_queue(serve, serve->config.accounts[i]);
	for (size_t i = 0; i < serve->queue_count; i++)
		if (!serve->queues[i].account && serve->queues[i].pid)
			(void)kill(serve->queues[i].pid, SIGTERM);
}

/* The entries say which commands are run: not as root what another user
 * wrote. */
static bool become_owner(const struct spool *spool, struct diag *why)
{
	uid_t owner = spool_owner(spool);

	return geteuid() != 0 || owner == 0 || process_become_user(owner) ||
	       diag_set(why, DIAG_QUEUE_NOT_OURS, spool_path(spool),
		       DIAG_WORDS N_("its owner is no user of this machine"));
}

static void run_queue(struct serve *serve, const struct account *account)
{
	struct runner_params params = {
		.manner = RUNNER_WATCH,
		/* One that outlives us would use what we were given. */
		.lifeline = &serve->stop_pipe[0],
		.held = serve->held.path ? &serve->held : NULL,
		.report = report_lane,
		.config_file = serve->request.config_file,
	};
	struct diag why;

	become_child(serve, SIG_DFL);
	if (is_stopping)
		_exit(0);
	params.spool = queue_open(account, true, &why);
	if (account->queue_store_fallback == OPTION_STORE_FALLBACK_FOLDER)
		params.handover = handover_open(account, true, &why);
	if (params.spool && become_owner(params.spool, &why) &&
		runner_run(&params, &why))
		_exit(0);
	_exit(report_problem(&why));
}

static void start_queues(struct serve *serve)
{
	time_t now = clock_wall();

	for (size_t i = 0; i < serve->queue_count; i++) {
		struct queue_child *queue = &serve->queues[i];
		pid_t pid;

		if (!queue->account || queue->pid || queue->not_before > now)
			continue;
		pid = fork();
		if (pid == 0)
			run_queue(serve, queue->account);
		queue->pid = pid > 0 ? pid : 0;
		queue->not_before = now + RESTART_S;
	}
}

static bool is_any_queue_running(const struct serve *serve)
{
	for (size_t i = 0; i < serve->queue_count; i++)
		if (serve->queues[i].pid)
			return true;
	return false;
}

/* ---- connections --------------------------------------------------------- */

static void put_caller(
	char caller[static CALLER_BYTES], const struct listen_peer *peer)
{
	if (peer->has_uid)
		snprintf(caller, CALLER_BYTES, "from uid %lu",
			(unsigned long)peer->uid);
	else
		snprintf(caller, CALLER_BYTES, "from this machine");
}

/* A session of a caller whose rate is kept. */
struct session {
	const struct serve *serve;
	size_t caller;
};

static bool may_send(void *context, struct diag *why)
{
	const struct session *session = context;
	char limit[CALLER_BYTES];

	if (!session->serve->rates || rates_take(session->serve->rates,
					      session->caller, clock_now_ms()))
		return true;
	snprintf(limit, sizeof limit, "%lu", session->serve->said->messages);
	return diag_set(why, DIAG_INPUT_TOO_MANY, limit);
}

static bool may_log(void *context)
{
	const struct session *session = context;

	return rates_take(
		session->serve->log_rates, session->caller, clock_now_ms());
}

static void set_patience(int fd, unsigned long seconds)
{
	const struct timeval patience = { .tv_sec = (time_t)seconds };

	(void)fcntl(fd, F_SETFL, 0);
	(void)setsockopt(
		fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static void serve_one(struct serve *serve, const struct call *call)
{
	const struct said *said = serve->said;
	struct session session = { serve, calls_caller(&call->peer) };
	char caller[CALLER_BYTES], tag[2 * CALLER_BYTES];
	struct config config = { .account_count = 0 };
	struct diag why;
	struct reception_door_params params = {
		.in = call->fd,
		.out = call->fd,
		.request = &serve->request,
		.config_failure = &why,
		.host_name = serve->host_name,
		.caller = caller,
		.idle_limit_ms = (int64_t)said->idle_s * 1000,
		.stop_fd = serve->stop_pipe[0],
		.may_send = may_send,
		.may_log = may_log,
		.context = &session,
		.size_limit = said->size,
		.recipient_limit = said->recipients,
	};

	put_caller(caller, &call->peer);
	/* In the log, too, and there with the process. */
	snprintf(tag, sizeof tag, call->peer.pid ? "%s, pid %ld" : "%s", caller,
		(long)call->peer.pid);
	serve->request.log_tag = tag;
	/* As it is now: a password that was changed needs no restart. */
	if (serve->held.path)
		params.config = &serve->config;
	else if (config_load_only(serve->request.config_file, serve->arena,
			 &config, &why) &&
		 check_accounts(serve, &config, serve->arena, &why))
		params.config = &config;
	set_patience(call->fd, said->idle_s);
	_exit(reception_door_run(&params));
}

static void begin_session(struct serve *serve, const struct call *place)
{
	struct call call = *place;

	/* Its descriptor is ours from here on. */
	serve->calls.places[place - serve->calls.places].is_taken = false;
	become_child(serve, let_pass);
	serve_one(serve, &call);
}

static void turn_away(int fd, const char *reply)
{
	ssize_t put = send(fd, reply, strlen(reply), MSG_NOSIGNAL);

	(void)put;
}

static void log_line(const struct serve *serve, const struct diag *why)
{
	const struct account *account = NULL;
	struct arena *arena = arena_new();
	struct outcome outcome;

	outcome_init(&outcome);
	outcome.failure = *why;
	(void)account_choose(
		&serve->config, &serve->request, NULL, arena, &account, NULL);
	report_outcome(&outcome, account, &serve->request);
	arena_free(arena);
}

static void report_unsaid(struct serve *serve)
{
	char number[24];
	struct diag why;

	if (!serve->unsaid)
		return;
	snprintf(number, sizeof number, "%u", serve->unsaid);
	diag_set(&why, DIAG_INPUT_MORE_REFUSALS, number,
		DIAG_WORDS N_("of connections"));
	log_line(serve, &why);
	serve->unsaid = 0;
}

/* Somebody should know why that mail did not come. */
static void report_crowd(struct serve *serve, const struct listen_peer *peer)
{
	char caller[CALLER_BYTES];
	struct diag why;

	if (!rates_take(serve->log_rates, calls_caller(peer), clock_now_ms())) {
		serve->unsaid++;
		return;
	}
	report_unsaid(serve);
	put_caller(caller, peer);
	diag_set(&why, DIAG_INPUT_CROWDED, caller);
	log_line(serve, &why);
}

static const char crowded[] = "421 4.7.0 too many connections\r\n";
static const char stopped[] = "421 4.3.2 the service ends\r\n";

static void take_call(struct serve *serve, int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct listen_peer peer;

	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			(void)poll(NULL, 0, PAUSE_MS);
		return;
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	listen_identify(fd, &peer);
	if (calls_add(&serve->calls, fd, &peer, clock_now_ms()))
		return;
	turn_away(fd, crowded);
	close(fd);
	report_crowd(serve, &peer);
}

static void serve_calls(struct serve *serve)
{
	struct call *call;

	while ((call = calls_next(&serve->calls))) {
		pid_t pid = fork();

		if (pid < 0) {
			(void)poll(NULL, 0, PAUSE_MS);
			break;
		}
		if (pid == 0)
			begin_session(serve, call);
		close(call->fd);
		call->fd = -1;
		call->pid = pid;
	}
	while ((call = calls_late(&serve->calls, clock_now_ms()))) {
		turn_away(call->fd, crowded);
		report_crowd(serve, &call->peer);
		calls_forget(call);
	}
}

/* ---- the parent ---------------------------------------------------------- */

static void end_queue(struct serve *serve, pid_t pid)
{
	for (size_t i = 0; i < serve->queue_count; i++) {
		struct queue_child *queue = &serve->queues[i];

		if (queue->pid != pid)
			continue;
		queue->pid = 0;
		if (queue->account)
			continue;
		mem_free(queue->path);
		*queue = (struct queue_child){ .path = NULL };
	}
}

static void reap(struct serve *serve)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		calls_end(&serve->calls, pid);
		end_queue(serve, pid);
	}
}

static void wait_for_calls(struct serve *serve)
{
	struct pollfd fds[LISTENERS_MAX + PROCESS_LISTEN_MAX + 1];
	size_t count = serve->listener_count;
	bool is_pressed = calls_is_anybody_waiting(&serve->calls);
	char bytes[64];

	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = serve->listeners[i],
			.events = POLLIN };
	fds[count] = (struct pollfd){ .fd = signal_pipe[0], .events = POLLIN };
	if (poll(fds, (nfds_t)count + 1,
		    is_pressed ? 10 * PAUSE_MS : RESTART_S * 1000) > 0)
		for (size_t i = 0; i < count; i++)
			if (fds[i].revents)
				take_call(serve, serve->listeners[i]);
	while (read(signal_pipe[0], bytes, sizeof bytes) > 0)
		;
	reap(serve);
}

/* A configuration that is wrong changes nothing.  An environment does not
 * change, but a file may have come in its place. */
static void reload(struct serve *serve)
{
	struct diag why;

	is_reloading = 0;
	if (serve->held.path && has_no_file(serve))
		return;
	if (load(serve, &why))
		set_queues(serve);
	else
		report_problem(&why);
}

/* Messages that are under way are finished; no further one is taken. */
static void stop(struct serve *serve)
{
	process_notify("STOPPING=1");
	report_unsaid(serve);
	close_listeners(serve);
	for (size_t i = 0; i < CALLS_MAX; i++) {
		struct call *call = &serve->calls.places[i];

		if (!call->is_taken || call->pid)
			continue;
		turn_away(call->fd, stopped);
		calls_forget(call);
	}
	close(serve->stop_pipe[1]);
	for (size_t i = 0; i < serve->queue_count; i++)
		if (serve->queues[i].pid)
			(void)kill(serve->queues[i].pid, SIGTERM);
	while (calls_count_served(&serve->calls) || is_any_queue_running(serve))
		wait_for_calls(serve);
}

static void listen_and_fork(struct serve *serve)
{
	set_queues(serve);
	process_notify("READY=1");
	while (!is_stopping) {
		if (is_reloading)
			reload(serve);
		start_queues(serve);
		wait_for_calls(serve);
		serve_calls(serve);
	}
	stop(serve);
}

static bool open_rates(struct serve *serve, struct diag *why)
{
	serve->log_rates = rates_new(CALLERS_MAX, LOG_LINES_PER_MINUTE);
	if (serve->said->messages)
		serve->rates = rates_new(CALLERS_MAX, serve->said->messages);
	if (serve->log_rates && (serve->rates || !serve->said->messages))
		return true;
	return diag_set_errno(why, errno, DIAG_SYSTEM_FAILED, "mmap");
}

static bool start(struct serve *serve, struct diag *why)
{
	if (!open_rates(serve, why))
		return false;
	serve->calls.served_max = serve->said->connections;
	return take_listeners(serve, why) && load(serve, why) &&
	       open_listeners(serve, why) && open_signals(serve, why);
}

static int run(struct serve *serve)
{
	struct diag why;

	if (!start(serve, &why))
		return report_problem(&why);
	listen_and_fork(serve);
	return EX_OK;
}

static void free_serve(struct serve *serve)
{
	for (size_t i = 0; i < serve->queue_count; i++)
		mem_free(serve->queues[i].path);
	mem_free(serve->queues);
	rates_free(serve->rates);
	rates_free(serve->log_rates);
	config_wipe(&serve->config);
	arena_free(serve->config_arena);
	arena_free(serve->arena);
	mem_free(serve);
}

int cmd_serve(const struct cmd_context *context)
{
	struct serve *serve = mem_zalloc(sizeof *serve);
	int exit_code;

	log_fallback_to_stderr();
	serve->said = context->said;
	serve->arena = arena_new();
	serve->host_name = process_host_name(serve->arena);
	if (!serve->host_name)
		serve->host_name = "localhost";
	set_request(serve, context->request);
	exit_code = run(serve);
	free_serve(serve);
	return exit_code;
}
