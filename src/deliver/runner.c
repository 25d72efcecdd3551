/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who goes when.  Knows entries by their id, account and time; what is in them
 * and how they are sent is the lanes' business. */
#include <config.h>

#include "deliver/runner.h"

#include "base/clock.h"
#include "base/process.h"
#include "deliver/queue.h"
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
	STUCK_S = 10,       /* somebody else has it, or it cannot be moved */
	BACKOFF_FIRST_S = 15,
	BACKOFF_MAX_S = 10 * 60,
	CALL_PAUSE_MS = 20,
	CALL_TRIES = 1000,
	KEY_LIMIT = 1024 * 1024,
	NO_LANE = -1
};

/* An entry that waits.  Invariant: no two have the same id, which stands
 * first, for compare_ids(). */
struct item {
	char id[RECORD_ID_LENGTH + 1]; /* empty: the place is free */
	int lane;
	time_t next;
	bool is_held, is_running, was_tried;
};

struct lane_state {
	char *key;
	pid_t child; /* 0: none */
	size_t batch[BATCH];
	size_t batch_count;
	time_t not_before;
	long backoff_s;
};

struct runner {
	const struct runner_params *params;
	struct item *items;
	size_t item_count, item_room;
	struct lane_state **lanes;
	size_t lane_count;
	size_t children;
	struct wake wake;
	struct spool_walk *look; /* to read single entries */
	time_t rescan_at;
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

/* The child ends after the message it is at. */
static void on_signal_in_child(int number)
{
	(void)number;
	is_stopping = 1;
}

static void signals_in_child(void)
{
	struct sigaction action = { .sa_handler = on_signal_in_child,
		.sa_flags = SA_RESTART };

	close_signals();
	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
}

/* ---- what waits ---------------------------------------------------------- */

static int find_lane(struct runner *runner, const struct record *record)
{
	struct buf key = BUF_INIT(KEY_LIMIT);
	struct lane_state *lane;

	lane_put_key(&key, record);
	for (size_t i = 0; i < runner->lane_count; i++)
		if (strcmp(runner->lanes[i]->key, buf_text(&key)) == 0) {
			buf_free(&key);
			return (int)i;
		}
	runner->lanes = mem_array(
		runner->lanes, runner->lane_count + 1, sizeof *runner->lanes);
	lane = mem_zalloc(sizeof *lane);
	lane->key = mem_strdup(buf_text(&key));
	runner->lanes[runner->lane_count] = lane;
	buf_free(&key);
	return (int)runner->lane_count++;
}

static struct item *find_item(struct runner *runner, const char *id)
{
	for (size_t i = 0; i < runner->item_count; i++)
		if (strcmp(runner->items[i].id, id) == 0)
			return &runner->items[i];
	return NULL;
}

static struct item *new_item(struct runner *runner, const char *id)
{
	struct item *item;

