/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who goes when.  Knows entries by their id, account and time; what is in them
 * and how they are sent is the lanes' business. */
#include <config.h>

#include "deliver/runner.h"

#include "base/clock.h"
#include "base/outlet.h"
#include "base/process.h"
#include "deliver/blame.h"
#include "deliver/crew.h"
#include "deliver/progress.h"
#include "deliver/queue.h"
#include "deliver/reach.h"
#include "deliver/wake.h"
#include "spool/walk.h"

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
	BATCH = 500,        /* entries a child is given */
	CHILDREN_MAX = 32,  /* accounts side by side */
	RESCAN_S = 10 * 60, /* to find what no wake told of */
	LOOK_S = 5,         /* should a child's end have been missed */
	SLEEP_S = 30,       /* the clock may have been set, or have slept */
	STUCK_S = 10,       /* somebody else has it, or it cannot be moved */
	BACKOFF_FIRST_S = 15,
	BACKOFF_MAX_S = 10 * 60,
	CALL_PAUSE_MS = 20,
	CALL_TRIES = 1000,
	KEY_LIMIT = 1024 * 1024
};

/* An entry that waits.  Invariant: it belongs to a lane. */
struct item {
	char id[RECORD_ID_LENGTH + 1];
	struct lane_state *lane;
	time_t at, next; /* not before NEXT, as was found at AT */
	bool waits_for_server;
	bool is_offender; /* the others go first */
	bool is_held, is_running, was_tried;
	bool is_gone; /* until its place is given away */
};

/* Times of our own are those of the steady clock: the wall clock can be set. */
struct lane_state {
	char *key;
	char *peer; /* the server and user: one lane at a time */
	struct crew *crew;
	size_t items; /* that belong to it; without any it is forgotten */
	pid_t child;  /* 0: none */
	struct item *batch[BATCH];
	size_t batch_count;
	bool has_due; /* one of the batch is due by itself */
	int64_t not_before_ms;
	long backoff_s;
};

/* Invariant: the items are sorted by their ids, which begin with a time: first
 * in, first out; no two have the same. */
struct runner {
	const struct runner_params *params;
	struct item **items;
	size_t item_count, item_room;
	struct lane_state **lanes;
	size_t lane_count;
	size_t children;
	struct wake wake;
	struct spool_walk *look; /* to read single entries */
	int64_t rescan_at_ms;
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
	if (!process_open_pipe(signal_pipe, false))
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

static char *peer_of(const struct record *record)
{
	struct buf peer = BUF_INIT(KEY_LIMIT);
	char *copy;

	lane_put_peer(&peer, record);
	copy = mem_strdup(buf_text(&peer));
	buf_free(&peer);
	return copy;
}

static struct lane_state *new_lane(
	struct runner *runner, const char *key, const struct record *record)
{
	struct lane_state *lane;
	struct crew *crew = crew_new();

	if (!crew)
		return NULL;
	runner->lanes = mem_array(
		runner->lanes, runner->lane_count + 1, sizeof *runner->lanes);
	lane = mem_zalloc(sizeof *lane);
	lane->key = mem_strdup(key);
	lane->peer = peer_of(record);
	lane->crew = crew;
	runner->lanes[runner->lane_count++] = lane;
	return lane;
}

/* The lane of an entry; NULL without memory. */
static struct lane_state *find_lane(
	struct runner *runner, const struct record *record)
{
	struct buf key = BUF_INIT(KEY_LIMIT);
	struct lane_state *lane = NULL;

