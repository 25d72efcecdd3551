/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From verdicts to the journal: what an attempt came to, as events of the
 * entry's record.  Here it is decided who is tried again and when.  Pure but
 * for the jitter's randomness.
 */
#ifndef DELIVER_PROGRESS_H
#define DELIVER_PROGRESS_H

#include "base/mem.h"
#include "deliver/outcome.h"
#include "mail/recipients.h"
#include "spool/record.h"
#include "spool/schedule.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct progress {
	const struct schedule *schedule;
	const struct record *record; /* as it was before the attempt */
	/* Of the record's recipients, whom the verdicts are about; NULL: all
	 * of them. */
	const struct recipients *part;
	const struct outcome *outcome;
	time_t now;
};

/* The events, in ARENA.  One line for all who have it; one for each run of
 * recipients that were told the same.  Only a diag that is final refuses;
 * whatever concerns an account or a host, and what is temporary, is tried
 * again. */
struct record_event *progress_events(
	const struct progress *progress, struct arena *arena, size_t *count);

/* Turns into refusals, in OUTCOME, what is not tried again: a message that was
 * tried for its lifetime (and after it failed twice a step of the schedule
 * apart, whatever the clock says), and one whose answer could not be read a
 * second time.  Whether there were any.  To be called before progress_events();
 * in ARENA. */
bool progress_settle(const struct progress *progress, struct arena *arena,
	struct outcome *outcome);

/* When the entry was told what made it wait; 0 when nothing did. */
time_t progress_told_at(const struct record *record);
/* Whether what made it wait concerns the account or the server, so that it can
 * go as soon as another message of its lane gets through. */
bool progress_waits_for_server(const struct record *record);
/* Whether it may be tried when the entry's lane is running: its time has come,
 * what made it wait concerned all, or the clock was set back since. */
bool progress_is_due(const struct record_recipient *recipient, time_t now);

#endif
