/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deadlines and zones; the last cases stop the clock. */
#include <config.h>

#include "base/clock.h"
#include "tap.h"

#include <limits.h>
#include <stdlib.h>

enum { HOUR = 3600 };

static const struct {
	const char *name, *zone;
	time_t at;
	long want;
} zones[] = {
	{ "UTC", "UTC0", 0, 0 },
	{ "half an hour", "IST-5:30", 1700000000, 5 * HOUR + HOUR / 2 },
	{ "three quarters", "NPT-5:45", 1700000000, 5 * HOUR + HOUR * 3 / 4 },
	{ "far west", "SST11", 1700000000, -11 * HOUR },
	{ "far east", "LINT-14", 1700000000, 14 * HOUR },
	{ "winter", "CET-1CEST,M3.5.0,M10.5.0/3", 1704067200, HOUR },
	{ "summer", "CET-1CEST,M3.5.0,M10.5.0/3", 1719792000, 2 * HOUR },
	/* 2023-12-31 23:30 UTC is next year in Berlin. */
	{ "next year there", "CET-1", 1704065400, HOUR },
	/* 2024-01-01 00:30 UTC is last year in New York. */
	{ "last year there", "EST5", 1704069000, -5 * HOUR },
	{ "odd seconds", "ABC-0:00:07", 1700000000, 7 },
	{ "before 1970", "EST5", -1, -5 * HOUR },
	{ "after 2038", "EST5", 4102444800, -5 * HOUR },
};

static void check_zones(void)
{
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		setenv("TZ", zones[i].zone, 1);
		tap_is_number(clock_zone_offset(zones[i].at), zones[i].want,
			zones[i].name);
	}
}

static void check_running(void)
{
	int64_t before = clock_now_ms();
	int64_t deadline = clock_deadline(100);
	time_t wall = time(NULL);
	int left = clock_left_ms(deadline);

	tap_ok(clock_now_ms() >= before && before >= 0, "never goes back");
	tap_ok(left > 90000 && left <= 100000, "a hundred seconds are left");
	tap_ok(clock_wall() >= wall && clock_wall() <= wall + 10,
		"the wall clock is the system's");
}

static void check_deadlines(void)
{
	const int64_t soon = 1000500, later = 1000600;

	clock_set_for_test(1000000, 1700000000);
	tap_is_number(clock_now_ms(), 1000000, "stands for a test");
	tap_is_number(clock_wall(), 1700000000, "and so does the wall clock");
	tap_is_number(clock_deadline(30), 1030000, "in thirty seconds");
	tap_is_number(clock_deadline(0), CLOCK_NEVER, "no deadline");
	tap_is_number(clock_deadline(LONG_MAX), CLOCK_NEVER,
		"a deadline past all time");
	tap_is_number(clock_left_ms(soon), 500, "half a second left");
	tap_is_number(clock_left_ms(999999), 0, "passed");
	tap_is_number(clock_left_ms(1000000), 0, "just now");
	tap_is_number(clock_left_ms(CLOCK_NEVER), -1, "for ever");
	tap_is_number(
		clock_left_ms(INT64_MAX), INT_MAX, "no more than poll() takes");
	tap_is_number(clock_earlier(soon, later), soon, "the first is earlier");
	tap_is_number(clock_earlier(later, soon), soon, "the second is");
	tap_is_number(clock_earlier(CLOCK_NEVER, soon), soon, "never or soon");
	tap_is_number(clock_earlier(soon, CLOCK_NEVER), soon, "soon or never");
	tap_is_number(clock_earlier(CLOCK_NEVER, CLOCK_NEVER), CLOCK_NEVER,
		"never or never");
}

int main(void)
{
	check_zones();
	check_running();
	check_deadlines();
	return tap_done();
}
