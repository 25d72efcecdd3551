/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When to try again: backoff with jitter, longer when a server asks for
 * patience, and an end.  Pure: time and randomness are arguments.
 *
 *	if (!schedule_parse("5m 15m 1h", &schedule)) …
 *	schedule.lifetime_s = 5 * 24 * 3600;
 *	next = schedule_next(&schedule, &failure);
 */
#ifndef SPOOL_SCHEDULE_H
#define SPOOL_SCHEDULE_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
	SCHEDULE_STEPS = 32,
	/* A server that says "too much" is left alone for at least this. */
	SCHEDULE_THROTTLE_S = 15 * 60,
	/* What passes in a minute, and twice that at each further try, up to
	 * SCHEDULE_THROTTLE_S. */
	SCHEDULE_SOON_S = 60,
	SCHEDULE_JITTER_PERCENT = 15
};

/* Waits after the first, second … failure; the last one repeats. */
struct schedule {
	long steps_s[SCHEDULE_STEPS];
	size_t step_count; /* at least 1 */
	long lifetime_s;   /* 0: for ever */
};

struct schedule_failure {
	time_t now;
	unsigned long tries; /* with this one: at least 1 */
	unsigned code;       /* of the server's reply, or 0 */
	const char *status;  /* RFC 3463, or "" */
	enum diag_wait wait; /* what is known of it */
	uint32_t random;     /* for the jitter */
};

/* A list of durations, separated by spaces or commas; each at least a second.
 * False when it is empty, too long, or one is none.  Leaves lifetime_s. */
bool schedule_parse(struct span text, struct schedule *out);

/* Whether the reply asks for less mail rather than for another try: 421 and
 * 450 to 452 with a status that says policy, congestion or too many. */
bool schedule_is_throttle(unsigned code, const char *status);
/* When to try again: the step of that many tries, at least
 * SCHEDULE_THROTTLE_S for a throttle, give or take the jitter (never before
 * the throttle's minimum).  What is known to pass soon is tried sooner than the
 * step; what is known to last an hour or a day, not before an hour or the
 * longest step, whichever is shorter, or the longest step. */
time_t schedule_next(const struct schedule *schedule,
	const struct schedule_failure *failure);
/* How far two tries that follow the schedule are apart, at least and at most.
 */
long schedule_shortest(const struct schedule *schedule);
long schedule_longest(const struct schedule *schedule);
/* Whether a message of CREATED has waited for its lifetime.  A clock that was
 * set back makes nothing expire. */
bool schedule_has_expired(
	const struct schedule *schedule, time_t created, time_t now);

#endif
