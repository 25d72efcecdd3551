/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of every shape, whole and byte by byte. */
#include <config.h>

#include "base/mem.h"
#include "mail/table.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* "[a|b]", then "LINE:a=x,b=y;" for each row and "LINE!…;" for a fault; "-"
 * and the sentence when it is no table. */
static const struct {
	const char *name, *text, *want;
} rows[] = {
	{ "commas", "a,b\n1,2\n3,4\n", "[a|b]2:a=1,b=2;3:a=3,b=4;" },
	{ "no line end at the end", "a,b\n1,2", "[a|b]2:a=1,b=2;" },
	{ "CR LF", "a,b\r\n1,2\r\n", "[a|b]2:a=1,b=2;" },
	{ "CR alone", "a,b\r1,2\r3,4", "[a|b]2:a=1,b=2;3:a=3,b=4;" },
	{ "semicolons", "a;b\n1,5;2\n", "[a|b]2:a=1,5,b=2;" },
	{ "tabs", "a\tb\n1;5\t2\n", "[a|b]2:a=1;5,b=2;" },
	{ "one column", "email\nann@x\n", "[email]2:email=ann@x;" },
	{ "a byte order mark",
		"\xEF\xBB\xBF"
		"a,b\n1,2\n",
		"[a|b]2:a=1,b=2;" },
	{ "a byte order mark before a quote", "\xEF\xBB\xBF\"a\",b\n1,2\n",
		"[a|b]2:a=1,b=2;" },
	{ "what spreadsheets write first", "sep=|\r\na|b\r\n1|2\r\n",
		"[a|b]3:a=1,b=2;" },
	{ "a column named sep=x", "sep=x,b\n1,2\n", "[sep=x|b]2:sep=x=1,b=2;" },
	{ "quotes", "a,b\n\"x, y\",\"say \"\"hi\"\"\"\n",
		"[a|b]2:a=x, y,b=say \"hi\";" },
	{ "a line end in quotes", "a,b\n\"x\ny\",2\n3,4\n",
		"[a|b]2:a=x\ny,b=2;4:a=3,b=4;" },
	{ "CR LF in quotes", "a,b\r\n\"x\r\ny\",2\r\n", "[a|b]2:a=x\ny,b=2;" },
	{ "a quote in a cell without", "a,b\n5\" disk,2\n",
		"[a|b]2:a=5\" disk,b=2;" },
	{ "a quoted separator in the header", "\"a;;;\",b\n1,2\n",
		"[a;;;|b]2:a;;;=1,b=2;" },
	{ "empty cells", "a,b\n,2\n1,\n", "[a|b]2:a=,b=2;3:a=1,b=;" },
	{ "rows of nothing", "\n\na,b\n\n,\n1,2\n\n", "[a|b]6:a=1,b=2;" },
	{ "blanks around a name", " a , b\n 1,2 \n", "[a|b]2:a= 1,b=2 ;" },
	{ "a column without a name", "a,,b\n1,2,3\n", "[a||b]2:a=1,=2,b=3;" },
	{ "too few", "a,b\n1\n3,4\n",
		"[a|b]2!it has 1 cells, and the header names 2 columns;"
		"3:a=3,b=4;" },
	{ "too many", "a,b\n1,2,3\n",
		"[a|b]2!it has 3 cells, and the header names 2 columns;" },
	{ "text behind a quote", "a,b\n\"1\"x,2\n3,4\n",
		"[a|b]2!text stands behind a closing quote;3:a=3,b=4;" },
	{ "a quote without an end", "a,b\n\"1,2\n3,4\n",
		"[a|b]2!a quote that begins in it has no end;" },
	{ "not UTF-8", "a,b\n\xE9,2\n3,4\n",
		"[a|b]2!it is not UTF-8;3:a=3,b=4;" },
	{ "a name twice", "a,b,A\n1,2,3\n",
		"-the name 'A' stands in it twice" },
	{ "nothing", "", "-it is empty" },
	{ "line ends", "\n\r\n", "-it is empty" },
	{ "no names", ",\n1,2\n", "[1|2]" },
	{ "blank names", " , \n1,2\n", "-its first row names no column" },
	{ "only a header", "a,b\n", "[a|b]" },
	{ "JSON", "{\"a\":\"x\",\"b\":1}\n{\"b\":true,\"a\":null}\n",
		"[a|b]1:a=x,b=1;2:b=true,a=;" },
	{ "JSON: blanks, CR LF, a byte order mark",
		"\xEF\xBB\xBF\r\n {\"a\" : \"x\"} \r\n\r\n{\"c\":\"z\"}",
		"[a]2:a=x;4:c=z;" },
	{ "JSON: escapes",
		"{\"a\\u00e9\":\"x\\ny \\\"z\\\" \\ud83d\\ude00\"}\n",
		"[a\xC3\xA9]1:a\xC3\xA9=x\ny \"z\" \xF0\x9F\x98\x80;" },
	{ "JSON: nested", "{\"a\":{\"b\":1},\"c\":[1],\"d\":\"x\"}\n",
		"[d]1:d=x;" },
	{ "JSON: a row that is none",
		"{\"a\":1}\n{\"a\":\n[1]\n{\"a\":2} x\n"
		"{\"a\":3}\n",
		"[a]1:a=1;2!it is no JSON object on a line of its own;"
		"3!it is no JSON object on a line of its own;"
		"4!it is no JSON object on a line of its own;5:a=3;" },
	{ "JSON: twice", "{\"a\":1}\n{\"a\":1,\"A\":2}\n",
		"[a]1:a=1;2!the name 'A' stands in it twice;" },
	{ "JSON: NUL", "{\"a\":1}\n{\"a\":\"\\u0000\"}\n",
		"[a]1:a=1;2!it has a NUL byte;" },
	{ "a JSON list", "[{\"a\":1}]\n",
		"-it is a JSON list: give each object a line of its own, as "
		"'jq -c .[]' does" },
};

