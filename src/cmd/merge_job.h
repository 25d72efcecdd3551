/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a job remembers of the command that began it, so that another process
 * can go on: the command line and the folder it was said in.
 */
#ifndef CMD_MERGE_JOB_H
#define CMD_MERGE_JOB_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

struct merge_job {
	const char *folder;
	char *const *words;
	size_t word_count;
	unsigned long long created;
};

void merge_job_put(struct buf *out, const struct merge_job *job);
/* False when TEXT is none of ours. */
bool merge_job_parse(
	struct span text, struct arena *arena, struct merge_job *out);

#endif
