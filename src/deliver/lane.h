/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One account's part of a run: the entries it is given go out over as few
 * connections as may be, one after the other.  Runs in a child process of the
 * runner, so that nothing a server sends reaches another account's mail.
 */
#ifndef DELIVER_LANE_H
#define DELIVER_LANE_H

#include "base/buf.h"
#include "config/account.h"
#include "deliver/crew.h"
#include "deliver/outcome.h"
#include "spool/store.h"

#include <stdbool.h>
#include <stddef.h>

/* What one attempt came to: for the log, and for whoever watches. */
struct lane_report {
	const struct outcome *outcome;
	const struct account *account; /* NULL: there is none any more */
	const struct record *record;   /* after the attempt */
	bool is_try;                   /* false: only a remark */
	bool is_set_aside; /* it was no message, and is out of the way */
	bool is_stuck;     /* the queue's disk does not let us at it */
};

struct config_held;
struct lane_params {
	struct spool *spool;
	const char *const *ids;
	size_t id_count;
	bool is_forced; /* whatever the schedule says */
	bool debug;
	const char *config_file; /* of -C, for what was taken (terms.h) */
	/* The reading end of a pipe whose other end is the runner's: when that
	 * is closed, nothing is begun any more. */
	int lifeline;
	/* What stands for a configuration file that is not there; NULL. */
	const struct config_held *held;
	struct crew *crew; /* of this lane, begun */
	void (*report)(void *context, const struct lane_report *report);
	void *context;
};

/* Puts ID, which is no message because of WHY, out of the way, and reports it
 * once; RECORD of the report is NULL. */
void lane_set_aside(const struct lane_params *params,
	const struct account *account, const char *id, const struct diag *why);

/* Sends what is due, in the order given.  Entries that are locked, gone, held
 * or not due are skipped; damaged ones are set aside.  What fails because of
 * the account or the host is noted for all that are left, without another
 * try.  False when it ended that way.
 *
 * SIGTERM and SIGINT end the process after the message it is at, or, as long as
 * the end of that one has not gone out, a few seconds later. */
bool lane_run(const struct lane_params *params);

#endif
