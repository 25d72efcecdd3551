/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs queues: one after the other, or all at once, each with the rights of its
 * owner.  Knows which entries are meant, not how they are sent. */
#include <config.h>

#include "cmd/queue_run.h"

#include "base/process.h"
#include "base/text.h"
#include "cmd/log_fallback.h"
#include "cmd/report.h"
#include "cmd/words.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum { LINE_LIMIT = 64 * 1024 };

static void complain(struct queue_run *run, const struct diag *why)
{
	int exit_code = report_problem(why);

	if (!run->exit_code)
		run->exit_code = exit_code;
}

/* ---- several queues at once ---------------------------------------------- */

/* Whom SIGTERM and SIGINT are for; they are looked at in shepherd_wait(). */
static void signals_waited_for(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGCHLD);
}

static void on_child(int number)
{
	(void)number;
}

static void shepherd_begin(void)
{
	/* A signal without a handler need not be kept for sigwait(). */
	struct sigaction heard = { .sa_handler = on_child };
	sigset_t set;

	signals_waited_for(&set);
	(void)sigaction(SIGCHLD, &heard, NULL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static void shepherd_leave(void)
{
	sigset_t set;

	signals_waited_for(&set);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* The first exit code of COUNT children that is not 0; passes on who ends us.
 */
static int shepherd_wait(const pid_t *children, size_t count)
{
	int exit_code = 0, status, number = SIGCHLD;
	sigset_t set;

	signals_waited_for(&set);
	for (;;) {
		pid_t child;

		while ((child = waitpid(-1, &status, WNOHANG)) > 0)
			if (!exit_code)
				exit_code = WIFEXITED(status)
						    ? WEXITSTATUS(status)
						    : EX_SOFTWARE;
		if (child < 0)
			return exit_code;
		(void)sigwait(&set, &number);
		for (size_t i = 0; number != SIGCHLD && i < count; i++)
			if (children[i] > 0)
				(void)kill(children[i], SIGTERM);
	}
}

/* ---- run ----------------------------------------------------------------- */

static bool is_watching(const struct queue_run *run)
{
	return run->manner == RUNNER_WATCH || run->manner == RUNNER_UNTIL_EMPTY;
}

static bool is_asked_for(const struct queue_run *run, const char *id)
{
	for (size_t i = 0; i < run->id_count; i++)
		if (strcmp(run->ids[i], id) == 0)
			return true;
	return !run->id_count;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A line for each that still waits, the oldest first: its id begins the
 * line. */
static void tell_waiting(struct queue_run *run, struct spool *spool)
{
	struct diag why;
	struct spool_walk *walk = spool_walk_new(spool, SPOOL_QUEUED, &why);
	struct arena *arena = arena_new();
	struct buf line = BUF_INIT(LINE_LIMIT);
	struct spool_item item;
	char **lines = NULL;
	size_t count = 0;

	while (walk && spool_walk_next(walk, &item)) {
		if (!item.record || item.record->is_held ||
			!record_count(item.record, RECORD_WAITING) ||
			!is_asked_for(run, item.id))
			continue;
		buf_clear(&line);
		queue_put_waiting(&line, item.record);
		if (!(count & (count - 1)))
			lines = mem_array(lines, 2 * count + 1, sizeof *lines);
		lines[count++] = arena_strdup(arena, buf_text(&line));
		run->exit_code = EX_TEMPFAIL;
	}
	if (count)
		qsort(lines, count, sizeof *lines, compare_texts);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "mailchute: %s", lines[i]);
	mem_free(lines);
	spool_walk_free(walk);
	buf_free(&line);
	arena_free(arena);
}

static bool has_recipient(const struct record *record, const char *part)
{
	for (size_t i = 0; i < record->recipient_count; i++)
		if (record->recipients[i].state == RECORD_WAITING &&
			strstr(record->recipients[i].address.utf8, part))
			return true;
	return false;
}

/* "Rexample.org", "!Sann@": as sendmail's -q has it. */
static bool passes_filter(const struct record *record, const char *filter)
{
	bool is_negated = *filter == '!';
	const char *part;
	bool has_part = false;

	filter += is_negated;
	part = filter + 1;
	if (*filter == 'I')
		has_part = strstr(record->id, part) != NULL;
	else if (*filter == 'S')
		has_part = strstr(record->sender.utf8, part) != NULL;
	else
		has_part = has_recipient(record, part);
	return has_part != is_negated;
}

/* The ids that -qI, -qR or -qS means; false when there are none. */
static bool choose_ids(struct queue_run *run, struct spool *spool)
{
	const char *filter = run->request->queue_filter;
	struct diag why;
	struct spool_walk *walk = spool_walk_new(spool, SPOOL_QUEUED, &why);
	struct words_list ids = { .count = 0 };
	struct spool_item item;

	while (walk && spool_walk_next(walk, &item))
		if (item.record && passes_filter(item.record, filter))
			words_list_add(&ids, arena_strdup(run->arena, item.id),
				run->arena);
	spool_walk_free(walk);
	run->ids = ids.items;
	run->id_count = ids.count;
	return ids.count != 0;
}

static struct spool *find_handover(
	const struct queue_set *set, const struct spool *into)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->into[i] == into)
			return set->spools[i];
	return NULL;
}

/* For what was taken from others; what hosts share is sent with whatever file
 * is in force here. */
static const char *own_file(
	const struct queue_run *run, const struct spool *spool)
{
	const char *file = run->request->config_file;

	return !file && spool_is_shared(spool) ? "" : file;
}

static void run_queue(struct queue_run *run, struct spool *spool)
{
	const bool is_chosen =
		!run->request->queue_filter || choose_ids(run, spool);
	const struct runner_params params = {
		.spool = spool,
		.handover = find_handover(run->set, spool),
		.manner = run->manner,
		.ids = run->ids,
		.id_count = run->id_count,
		.debug = run->request->debug,
		.config_file = own_file(run, spool),
		.report = is_watching(run) ? report_lane : report_run,
	};
	struct diag why;

	if (!is_chosen)
		return;
	if (!runner_run(&params, &why))
		complain(run, &why);
	else if (!is_watching(run))
		tell_waiting(run, spool);
}

static bool is_foreign(const struct spool *spool)
{
	return geteuid() == 0 && spool_owner(spool) != 0;
}

/* The entries say which configuration is read and which commands are run:
 * that is for their owner to say, not for root to do. */
static void run_queue_as_owner(struct queue_run *run, struct spool *spool)
{
	struct diag why;

	if (!is_foreign(spool) || process_become_user(spool_owner(spool))) {
		run_queue(run, spool);
		return;
	}
	diag_set(&why, DIAG_QUEUE_NOT_OURS, spool_path(spool),
		DIAG_WORDS N_("its owner is no user of this machine"));
	complain(run, &why);
}

static int run_in_child(struct queue_run *run, struct spool *spool)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		run_queue_as_owner(run, spool);
		_exit(run->exit_code);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EX_OSERR;
}

/* Each queue in a process of its own: none of them returns before its end. */
static void watch_queues(struct queue_run *run)
{
	pid_t *children = arena_alloc(
		run->arena, (run->set->count + 1) * sizeof *children);

	shepherd_begin();
	for (size_t i = 0; i < run->set->count; i++) {
		children[i] = run->set->into[i] ? -1 : fork();
		if (children[i] != 0)
			continue;
		shepherd_leave();
		run_queue_as_owner(run, run->set->spools[i]);
		_exit(run->exit_code);
	}
	run->exit_code = shepherd_wait(children, run->set->count);
}

void queue_run(struct queue_run *run)
{
	log_fallback_to_stderr();
	if (is_watching(run) && run->set->count > 1) {
		watch_queues(run);
		return;
	}
	for (size_t i = 0; i < run->set->count; i++) {
		struct spool *spool = run->set->spools[i];
		int exit_code = 0;

		if (run->set->into[i])
			tell_waiting(run, spool);
		else if (is_foreign(spool))
			exit_code = run_in_child(run, spool);
		else
			run_queue(run, spool);
		if (!run->exit_code)
			run->exit_code = exit_code;
	}
}
