/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Date field, RFC 5322 3.3.  Pure: the clock and the zone are arguments. */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "base/buf.h"

#include <time.h>

/* Appends "Sun, 22 Nov 2026 02:10:00 +0100"; English in every locale.  AT is
 * in seconds since the epoch, ZONE_OFFSET_S in seconds east of UTC, cut to
 * whole minutes (an offset of 100 hours or more counts as 0).  A time that no
 * calendar has becomes the epoch. */
void date_put(struct buf *out, time_t at, long zone_offset_s);

#endif
