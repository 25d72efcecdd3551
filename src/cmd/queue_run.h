/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running the queues of a user, or of everybody. */
#ifndef CMD_QUEUE_RUN_H
#define CMD_QUEUE_RUN_H

#include "base/mem.h"
#include "cmd/queue.h"
#include "config/argv.h"
#include "deliver/runner.h"

#include <stddef.h>

struct queue_run {
	const struct request *request; /* its queue_filter, and debug */
	const struct queue_set *set;
	struct arena *arena;
	enum runner_manner manner;
	const char *const *ids; /* only these */
	size_t id_count;        /* 0: all */
	int exit_code;          /* of what went wrong, or 0 */
};

/* Runs every queue of the set.  Those of other users, for root, in a process
 * that has become the user.  Unless it watches, a line on stderr tells of each
 * entry that still waits, the oldest first, and the exit code is EX_TEMPFAIL
 * then. */
void queue_run(struct queue_run *run);

#endif
