/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates for the header.  Knows no clock and no zone: both are arguments. */
#include <config.h>

#include "mail/date.h"

#include <stdlib.h>

/* strftime() would speak the user's language; RFC 5322 3.3 wants English. */
static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

enum { ZONE_LIMIT_MINUTES = 99 * 60 + 59 };

void date_put(struct buf *out, time_t at, long zone_offset_s)
{
	long minutes = zone_offset_s / 60;
	struct tm local = { .tm_mday = 1, .tm_year = 70, .tm_wday = 4 };
	time_t shifted;

	/* The zone has four digits; an offset that they cannot say is none. */
	if (labs(minutes) > ZONE_LIMIT_MINUTES)
		minutes = 0;
	shifted = at + (time_t)(minutes * 60);
	if (!gmtime_r(&shifted, &local))
		local = (struct tm){
			.tm_mday = 1, .tm_year = 70, .tm_wday = 4
		};
	buf_printf(out, "%s, %d %s %04ld %02d:%02d:%02d %c%02ld%02ld",
		days[local.tm_wday], local.tm_mday, months[local.tm_mon],
		1900L + local.tm_year, local.tm_hour, local.tm_min,
		local.tm_sec, minutes < 0 ? '-' : '+', labs(minutes) / 60,
		labs(minutes) % 60);
}
