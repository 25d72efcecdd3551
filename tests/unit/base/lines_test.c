/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a descriptor: their ends, their limit, and a file that grows. */
#include <config.h>

#include "base/lines.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LIMIT = 8 };

static void put(FILE *file, struct span bytes)
{
	fseek(file, 0, SEEK_END);
	fwrite(bytes.at, 1, bytes.length, file);
	fflush(file);
}

static void get(struct lines *lines, struct buf *out)
{
	struct diag why;
	struct span line;
	enum lines_result result;

	while ((result = lines_next(lines, &line, &why)) == LINES_GOT) {
		buf_put_span(out, line);
		buf_put_byte(out, '|');
	}
	buf_puts(out, result == LINES_END ? "." : "!");
}

static const struct {
	const char *name;
	struct span bytes;
	const char *want, *rest;
	uint64_t passed_over;
} rows[] = {
	{ "lines", SPAN("a\nbc\n"), "a|bc|.", "", 0 },
	{ "empty ones", SPAN("\n\na\n"), "||a|.", "", 0 },
	{ "nothing", SPAN(""), ".", "", 0 },
	{ "no newline at the end", SPAN("a\nbc"), "a|.", "bc", 0 },
	{ "as long as may be", SPAN("12345678\n12345678"), "12345678|.",
		"12345678", 0 },
	{ "too long", SPAN("a\n123456789\nb\n"), "a|b|.", "", 1 },
	{ "too long at the end", SPAN("a\n123456789"), "a|.", "", 1 },
};

static void test_row(size_t i)
{
	FILE *file = tmpfile();
	struct lines *lines = lines_new(fileno(file), LIMIT);
	struct buf out = BUF_INIT(1000);
	struct span rest = SPAN("");

	put(file, rows[i].bytes);
	lseek(fileno(file), 0, SEEK_SET);
	get(lines, &out);
	tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
	if (!lines_rest(lines, &rest))
		rest = SPAN("");
	tap_is_span(rest, span_of(rows[i].rest), rows[i].name);
	tap_is_number((int64_t)lines_passed_over(lines),
		(int64_t)rows[i].passed_over, rows[i].name);
	buf_free(&out);
	lines_free(lines);
	fclose(file);
}

static void test_growth(void)
{
	FILE *file = tmpfile();
	struct lines *lines = lines_new(fileno(file), LIMIT);
	struct buf out = BUF_INIT(1000);

	put(file, SPAN("a\nb"));
	lseek(fileno(file), 0, SEEK_SET);
	get(lines, &out);
	if (pwrite(fileno(file), "c\nd\n", 4, 3) != 4)
		abort();
	get(lines, &out);
	tap_is_text(buf_text(&out), "a|.bc|d|.", "a line in two pieces");
	buf_free(&out);
	lines_free(lines);
	fclose(file);
}

static void test_megabyte(void)
{
	FILE *file = tmpfile();
	struct lines *lines = lines_new(fileno(file), LIMIT);
	struct buf out = BUF_INIT(1000);

	put(file, SPAN("a\n"));
	for (size_t i = 0; i < 1024 * 1024; i++)
		fputc('x', file);
	put(file, SPAN("\nb\n"));
	lseek(fileno(file), 0, SEEK_SET);
	get(lines, &out);
	tap_is_text(buf_text(&out), "a|b|.", "a megabyte");
	tap_is_number((int64_t)lines_passed_over(lines), 1, "is one line");
	buf_free(&out);
	lines_free(lines);
	fclose(file);
}

static void test_failure(void)
{
	struct lines *lines = lines_new(-1, LIMIT);
	struct diag why = { .id = DIAG_NONE };
	struct span line;

	tap_ok(lines_next(lines, &line, &why) == LINES_FAILED, "no descriptor");
	tap_is_diag(&why, DIAG_INPUT_UNREADABLE, "is told");
	lines_free(lines);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(i);
	test_growth();
	test_megabyte();
	test_failure();
	return tap_done();
}
