/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the processes of one lane share with each other and with the runner, in
 * memory that outlives each of them: whose turn it is, what each is at, and
 * why no more is sent.  So the order of the entries holds however many
 * connections there are, and whoever finds one of them dead knows of what.
 *
 *	crew = crew_new()                 the runner, once a lane
 *	crew_begin(crew)                  before each child
 *	while (crew_take(crew, me, count, &i)) …
 */
#ifndef DELIVER_CREW_H
#define DELIVER_CREW_H

#include "base/diag.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CREW_MAX = 20, CREW_IDLE = -1 };

/* Member 0 is the lane's own process.  Nobody locks anything: one that dies in
 * the middle of it stops nobody. */
struct crew {
	atomic_size_t next; /* the first entry that nobody has taken */
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
/* Forgets everything. */
void crew_begin(struct crew *crew);

/* Gives MEMBER the next of COUNT entries; false when there is none. */
bool crew_take(struct crew *crew, size_t member, size_t count, size_t *index);
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
