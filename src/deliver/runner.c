/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who goes when: processes and their ends.  Which entries are due is waiting's
 * business, what is in them and how they are sent the lanes'. */
#include <config.h>

#include "deliver/runner.h"

#include "base/clock.h"
#include "base/outlet.h"
#include "base/pipe.h"
#include "deliver/blame.h"
#include "deliver/crew.h"
#include "deliver/handover.h"
#include "deliver/queue.h"
#include "deliver/waiting.h"
#include "deliver/wake.h"
#include "net/network.h"
#include "spool/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CHILDREN_MAX = 32,  /* accounts side by side */
	RESCAN_S = 10 * 60, /* to find what no wake told of */
	POLL_S = 1,         /* the same of a queue that hosts share */
	POLL_MAX_S = 30,
	ASLEEP_S = 60, /* for so long it is believed that we sleep */
	TAKEN_MAX = 400,
	LOOK_S = 5,    /* should a child's end have been missed */
	SETTLE_S = 10, /* a route comes before its name server */
	SLEEP_S = 30,  /* the clock may have been set, or have slept */
	STUCK_S = 10,  /* somebody else has it, or it cannot be moved */
	STUCK_MAX_S = 160,
	BACKOFF_FIRST_S = 15,
	BACKOFF_MAX_S = 10 * 60,
	CALL_PAUSE_MS = 20,
	CALL_TRIES = 1000
};

struct runner {
	const struct runner_params *params;
	struct waiting waiting;
	size_t children;
	struct wake wake;
	struct spool_walk *look; /* to read single entries */
	int64_t rescan_at_ms, poll_s;
	int store_fd; /* where a store that hosts share calls us; -1 */
	bool is_asleep;
	int64_t tell_at_ms;   /* that we sleep */
	int network;          /* where we hear that one has come; -1 */
	int64_t again_at_ms;  /* when what waits for it goes once more */
	int lifeline[2];      /* of the lanes; never written to */
	const char *obstacle; /* why nothing can be sent from here, or NULL */
};

/* ---- signals: a byte in a pipe, and a flag ------------------------------- */

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

static bool open_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal,
		.sa_flags = SA_NOCLDSTOP };

	is_stopping = 0;
	if (!pipe_open(signal_pipe, false))
		return false;
	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGCHLD, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	return true;
}

static void close_signals(void)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };

	(void)sigaction(SIGCHLD, &standard, NULL);
	(void)sigaction(SIGTERM, &standard, NULL);
	(void)sigaction(SIGINT, &standard, NULL);
	folder_close(signal_pipe[0]);
	folder_close(signal_pipe[1]);
	signal_pipe[0] = signal_pipe[1] = -1;
}

/* ---- what waits ---------------------------------------------------------- */

static bool is_wanted(const struct runner *runner, const char *id)
{
	for (size_t i = 0; i < runner->params->id_count; i++)
		if (strcmp(runner->params->ids[i], id) == 0)
			return true;
	return !runner->params->id_count;
}

static void take_item(struct runner *runner, const struct spool_item *found)
{
	const struct lane_params lane = {
		.spool = runner->params->spool,
		.report = runner->params->report,
		.context = runner->params->context,
	};

	if (found->record)
		(void)waiting_put(&runner->waiting, found->id, found->record,
			clock_wall());
	else if (found->is_damaged)
		lane_set_aside(&lane, NULL, found->id, &found->problem);
}

static bool is_forced(const struct runner *runner)
{
	return runner->params->manner == RUNNER_EVERYTHING;
}

/* Of a queue that hosts share nobody knows all: it is asked often, and seldom
 * when there is nothing. */
static void set_rescan(struct runner *runner, bool has_found)
{
	int64_t pause_s = RESCAN_S;

	if (spool_is_shared(runner->params->spool)) {
		pause_s = has_found ? POLL_S : 2 * runner->poll_s;
		if (pause_s < POLL_S)
			pause_s = POLL_S;
		if (pause_s > POLL_MAX_S)
			pause_s = POLL_MAX_S;
		runner->poll_s = pause_s;
	}
	runner->rescan_at_ms = clock_now_ms() + 1000 * pause_s;
}

