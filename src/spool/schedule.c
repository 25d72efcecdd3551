/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to try again.  Knows no clock and no queue. */
#include <config.h>

#include "spool/schedule.h"

#include <string.h>

enum {
	MINUTE_S = 60,
	HOUR_S = 60 * MINUTE_S,
	DAY_S = 24 * HOUR_S,
	DURATION_MAX_S = 10 * 366 * DAY_S
};

bool schedule_parse_duration(struct span text, long *seconds)
{
	static const struct {
		char letter;
		long seconds;
	} units[] = { { 's', 1 }, { 'm', MINUTE_S }, { 'h', HOUR_S },
		{ 'd', DAY_S } };
	unsigned long number;
	long unit = 1;

	for (size_t i = 0; text.length && i < sizeof units / sizeof *units; i++)
		if (text.at[text.length - 1] == units[i].letter) {
			unit = units[i].seconds;
			text.length--;
			break;
		}
	if (!span_number(text, (unsigned long)(DURATION_MAX_S / unit), &number))
		return false;
	*seconds = (long)number * unit;
	return true;
}

static struct span cut_duration(struct span *rest)
{
	size_t length = 0;

	while (rest->length && strchr(" \t,", rest->at[0]))
		*rest = span_skip(*rest, 1);
	while (length < rest->length && !strchr(" \t,", rest->at[length]))
		length++;
	return span_make(rest->at, length);
}

bool schedule_parse(struct span text, struct schedule *out)
{
	struct schedule parsed = { .lifetime_s = out->lifetime_s };
	struct span word;

	while ((word = cut_duration(&text)).length) {
		long *step = &parsed.steps_s[parsed.step_count];

		if (parsed.step_count == SCHEDULE_STEPS ||
			!schedule_parse_duration(word, step) || *step < 1)
			return false;
		parsed.step_count++;
		text = span_skip(text, word.length);
	}
	if (!parsed.step_count)
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

time_t schedule_next(
	const struct schedule *schedule, const struct schedule_failure *failure)
{
	unsigned long index = failure->tries ? failure->tries - 1 : 0;
	bool is_throttle = schedule_is_throttle(failure->code, failure->status);
	long wait_s;

	if (index >= schedule->step_count)
		index = schedule->step_count - 1;
	wait_s = schedule->steps_s[index];
	if (is_throttle && wait_s < SCHEDULE_THROTTLE_S)
		wait_s = SCHEDULE_THROTTLE_S;
	wait_s = jittered(wait_s, failure->random);
	if (is_throttle && wait_s < SCHEDULE_THROTTLE_S)
		wait_s = SCHEDULE_THROTTLE_S;
	return failure->now + wait_s;
}

bool schedule_has_expired(
	const struct schedule *schedule, time_t created, time_t now)
{
	return schedule->lifetime_s && now > created &&
	       now - created >= schedule->lifetime_s;
}
