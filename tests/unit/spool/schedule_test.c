/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists, backoff, jitter, throttles and the end of patience. */
#include <config.h>

#include "spool/schedule.h"
#include "tap.h"

static void test_lists(void)
{
	static const struct {
		const char *text;
		size_t want; /* steps; 0: refused */
	} rows[] = {
		{ "5m", 1 },
		{ "5m 10m 1h", 3 },
		{ " 5m, 10m,1h ", 3 },
		{ "", 0 },
		{ " , ", 0 },
		{ "5m x", 0 },
		{ "5m 0", 0 },
		{ "1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 "
		  "4 5",
			32 },
		{ "1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 "
		  "4 5 6",
			0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct schedule schedule = { .lifetime_s = 7 };
		bool is_fine = schedule_parse(span_of(rows[i].text), &schedule);

		tap_ok(is_fine == (rows[i].want != 0) &&
				schedule.step_count == rows[i].want &&
				schedule.lifetime_s == 7,
			"schedule '%s'", rows[i].text);
	}
}

static void test_throttles(void)
{
	static const struct {
		unsigned code;
		const char *status;
		bool want;
	} rows[] = {
		{ 421, "4.7.0", true },
		{ 421, "4.7.28", true },
		{ 421, "4.3.2", true },
		{ 421, "", false },
		{ 450, "4.2.1", true },
		{ 450, "4.7.1", false },
		{ 451, "4.7.1", false },
		{ 451, "4.7.500", true },
		{ 452, "4.5.3", true },
		{ 452, "4.3.1", false },
		{ 454, "4.7.0", false },
		{ 550, "5.7.0", false },
		{ 0, "4.7.0", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		tap_ok(schedule_is_throttle(rows[i].code, rows[i].status) ==
				rows[i].want,
			"throttle %u %s", rows[i].code, rows[i].status);
}

/* The bounds of every wait, over the whole range of the jitter. */
static void test_next(void)
{
	static const struct {
		const char *name;
		unsigned long tries;
		unsigned code;
		const char *status;
		long low, high;
		enum diag_wait wait;
	} rows[] = {
		{ "first failure", 1, 0, "", 255, 345 },
		{ "second failure", 2, 0, "", 1530, 2070 },
		{ "the last step repeats", 99, 0, "", 12240, 16560 },
		{ "no try counts as the first", 0, 0, "", 255, 345 },
		{ "a throttle waits longer", 1, 421, "4.7.0", 900, 1035 },
		{ "but not longer than the step", 3, 421, "4.7.0", 12240,
			16560 },
		{ "soon", 1, 454, "", 51, 69, DIAG_WAIT_SOON },
		{ "soon, once more", 2, 454, "", 102, 138, DIAG_WAIT_SOON },
		{ "soon, and again", 9, 454, "", 765, 1035, DIAG_WAIT_SOON },
		{ "soon, said by a throttle", 1, 421, "4.7.0", 900, 1035,
			DIAG_WAIT_SOON },
		{ "an hour", 1, 550, "5.7.1", 3060, 4140, DIAG_WAIT_HOUR },
		{ "an hour, and more", 3, 550, "5.7.1", 12240, 16560,
			DIAG_WAIT_HOUR },
		{ "a day: as long as we ever wait", 1, 550, "5.4.5", 12240,
			16560, DIAG_WAIT_DAY },
		{ "a known step", 1, 535, "", 255, 345, DIAG_WAIT_STEP },
	};
	struct schedule schedule = { .lifetime_s = 0 };

	schedule_parse(SPAN("5m 30m 4h"), &schedule);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		long low = 1000000, high = 0;

		for (uint32_t random = 0; random < 10000; random++) {
			const struct schedule_failure failure = {
				.now = 1000,
				.tries = rows[i].tries,
				.code = rows[i].code,
				.status = rows[i].status,
				.wait = rows[i].wait,
				.random = random * 429497,
			};
			long wait = (long)(schedule_next(&schedule, &failure) -
					   1000);

			low = wait < low ? wait : low;
			high = wait > high ? wait : high;
		}
		tap_ok(low >= rows[i].low && high <= rows[i].high &&
				high - low > (rows[i].high - rows[i].low) / 2,
			"%s: %ld to %ld", rows[i].name, low, high);
	}
}

static void test_expiry(void)
{
	const struct schedule for_ever = { .lifetime_s = 0 };
	const struct schedule day = { .lifetime_s = 86400 };

	tap_ok(!schedule_has_expired(&day, 1000, 1000), "a new one lives");
	tap_ok(!schedule_has_expired(&day, 1000, 87399), "until the end");
	tap_ok(schedule_has_expired(&day, 1000, 87400), "and then no more");
	tap_ok(!schedule_has_expired(&day, 90000, 10), "a clock set back");
	tap_ok(!schedule_has_expired(&for_ever, 0, 1u << 30), "0 is for ever");
}

int main(void)
{
	test_lists();
	test_throttles();
	test_next();
	test_expiry();
	return tap_done();
}