/* Those that were named. */
static void look_for(struct runner *runner)
{
	struct spool_item found;
	struct diag why;
	struct spool_walk *look =
		spool_walk_new(runner->params->spool, SPOOL_QUEUED, &why);

	for (size_t i = 0; look && i < runner->params->id_count; i++) {
		spool_walk_look(look, runner->params->ids[i], &found);
		if (found.id && !waiting_find(&runner->waiting, found.id))
			take_item(runner, &found);
	}
	spool_walk_free(look);
}

/* What is taken is ours for some minutes: no more than can be sent in them. */
static bool has_enough(const struct runner *runner)
{
	return spool_is_shared(runner->params->spool) &&
	       runner->waiting.active >= TAKEN_MAX;
}

/* Adds what is not known yet; *HAS_FOUND says whether there was any. */
static bool scan_place(struct runner *runner, enum spool_place place,
	bool *has_found, struct diag *why)
{
	struct spool_walk *walk =
		spool_walk_new(runner->params->spool, place, why);
	struct spool_item found;

	*has_found = false;
	while (walk && !has_enough(runner) && spool_walk_next(walk, &found)) {
		*has_found = true;
		if (is_wanted(runner, found.id) &&
			!waiting_find(&runner->waiting, found.id))
			take_item(runner, &found);
	}
	spool_walk_free(walk);
	return walk != NULL;
}

static bool scan(struct runner *runner, struct diag *why)
{
	struct spool *spool = runner->params->spool;
	bool has_found = false, is_read = true;

	if (runner->params->handover &&
		!handover_run(runner->params->handover, spool, why))
		is_read = false;
	if (spool_is_shared(spool) && runner->params->id_count)
		look_for(runner);
	else
		is_read = is_read &&
			  scan_place(runner,
				  is_forced(runner) ? SPOOL_NOW : SPOOL_DUE,
				  &has_found, why);
	(void)spool_sweep(spool, clock_wall());
	set_rescan(runner, has_found);
	return is_read;
}

/* What became of an entry: looked up again, because others run it too.  False
 * when it is gone. */
static bool refresh(struct runner *runner, struct waiting_item *item)
{
	struct spool_item found;

	spool_walk_look(runner->look, item->id, &found);
	if (found.record)
		return waiting_put(
			&runner->waiting, item->id, found.record, clock_wall());
	waiting_forget(&runner->waiting, item);
	return false;
}

/* ---- children ------------------------------------------------------------ */

static bool is_watching(const struct runner *runner)
{
	return runner->params->manner == RUNNER_WATCH ||
	       runner->params->manner == RUNNER_UNTIL_EMPTY;
}

static void run_child(
	const struct runner *runner, const struct waiting_lane *lane)
{
	const char *ids[WAITING_BATCH];
	struct lane_params params = {
		.spool = runner->params->spool,
		.ids = ids,
		.id_count = lane->batch_count,
		.is_forced = is_forced(runner) || lane->is_hurried,
		.debug = runner->params->debug,
		.config_file = runner->params->config_file,
		.lifeline = runner->lifeline[0],
		.held = runner->params->held,
		.crew = lane->crew,
		.report = runner->params->report,
		.context = runner->params->context,
	};
	struct wake inherited = runner->wake;

	close_signals();
	wake_close(&inherited);
	folder_close(runner->lifeline[1]);
	folder_close(runner->network);
	for (size_t i = 0; i < lane->batch_count; i++)
		ids[i] = lane->batch[i]->id;
	_exit(lane_run(&params) ? 0 : 1);
}

static void start_lane(struct runner *runner, struct waiting_lane *lane)
{
	pid_t child;

	crew_begin(lane->crew);
	waiting_fill(&runner->waiting, lane);
	child = fork();
	if (child == 0)
		run_child(runner, lane);
	if (child < 0) {
		/* No process to be had: later. */
		waiting_empty(&runner->waiting, lane);
		lane->not_before_ms =
			clock_now_ms() + 1000 * (int64_t)BACKOFF_FIRST_S;
		return;
	}
	lane->child = child;
	runner->children++;
}