/* ---- a source of small pieces -------------------------------------------- */

struct dribble {
	struct source base;
	struct span rest;
	size_t size;
};

static bool dribble_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct dribble *dribble = (struct dribble *)source;

	(void)why;
	*piece = dribble->rest;
	if (piece->length > dribble->size)
		piece->length = dribble->size;
	dribble->rest = span_skip(dribble->rest, piece->length);
	return true;
}

static const struct source_ops dribble_ops = { .next = dribble_next };

/* ---- what is read -------------------------------------------------------- */

static void put_words(struct buf *out, const struct diag *why)
{
	struct buf sentence = BUF_INIT(4 * (size_t)DIAG_TEXT_BYTES);
	const char *text, *found;

	diag_sentence(why, false, &sentence);
	text = buf_text(&sentence);
	found = strstr(text, why->id == DIAG_TABLE_ROW ? "row " : "used: ");
	found = found ? strstr(found, ": ") : NULL;
	buf_puts(out, found ? found + 2 : text);
	buf_free(&sentence);
}

static void put_table(struct buf *out, struct table *table)
{
	enum table_result result;
	struct table_row row;
	struct diag why;
	size_t count = 0;
	const struct table_cell *columns;

	if (!table_begin(table, &why)) {
		buf_puts(out, "-");
		put_words(out, &why);
		return;
	}
	columns = table_columns(table, &count);
	for (size_t i = 0; i < count; i++) {
		buf_puts(out, i ? "|" : "[");
		buf_put_span(out, columns[i].name);
	}
	buf_puts(out, "]");
	while ((result = table_next(table, &row, &why)) != TABLE_END) {
		buf_printf(out, "%d%s", (int)row.line,
			result == TABLE_ROW ? "" : "!");
		if (result == TABLE_FAULT)
			put_words(out, &why);
		for (size_t i = 0; result == TABLE_ROW && i < row.count; i++) {
			buf_puts(out, i ? "," : ":");
			buf_put_span(out, row.cells[i].name);
			buf_puts(out, "=");
			buf_put_span(out, row.cells[i].value);
		}
		buf_puts(out, ";");
	}
}