	lane_put_key(&key, record);
	for (size_t i = 0; i < runner->lane_count && !lane; i++)
		if (strcmp(runner->lanes[i]->key, buf_text(&key)) == 0)
			lane = runner->lanes[i];
	if (!lane)
		lane = new_lane(runner, buf_text(&key), record);
	buf_free(&key);
	return lane;
}

static void free_lane(struct lane_state *lane)
{
	crew_free(lane->crew);
	mem_free(lane->key);
	mem_free(lane->peer);
	mem_free(lane);
}

/* One that rests because its server did not want it is remembered. */
static void forget_empty_lanes(struct runner *runner)
{
	size_t kept = 0;

	for (size_t i = 0; i < runner->lane_count; i++) {
		struct lane_state *lane = runner->lanes[i];

		if (lane->items || lane->child ||
			lane->not_before_ms > clock_now_ms())
			runner->lanes[kept++] = lane;
		else
			free_lane(lane);
	}
	runner->lane_count = kept;
}

static int compare_items(const void *a, const void *b)
{
	const struct item *const *one = a, *const *two = b;

	return strcmp((*one)->id, (*two)->id);
}

/* Where ID is among the first COUNT items, or would be. */
static size_t place_of(
	const struct runner *runner, size_t count, const char *id)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(runner->items[middle]->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct item *find_item(
	const struct runner *runner, size_t count, const char *id)
{
	size_t place = place_of(runner, count, id);

	return place < count && strcmp(runner->items[place]->id, id) == 0
		       ? runner->items[place]
		       : NULL;
}

static void set_item(
	struct runner *runner, struct item *item, const struct record *record)
{
	struct lane_state *lane = find_lane(runner, record);

	if (lane && lane != item->lane) {
		if (item->lane)
			item->lane->items--;
		lane->items++;
		item->lane = lane;
	}
	item->next = record_next(record);
	item->at = progress_told_at(record);
	item->waits_for_server = progress_waits_for_server(record);
	item->is_offender = reach_is_offender(record);
	item->is_held = record->is_held;
}

/* A new item behind all others; NULL when it finds no lane. */
static struct item *append_item(
	struct runner *runner, const char *id, const struct record *record)
{
	struct item *item = mem_zalloc(sizeof *item);

	set_item(runner, item, record);
	if (!item->lane) {
		mem_free(item);
		return NULL;
	}
	if (runner->item_count == runner->item_room) {
		runner->item_room = 2 * runner->item_room + 64;
		runner->items = mem_array(runner->items, runner->item_room,
			sizeof *runner->items);
	}
	snprintf(item->id, sizeof item->id, "%s", id);
	runner->items[runner->item_count++] = item;
	return item;
}

static void insert_item(
	struct runner *runner, const char *id, const struct record *record)
{
	size_t place = place_of(runner, runner->item_count, id);
	struct item *item = append_item(runner, id, record);

	if (!item)
		return;
	memmove(runner->items + place + 1, runner->items + place,
		(runner->item_count - 1 - place) * sizeof *runner->items);
	runner->items[place] = item;
}

/* It stays in its place until drop_gone(). */
static void forget_item(struct item *item)
{
	item->lane->items--;
	item->is_gone = true;
}

static void drop_gone(struct runner *runner)
{
	size_t kept = 0;

	for (size_t i = 0; i < runner->item_count; i++)
		if (runner->items[i]->is_gone)
			mem_free(runner->items[i]);
		else
			runner->items[kept++] = runner->items[i];
	runner->item_count = kept;
}

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
		(void)append_item(runner, found->id, found->record);
	else if (found->is_damaged)
		lane_set_aside(&lane, NULL, found->id, &found->problem);
}

/* Adds what is not known yet. */
static bool scan(struct runner *runner, struct diag *why)
{
	struct spool_walk *walk =
		spool_walk_new(runner->params->spool, SPOOL_QUEUED, why);
	size_t known = runner->item_count;
	struct spool_item found;

	while (walk && spool_walk_next(walk, &found))
		if (is_wanted(runner, found.id) &&
			!find_item(runner, known, found.id))
			take_item(runner, &found);
	spool_walk_free(walk);
	if (runner->item_count > known)
		qsort(runner->items, runner->item_count, sizeof *runner->items,
			compare_items);
	(void)spool_sweep(runner->params->spool, clock_wall());
	runner->rescan_at_ms = clock_now_ms() + 1000 * (int64_t)RESCAN_S;
	return walk != NULL;
}

/* What became of an entry: looked up again, because others run it too.  False
 * when it is gone. */
static bool refresh(struct runner *runner, struct item *item)
{
	struct spool_item found;

	spool_walk_look(runner->look, item->id, &found);
	if (found.record)
		set_item(runner, item, found.record);
	else
		forget_item(item);
	return found.record != NULL;
}

/* ---- children ------------------------------------------------------------ */

static bool is_forced(const struct runner *runner)
{
	return runner->params->manner == RUNNER_EVERYTHING;
}

static bool is_watching(const struct runner *runner)
{
	return runner->params->manner == RUNNER_WATCH ||
	       runner->params->manner == RUNNER_UNTIL_EMPTY;
}

static bool is_startable(const struct runner *runner, const struct item *item)
{
	return !item->is_running && !item->is_held &&
	       (is_watching(runner) || !item->was_tried);
}

/* By the wall clock, which goes on while the machine sleeps.  One that was set
 * back since makes nobody wait for it to come round again. */
static bool is_due(const struct item *item, time_t now)
{
	return item->next <= now || now < item->at;
}

static void run_child(
	const struct runner *runner, const struct lane_state *lane)
{
	const char *ids[BATCH];
	struct lane_params params = {
		.spool = runner->params->spool,
		.ids = ids,
		.id_count = lane->batch_count,
		.is_forced = is_forced(runner),
		.debug = runner->params->debug,
		.lifeline = runner->lifeline[0],
		.crew = lane->crew,
		.report = runner->params->report,
		.context = runner->params->context,
	};
	struct wake inherited = runner->wake;

	close_signals();
	wake_close(&inherited);
	folder_close(runner->lifeline[1]);
	for (size_t i = 0; i < lane->batch_count; i++)
		ids[i] = lane->batch[i]->id;
	_exit(lane_run(&params) ? 0 : 1);
}

static void start_lane(struct runner *runner, struct lane_state *lane)
{
	pid_t child;

	crew_begin(lane->crew);
	child = fork();
	if (child == 0)
		run_child(runner, lane);
	if (child < 0) {
		/* No process to be had: later. */
		lane->batch_count = 0;
		lane->not_before_ms =
			clock_now_ms() + 1000 * (int64_t)BACKOFF_FIRST_S;
		return;
	}
	lane->child = child;
	runner->children++;
	for (size_t i = 0; i < lane->batch_count; i++)
		lane->batch[i]->is_running = true;
}

/* Whoever waits for the server goes with the first that is due, and in its
 * place: all that came earlier leaves earlier. */
static void fill_batch(
	const struct runner *runner, struct item *item, time_t now)
{
	struct lane_state *lane = item->lane;
	bool is_ready = is_forced(runner) || is_due(item, now);

	if (!is_startable(runner, item) ||
		!(is_ready || item->waits_for_server) || lane->child ||
		lane->batch_count == BATCH)
		return;
	lane->batch[lane->batch_count++] = item;
	lane->has_due = lane->has_due || is_ready;
}

static void fill_batches(struct runner *runner)
{
	time_t now = clock_wall();

	for (size_t i = 0; i < runner->lane_count; i++)
		if (!runner->lanes[i]->child) {
			runner->lanes[i]->batch_count = 0;
			runner->lanes[i]->has_due = false;
		}
	for (int is_late = 0; is_late < 2; is_late++)
		for (size_t i = 0; i < runner->item_count; i++)
			if (runner->items[i]->is_offender == is_late)
				fill_batch(runner, runner->items[i], now);
}

static bool is_ready(const struct lane_state *lane, int64_t now_ms)
{
	return !lane->child && lane->has_due && lane->not_before_ms <= now_ms;
}

/* The server allows so many connections to the user, whatever options the
 * messages have: one lane at a time, and the one with the oldest message. */
static bool is_its_turn(const struct runner *runner,
	const struct lane_state *lane, int64_t now_ms)
{
	for (size_t i = 0; i < runner->lane_count; i++) {
		const struct lane_state *other = runner->lanes[i];

		if (other == lane || strcmp(other->peer, lane->peer) != 0)
			continue;
		if (other->child || (is_ready(other, now_ms) &&
					    strcmp(other->batch[0]->id,
						    lane->batch[0]->id) < 0))
			return false;
	}
	return true;
}

static void start_due(struct runner *runner)
{
	int64_t now_ms = clock_now_ms();

	if (is_stopping)
		return;
	fill_batches(runner);
	for (size_t i = 0;
		i < runner->lane_count && runner->children < CHILDREN_MAX;
		i++) {
		struct lane_state *lane = runner->lanes[i];

		if (is_ready(lane, now_ms) && is_its_turn(runner, lane, now_ms))
			start_lane(runner, lane);
	}
}

static void back_off(struct lane_state *lane)
{
	lane->backoff_s =
		lane->backoff_s ? 2 * lane->backoff_s : BACKOFF_FIRST_S;
	if (lane->backoff_s > BACKOFF_MAX_S)
		lane->backoff_s = BACKOFF_MAX_S;
	lane->not_before_ms = clock_now_ms() + 1000 * (int64_t)lane->backoff_s;
}

/* What is in the way of this process alone is not in the next one's. */
static void fail_lane(struct runner *runner, struct lane_state *lane)
{
	back_off(lane);
	if (is_watching(runner))
		runner->obstacle = outlet_obstacle();
}

/* The child died of the entry it was at, unless we wanted its end; the others
 * need not wait for that. */
static bool find_guilty(
	const struct runner *runner, const struct lane_state *lane, int status)
{
	long at = crew_at(lane->crew, 0);

	if (!blame_is_due(status) || at == CREW_IDLE || is_stopping)
		return false;
	blame(runner->params->spool, lane->batch[at]->id, status);
	return true;
}

static void end_batch(struct runner *runner, struct lane_state *lane)
{
	size_t taken = atomic_load(&lane->crew->next);
	time_t now = clock_wall();

	for (size_t i = 0; i < lane->batch_count; i++) {
		struct item *item = lane->batch[i];

		item->is_running = false;
		item->was_tried = i < taken;
		if (refresh(runner, item) && i < taken &&
			!item->waits_for_server && is_due(item, now)) {
			item->at = now;
			item->next = now + STUCK_S;
		}
	}
	lane->batch_count = 0;
	drop_gone(runner);
}

static void end_lane(struct runner *runner, struct lane_state *lane, int status)
{
	int64_t until_ms = atomic_load(&lane->crew->not_before_ms);

	lane->child = 0;
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
		for (size_t i = 0; child > 0 && i < runner->lane_count; i++)
			if (runner->lanes[i]->child == child)
				end_lane(runner, runner->lanes[i], status);
	forget_empty_lanes(runner);
}

/* The lanes end, too: now, or when the dot they are behind is answered. */
static void stop_lanes(struct runner *runner)
{
	folder_close(runner->lifeline[1]);
	runner->lifeline[1] = -1;
	for (size_t i = 0; i < runner->lane_count; i++) {
		if (!runner->lanes[i]->child)
			continue;
		(void)kill(runner->lanes[i]->child, SIGTERM);
		crew_signal(runner->lanes[i]->crew, SIGTERM);
	}
}

/* ---- waiting ------------------------------------------------------------- */

static void hear_of(struct runner *runner, const char *id)
{
	struct item *item = find_item(runner, runner->item_count, id);
	struct spool_item found;

	if (item && item->is_running)
		return;
	if (item) {
		if (!refresh(runner, item))
			drop_gone(runner);
		return;
	}
	spool_walk_look(runner->look, id, &found);
	if (found.record)
		insert_item(runner, id, found.record);
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

	for (size_t i = 0; i < runner->item_count; i++) {
		const struct item *item = runner->items[i];
		int64_t at_ms = now_ms;

		if (item->is_held || item->is_running || item->lane->child)
			continue;
		if (!is_due(item, now))
			at_ms += 1000 * (int64_t)(item->next - now);
		at_ms = later(at_ms, item->lane->not_before_ms);
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

static void wait_for_something(struct runner *runner)
{
	const int *lifeline = is_stopping ? NULL : runner->params->lifeline;
	struct pollfd fds[] = {
		{ .fd = signal_pipe[0], .events = POLLIN },
		{ .fd = runner->wake.fd, .events = POLLIN },
		{ .fd = lifeline ? *lifeline : -1, .events = POLLIN },
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
}

/* ---- the whole ----------------------------------------------------------- */

static bool has_work(const struct runner *runner)
{
	for (size_t i = 0; i < runner->item_count; i++)
		if (!runner->items[i]->is_held)
			return true;
	return runner->children != 0;
}

static void run_once(struct runner *runner)
{
	start_due(runner);
	while (runner->children) {
		wait_for_something(runner);
		start_due(runner);
	}
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
	for (size_t i = 0; i < runner->item_count; i++)
		mem_free(runner->items[i]);
	for (size_t i = 0; i < runner->lane_count; i++)
		free_lane(runner->lanes[i]);
	mem_free(runner->lanes);
	mem_free(runner->items);
}

static bool fail(const struct runner_params *params, struct diag *why)
{
	int error = errno;

	diag_set(why, DIAG_QUEUE_FOLDER, spool_path(params->spool));
	return diag_add_errno(why, error);
}

/* One that is just ending hears nobody any more, and its place is free soon.
 * One that begins to listen later than we were called finds by itself what we
 * were called for. */
static enum wake_result take_place(struct runner *runner)
{
	struct spool *spool = runner->params->spool;
	enum wake_result result = wake_listen(spool, &runner->wake);

	if (runner->params->manner != RUNNER_UNTIL_EMPTY)
		return result;
	for (int i = 0;
		result == WAKE_TAKEN && i < CALL_TRIES && !wake_is_heard(spool);
		i++) {
		(void)poll(NULL, 0, CALL_PAUSE_MS);
		result = wake_listen(spool, &runner->wake);
	}
	return result;
}

bool runner_run(const struct runner_params *params, struct diag *why)
{
	struct runner runner = {
		.params = params, .wake = { -1, -1, -1 }, .lifeline = { -1, -1 }
	};
	bool is_fine = true;

	forget_environment();
	if (is_watching(&runner)) {
		enum wake_result result = take_place(&runner);

		if (result != WAKE_LISTENING)
			return result == WAKE_TAKEN || fail(params, why);
	}
	if (!open_signals() || !process_open_pipe(runner.lifeline, false))
		is_fine = fail(params, why);
	else if (!(runner.look = spool_walk_new(
			   params->spool, SPOOL_QUEUED, why)) ||
		 !scan(&runner, why))
		is_fine = false;
	else if (is_watching(&runner))
		watch(&runner);
	else
		run_once(&runner);
	if (runner.obstacle)
		is_fine = diag_set(why, DIAG_QUEUE_NO_RUNNER, runner.obstacle);
	close_signals();
	free_runner(&runner);
	return is_fine;
}
