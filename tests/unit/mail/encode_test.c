/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoded words, phrases and quoted-printable bodies. */
#include <config.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/text.h"
#include "mail/encode.h"
#include "tap.h"
#include "unit/mail/pieces.h"

#include <stdlib.h>

#define OE   "\xC3\xB6"
#define TEN  OE OE OE OE OE OE OE OE OE OE
#define B3   "w7bDtsO2"
#define MAIL "\xF0\x9F\x93\xAE"

struct row {
	const char *name, *text;
	size_t column;
	const char *want;
};

static const struct row phrases[] = {
	{ "an atom", "Cron", 6, "Cron" },
	{ "atoms", "Cron Daemon 2", 6, "Cron Daemon 2" },
	{ "trimmed", "  Cron ", 6, "Cron" },
	{ "nothing", "", 6, "" },
	{ "only blanks", " \t ", 6, "" },
	{ "a dot", "John Q. Public", 6, "\"John Q. Public\"" },
	{ "a comma", "Doe, John", 6, "\"Doe, John\"" },
	{ "two spaces", "a  b", 6, "\"a  b\"" },
	{ "quotes", "The \"Boss\" \\o/", 6, "\"The \\\"Boss\\\" \\\\o/\"" },
	{ "brackets", "a <b@x>", 6, "\"a <b@x>\"" },
	{ "an encoded word is an atom", "=?utf-8?Q?J=C3=B6rg?= X", 6,
		"=?utf-8?Q?J=C3=B6rg?= X" },
	{ "a line break becomes a space", "a\r\nBcc: b@x", 6,
		"\"a  Bcc: b@x\"" },
	{ "also at the ends, where they go", "\x1B Cron\x7F", 6, "Cron" },
	{ "control bytes become spaces", "a\x1B[2J\x7F.", 6, "\"a [2J .\"" },
	{ "UTF-8, Q is shorter", "J" OE "rgen", 6, "=?utf-8?Q?J=C3=B6rgen?=" },
	{ "spaces and specials in Q", "J" OE "rg (B.) von und_zu Miller", 6,
		"=?utf-8?Q?J=C3=B6rg_=28B=2E=29_von_und=5Fzu_Miller?=" },
	{ "UTF-8, B is shorter", OE OE OE, 6, "=?utf-8?B?w7bDtsO2?=" },
	{ "not UTF-8", "J\xF6rg", 6, "=?unknown-8bit?Q?J=F6rg?=" },
	{ "8-bit and a line break", "J" OE "rg\r\nBcc: b", 6,
		"=?utf-8?Q?J=C3=B6rg__Bcc=3A_b?=" },
	{ "B, folded between characters", TEN TEN TEN, 6,
		"=?utf-8?B?" B3 B3 B3 B3 B3 B3 B3 "?=\r\n =?utf-8?B?" B3 B3 B3
		"?=" },
	{ "no room on the line: the next one", OE OE OE, 70,
		"\r\n =?utf-8?B?w7bDtsO2?=" },
	{ "no column at all left", OE OE OE, 500, "\r\n =?utf-8?B?w7bDtsO2?=" },
	{ "room for one character", MAIL MAIL, 56,
		"=?utf-8?B?8J+Trg==?=\r\n =?utf-8?B?8J+Trg==?=" },
};

