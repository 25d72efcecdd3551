/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What became of messages that are no longer in the queue: the file history,
 * and history.1 before it; of a job, a file of its own.  A block for each: its
 * record, the lines of its head ("head …"), and an empty line.  Knows no entry.
 */
#ifndef SPOOL_HISTORY_H
#define SPOOL_HISTORY_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>
#include <sys/types.h>

enum {
	/* It is turned over when it gets larger. */
	HISTORY_BYTES = 4 * 1024 * 1024
};

/* Opens that of the queue FOLDER_FD for appending; -1 with errno set. */
int history_open(int folder_fd);
/* The same of the job that the entry ID is of, which has all of them
 * (spool/job.h): -1 when it is of none, or the file is not OWNER's. */
int history_open_job(int folder_fd, uid_t owner, const char *id);
/* Appends a block in one write, so that those of several processes do not mix.
 * False with errno set. */
bool history_put(int fd, struct span record, struct span head);
/* Puts the record of ID, as it was at its end, into OUT, and its head into HEAD
 * (NULL is allowed); false when it is not there (any more). */
bool history_find(int folder_fd, uid_t owner, const char *id, struct buf *out,
	struct buf *head);

#endif
