/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 'mailchute send --merge --dry-run': what a merge would send, and what is
 * wrong with its table. */
#ifndef CMD_MERGE_PREVIEW_H
#define CMD_MERGE_PREVIEW_H

#include "cmd/merge_rows.h"

/* Of rows that are open: on standard output the number, every fault, how long
 * it takes by the limits that are known, and the first three messages; as JSON
 * without these.  Queues nothing; the exit code. */
int merge_preview(struct merge_rows *rows);

/* How long COUNT messages take by a list of rates ("30/m 500/d"), in seconds;
 * *RATE, which may be empty, is the one that makes it so long. */
long merge_preview_seconds(
	const char *rates, uint64_t count, struct span *rate);

#endif