	if (runner->item_count == runner->item_room) {
		runner->item_room = 2 * runner->item_room + 64;
		runner->items = mem_array(runner->items, runner->item_room,
			sizeof *runner->items);
	}
	item = &runner->items[runner->item_count++];
	*item = (struct item){ .lane = NO_LANE };
	snprintf(item->id, sizeof item->id, "%s", id);
	return item;
}

static void set_item(
	struct runner *runner, struct item *item, const struct record *record)
{
	item->lane = find_lane(runner, record);
	item->next = record_next(record);
	item->is_held = record->is_held;
}

/* Gone: the last one takes its place.  Batches hold places, so that this is
 * only done when no child runs. */
static void forget_free_items(struct runner *runner)
{
	if (runner->children)
		return;
	for (size_t i = 0; i < runner->item_count;)
		if (!runner->items[i].id[0])
			runner->items[i] = runner->items[--runner->item_count];
		else
			i++;
}

static bool is_wanted(const struct runner *runner, const char *id)
{
	for (size_t i = 0; i < runner->params->id_count; i++)
		if (strcmp(runner->params->ids[i], id) == 0)
			return true;
	return !runner->params->id_count;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The ids that are known, sorted: 100,000 names are looked up in it. */
static char *sort_ids(const struct runner *runner)
{
	enum { WIDTH = RECORD_ID_LENGTH + 1 };
	char *ids = mem_array(NULL, runner->item_count + 1, WIDTH);

	for (size_t i = 0; i < runner->item_count; i++)
		memcpy(ids + i * WIDTH, runner->items[i].id, WIDTH);
	qsort(ids, runner->item_count, WIDTH, compare_ids);
	return ids;
}

static void take_item(struct runner *runner, const struct spool_item *found)
{
	const struct lane_params lane = {
		.spool = runner->params->spool,
		.report = runner->params->report,
		.context = runner->params->context,
	};

	if (found->record)
		set_item(runner, new_item(runner, found->id), found->record);
	else if (found->is_damaged)
		lane_set_aside(&lane, NULL, found->id, &found->problem);
}

/* An id begins with its time: first in, first out.  Batches hold places. */
static void sort_items(struct runner *runner)
{
	if (runner->item_count && !runner->children)
		qsort(runner->items, runner->item_count, sizeof *runner->items,
			compare_ids);
}

/* Adds what is not known yet. */
static bool scan(struct runner *runner, struct diag *why)
{
	struct spool_walk *walk =
		spool_walk_new(runner->params->spool, SPOOL_QUEUED, why);
	size_t known_count = runner->item_count;
	char *known = sort_ids(runner);
	struct spool_item found;

	while (walk && spool_walk_next(walk, &found))
		if (is_wanted(runner, found.id) &&
			!bsearch(found.id, known, known_count,
				RECORD_ID_LENGTH + 1, compare_ids))
			take_item(runner, &found);
	spool_walk_free(walk);
	mem_free(known);
	sort_items(runner);
	(void)spool_sweep(runner->params->spool, clock_wall());
	runner->rescan_at = clock_wall() + RESCAN_S;
	return walk != NULL;
}

/* What became of an entry: looked up again, because others run it too. */
static void refresh(struct runner *runner, struct item *item)
{
	struct spool_item found;

	spool_walk_look(runner->look, item->id, &found);
	if (found.record)
		set_item(runner, item, found.record);
	else
		item->id[0] = '\0';
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

static bool may_start(
	const struct runner *runner, const struct item *item, time_t now)
{
	return item->id[0] && !item->is_running && !item->is_held &&
	       (is_watching(runner) || !item->was_tried) &&
	       (is_forced(runner) || item->next <= now);
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
		.is_paced = is_watching(runner),
		.debug = runner->params->debug,
		.stop = &is_stopping,
		.report = runner->params->report,
		.context = runner->params->context,
	};
	struct wake inherited = runner->wake;

	signals_in_child();
	wake_close(&inherited);
	for (size_t i = 0; i < lane->batch_count; i++)
		ids[i] = runner->items[lane->batch[i]].id;
	_exit(lane_run(&params) ? 0 : 1);
}

static void start_lane(struct runner *runner, struct lane_state *lane)
{
	pid_t child = fork();

	if (child == 0)
		run_child(runner, lane);
	if (child < 0) {
		/* No process to be had: later. */
		lane->batch_count = 0;
		lane->not_before = clock_wall() + BACKOFF_FIRST_S;
		return;
	}
	lane->child = child;
	runner->children++;
	for (size_t i = 0; i < lane->batch_count; i++)
		runner->items[lane->batch[i]].is_running = true;
}

static void fill_batches(struct runner *runner, time_t now)
{
	for (size_t i = 0; i < runner->lane_count; i++)
		if (!runner->lanes[i]->child)
			runner->lanes[i]->batch_count = 0;
	for (size_t i = 0; i < runner->item_count; i++) {
		struct lane_state *lane;

		if (!may_start(runner, &runner->items[i], now))
			continue;
		lane = runner->lanes[runner->items[i].lane];
		if (!lane->child && lane->batch_count < BATCH &&
			lane->not_before <= now)
			lane->batch[lane->batch_count++] = i;
	}
}

static void start_due(struct runner *runner)
{
	if (is_stopping)
		return;
	fill_batches(runner, clock_wall());
	for (size_t i = 0;
		i < runner->lane_count && runner->children < CHILDREN_MAX; i++)
		if (!runner->lanes[i]->child && runner->lanes[i]->batch_count)
			start_lane(runner, runner->lanes[i]);
}

static void back_off(struct lane_state *lane)
{
	lane->backoff_s =
		lane->backoff_s ? 2 * lane->backoff_s : BACKOFF_FIRST_S;
	if (lane->backoff_s > BACKOFF_MAX_S)
		lane->backoff_s = BACKOFF_MAX_S;
	lane->not_before = clock_wall() + lane->backoff_s;
}

static bool is_waiting(const struct record *record, size_t i, void *context)
{
	(void)context;
	return record->recipients[i].state == RECORD_WAITING;
}

/* Whether the message may have been delivered is as open as before. */
static void note_for_waiting(
	struct spool_entry *entry, const struct record_event *deferral)
{
	const struct record *record = spool_entry_record(entry);
	struct record_event events[] = { *deferral, *deferral };
	struct buf ranges = BUF_INIT(KEY_LIMIT);
	struct diag why;

	record_put_ranges(&ranges, record, is_waiting, NULL);
	events[0].recipients = buf_text(&ranges);
	events[1].kind = RECORD_EVENT_DOT;
	events[1].recipients = "*";
	if (ranges.length)
		(void)spool_entry_note(entry, events,
			record->is_in_doubt ? 2 : 1, SPOOL_LAZY, &why);
	buf_free(&ranges);
}

/* The child died of it: the first entry that it did not get done waits, so
 * that the others get their turn. */
static void blame(struct runner *runner, struct item *item, int status)
{
	struct record_event event = {
		.kind = RECORD_EVENT_DEFERRED,
		.at = clock_wall(),
		.next = clock_wall() + BACKOFF_MAX_S,
		.count = 1,
	};
	struct spool_entry *entry = NULL;
	struct buf words = BUF_INIT(DIAG_TEXT_BYTES);
	struct diag why;
	char reason[64];

	if (spool_entry_open(runner->params->spool, SPOOL_QUEUED, item->id,
		    &entry, &why) != SPOOL_OK)
		return;
	if (WIFSIGNALED(status))
		snprintf(reason, sizeof reason, "signal %d", WTERMSIG(status));
	else
		snprintf(reason, sizeof reason, "exit code %d",
			WEXITSTATUS(status));
	diag_set(&why, DIAG_QUEUE_CRASHED, reason);
	diag_sentence(&why, false, &words);
	event.name = diag_name(why.id);
	event.status = why.status;
	event.words = buf_text(&words);
	note_for_waiting(entry, &event);
	spool_entry_close(entry);
	buf_free(&words);
}

static void end_batch(
	struct runner *runner, struct lane_state *lane, int status)
{
	bool has_crashed = !WIFEXITED(status) || WEXITSTATUS(status) > 1;
	time_t now = clock_wall();

	for (size_t i = 0; i < lane->batch_count; i++) {
		struct item *item = &runner->items[lane->batch[i]];

		refresh(runner, item);
		item->is_running = false;
		item->was_tried = true;
		if (has_crashed && item->id[0] && item->next <= now &&
			!is_stopping) {
			blame(runner, item, status);
			refresh(runner, item);
			has_crashed = false;
		} else if (has_crashed) {
			item->was_tried = false;
		} else if (item->next <= now) {
			item->next = now + STUCK_S;
		}
	}
	lane->batch_count = 0;
}

static void reap(struct runner *runner)
{
	int status;
	pid_t child;

	while ((child = waitpid(-1, &status, WNOHANG)) > 0 ||
		(child < 0 && errno == EINTR))
		for (size_t i = 0; i < runner->lane_count; i++) {
			struct lane_state *lane = runner->lanes[i];

			if (lane->child != child)
				continue;
			lane->child = 0;
			runner->children--;
			if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
				lane->backoff_s = 0;
			else
				back_off(lane);
			end_batch(runner, lane, status);
		}
	forget_free_items(runner);
}

/* ---- waiting ------------------------------------------------------------- */

static void hear(struct runner *runner)
{
	char id[RECORD_ID_LENGTH + 1];

	while (wake_receive(&runner->wake, id, sizeof id)) {
		struct item *item;

		if (!record_id_is_valid(span_of(id)))
			continue;
		item = find_item(runner, id);
		if (item && item->is_running)
			continue;
		refresh(runner, item ? item : new_item(runner, id));
	}
	forget_free_items(runner);
}

/* When there is something to do again, unless somebody calls. */
static time_t next_time(const struct runner *runner)
{
	time_t next = runner->rescan_at;

	for (size_t i = 0; i < runner->item_count; i++) {
		const struct item *item = &runner->items[i];
		const struct lane_state *lane;
		time_t at;

		if (!item->id[0] || item->is_held || item->is_running)
			continue;
		lane = runner->lanes[item->lane];
		at = item->next > lane->not_before ? item->next
						   : lane->not_before;
		if (!lane->child && at < next)
			next = at;
	}
	return next;
}

static int wait_ms(const struct runner *runner)
{
	time_t now = clock_wall(), next;

	if (!is_watching(runner))
		return LOOK_S * 1000; /* only a child's end matters */
	next = next_time(runner);
	if (next <= now)
		return runner->children >= CHILDREN_MAX ? -1 : 1000;
	return next - now > RESCAN_S ? RESCAN_S * 1000
				     : (int)(next - now) * 1000;
}

static void wait_for_something(struct runner *runner)
{
	const int *lifeline = is_stopping ? NULL : runner->params->lifeline;
	struct pollfd fds[] = {
		{ .fd = signal_pipe[0], .events = POLLIN },
		{ .fd = runner->wake.fd, .events = POLLIN },
		{ .fd = lifeline ? *lifeline : -1, .events = POLLIN },
	};
	char bytes[64];

	if (poll(fds, sizeof fds / sizeof *fds, wait_ms(runner)) > 0 &&
		fds[2].revents)
		is_stopping = 1;
	while (read(signal_pipe[0], bytes, sizeof bytes) > 0)
		;
	reap(runner);
	hear(runner);
}

/* ---- the whole ----------------------------------------------------------- */

static bool has_work(const struct runner *runner)
{
	for (size_t i = 0; i < runner->item_count; i++)
		if (runner->items[i].id[0] && !runner->items[i].is_held)
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

static void watch(struct runner *runner)
{
	struct diag why;

	while (!is_stopping && !may_leave(runner)) {
		start_due(runner);
		wait_for_something(runner);
		if (clock_wall() >= runner->rescan_at && !runner->children)
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
	for (size_t i = 0; i < runner->lane_count; i++) {
		mem_free(runner->lanes[i]->key);
		mem_free(runner->lanes[i]);
	}
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
	struct runner runner = { .params = params, .wake = { -1, -1, -1 } };
	bool is_fine = true;

	forget_environment();
	if (is_watching(&runner)) {
		enum wake_result result = take_place(&runner);

		if (result != WAKE_LISTENING)
			return result == WAKE_TAKEN || fail(params, why);
	}
	if (!open_signals())
		is_fine = fail(params, why);
	else if (!(runner.look = spool_walk_new(
			   params->spool, SPOOL_QUEUED, why)) ||
		 !scan(&runner, why))
		is_fine = false;
	else if (is_watching(&runner))
		watch(&runner);
	else
		run_once(&runner);
	close_signals();
	free_runner(&runner);
	return is_fine;
}

/* ---- a process of its own ------------------------------------------------ */

static void leave_everything(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	if (null > STDERR_FILENO)
		(void)close(null);
	(void)umask(S_IRWXG | S_IRWXO);
	if (chdir("/") < 0)
		errno = 0;
}

static void become_runner(struct spool *spool,
	void (*report)(void *context, const struct lane_report *report))
{
	const struct runner_params params = {
		.spool = spool,
		.manner = RUNNER_UNTIL_EMPTY,
		.report = report,
	};
	struct buf folder = BUF_INIT(PATH_MAX + 16);
	const char *arguments[] = { "mailchute", "queue", "run",
		"--until-empty", NULL, NULL };
	struct diag why;

	leave_everything();
	buf_printf(&folder, "--folder=%s", spool_path(spool));
	arguments[4] = buf_text(&folder);
	if ((process_is_privileged() || !process_become(arguments)) &&
		(geteuid() != 0 || process_become_user(spool_owner(spool))))
		(void)runner_run(&params, &why);
	buf_free(&folder);
}

/* Twice forked, so that nobody has to wait for it and no terminal can be
 * its. */
static void leave_runner(struct spool *spool,
	void (*report)(void *context, const struct lane_report *report))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (setsid() < 0 || fork() != 0)
			_exit(0);
		become_runner(spool, report);
		_exit(0);
	}
	if (child > 0)
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
}

void runner_call(const struct account *account, const char *id,
	void (*report)(void *context, const struct lane_report *report))
{
	struct diag why;
	struct spool *spool = queue_open(account, false, &why);

	if (spool && !wake_send(spool, id) &&
		account->queue_runner == OPTION_QUEUE_RUNNER_AUTO)
		leave_runner(spool, report);
	spool_close(spool);
}