static const struct row texts[] = {
	{ "ASCII stays", "Hello, World. (x) \"y\"", 9,
		"Hello, World. (x) \"y\"" },
	{ "what looks encoded is shown so", "=?utf-8?Q?a?=", 9,
		"=?utf-8?B?PT91dGYtOD9RP2E/PQ==?=" },
	{ "base 64 is cut where it needs no padding",
		MAIL MAIL MAIL MAIL MAIL MAIL MAIL MAIL MAIL MAIL MAIL MAIL, 9,
		"=?utf-8?B?8J+TrvCfk67wn5Ou8J+TrvCfk67wn5Ou8J+TrvCfk67wn5Ou?="
		"\r\n =?utf-8?B?8J+TrvCfk67wn5Ou?=" },
	{ "trimmed", " a  b ", 9, "a  b" },
	{ "nothing", "", 9, "" },
	{ "a line break becomes a space", "a\nBcc: x", 9, "a Bcc: x" },
	{ "folded before a space",
		"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee "
		"fffffffffff g",
		9,
		"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee "
		"fffffffffff\r\n g" },
	{ "a line of exactly 76 is not",
		"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee "
		"ffffffffff g",
		9,
		"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee "
		"ffffffffff g" },
	{ "all the spaces stay", "a       b", 74, "a\r\n       b" },
	{ "a word longer than a line is left whole",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaa b",
		9,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaa\r\n b" },
	{ "UTF-8",
		"Gr" OE "\xC3\x9F"
		"e",
		9, "=?utf-8?B?R3LDtsOfZQ==?=" },
};

static void test_rows(const struct row *rows, size_t count,
	void (*encode)(struct buf *, struct span, size_t))
{
	for (size_t i = 0; i < count; i++) {
		struct buf out = BUF_INIT(1000);

		encode(&out, span_of(rows[i].text), rows[i].column);
		tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
		buf_free(&out);
	}
}

static void test_long_words(void)
{
	char text[1200];
	struct buf out = BUF_INIT(8000);
	size_t lines = 0;

	memset(text, 'a', sizeof text);
	encode_text(&out, span_make(text, sizeof text), 9);
	encode_phrase(&out, span_make(text, sizeof text), 9);
	for (struct span rest = buf_span(&out); rest.length; lines++)
		if (span_cut(&rest, '\n').length > 150)
			lines += 1000;
	tap_ok(lines > 30 && lines < 1000, "what cannot be folded is encoded");
	buf_free(&out);
}

static bool q_decode(struct span text, struct buf *out)
{
	for (; text.length; text = span_skip(text, 1)) {
		char digits[3] = "";

		if (text.at[0] != '=') {
			buf_put_byte(out, text.at[0] == '_' ? ' ' : text.at[0]);
			continue;
		}
		if (text.length < 3)
			return false;
		memcpy(digits, text.at + 1, 2);
		buf_put_byte(out, (char)strtoul(digits, NULL, 16));
		text = span_skip(text, 2);
	}
	return true;
}

/* What a reader makes of encoded words; false when a rule is broken. */
static bool words_decode(struct span text, size_t column, struct buf *out)
{
	while (text.length) {
		struct span line = span_cut(&text, '\n'), word, charset, kind;
		struct buf bytes = BUF_INIT(100);
		bool is_ok;

		line = span_trim(line);
		is_ok = column + line.length + 1 <= 77 && line.length <= 75;
		column = 0;
		if (!line.length)
			continue;
		word = span_make(line.at + 2, line.length - 4);
		charset = span_cut(&word, '?');
		kind = span_cut(&word, '?');
		is_ok &= kind.at[0] == 'Q' ? q_decode(word, &bytes)
					   : base64_decode(word, &bytes);
		if (span_equal(charset, SPAN("utf-8")))
			is_ok &= text_is_utf8(buf_span(&bytes));
		buf_put_span(out, buf_span(&bytes));
		buf_free(&bytes);
		if (!is_ok)
			return false;
	}
	return true;
}

static void test_round_trips(void)
{
	static const char *const units[] = { OE, MAIL, "a" OE, "aaaaaaaaaaa" OE,
		"\xF6", "aaaa\xF6", OE " x. ", "=?_" OE };
	unsigned failures = 0;

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		for (size_t count = 1; count < 60; count++)
			for (size_t column = 0; column < 90; column += 7) {
				struct buf text = BUF_INIT(1000);
				struct buf coded = BUF_INIT(10000);
				struct buf back = BUF_INIT(1000);

				for (size_t j = 0; j < count; j++)
					buf_puts(&text, units[i]);
				encode_phrase(&coded, buf_span(&text), column);
				failures += !words_decode(buf_span(&coded),
						    column, &back) ||
					    !span_equal(buf_span(&back),
						    span_trim(buf_span(&text)));
				buf_free(&text);
				buf_free(&coded);
				buf_free(&back);
			}
	tap_is_number(failures, 0,
		"encoded words of every length keep the rules and the text");
}

static const struct {
	const char *name, *text, *want;
} bodies[] = {
	{ "nothing", "", "" },
	{ "ASCII", "Hello.\r\n\r\n", "Hello.\r\n\r\n" },
	{ "an equals sign", "a=b\r\n", "a=3Db\r\n" },
	{ "8-bit", "J" OE "rg\xFF\r\n", "J=C3=B6rg=FF\r\n" },
	{ "control bytes", "a\x01\x7F\x0C\r\n", "a=01=7F=0C\r\n" },
	{ "white space inside", "a b\tc\r\n", "a b\tc\r\n" },
	{ "white space at the end", "a \r\nb\t\r\n  \r\n",
		"a=20\r\nb=09\r\n =20\r\n" },
	{ "no line end", "ab ", "ab=20" },
	{ "a lone dot", ".\r\n", ".\r\n" },
	{ "75 bytes stay",
		"123456789012345678901234567890123456789012345678901234567890"
		"123456789012345\r\n",
		"123456789012345678901234567890123456789012345678901234567890"
		"123456789012345\r\n" },
	{ "a longer line is broken",
		"123456789012345678901234567890123456789012345678901234567890"
		"12345678901234567\r\n",
		"123456789012345678901234567890123456789012345678901234567890"
		"123456789012345=\r\n67\r\n" },
	{ "not inside a code",
		"123456789012345678901234567890123456789012345678901234567890"
		"1234567890123=\r\n",
		"123456789012345678901234567890123456789012345678901234567890"
		"1234567890123=\r\n=3D\r\n" },
	{ "a space before a soft break",
		"123456789012345678901234567890123456789012345678901234567890"
		"12345678901234 7\r\n",
		"123456789012345678901234567890123456789012345678901234567890"
		"12345678901234 =\r\n7\r\n" },
};

static const struct {
	const char *name, *text, *want;
} files[] = {
	{ "file: nothing", "", "" },
	{ "file: LF", "a\nb\n", "a=0A=\r\nb=0A" },
	{ "file: CRLF and CR", "a\r\n\rb", "a=0D=0A=\r\n=0Db" },
	{ "file: white space", "a \n\tb ", "a =0A=\r\n\tb=20" },
	{ "file: empty lines", "\n\n", "=0A=\r\n=0A" },
	{ "file: 8-bit and equals", "\xFF=", "=FF=3D" },
};

static void test_files(void)
{
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct source *source = encode_quoted_printable_file(
			pieces_of(span_of(files[i].text), 1));
		struct buf out = BUF_INIT(1000);

		pieces_read(source, &out);
		tap_is_text(buf_text(&out), files[i].want, files[i].name);
		source_close(source);
		buf_free(&out);
	}
}

