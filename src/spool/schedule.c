/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to try again.  Knows no clock and no queue. */
#include <config.h>

#include "spool/schedule.h"

#include "base/duration.h"

#include <string.h>

bool schedule_parse(struct span text, struct schedule *out)
{
	struct schedule parsed = { .lifetime_s = out->lifetime_s };

	if (!duration_parse_list(
		    text, parsed.steps_s, SCHEDULE_STEPS, &parsed.step_count))
		return false;
	*out = parsed;
	return true;
}

/* RFC 3463 and what large providers send with it: 4.7.x at 421 and 45x is a
 * policy that counts (Gmail's 4.7.28, Yahoo's 421 4.7.0, Outlook's 451 4.7.500
 * and 4.7.650), but 4.7.1 with 450 or 451 is greylisting, which wants a second
 * try, not patience. */
bool schedule_is_throttle(unsigned code, const char *status)
{
	static const char *const counting[] = { "4.2.1", "4.3.2", "4.4.5",
		"4.5.3", "4.7.0", "4.7.26", "4.7.28", "4.7.500", "4.7.650" };

	if (code != 421 && (code < 450 || code > 452))
		return false;
	if (code == 421 && strncmp(status, "4.7.", 4) == 0)
		return true;
	for (size_t i = 0; i < sizeof counting / sizeof *counting; i++)
		if (strcmp(status, counting[i]) == 0)
			return true;
	return false;
}

/* STEP, up to a jitter of so many percent earlier or later. */
static long jittered(long step_s, uint32_t random)
{
	long range = step_s / 100 * (2 * SCHEDULE_JITTER_PERCENT) +
		     step_s % 100 * (2 * SCHEDULE_JITTER_PERCENT) / 100;

	return step_s - range / 2 + (long)(random % ((uint32_t)range + 1));
}

static long longest_s(const struct schedule *schedule)
{
	long longest = 0;

	for (size_t i = 0; i < schedule->step_count; i++)
		if (schedule->steps_s[i] > longest)
			longest = schedule->steps_s[i];
	return longest;
}

static long step_s(const struct schedule *schedule, unsigned long index)
{
	return schedule->steps_s[index < schedule->step_count
					 ? index
					 : schedule->step_count - 1];
}

static long soon_s(unsigned long index)
{
	return index < 4 ? (long)SCHEDULE_SOON_S << index : SCHEDULE_THROTTLE_S;
}

/* Without jitter, and without a throttle's minimum. */
static long wait_for(const struct schedule *schedule, unsigned long index,
	enum diag_wait wait)
{
	long step = step_s(schedule, index), longest = longest_s(schedule);
	long hour = longest < 3600 ? longest : 3600;

	switch (wait) {
	case DIAG_WAIT_SOON:
		return soon_s(index) < step ? soon_s(index) : step;
	case DIAG_WAIT_HOUR:
		return step > hour ? step : hour;
	case DIAG_WAIT_DAY:
		return longest;
	case DIAG_WAIT_AS_CODE:
	case DIAG_WAIT_STEP:
	case DIAG_WAIT_NEVER:
		break;
	}
	return step;
}

time_t schedule_next(
	const struct schedule *schedule, const struct schedule_failure *failure)
{
	unsigned long index = failure->tries ? failure->tries - 1 : 0;
	bool is_throttle = schedule_is_throttle(failure->code, failure->status);
	long wait_s = wait_for(schedule, index, failure->wait);

	if (is_throttle && wait_s < SCHEDULE_THROTTLE_S)
		wait_s = SCHEDULE_THROTTLE_S;
	wait_s = jittered(wait_s, failure->random);
	if (is_throttle && wait_s < SCHEDULE_THROTTLE_S)
		wait_s = SCHEDULE_THROTTLE_S;
	return failure->now + wait_s;
}

/* Without the jitter's part. */
long schedule_shortest(const struct schedule *schedule)
{
	long shortest_s = schedule->steps_s[0];

	for (size_t i = 1; i < schedule->step_count; i++)
		if (schedule->steps_s[i] < shortest_s)
			shortest_s = schedule->steps_s[i];
	return shortest_s - shortest_s * SCHEDULE_JITTER_PERCENT / 100;
}

long schedule_longest(const struct schedule *schedule)
{
	long longest_s = SCHEDULE_THROTTLE_S;

	for (size_t i = 0; i < schedule->step_count; i++)
		if (schedule->steps_s[i] > longest_s)
			longest_s = schedule->steps_s[i];
	return longest_s + longest_s / 100 * SCHEDULE_JITTER_PERCENT;
}

bool schedule_has_expired(
	const struct schedule *schedule, time_t created, time_t now)
{
	return schedule->lifetime_s && now > created &&
	       now - created >= schedule->lifetime_s;
}
