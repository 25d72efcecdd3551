/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far a message is on its way, for a person who waits at a terminal: how
 * much, how fast, how long yet.
 *
 *	struct progress progress = { .fd = STDERR_FILENO };
 *	… progress_show(&progress, sent, total) whenever something went …
 *	progress_end(&progress);
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Nothing is shown before this, nor more often. */
enum { PROGRESS_PATIENCE_MS = 1000, PROGRESS_EVERY_MS = 200 };

/* Zeroed but for fd is the beginning. */
struct progress {
	int fd; /* a terminal */
	bool has_begun;
	int64_t began_ms, shown_ms;
	size_t width; /* of what stands there */
};

/* To be called as it goes; PROGRESS is a struct progress. */
void progress_show(void *progress, uint64_t sent, uint64_t total);
/* The same of many messages, of which FAULTS were refused; at most as often. */
void progress_count(struct progress *progress, uint64_t done, uint64_t total,
	uint64_t faults);
/* Wipes the line. */
void progress_end(struct progress *progress);
/* Appends "12.5 of 50.0 MB (25 %), 2.5 MB/s, 0:15 left". */
void progress_put(
	struct buf *out, uint64_t sent, uint64_t total, int64_t elapsed_ms);
/* Appends "1200 of 4800 (25 %), 350/s, 0:11 left, 3 refused". */
void progress_put_count(struct buf *out, uint64_t done, uint64_t total,
	uint64_t faults, int64_t elapsed_ms);

#endif
