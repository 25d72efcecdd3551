/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person at a terminal sees of a long sending. */
#include <config.h>

#include "base/clock.h"
#include "cmd/progress.h"
#include "tap.h"

#include <unistd.h>

static const struct {
	uint64_t sent, total;
	int64_t elapsed_ms;
	const char *want;
} rows[] = {
	{ 12500000, 50000000, 5000,
		"12.5 of 50.0 MB (25 %), 2.5 MB/s, 0:15 left" },
	{ 500, 999, 1000, "500.0 of 999.0 B (50 %), 500.0 B/s, 0:01 left" },
	{ 0, 2000, 1000, "0.0 of 2.0 kB (0 %), 0.0 B/s" },
	{ 2000, 2000, 1000, "2.0 of 2.0 kB (100 %), 2.0 kB/s" },
	{ 1000000000, 5000000000, 1000000,
		"1.0 of 5.0 GB (20 %), 1.0 MB/s, 1:06:40 left" },
	{ 1000, 100000, 1000, "1.0 of 100.0 kB (1 %), 1.0 kB/s, 1:39 left" },
	{ 1, 1, 0, "1.0 of 1.0 B (100 %), 1.0 kB/s" },
	{ 0, 0, 0, "0.0 of 0.0 B (100 %), 0.0 B/s" },
};

static int ends[2];
static char seen[1000];

static const char *read_seen(void)
{
	ssize_t got = write(ends[1], "$", 1);

	got = got < 0 ? got : read(ends[0], seen, sizeof seen - 1);
	seen[got > 0 ? got - 1 : 0] = '\0';
	return seen;
}

static void show(struct progress *progress, int64_t at_ms, uint64_t sent)
{
	clock_set_for_test(1000000 + at_ms, 0);
	progress_show(progress, sent, 10000);
}

static void test_line(void)
{
	struct progress progress = { .fd = ends[1] };

	show(&progress, 0, 0);
	show(&progress, 900, 900);
	tap_is_text(read_seen(), "", "nothing in the first second");
	progress_end(&progress);
	tap_is_text(read_seen(), "", "nothing to wipe then");
	show(&progress, 1000, 1000);
	tap_is_text(read_seen(), "\r1.0 of 10.0 kB (10 %), 1.0 kB/s, 0:09 left",
		"then a line");
	show(&progress, 1100, 1100);
	tap_is_text(read_seen(), "", "not too often");
	show(&progress, 10000, 10000);
	tap_is_text(read_seen(), "\r10.0 of 10.0 kB (100 %), 1.0 kB/s         ",
		"a shorter line wipes the end of a longer one");
	progress_end(&progress);
	tap_is_text(read_seen(), "\r                                 \r",
		"at the end it is gone");
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = BUF_INIT(200);

		progress_put(
			&out, rows[i].sent, rows[i].total, rows[i].elapsed_ms);
		tap_is_text(buf_text(&out), rows[i].want, "a line");
		buf_free(&out);
	}
	if (pipe(ends))
		return 1;
	test_line();
	return tap_done();
}
