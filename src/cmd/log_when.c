/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments as words.  Knows no clock but the one it is given. */
#include <config.h>

#include "cmd/log_when.h"

#include "base/duration.h"
#include "mail/date.h"

enum { DAY_S = 86400 };

/* DAYS before today, at 00:00. */
static int64_t midnight(const struct log_clock *clock, int days)
{
	int64_t wall = log_stamp_local(clock->now, clock);

	return log_stamp_of_local(
		wall - wall % DAY_S - (int64_t)days * DAY_S, clock);
}

bool log_when_read(
	struct span text, const struct log_clock *clock, int64_t *out)
{
	struct date date;
	long seconds;

	text = span_trim(text);
	if (span_equal_nocase(text, SPAN("now"))) {
		*out = clock->now;
	} else if (span_equal_nocase(text, SPAN("today"))) {
		*out = midnight(clock, 0);
	} else if (span_equal_nocase(text, SPAN("yesterday"))) {
		*out = midnight(clock, 1);
	} else if (text.length && ascii_is_alpha(text.at[text.length - 1]) &&
		   duration_parse(text, &seconds)) {
		*out = clock->now - seconds;
	} else if (date_read(text, &date)) {
		*out = date.has_zone ? date.wall_s - date.zone_offset_s
				     : log_stamp_of_local(date.wall_s, clock);
	} else {
		return false;
	}
	if (*out < 0)
		*out = 0;
	return true;
}
