/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A job: many entries of one queue that were made from one table, and what is
 * needed to go on where a crash ended it.  Knows files, not what is in them.
 *
 *	jobs/JOB/job        its last file: until it is there, there is no job
 *	jobs/JOB/…          what else it was begun with
 *	jobs/JOB/history    the records of its entries that are done with; an
 *	                    entry leaves the queue only when it is here, durably
 *
 * The id of an entry is that of its job and the number of its row: whether a
 * row was ever accepted is a question with one answer, whatever happened.
 *
 *	job = job_new(spool, why);
 *	job_put(job, "table", source, why) && job_begin(job, text, why);
 *	…
 *	job = job_open(spool, id, why);
 *	job_has(job, row, &has, why) && !has … spool_commit() under
 *		job_entry_id() …
 *	job_close(job);
 */
#ifndef SPOOL_JOB_H
#define SPOOL_JOB_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/source.h"
#include "spool/store.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	JOB_ID_LENGTH = RECORD_JOB_LENGTH,
	JOB_ROWS_MAX = 32 * 1024 * 1024 - 1, /* five letters of base 32 */
	/* So long after the last of its entries was done with there is still a
	 * report of it. */
	JOB_KEPT_S = 30 * 24 * 3600
};

/* One that is locked by us. */
struct job;

/* Makes the folder of one, removes what crashes left of others that were never
 * begun, and those that have ended ("summary" is there, no entry is left)
 * JOB_KEPT_S ago; it borrows SPOOL.  NULL: DIAG_JOB_NOT_KEPT. */
struct job *job_new(struct spool *spool, struct diag *why);
/* Writes a file of it, durably; what it is of is read to its end, not closed.
 * Fails with DIAG_JOB_NOT_KEPT, or as the source does. */
bool job_put(struct job *job, const char *name, struct source *source,
	struct diag *why);
/* Opens a file of it for writing, empty: for what can be made again.  -1 with
 * errno set. */
int job_make_file(const struct job *job, const char *name);
/* The last file: from here on the job is there, whatever happens. */
bool job_begin(struct job *job, struct span text, struct diag *why);
/* Takes back what job_new() made. */
void job_abandon(struct job *job);
/* Locks the job ID.  NULL: DIAG_JOB_NONE, DIAG_JOB_BUSY, DIAG_JOB_NOT_KEPT. */
struct job *job_open(struct spool *spool, const char *id, struct diag *why);
/* Unlocks; NULL is allowed. */
void job_close(struct job *job);

const char *job_id(const struct job *job);
/* Opens a file of it for reading; -1 when it is not there. */
int job_file(const struct job *job, const char *name);
/* The same without the lock: of a job that may be at work. */
int job_file_of(struct spool *spool, const char *id, const char *name);
/* The id of the entry of ROW, from 1 to JOB_ROWS_MAX. */
void job_entry_id(
	const char *job, uint64_t row, char out[static RECORD_ID_LENGTH + 1]);
/* The row of the entry ID; 0 when it is not of that job. */
uint64_t job_row(const char *job, struct span id);
/* Whether the row was accepted: its entry is in the queue, in failed/, set
 * aside, or done with.  Of a job that was opened, not of a new one.  False: its
 * history cannot be read. */
bool job_has(struct job *job, uint64_t row, bool *has, struct diag *why);
/* Calls TELL with the id of each job that was begun. */
void job_each(struct spool *spool, void (*tell)(void *context, const char *id),
	void *context);

#endif
