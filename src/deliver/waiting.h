/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What waits in a queue, by lane: which entries go next, in which order, and
 * when there is something to do again; each in the time of a few comparisons,
 * however many wait.  Knows entries by their id, lane and time; does not know
 * how they are sent.  Pure: times are arguments.
 *
 *	waiting_put(&waiting, id, record, now)      a new or a changed entry
 *	waiting_tick(&waiting, now)            what has become due
 *	if (lane->due) waiting_fill(&waiting, lane)
 *	… lane->batch is on its way …
 *	waiting_put() or waiting_forget() for each, not running any more
 */
#ifndef DELIVER_WAITING_H
#define DELIVER_WAITING_H

#include "base/heap.h"
#include "spool/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { WAITING_BATCH = 500 /* entries that go together: a crew's */ };

struct waiting_lane;
struct crew;

/* An entry.  Invariant: it belongs to a lane. */
struct waiting_item {
	char id[RECORD_ID_LENGTH + 1];
	struct waiting_lane *lane;
	time_t at, next;   /* not before NEXT, as was found at AT */
	time_t not_before; /* whatever anybody asks for */
	long stuck_s;      /* the runner's: how long it was last put off */
	bool was_called;   /* the runner's: while it was running */
	bool waits_for_server;
	bool waits_for_network; /* what it was told last was no server's word */
	bool is_offender;       /* the others go first */
	bool is_held, is_running, was_tried;
	bool is_due;             /* and startable */
	size_t by_time, by_turn; /* places in the lane's heaps */
};

/* Those that one process may send.  Times of our own are those of the steady
 * clock: the wall clock can be set. */
struct waiting_lane {
	char *key;
	char *peer;          /* the server and user: one lane at a time */
	struct heap by_time; /* that are not due yet */
	struct heap by_turn; /* that can go with the next batch */
	size_t items, due;   /* that belong to it; that are due */
	struct waiting_item *batch[WAITING_BATCH];
	size_t batch_count;
	/* The runner's. */
	struct crew *crew;
	pid_t child; /* 0: none */
	int64_t not_before_ms;
	long backoff_s;
	bool is_hurried; /* what is due is so whatever its record says */
};

struct waiting {
	bool is_forced; /* whatever the schedule says */
	bool is_once;   /* what was tried is not tried again */
	time_t now;     /* of the last tick */
	struct waiting_lane **lanes;
	size_t lane_count;
	size_t active; /* entries that are not held */
	void *ids;     /* a tree of all entries */
};

/* The entry with that id, or NULL. */
struct waiting_item *waiting_find(
	const struct waiting *waiting, const char *id);
/* Takes in what the record says at NOW, of a new entry or one that is known.
 * False without memory for a lane: as if it were not there. */
bool waiting_put(struct waiting *waiting, const char *id,
	const struct record *record, time_t now);
/* Frees ITEM. */
void waiting_forget(struct waiting *waiting, struct waiting_item *item);
/* Not before NEXT, whatever the record says. */
void waiting_delay(const struct waiting *waiting, struct waiting_item *item,
	time_t now, time_t next);

/* The network has come: what the lane has waiting for it is due at NOW. Whether
 * there is any. */
bool waiting_hurry(
	const struct waiting *waiting, struct waiting_lane *lane, time_t now);

/* NOW by the wall clock, which goes on while the machine sleeps.  One that was
 * set back makes nobody wait for it to come round again. */
void waiting_tick(struct waiting *waiting, time_t now);
/* Whether ITEM is due at NOW, by its times alone. */
bool waiting_item_is_due(const struct waiting_item *item, time_t now);

/* Fills the lane's batch: first in, first out, offenders last; whoever waits
 * for the server goes with the first that is due, and in its place. */
void waiting_fill(const struct waiting *waiting, struct waiting_lane *lane);
/* None of the batch went. */
void waiting_empty(const struct waiting *waiting, struct waiting_lane *lane);
/* The entry that goes first in the next batch; NULL when nothing can go. */
const struct waiting_item *waiting_first(const struct waiting_lane *lane);

/* When something of the lane can go, in seconds of the wall clock; false when
 * nothing ever can by itself. */
bool waiting_next(const struct waiting_lane *lane, time_t now, time_t *next);

/* Lanes that nothing belongs to, that have no child and need not rest at
 * NOW_MS, are freed. */
void waiting_forget_lanes(struct waiting *waiting, int64_t now_ms);
void waiting_free(struct waiting *waiting);

#endif