static bool is_ready(const struct waiting_lane *lane, int64_t now_ms)
{
	return !lane->child && lane->due && lane->not_before_ms <= now_ms;
}

/* The server allows so many connections to the user, whatever options the
 * messages have: one lane at a time, and the one with the oldest message. */
static bool is_its_turn(const struct runner *runner,
	const struct waiting_lane *lane, int64_t now_ms)
{
	for (size_t i = 0; i < runner->waiting.lane_count; i++) {
		const struct waiting_lane *other = runner->waiting.lanes[i];

		if (other == lane || strcmp(other->peer, lane->peer) != 0)
			continue;
		if (other->child ||
			(is_ready(other, now_ms) &&
				strcmp(waiting_first(other)->id,
					waiting_first(lane)->id) < 0))
			return false;
	}
	return true;
}

static void start_due(struct runner *runner)
{
	int64_t now_ms = clock_now_ms();

	if (is_stopping)
		return;
	waiting_tick(&runner->waiting, clock_wall());
	for (size_t i = 0; i < runner->waiting.lane_count &&
			   runner->children < CHILDREN_MAX;
		i++) {
		struct waiting_lane *lane = runner->waiting.lanes[i];

		if (is_ready(lane, now_ms) && is_its_turn(runner, lane, now_ms))
			start_lane(runner, lane);
	}
}

static void back_off(struct waiting_lane *lane)
{
	lane->backoff_s =
		lane->backoff_s ? 2 * lane->backoff_s : BACKOFF_FIRST_S;
	if (lane->backoff_s > BACKOFF_MAX_S)
		lane->backoff_s = BACKOFF_MAX_S;
	lane->not_before_ms = clock_now_ms() + 1000 * (int64_t)lane->backoff_s;
}

/* What is in the way of this process alone is not in the next one's. */
static void fail_lane(struct runner *runner, struct waiting_lane *lane)
{
	back_off(lane);
	if (is_watching(runner))
		runner->obstacle = outlet_obstacle();
}

/* The child died of the entry it was at, unless we wanted its end; the others
 * need not wait for that. */
static bool find_guilty(const struct runner *runner,
	const struct waiting_lane *lane, int status)
{
	long at = crew_at(lane->crew, 0);

	if (!blame_is_due(status) || at == CREW_IDLE || is_stopping)
		return false;
	blame(runner->params->spool, lane->batch[at]->id, status);
	return true;
}

static void put_off(
	struct runner *runner, struct waiting_item *item, time_t now)
{
	item->stuck_s = item->stuck_s ? 2 * item->stuck_s : STUCK_S;
	if (item->stuck_s > STUCK_MAX_S)
		item->stuck_s = STUCK_MAX_S;
	waiting_delay(&runner->waiting, item, now, now + item->stuck_s);
}

static void end_entry(
	struct runner *runner, struct waiting_item *item, bool was_tried)
{
	time_t now = clock_wall();
	bool was_called = item->was_called;

	item->is_running = item->was_called = false;
	item->was_tried = was_tried;
	if (!refresh(runner, item) || !was_tried || item->waits_for_server)
		return;
	if (was_called)
		item->stuck_s = 0;
	else if (waiting_item_is_due(item, now))
		put_off(runner, item, now);
	else
		item->stuck_s = 0;
}

static void end_batch(struct runner *runner, struct waiting_lane *lane)
{
	size_t taken = atomic_load(&lane->crew->next);

	for (size_t i = 0; i < lane->batch_count; i++)
		end_entry(runner, lane->batch[i], i < taken);
	lane->batch_count = 0;
}

static void end_lane(
	struct runner *runner, struct waiting_lane *lane, int status)
{
	int64_t until_ms = atomic_load(&lane->crew->not_before_ms);

