/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor on this machine: the queue and who runs it, the log. */
#include <config.h>

#include "base/log.h"
#include "base/place.h"
#include "base/text.h"
#include "cmd/doctor.h"
#include "cmd/log_fallback.h"
#include "deliver/hire.h"
#include "deliver/queue.h"
#include "spool/store.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* ---- the queue ----------------------------------------------------------- */

static void check_runner(struct doctor *doctor, const struct spool *spool)
{
	const struct hire_params hiring = { .account = doctor->account };
	struct hire_said said;

	hire_say(&hiring, spool, doctor->arena, &said);
	if (said.who != HIRE_NOBODY)
		findings_note(doctor->found, "queue.runner", FINDING_OK,
			said.format, said.name);
	else
		findings_warn(doctor->found, "queue.runner", &said.why);
}

static void count_damaged(void *context, const char *id, const char *reason)
{
	size_t *count = context;

	(void)id;
	(void)reason;
	++*count;
}

/* What was refused in the background has nobody else who is told, unless
 * 'notify' is set. */
static void check_failed(struct doctor *doctor, struct spool *spool)
{
	struct diag why;
	struct spool_walk *walk = spool_walk_new(spool, SPOOL_IN_FAILED, &why);
	struct spool_item item;
	size_t count = 0;

	while (walk && spool_walk_next_name(walk, &item))
		count++;
	spool_walk_free(walk);
	spool_each_damaged(spool, count_damaged, &count);
	if (count)
		findings_note(doctor->found, "queue.failed", FINDING_WARN,
			N_("messages that were refused or cannot be read, and "
			   "are kept: %s; 'mailchute queue' lists them"),
			arena_printf(doctor->arena, "%zu", count));
}

static void note_missing(struct doctor *doctor, const struct diag *why)
{
	struct folder_params place;
	struct diag unplaced;
	const char *path;

	if (!queue_place(doctor->account, doctor->arena, &place, &unplaced)) {
		findings_warn(doctor->found, "queue.folder", &unplaced);
		return;
	}
	path = arena_printf(doctor->arena, "%s/%s", place.base, place.rest);
	if (access(path, F_OK) && errno == ENOENT)
		findings_note(doctor->found, "queue.folder", FINDING_OK,
			N_("nothing waits: %s is made when something does"),
			path);
	else
		findings_warn(doctor->found, "queue.folder", why);
}

static void check_queue(struct doctor *doctor)
{
	struct spool *spool;
	struct diag why;

	if (doctor->account->queue == OPTION_QUEUE_OFF) {
		findings_note(doctor->found, "queue.folder", FINDING_SKIP,
			N_("'queue off': what cannot be sent at once fails"),
			NULL);
		return;
	}
	/* A look changes nothing: the folder is made when a message waits. */
	spool = queue_open(doctor->account, false, &why);
	if (!spool) {
		note_missing(doctor, &why);
		return;
	}
	findings_note(doctor->found, "queue.folder", FINDING_OK, "%s",
		spool_path(spool));
	check_runner(doctor, spool);
	check_failed(doctor, spool);
	spool_close(spool);
}

/* ---- the log ------------------------------------------------------------- */

/* The file, or the folder that it would be made in. */
static bool may_write(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	if (!access(path, W_OK))
		return true;
	if (errno != ENOENT)
		return false;
	return !access(
		slash ? arena_strndup(arena, path, (size_t)(slash - path) + 1)
		      : ".",
		W_OK | X_OK);
}

static void check_log_file(struct doctor *doctor, const char *path)
{
	struct diag why;

	if (may_write(path, doctor->arena)) {
		findings_note(doctor->found, "log.file", FINDING_OK,
			N_("the log is %s"), path);
		return;
	}
	diag_set(&why, DIAG_LOG_FAILED, path);
	diag_add_errno(&why, errno);
	findings_warn(doctor->found, "log.file", &why);
}

static void check_syslog(struct doctor *doctor)
{
	if (!log_syslog_is_there(place_system.syslog))
		findings_note(doctor->found, "log.syslog", FINDING_OK,
			N_("nobody takes syslog here: the log is %s"),
			log_fallback_path(doctor->arena));
	else
		findings_note(doctor->found, "log.syslog", FINDING_OK,
			N_("the log is the system's (syslog)"), NULL);
}

static void check_log(struct doctor *doctor)
{
	const struct account *account = doctor->account;
	bool has_syslog = account_syslog_facility(account) >= 0;

	if (account->logfile)
		check_log_file(doctor, account->logfile);
	if (has_syslog)
		check_syslog(doctor);
	if (!has_syslog && !account->logfile)
		findings_note(doctor->found, "log.file", FINDING_WARN,
			N_("there is no log: set 'logfile' or 'syslog on'"),
			NULL);
}

void doctor_machine(struct doctor *doctor)
{
	check_queue(doctor);
	check_log(doctor);
}