static void read_pieces(struct buf *out, struct span text, size_t size)
{
	struct dribble dribble = { { &dribble_ops }, text, size };
	struct table *table = table_new(&dribble.base, "t");

	buf_clear(out);
	put_table(out, table);
	table_free(table);
}

static void test_rows(void)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 100000 };
	struct buf out = BUF_INIT(10000);

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t k = 0; k < COUNT(sizes); k++) {
			read_pieces(&out, span_of(rows[i].text), sizes[k]);
			if (strcmp(buf_text(&out), rows[i].want) != 0 ||
				k + 1 == COUNT(sizes))
				tap_is_text(buf_text(&out), rows[i].want,
					rows[i].name);
		}
	read_pieces(&out, SPAN("a,b\n1,\0\n3,4\n"), 5);
	tap_is_text(
		buf_text(&out), "[a|b]2!it has a NUL byte;3:a=3,b=4;", "NUL");
	read_pieces(&out,
		SPAN("\xFF\xFE"
		     "a\0,\0b\0\n\0"),
		5);
	tap_is_text(buf_text(&out), "-t is UTF-16 text", "UTF-16");
	buf_free(&out);
}

/* As many cells as there may be, and one more. */
static void test_cells(size_t count, const char *want)
{
	struct buf text = BUF_INIT(8 * (size_t)TABLE_COLUMNS_MAX);
	struct buf out = BUF_INIT(10000);

	buf_puts(&text, "a,b\n");
	for (size_t i = 1; i < count; i++)
		buf_puts(&text, "x,");
	buf_puts(&text, "x\n3,4\n");
	read_pieces(&out, buf_span(&text), 100);
	tap_is_text(buf_text(&out), want, "cells without end");
	buf_free(&text);
	buf_free(&out);
}

/* A cell of ten megabytes, quoted or not, is passed over. */
static void test_large(const char *before, const char *after, const char *want,
	const char *name)
{
	struct buf text = BUF_INIT(11 * 1024 * 1024);
	struct buf out = BUF_INIT(10000);
	size_t size = 10 * (size_t)1024 * 1024;
	char *room;

	buf_puts(&text, before);
	room = buf_reserve(&text, size);
	memset(room, 'x', size);
	buf_grow(&text, size);
	buf_puts(&text, after);
	read_pieces(&out, buf_span(&text), 65536);
	tap_is_text(buf_text(&out), want, name);
	buf_free(&text);
	buf_free(&out);
}

int main(void)
{
	test_rows();
	test_cells(TABLE_COLUMNS_MAX,
		"[a|b]2!it has 1000 cells, and the header names 2 "
		"columns;3:a=3,b=4;");
	test_cells(TABLE_COLUMNS_MAX + 1,
		"[a|b]2!it has more than 1000 cells;3:a=3,b=4;");
	test_large("a,b\n1,", "\n3,4\n",
		"[a|b]2!it has more than 1048576 bytes;3:a=3,b=4;",
		"ten megabytes");
	test_large("a,b\n1,\"\n", "\n\"\n3,4\n",
		"[a|b]2!it has more than 1048576 bytes;5:a=3,b=4;",
		"ten megabytes, quoted");
	test_large("{\"a\":1}\n{\"a\":\"", "\"}\n{\"a\":2}\n",
		"[a]1:a=1;2!it has more than 1048576 bytes;3:a=2;",
		"ten megabytes of JSON");
	test_large("a", ",b\n1,2\n", "-it has more than 1048576 bytes",
		"ten megabytes of header");
	return tap_done();
}
