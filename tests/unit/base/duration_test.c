/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lengths of time, read and written. */
#include <config.h>

#include "base/duration.h"
#include "tap.h"

static void test_durations(void)
{
	static const struct {
		const char *text;
		long want; /* -1: refused */
	} rows[] = {
		{ "0", 0 },
		{ "90", 90 },
		{ "90s", 90 },
		{ "5m", 300 },
		{ "4h", 14400 },
		{ "5d", 432000 },
		{ "3660d", 316224000 },
		{ "3661d", -1 },
		{ "", -1 },
		{ "m", -1 },
		{ "-5m", -1 },
		{ "5 m", -1 },
		{ "5mm", -1 },
		{ "5w", -1 },
		{ "99999999999999999999d", -1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		long got = -1;

		if (!duration_parse(span_of(rows[i].text), &got))
			got = -1;
		tap_ok(got == rows[i].want, "duration '%s': got %ld",
			rows[i].text, got);
	}
}

static void test_rates(void)
{
	static const struct {
		const char *text;
		long number, seconds; /* 0: refused */
	} rows[] = {
		{ "30/m", 30, 60 },
		{ "100/h", 100, 3600 },
		{ "2/10m", 2, 600 },
		{ "1/1", 1, 1 },
		{ "1/30d", 1, 2592000 },
		{ "5000/s", 5000, 1 },
		{ "0/m", 0, 0 },
		{ "30", 0, 0 },
		{ "30/", 0, 0 },
		{ "30/0", 0, 0 },
		{ "30/x", 0, 0 },
		{ "/m", 0, 0 },
		{ "30/m/m", 0, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		long number = 0, seconds = 0;
		bool is_rate = duration_parse_rate(
			span_of(rows[i].text), &number, &seconds);

		tap_ok(is_rate == (rows[i].number != 0) &&
				(!is_rate ||
					(number == rows[i].number &&
						seconds == rows[i].seconds)),
			"rate '%s': got %ld/%ld", rows[i].text, number,
			seconds);
	}
}

static void test_put(void)
{
	static const struct {
		long seconds;
		const char *exact, *rough;
	} rows[] = {
		{ 0, "0s", "0s" },
		{ 59, "59s", "59s" },
		{ 60, "1m", "1m" },
		{ 90, "90s", "1m" },
		{ 3600, "1h", "1h" },
		{ 86399, "86399s", "23h" },
		{ 432000, "5d", "5d" },
		{ 435000, "7250m", "5d" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf exact = BUF_INIT(64), rough = BUF_INIT(64);

		duration_put(&exact, rows[i].seconds);
		duration_put_rough(&rough, rows[i].seconds);
		tap_is_text(buf_text(&exact), rows[i].exact, "exact");
		tap_is_text(buf_text(&rough), rows[i].rough, "rough");
		buf_free(&exact);
		buf_free(&rough);
	}
}

int main(void)
{
	test_durations();
	test_rates();
	test_put();
	return tap_done();
}
