/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments as people name them, and what names none. */
#include <config.h>

#include "cmd/log_when.h"
#include "tap.h"

enum {
	NOW = 1796055159, /* 2026-11-30 16:12:39 UTC, 17:12:39 there */
	HOUR_S = 3600
};

static long an_hour_east(time_t at)
{
	(void)at;
	return HOUR_S;
}

static const struct {
	const char *text;
	int64_t want; /* -1: none */
} rows[] = {
	{ "2d", NOW - 2 * 86400 },
	{ "12h", NOW - 12 * HOUR_S },
	{ "30m", NOW - 1800 },
	{ "90s", NOW - 90 },
	{ " 2d ", NOW - 2 * 86400 },
	{ "now", NOW },
	{ "today", NOW - 16 * HOUR_S - 759 - HOUR_S },
	{ "Yesterday", NOW - 16 * HOUR_S - 759 - 25 * HOUR_S },
	{ "2026-11-30", 1795993200 },
	{ "2026-11-30 17:12", NOW - 39 },
	{ "2026-11-30T17:12:39", NOW },
	{ "2026-11-30T16:12:39Z", NOW },
	{ "2026-11-30 18:12:39+0200", NOW },
	{ "@1796055159", NOW },
	{ "3650d", NOW - (int64_t)3650 * 86400 },
	{ "1970-01-01", 0 },
	{ "2", -1 },
	{ "2026", -1 },
	{ "", -1 },
	{ "2x", -1 },
	{ "d", -1 },
	{ "-2d", -1 },
	{ "2 d", -1 },
	{ "2026-13-01", -1 },
	{ "2026-02-30", -1 },
	{ "99999999999d", -1 },
	{ "last week", -1 },
};

int main(void)
{
	const struct log_clock clock = { NOW, an_hour_east };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t got = -1;

		if (!log_when_read(span_of(rows[i].text), &clock, &got))
			got = -1;
		tap_is_number(got, rows[i].want, rows[i].text);
	}
	return tap_done();
}