static void test_body(size_t row, size_t size)
{
	struct source *source = encode_quoted_printable(
		pieces_of(span_of(bodies[row].text), size));
	struct buf out = BUF_INIT(1000);
	struct diag why;

	pieces_read(source, &out);
	tap_is_text(buf_text(&out), bodies[row].want, bodies[row].name);
	tap_ok(source_rewind(source, &why), "  rewinds");
	pieces_read(source, &out);
	tap_is_text(buf_text(&out), bodies[row].want, "  and gives the same");
	source_close(source);
	buf_free(&out);
}

static void test_bodies(void)
{
	struct source *source =
		encode_quoted_printable(pieces_once_of(SPAN("a"), 1));

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		test_body(i, 1000);
		test_body(i, 1);
	}
	tap_ok(!source->ops->rewind, "does not rewind when the body does not");
	source_close(source);
}

static void test_large_file(void)
{
	const size_t length = 100000;
	char *text = mem_alloc(length);
	struct source *source = encode_quoted_printable_file(
		pieces_of(span_make(text, length), length));
	struct buf out = BUF_INIT(length * 6);

	memset(text, '\n', length);
	pieces_read(source, &out);
	tap_is_number((int64_t)out.length, (int64_t)(length * 6 - 3),
		"the worst file has the length it must have");
	source_close(source);
	buf_free(&out);
	mem_free(text);
}

static void test_large_body(void)
{
	const size_t length = 200000;
	char *text = mem_alloc(length);
	struct source *source = encode_quoted_printable(
		pieces_of(span_make(text, length), length));
	struct buf out = BUF_INIT(length * 4);
	size_t longest = 0;

	memset(text, '=', length);
	pieces_read(source, &out);
	tap_is_number((int64_t)out.length,
		(int64_t)(length * 3 + (length - 1) / 25 * 3),
		"the worst text has the length it must have");
	for (struct span rest = buf_span(&out); rest.length;) {
		struct span line = span_cut(&rest, '\n');

		if (line.length > longest)
			longest = line.length;
	}
	tap_is_number((int64_t)longest, 77, "in lines of 76 bytes and a CR");
	source_close(source);
	buf_free(&out);
	mem_free(text);
}

int main(void)
{
	test_rows(phrases, sizeof phrases / sizeof *phrases, encode_phrase);
	test_rows(texts, sizeof texts / sizeof *texts, encode_text);
	test_long_words();
	test_round_trips();
	test_bodies();
	test_files();
	test_large_file();
	test_large_body();
	return tap_done();
}
