/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Date field, RFC 5322 3.3.  Pure: the clock and the zone are arguments. */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Appends "Sun, 22 Nov 2026 02:10:00 +0100"; English in every locale.  AT is
 * in seconds since the epoch, ZONE_OFFSET_S in seconds east of UTC, cut to
 * whole minutes (an offset of 100 hours or more counts as 0).  A time that no
 * calendar has becomes the epoch. */
void date_put(struct buf *out, time_t at, long zone_offset_s);

/* A date as somebody wrote it: the wall clock's time, as seconds since
 * 1970-01-01 00:00 by that clock, and its zone if that was written too. */
struct date {
	int64_t wall_s;
	bool has_zone;
	long zone_offset_s; /* east */
};

/* Reads "2026-11-22", "2026-11-22 02:10[:00]" (also with a T), either followed
 * by "Z", "+0100" or "+01:00"; "@" and seconds since the epoch; or the form of
 * RFC 5322 3.3, "[Sun,] 22 Nov 2026 02:10[:00] +0100".  Years 1970 to 9999.
 * False for anything else. */
bool date_read(struct span text, struct date *out);

#endif
