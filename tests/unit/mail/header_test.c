/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header fields: what begins one, where it ends, how it is found. */
#include <config.h>

#include "mail/header.h"
#include "tap.h"

static const struct {
	const char *line;
	bool want;
} lines[] = {
	{ "Subject: x", true },
	{ "Subject:", true },
	{ "Bcc :", true },
	{ "Bcc \t : x", true },
	{ "X-a_b.c!: x", true },
	{ "From : x", true },
	{ "a:b:c", true },
	{ "", false },
	{ ":", false },
	{ " : x", false },
	{ "Subject", false },
	{ "two words: x", false },
	{ "From root Sat Nov 21 2026", false },
	{ ">From root Sat: x", false },
	{ " Subject: x", false },
	{ "\tSubject: x", false },
	{ "S\xC3\xBC: x", false },
	{ "Sub\rject: x", false },
	{ "Sub\x7Fject: x", false },
	{ "just text", false },
};

static void test_lines(void)
{
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		tap_ok(header_line_is_field(span_of(lines[i].line)) ==
				lines[i].want,
			"is %sa field: '%s'", lines[i].want ? "" : "not ",
			lines[i].line);
}

static void test_name_limit(void)
{
	char line[HEADER_NAME_LIMIT + 3];

	memset(line, 'x', sizeof line);
	line[HEADER_NAME_LIMIT] = ':';
	tap_ok(header_line_is_field(span_make(line, sizeof line)),
		"a name of %d bytes begins a field", HEADER_NAME_LIMIT);
	line[HEADER_NAME_LIMIT] = 'x';
	line[HEADER_NAME_LIMIT + 1] = ':';
	tap_ok(!header_line_is_field(span_make(line, sizeof line)),
		"a longer one does not");
	tap_ok(!header_line_is_field(span_make(line, HEADER_NAME_LIMIT + 2)),
		"nor when its line ends with the colon");
}

static const struct {
	const char *name, *head, *want; /* name=value, each with a ';' */
} heads[] = {
	{ "nothing", "", "" },
	{ "one", "A: b\r\n", "A= b;" },
	{ "no value", "A:\r\nB:\r\n", "A=;B=;" },
	{ "folded with a space", "A: b\r\n c\r\nD: e\r\n", "A= b\r\n c;D= e;" },
	{ "folded with a tab, twice", "A: b\r\n\tc\r\n d\r\n",
		"A= b\r\n\tc\r\n d;" },
	{ "a value all on the next line", "A:\r\n b\r\nC: d\r\n",
		"A=\r\n b;C= d;" },
	{ "a space before the colon", "Bcc : x\r\n", "Bcc= x;" },
	{ "colons in the value", "A: b:c\r\n", "A= b:c;" },
	{ "no final line end", "A: b", "A= b;" },
};

static void test_split(void)
{
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(1000), whole = BUF_INIT(1000);
		struct header header;

		header_split(span_of(heads[i].head), arena, &header);
		for (size_t j = 0; j < header.count; j++) {
			buf_put_span(&got, header.fields[j].name);
			buf_put_byte(&got, '=');
			buf_put_span(&got, header.fields[j].value);
			buf_put_byte(&got, ';');
			buf_put_span(&whole, header.fields[j].whole);
		}
		tap_is_text(buf_text(&got), heads[i].want, heads[i].name);
		tap_is_text(buf_text(&whole), heads[i].head,
			"  and together they are the head");
		buf_free(&got);
		buf_free(&whole);
		arena_free(arena);
	}
}

static void test_find(void)
{
	struct arena *arena = arena_new();
	const struct header_field *field;
	struct header header;

	header_split(
		SPAN("To: 1\r\nCc: 2\r\nto : 3\r\nTOO: 4\r\n"), arena, &header);
	field = header_find(&header, "tO");
	tap_ok(field == &header.fields[0], "the first of a name, in any case");
	field = header_find_next(&header, field, "To");
	tap_ok(field == &header.fields[2], "the next one");
	tap_ok(!header_find_next(&header, field, "To"), "and no more");
	tap_ok(!header_find(&header, "T"), "a prefix is another name");
	arena_free(arena);
}

static const struct {
	const char *name, *value, *want;
} values[] = {
	{ "trimmed", " x \t", "x" },
	{ "folding goes, white space stays", " a\r\n b\r\n\tc", "a b\tc" },
	{ "begins on the next line", "\r\n a", "a" },
	{ "nothing", " ", "" },
	{ "nothing at all", "", "" },
};

static void test_unfold(void)
{
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct buf got = BUF_INIT(100);

		header_unfold(span_of(values[i].value), &got);
		tap_is_text(buf_text(&got), values[i].want, values[i].name);
		buf_free(&got);
	}

	struct buf small = BUF_INIT(2);

	header_unfold(SPAN("abc"), &small);
	tap_ok(small.overflowed, "a value over the limit is reported");
	buf_free(&small);
}

int main(void)
{
	test_lines();
	test_name_limit();
	test_split();
	test_find();
	test_unfold();
	return tap_done();
}
