/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Date field: zones, leap days, and times that no calendar has. */
#include <config.h>

#include "mail/date.h"
#include "tap.h"

#include <stdint.h>

static const struct {
	const char *name;
	int64_t at;
	long zone_s;
	const char *want;
} cases[] = {
	{ "the epoch", 0, 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
	{ "east", 1795309800, 3600, "Sun, 22 Nov 2026 02:10:00 +0100" },
	{ "west, another day", 1795309800, -8 * 3600,
		"Sat, 21 Nov 2026 17:10:00 -0800" },
	{ "half an hour west", 1795309800, -12600,
		"Sat, 21 Nov 2026 21:40:00 -0330" },
	{ "three quarters", 1795309800, 20700,
		"Sun, 22 Nov 2026 06:55:00 +0545" },
	{ "a leap day", 1709164800, 0, "Thu, 29 Feb 2024 00:00:00 +0000" },
	{ "after 2038", 4102444799, 0, "Thu, 31 Dec 2099 23:59:59 +0000" },
	{ "before the epoch", -1, 0, "Wed, 31 Dec 1969 23:59:59 +0000" },
	{ "seconds of a zone are cut", 0, 3599,
		"Thu, 1 Jan 1970 00:59:00 +0059" },
	{ "less than a minute west", 0, -59, "Thu, 1 Jan 1970 00:00:00 +0000" },
	{ "a zone of four digits at most", 0, 100 * 3600,
		"Thu, 1 Jan 1970 00:00:00 +0000" },
	{ "the largest zone", 0, 99 * 3600 + 59 * 60,
		"Mon, 5 Jan 1970 03:59:00 +9959" },
};

/* What is read, written again in its own zone; "local" without one. */
static const struct {
	const char *text, *want;
} reads[] = {
	{ "2026-11-22", "Sun, 22 Nov 2026 00:00:00 local" },
	{ "2026-11-22 02:10", "Sun, 22 Nov 2026 02:10:00 local" },
	{ "2026-11-22T02:10:59", "Sun, 22 Nov 2026 02:10:59 local" },
	{ "2026-11-22T02:10:59Z", "Sun, 22 Nov 2026 02:10:59 +0000" },
	{ "2026-11-22 02:10 +0100", "Sun, 22 Nov 2026 02:10:00 +0100" },
	{ "2026-11-22 02:10:00-03:30", "Sun, 22 Nov 2026 02:10:00 -0330" },
	{ "2026-11-22 +0100", "Sun, 22 Nov 2026 00:00:00 +0100" },
	{ "2024-02-29", "Thu, 29 Feb 2024 00:00:00 local" },
	{ "@0", "Thu, 1 Jan 1970 00:00:00 +0000" },
	{ "@1795309800", "Sun, 22 Nov 2026 01:10:00 +0000" },
	{ "Sun, 22 Nov 2026 02:10:00 +0100",
		"Sun, 22 Nov 2026 02:10:00 +0100" },
	{ "22 nov 2026 2:10 GMT", "Sun, 22 Nov 2026 02:10:00 +0000" },
	{ "9999-12-31 23:59:60 +0000", "Sat, 1 Jan 10000 00:00:00 +0000" },
	{ "", NULL },
	{ "now", NULL },
	{ "@", NULL },
	{ "@-1", NULL },
	{ "@9999999999999", NULL },
	{ "2026-11-31", NULL },
	{ "2023-02-29", NULL },
	{ "2026-13-01", NULL },
	{ "2026-00-01", NULL },
	{ "1969-12-31", NULL },
	{ "26-11-22", NULL },
	{ "2026-11-22 24:00", NULL },
	{ "2026-11-22 02:60", NULL },
	{ "2026-11-22 0210", NULL },
	{ "2026-11-22 02:10 +1", NULL },
	{ "2026-11-22 02:10 +0160", NULL },
	{ "2026-11-22 02:10 CET", NULL },
	{ "2026-11-22 02:10 +0100 x", NULL },
	{ "22 Nov 2026 02:10", NULL },
	{ "22 Foo 2026 02:10 +0100", NULL },
	{ "Sun, 22 Nov 2026 02:10:00 +0100\r\nBcc: x", NULL },
};

static void test_reads(void)
{
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
		struct buf out = BUF_INIT(100);
		struct date date;

		if (!date_read(span_of(reads[i].text), &date)) {
			tap_ok(!reads[i].want, "not read: %s", reads[i].text);
			continue;
		}
		date_put(&out,
			(time_t)(date.wall_s - (int64_t)date.zone_offset_s),
			date.zone_offset_s);
		if (!date.has_zone) {
			out.length -= 5;
			buf_puts(&out, "local");
		}
		tap_is_text(buf_text(&out),
			reads[i].want ? reads[i].want : "(nothing)",
			reads[i].text);
		buf_free(&out);
	}
}

int main(void)
{
	test_reads();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT(100);

		date_put(&out, (time_t)cases[i].at, cases[i].zone_s);
		tap_is_text(buf_text(&out), cases[i].want, cases[i].name);
		buf_free(&out);
	}

	struct buf out = BUF_INIT(100);

	date_put(&out, (time_t)(INT64_MAX / 2), 0);
	tap_is_text(buf_text(&out), "Thu, 1 Jan 1970 00:00:00 +0000",
		"a time that no calendar has");
	buf_free(&out);
	return tap_done();
}
