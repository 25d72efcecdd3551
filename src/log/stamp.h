/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The time at the front of a log line, in the forms that logs have.  Pure: the
 * clock and the zone are arguments.
 */
#ifndef LOG_STAMP_H
#define LOG_STAMP_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* What a time without a year or a zone is read by. */
struct log_clock {
	int64_t now;                      /* seconds since the epoch */
	long (*zone_offset_s)(time_t at); /* east; NULL: UTC */
};

enum { LOG_NO_TIME = -1 };

/* Cuts a time and the blanks behind it off the front of *LINE:
 * "2026-11-30T16:12:39.5+01:00" (the T may be a space, the fraction and the
 * zone be missing), syslog's "Nov 30 16:12:39", or seconds since the epoch;
 * before it may stand syslog's "<22>".  Without a year it is the last such day
 * that is not ahead of tomorrow.  Returns seconds since the epoch, or
 * LOG_NO_TIME, and leaves *LINE. */
int64_t log_stamp_cut(struct span *line, const struct log_clock *clock);

/* Seconds since the epoch of a day (the year 1970 to 9999, the month and the
 * day from 1) at 00:00 UTC; LOG_NO_TIME when no calendar has it. */
int64_t log_stamp_day(unsigned year, unsigned month, unsigned day);
/* The same instant by the wall clock of CLOCK's zone, and back. */
int64_t log_stamp_local(int64_t at, const struct log_clock *clock);
int64_t log_stamp_of_local(int64_t wall_s, const struct log_clock *clock);

#endif
