/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Canonical and flowed text. */
#include <config.h>

#include "mail/flow.h"
#include "tap.h"
#include "unit/mail/pieces.h"

#define TEN   "123456789 "
#define FIFTY TEN TEN TEN TEN TEN
#define OE    "\xC3\xB6"
#define OE10  OE OE OE OE OE OE OE OE OE " "

struct row {
	const char *name, *text, *want;
};

static const struct row plain[] = {
	{ "nothing", "", "" },
	{ "LF", "a\nb\n", "a\r\nb\r\n" },
	{ "CRLF", "a\r\nb\r\n", "a\r\nb\r\n" },
	{ "CR", "a\rb", "a\r\nb\r\n" },
	{ "CR CR LF", "a\r\r\nb", "a\r\nb\r\n" },
	{ "empty lines", "\n\n", "\r\n\r\n" },
	{ "empty lines of CRLF", "\r\n\r\n", "\r\n\r\n" },
	{ "no last line end", "a", "a\r\n" },
	{ "spaces stay", " a \n", " a \r\n" },
	{ "long lines stay", FIFTY FIFTY "\n", FIFTY FIFTY "\r\n" },
};

static const struct row flowed[] = {
	{ "nothing", "", "" },
	{ "short lines", "a\nb", "a\r\nb\r\n" },
	{ "spaces at the end go", "a  \n \nb", "a\r\n\r\nb\r\n" },
	{ "but the signature's", "a\n-- \nb\n", "a\r\n-- \r\nb\r\n" },
	{ "a space in front is stuffed", " a\n  b\n", "  a\r\n   b\r\n" },
	{ "From is stuffed", "From a\nFrom: b\n", " From a\r\nFrom: b\r\n" },
	{ "exactly 78 stay", FIFTY TEN TEN "12345678\n",
		FIFTY TEN TEN "12345678\r\n" },
	{ "79 are broken", FIFTY TEN TEN "123456789\n",
		FIFTY TEN TEN "\r\n123456789\r\n" },
	{ "broken twice", FIFTY FIFTY FIFTY "end\n",
		FIFTY TEN TEN "\r\n" FIFTY TEN TEN "\r\n" TEN "end\r\n" },
	{ "characters count, not bytes",
		OE10 OE10 OE10 OE10 OE10 OE10 OE10 "12345678",
		OE10 OE10 OE10 OE10 OE10 OE10 OE10 "12345678\r\n" },
	{ "a quoted line", "> a\n", "> a\r\n" },
	{ "a long quoted line", ">> " FIFTY FIFTY "end\n",
		">> " FIFTY TEN TEN "\r\n>> " TEN TEN TEN "end\r\n" },
	{ "a line does not begin with From if it need not",
		FIFTY TEN TEN "From " FIFTY,
		FIFTY TEN TEN "From \r\n" TEN TEN TEN TEN "123456789\r\n" },
	{ "nor like a quote", FIFTY TEN TEN "1234 > 23456789 end",
		FIFTY TEN TEN "\r\n1234 > 23456789 end\r\n" },
	{ "nor with a space", FIFTY TEN "123456789    1234567890 end",
		FIFTY TEN "123456789    \r\n1234567890 end\r\n" },
	{ "unless it must",
		"1234567890123456789012345678901234567890123456789012345678901"
		"2345678901234567890 > b",
		"1234567890123456789012345678901234567890123456789012345678901"
		"2345678901234567890 \r\n > b\r\n" },
	{ "a word of more than a line stays whole",
		"1234567890123456789012345678901234567890123456789012345678901"
		"234567890123456789012345678901234567890 end",
		"1234567890123456789012345678901234567890123456789012345678901"
		"234567890123456789012345678901234567890 \r\nend\r\n" },
	{ "no piece is a signature",
		"-- "
		"1234567890123456789012345678901234567890123456789012345678901"
		"234567890123456789012345678901234567890 end",
		"-- "
		"1234567890123456789012345678901234567890123456789012345678901"
		"234567890123456789012345678901234567890 \r\nend\r\n" },
	{ "CRLF", "a \r\n b\r\n", "a\r\n  b\r\n" },
};

static void test_rows(const struct row *rows, size_t count, bool is_flowed)
{
	static const size_t sizes[] = { 1000, 1, 7 };
	struct buf out = BUF_INIT(10000);
	struct diag why;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < 3; j++) {
			struct source *source = flow_source(
				pieces_of(span_of(rows[i].text), sizes[j]),
				is_flowed);

			pieces_read(source, &out);
			tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
			source_rewind(source, &why);
			pieces_read(source, &out);
			tap_is_text(buf_text(&out), rows[i].want, "  again");
			source_close(source);
		}
	buf_free(&out);
}

/* Undoes what flow_source() did, as RFC 3676 tells a reader to. */
static void unflow(struct span text, struct buf *out)
{
	bool is_soft = false;

	while (text.length) {
		struct span line = span_cut(&text, '\n');

		line.length -= line.length && line.at[line.length - 1] == '\r';
		if (line.length && line.at[0] == ' ')
			line = span_skip(line, 1);
		is_soft = line.length && line.at[line.length - 1] == ' ' &&
			  !span_equal(line, SPAN("-- "));
		buf_put_span(out, line);
		if (!is_soft)
			buf_put_byte(out, '\n');
	}
}

/* A line of LENGTH bytes with a space every so often, never at the end. */
static void test_long(size_t length, size_t word)
{
	struct buf text = BUF_INIT(1024 * 1024);
	struct buf out = BUF_INIT(1024 * 1024);
	struct buf back = BUF_INIT(1024 * 1024);
	struct source *source;

	for (size_t i = 0; i < length; i++)
		buf_put_byte(&text, (char)(i % word ? 'a' + i % 26 : ' '));
	buf_puts(&text, "end\n");
	text.data[0] = 'x';
	source = flow_source(pieces_of(buf_span(&text), 5000), true);
	pieces_read(source, &out);
	unflow(buf_span(&out), &back);
	tap_ok(span_equal(buf_span(&back), buf_span(&text)),
		"a line of %zu, words of %zu, there and back", length, word);
	source_close(source);
	buf_free(&text);
	buf_free(&out);
	buf_free(&back);
}

static void test_wise(void)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = { { "a\nb\n", true }, { " a\n", false }, { "a \n", false },
		{ "From a\n b", true }, { " " FIFTY FIFTY, true },
		{ "-- \nme", true } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct content content;

		content_init(&content);
		content_feed(&content, span_of(rows[i].text));
		content_end(&content);
		tap_ok(flow_is_wise(&content) == rows[i].want,
			"to flow or not: %s", rows[i].text);
	}
}

int main(void)
{
	test_rows(plain, sizeof plain / sizeof *plain, false);
	test_rows(flowed, sizeof flowed / sizeof *flowed, true);
	test_long(300000, 7);
	test_long(300000, 300);
	test_long(300000, 100000);
	test_long(300000, 400000);
	test_long(70000, 2);
	test_wise();
	return tap_done();
}
