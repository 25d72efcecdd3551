/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the processes of one lane share with each other and with the runner, in
 * memory that outlives each of them: whose turn it is, what each is at, and
 * why no more is sent.  So the order of the entries holds however many
 * connections there are, and whoever finds one of them dead knows of what.
 *
 *	crew = crew_new()                 the runner, once a lane
 *	crew_begin(crew)                  before each child
 *	if (crew_join(crew, &me))         each member, before its process
 *	do
 *		while (crew_take(crew, me, count, &i)) …
 *	while (!crew_leave(crew));
 */
#ifndef DELIVER_CREW_H
#define DELIVER_CREW_H

#include "base/diag.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CREW_MAX = 20, CREW_IDLE = -1, CREW_ENTRIES = 512, CREW_WORD = 64 };

/* Member 0 is the lane's own process.  Nobody locks anything: one that dies in
 * the middle of it stops nobody. */
struct crew {
	atomic_size_t next; /* the first entry that nobody has taken */
	/* Those before it that were given back, a bit each. */
	_Atomic uint64_t returned[CREW_ENTRIES / CREW_WORD];
	atomic_int joined, working; /* members: ever, and now */
	atomic_int most;            /* that may work side by side */
	struct {
		atomic_int pid; /* 0: nobody */
		atomic_long at; /* the entry it is at, or CREW_IDLE */
	} members[CREW_MAX];
	atomic_int stage; /* of FAILURE: not there, being written, there */
	struct diag failure;
	bool concerns_all; /* FAILURE stands for every message of the lane */
	/* By clock_now_ms(): the lane is to rest until then; 0. */
	_Atomic int64_t not_before_ms;
};

/* NULL, with errno, without memory.  Freed with crew_free(). */
struct crew *crew_new(void);
/* NULL is allowed. */
void crew_free(struct crew *crew);
/* Forgets everything: member 0 is at work, and may be the only one. */
void crew_begin(struct crew *crew);

/* So many may work side by side. */
void crew_allow(struct crew *crew, size_t most);
/* One more: *MEMBER is its number.  False when there are as many as may be, or
 * were as many as there are numbers. */
bool crew_join(struct crew *crew, size_t *member);
/* One that works is too much for the server: nobody joins any more, beyond
 * those who work without it.  False when it is the only one, which means that
 * it is not because of the others. */
bool crew_shrink(struct crew *crew);
/* One has nothing to do any more.  False when there is something that was given
 * back, and nobody else: then it works on. */
bool crew_leave(struct crew *crew);
size_t crew_working(const struct crew *crew);
/* Of COUNT entries, those that nobody ever took. */
size_t crew_left(const struct crew *crew, size_t count);

/* Gives MEMBER the next of at most CREW_ENTRIES entries; false when there is
 * none. */
bool crew_take(struct crew *crew, size_t member, size_t count, size_t *index);
/* INDEX was taken, nothing came of it, and nobody holds it any more: somebody
 * else takes it. */
void crew_give_back(struct crew *crew, size_t index);
/* MEMBER is at INDEX, of those it took. */
void crew_turn_to(struct crew *crew, size_t member, size_t index);
/* MEMBER is at nothing. */
void crew_rest(struct crew *crew, size_t member);
/* The entry that MEMBER is at, or was at when it died, or CREW_IDLE. */
long crew_at(const struct crew *crew, size_t member);

/* Nothing more is sent, for that reason; the first one counts. */
void crew_stop(struct crew *crew, const struct diag *why, bool concerns_all);
/* NULL as long as nobody has said so. */
const struct diag *crew_failure(struct crew *crew);

/* Sends a signal to every member but the first. */
void crew_signal(const struct crew *crew, int number);

#endif