	lane->child = 0;
	lane->is_hurried = false;
	runner->children--;
	/* Who lost its first process goes on with nobody to look after it. */
	if (blame_is_due(status))
		crew_signal(lane->crew, SIGTERM);
	if (find_guilty(runner, lane, status) || status == 0)
		lane->backoff_s = 0;
	else
		fail_lane(runner, lane);
	if (until_ms > lane->not_before_ms)
		lane->not_before_ms = until_ms;
	end_batch(runner, lane);
}

static void reap(struct runner *runner)
{
	int status;
	pid_t child;

	while ((child = waitpid(-1, &status, WNOHANG)) > 0 ||
		(child < 0 && errno == EINTR))
		for (size_t i = 0; child > 0 && i < runner->waiting.lane_count;
			i++)
			if (runner->waiting.lanes[i]->child == child)
				end_lane(runner, runner->waiting.lanes[i],
					status);
	waiting_forget_lanes(&runner->waiting, clock_now_ms());
}

/* The lanes end, too: now, or when the dot they are behind is answered. */
static void stop_lanes(struct runner *runner)
{
	folder_close(runner->lifeline[1]);
	runner->lifeline[1] = -1;
	for (size_t i = 0; i < runner->waiting.lane_count; i++) {
		if (!runner->waiting.lanes[i]->child)
			continue;
		(void)kill(runner->waiting.lanes[i]->child, SIGTERM);
		crew_signal(runner->waiting.lanes[i]->crew, SIGTERM);
	}
}

/* ---- waiting ------------------------------------------------------------- */

static void hear_of(struct runner *runner, const char *id)
{
	struct waiting_item *item = waiting_find(&runner->waiting, id);
	struct spool_item found;

	if (item && item->is_running) {
		item->was_called = true;
		return;
	}
	spool_walk_look(runner->look, id, &found);
	if (found.record)
		(void)waiting_put(
			&runner->waiting, id, found.record, clock_wall());
	else if (item)
		waiting_forget(&runner->waiting, item);
}

static void hear(struct runner *runner)
{
	char id[RECORD_ID_LENGTH + 1];

	while (wake_receive(&runner->wake, id, sizeof id))
		if (record_id_is_valid(span_of(id)))
			hear_of(runner, id);
	if (runner->wake.fd >= 0 && wake_was_full(runner->params->spool))
		runner->rescan_at_ms = clock_now_ms();
}

/* ---- a network that has come --------------------------------------------- */

/* A train has left its tunnel: nobody waits for the schedule, nor for what was
 * to keep us from asking too often. */
static void hurry(struct runner *runner)
{
	for (size_t i = 0; i < runner->waiting.lane_count; i++) {
		struct waiting_lane *lane = runner->waiting.lanes[i];

		if (lane->child ||
			!waiting_hurry(&runner->waiting, lane, clock_wall()))
			continue;
		lane->is_hurried = true;
		lane->not_before_ms = 0;
		lane->backoff_s = 0;
	}
}

/* The second time is for those who were just under way, and for a machine that
 * has its name server a moment later. */
