/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times in front of log lines: forms, years and zones that are missing. */
#include <config.h>

#include "log/stamp.h"
#include "tap.h"

enum {
	NOW = 1796055159, /* 2026-11-30 16:12:39 UTC */
	HOUR_S = 3600
};

static long an_hour_east(time_t at)
{
	(void)at;
	return HOUR_S;
}

/* Summer time until 2026-10-25 01:00 UTC. */
static long middle_europe(time_t at)
{
	return at < 1792890000 ? 2 * HOUR_S : HOUR_S;
}

static const struct {
	const char *name, *line;
	long (*zone)(time_t at);
	int64_t want;
	const char *rest;
} rows[] = {
	{ "with a zone", "2026-11-30T16:12:39+0000 host=x", an_hour_east, NOW,
		"host=x" },
	{ "as rsyslog has it", "2026-11-30T17:12:39.123456+01:00 h m: x", NULL,
		NOW, "h m: x" },
	{ "in UTC", "2026-11-30T16:12:39Z x", an_hour_east, NOW, "x" },
	{ "west", "2026-11-30T08:42:39-07:30 x", NULL, NOW, "x" },
	{ "without a zone", "2026-11-30 17:12:39 x", an_hour_east, NOW, "x" },
	{ "a comma before the fraction", "2026-11-30 16:12:39,5 x", NULL, NOW,
		"x" },
	{ "summer", "2026-07-01 14:00:00 x", middle_europe, 1782907200, "x" },
	{ "syslog", "Nov 30 16:12:39 host m: x", NULL, NOW, "host m: x" },
	{ "syslog, by the zone", "Nov 30 17:12:39 x", an_hour_east, NOW, "x" },
	{ "a day of one digit", "Nov  1 00:00:00 x", NULL, 1793491200, "x" },
	{ "a priority", "<22>Nov 30 16:12:39 x", NULL, NOW, "x" },
	{ "last year's", "Dec 31 23:59:59 x", NULL, 1767225599, "x" },
	{ "a little ahead", "Dec  1 16:12:39 x", NULL, NOW + 86400, "x" },
	{ "more than a day ahead", "Dec  1 16:12:40 x", NULL,
		NOW + 86401 - 365 * 86400, "x" },
	{ "the last leap day", "Feb 29 12:00:00 x", NULL, 1709208000, "x" },
	{ "seconds since the epoch", "1796055159 x", an_hour_east, NOW, "x" },
	{ "and a fraction", "1796055159.123456 host m: x", NULL, NOW,
		"host m: x" },
	{ "a leap second", "2016-12-31T23:59:60Z x", NULL, 1483228800, "x" },
	{ "no such day", "Nov 31 16:12:39 x", NULL, LOG_NO_TIME,
		"Nov 31 16:12:39 x" },
	{ "no leap year", "2026-02-29T00:00:00Z x", NULL, LOG_NO_TIME,
		"2026-02-29T00:00:00Z x" },
	{ "no such hour", "2026-11-30T24:00:00Z x", NULL, LOG_NO_TIME,
		"2026-11-30T24:00:00Z x" },
	{ "the year 0", "0000-01-01T00:00:00Z x", NULL, LOG_NO_TIME,
		"0000-01-01T00:00:00Z x" },
	{ "the last year", "9999-12-31T23:59:59Z x", NULL, 253402300799, "x" },
	{ "small numbers are none", "12345678 x", NULL, LOG_NO_TIME,
		"12345678 x" },
	{ "large ones neither", "123456789012 x", NULL, LOG_NO_TIME,
		"123456789012 x" },
	{ "another language", "nov. 30 16:12:39 x", NULL, LOG_NO_TIME,
		"nov. 30 16:12:39 x" },
	{ "nothing behind it", "Nov 30 16:12:39", NULL, LOG_NO_TIME,
		"Nov 30 16:12:39" },
	{ "no time", "host=x tls=on", NULL, LOG_NO_TIME, "host=x tls=on" },
	{ "nothing", "", NULL, LOG_NO_TIME, "" },
};

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct log_clock clock = { NOW, rows[i].zone };
		struct span line = span_of(rows[i].line);

		tap_is_number(log_stamp_cut(&line, &clock), rows[i].want,
			rows[i].name);
		tap_is_span(line, span_of(rows[i].rest), rows[i].name);
	}
	tap_is_number(log_stamp_day(1970, 1, 1), 0, "the epoch");
	tap_is_number(log_stamp_day(2000, 3, 1), 951868800, "2000-03-01");
	tap_is_number(log_stamp_day(2026, 13, 1), LOG_NO_TIME, "month 13");
	tap_is_number(log_stamp_day(2026, 0, 1), LOG_NO_TIME, "month 0");
	return tap_done();
}