static void hear_network(struct runner *runner)
{
	int64_t now_ms = clock_now_ms();

	if (network_has_come(runner->network)) {
		runner->again_at_ms = now_ms + 1000 * (int64_t)SETTLE_S;
		hurry(runner);
	} else if (now_ms >= runner->again_at_ms) {
		runner->again_at_ms = INT64_MAX;
		hurry(runner);
	}
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When there is something to do again, by the steady clock, unless somebody
 * calls. */
static int64_t next_time_ms(const struct runner *runner)
{
	int64_t next_ms = runner->rescan_at_ms, now_ms = clock_now_ms();
	time_t now = clock_wall();

	if (runner->again_at_ms < next_ms)
		next_ms = runner->again_at_ms;
	for (size_t i = 0; i < runner->waiting.lane_count; i++) {
		const struct waiting_lane *lane = runner->waiting.lanes[i];
		time_t next;
		int64_t at_ms;

		if (lane->child || !waiting_next(lane, now, &next))
			continue;
		at_ms = later(now_ms + 1000 * (int64_t)(next - now),
			lane->not_before_ms);
		if (at_ms < next_ms)
			next_ms = at_ms;
	}
	return next_ms;
}

static int wait_ms(const struct runner *runner)
{
	int64_t left_ms;

	if (!is_watching(runner))
		return LOOK_S * 1000; /* only a child's end matters */
	left_ms = next_time_ms(runner) - clock_now_ms();
	if (left_ms <= 0)
		return runner->children >= CHILDREN_MAX ? -1 : 1000;
	return left_ms < SLEEP_S * 1000 ? (int)left_ms : SLEEP_S * 1000;
}

static void hear_store(struct runner *runner, bool is_called)
{
	if (!is_called)
		return;
	spool_woken(runner->params->spool);
	runner->rescan_at_ms = clock_now_ms();
}

/* What was put before the others knew that we sleep has called nobody: so we
 * look once more. */
static void tell_store(struct runner *runner)
{
	bool is_asleep = !runner->children && !is_stopping;
	int64_t now_ms = clock_now_ms();

	if (!spool_is_shared(runner->params->spool) ||
		(is_asleep == runner->is_asleep &&
			(!is_asleep || now_ms < runner->tell_at_ms)))
		return;
	if (is_asleep && !runner->is_asleep)
		runner->rescan_at_ms = now_ms;
	runner->store_fd = spool_sleep(runner->params->spool, is_asleep);
	runner->is_asleep = is_asleep;
	runner->tell_at_ms = now_ms + 1000 * (int64_t)ASLEEP_S;
}

static void wait_for_something(struct runner *runner)
{
	const int *lifeline = is_stopping ? NULL : runner->params->lifeline;
	struct pollfd fds[] = {
		{ .fd = signal_pipe[0], .events = POLLIN },
		{ .fd = runner->wake.fd, .events = POLLIN },
		{ .fd = lifeline ? *lifeline : -1, .events = POLLIN },
		{ .fd = runner->network, .events = POLLIN },
		{ .fd = runner->store_fd, .events = POLLIN },
	};
	nfds_t count = sizeof fds / sizeof *fds;
	char bytes[64];

	if ((runner->children ? poll(fds, count, wait_ms(runner))
			      : clock_wait(fds, count, wait_ms(runner))) > 0 &&
		fds[2].revents)
		is_stopping = 1;
	while (read(signal_pipe[0], bytes, sizeof bytes) > 0)
		;
	if (is_stopping && runner->lifeline[1] >= 0)
		stop_lanes(runner);
	reap(runner);
	hear(runner);
	hear_store(runner, fds[4].revents != 0);
	hear_network(runner);
}

/* ---- the whole ----------------------------------------------------------- */

static bool has_work(const struct runner *runner)
{
	return runner->waiting.active || runner->children;
}

static void run_taken(struct runner *runner)
{
	start_due(runner);
	while (runner->children) {
		wait_for_something(runner);
		start_due(runner);
	}
}

/* Of a queue that hosts share there may be more than is taken at a time. */
static void run_once(struct runner *runner)
{
	bool has_found = spool_is_shared(runner->params->spool) &&
			 !runner->params->id_count;
	struct diag ignored;

	run_taken(runner);
	while (has_found && !is_stopping &&
		scan_place(runner, SPOOL_DUE, &has_found, &ignored))
		run_taken(runner);
}

/* Nobody hears a call between our last look and the end of our listening; so
 * the last look comes after it. */
static bool may_leave(struct runner *runner)
{
	struct diag why;

	if (runner->params->manner != RUNNER_UNTIL_EMPTY || has_work(runner))
		return false;
	wake_stop_listening(&runner->wake);
	(void)scan(runner, &why);
	if (!has_work(runner))
		return true;
	if (!spool_is_shared(runner->params->spool))
		(void)wake_resume(runner->params->spool, &runner->wake);
	(void)scan(runner, &why);
	return false;
}

static bool is_folder_gone(const struct runner *runner)
{
	struct stat status;

	return fstat(spool_fd(runner->params->spool), &status) == 0 &&
	       status.st_nlink == 0;
}

static void watch(struct runner *runner)
{
	struct diag why;

	while (!is_stopping && !runner->obstacle && !is_folder_gone(runner) &&
		!may_leave(runner)) {
		start_due(runner);
		tell_store(runner);
		wait_for_something(runner);
		if (clock_now_ms() >= runner->rescan_at_ms)
			(void)scan(runner, &why);
	}
	while (runner->children)
		wait_for_something(runner);
}

/* Settings of whoever started us are not those of the entries' authors. */
static void forget_environment(void)
{
	static const char *const prefixes[] = { "MAILCHUTE_", "SMTP_" };
	extern char **environ;

	for (size_t i = 0; environ && environ[i];) {
		size_t length = strcspn(environ[i], "=");
		char *name = mem_strndup(environ[i], length);
		bool is_setting = false;

		for (size_t j = 0; j < 2; j++)
			is_setting =
				is_setting || span_starts_with(span_of(name),
						      span_of(prefixes[j]));
		if (!is_setting || unsetenv(name) < 0)
			i++;
		mem_free(name);
	}
}

static void free_runner(struct runner *runner)
{
	wake_close(&runner->wake);
	spool_walk_free(runner->look);
	folder_close(runner->lifeline[0]);
	folder_close(runner->lifeline[1]);
	folder_close(runner->network);
	waiting_free(&runner->waiting);
}

static bool fail(const struct runner_params *params, struct diag *why)
{
	int error = errno;

	return diag_set_errno(
		why, error, DIAG_QUEUE_FOLDER, spool_path(params->spool));
}

/* What people started, or have running. */
static const char *name_of(const struct runner_params *params)
{
	if (params->lifeline)
		return "mailchute serve";
	return params->manner == RUNNER_WATCH
		       ? "mailchute queue run --watch"
		       : "mailchute queue run --until-empty";
}

/* One that is just ending hears nobody any more, and its place is free soon.
 * One that begins to listen later than we were called finds by itself what we
 * were called for. */
static enum wake_result take_place(struct runner *runner)
{
	const struct runner_params *params = runner->params;
	struct spool *spool = params->spool;
	const char *who = name_of(params);
	enum wake_result result = wake_listen(spool, &runner->wake, who);

	if (params->manner != RUNNER_UNTIL_EMPTY)
		return result;
	for (int i = 0;
		result == WAKE_TAKEN && i < CALL_TRIES && !wake_is_heard(spool);
		i++) {
		(void)poll(NULL, 0, CALL_PAUSE_MS);
		result = wake_listen(spool, &runner->wake, who);
	}
	return result;
}

/* A store that is away now. */
static bool may_come_back(const struct runner *runner)
{
	return is_watching(runner) && spool_is_shared(runner->params->spool);
}

bool runner_run(const struct runner_params *params, struct diag *why)
{
	struct runner runner = { .params = params,
		.wake = { -1, -1, -1 },
		.lifeline = { -1, -1 },
		.network = -1,
		.store_fd = -1,
		.again_at_ms = INT64_MAX };
	bool is_fine = true;

	runner.waiting.is_forced = is_forced(&runner);
	runner.waiting.is_once = !is_watching(&runner);
	forget_environment();
	if (is_watching(&runner) && !spool_is_shared(params->spool)) {
		enum wake_result result = take_place(&runner);

		if (result != WAKE_LISTENING)
			return result == WAKE_TAKEN || fail(params, why);
	}
	if (is_watching(&runner))
		runner.network = params->network ? dup(*params->network)
						 : network_listen();
	if (!open_signals() || !pipe_open(runner.lifeline, false))
		is_fine = fail(params, why);
	else if (!(runner.look = spool_walk_new(
			   params->spool, SPOOL_DUE, why)) ||
		 (!scan(&runner, why) && !may_come_back(&runner)))
		is_fine = false;
	else if (is_watching(&runner))
		watch(&runner);
	else
		run_once(&runner);
	if (runner.obstacle)
		is_fine = diag_set(why, DIAG_QUEUE_NO_RUNNER, runner.obstacle);
	spool_let_go(params->spool);
	close_signals();
	free_runner(&runner);
	return is_fine;
}
