/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long lines: where header fields are folded, whole or as they stream. */
#include <config.h>

#include "mail/message.h"
#include "mail/wrap.h"
#include "tap.h"
#include "unit/mail/pieces.h"

enum { MOST = 20000 };

/* A picture of text: "x*998" stands for 998 times "x"; "\n" is a line end;
 * "\e" is the UTF-8 of "ö". */
static void expand(const char *picture, struct buf *out)
{
	char last[3] = "";

	for (const char *p = picture; *p; p++) {
		if (*p == '*') {
			unsigned long count = 0;

			while (ascii_is_digit(p[1]))
				count = count * 10 +
					(unsigned long)(*++p - '0');
			while (--count)
				buf_puts(out, last);
			continue;
		}
		last[0] = *p;
		last[1] = '\0';
		if (*p == '\x1B')
			memcpy(last, "\xC3\xB6", 3);
		buf_puts(out, *p == '\n' ? "\r\n" : last);
	}
}

#define OE "\x1B"

static const struct {
	const char *name, *field, *want; /* pictures */
} fields[] = {
	{ "a short one", "A: b\n", "A: b\n" },
	{ "no final line end", "A: b", "A: b" },
	{ "998 bytes stay", "A: x*995\n", "A: x*995\n" },
	{ "short folded lines stay", "A: b\n c\n\td\n", "A: b\n c\n\td\n" },
	{ "999 bytes, at the only space", "A: x*996\n", "A:\n x*996\n" },
	{ "at the last space that fits", "A: x*400 y*400 z*400\n",
		"A: x*400 y*400\n z*400\n" },
	{ "a space at 998", "A: x*995 y\n", "A: x*995\n y\n" },
	{ "a space at 999", "A: x*996 y\n", "A:\n x*996\n y\n" },
	{ "at a tab", "A: x*500\ty*600\n", "A: x*500\n\ty*600\n" },
	{ "all blanks of a run go to the next line", "A: x*500   y*600\n",
		"A: x*500\n   y*600\n" },
	{ "blanks at the end go", "A: x*500 *600\n", "A: x*500\n" },
	{ "blanks that would fill a line become one", "A: x*500 *1500y\n",
		"A: x*500\n y\n" },
	{ "half a line of blanks stays", "A: x*600 *400y\n",
		"A: x*600\n *400y\n" },
	{ "leading blanks that fill a line become one", "A: b\n *1500y\n",
		"A: b\n y\n" },
	{ "a long line of blanks goes", "A: b\n *1500\n c\n", "A: b\n c\n" },
	{ "no space: after a comma", "A:x*500,y*600\n", "A:x*500,\n y*600\n" },
	{ "after a semicolon", "A:x*500;y*600\n", "A:x*500;\n y*600\n" },
	{ "after a bracket", "A:<x*500><y*600>\n", "A:<x*500>\n <y*600>\n" },
	{ "the last of them", "A:x*300,y*300,z*600\n",
		"A:x*300,y*300,\n z*600\n" },
	{ "a comma as byte 998", "A:x*995,y\n", "A:x*995,\n y\n" },
	{ "a space before is better than a comma after", "A: x*500,y*600\n",
		"A:\n x*500,\n y*600\n" },
	{ "nothing at all: at 998", "A:x*2500\n", "A:x*996\n x*997\n x*507\n" },
	{ "the added space counts", "A: x*1995\n", "A:\n x*997\n x*997\n x\n" },
	{ "not inside a character", "A:x*995" OE "*10\n",
		"A:x*995\n " OE "*10\n" },
	{ "after a whole character", "A:" OE "*1000\n",
		"A:" OE "*498\n " OE "*498\n " OE "*4\n" },
	{ "a name of 997 bytes", "n*997:x*10\n", "n*997:\n x*10\n" },
	{ "a long continuation line", "A: b\n x*500 y*600\n",
		"A: b\n x*500\n y*600\n" },
	{ "only the long line is touched", "A: b\n c  \n x*500 y*600\nd\n",
		"A: b\n c  \n x*500\n y*600\nd\n" },
};

static void test_fields(void)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		struct buf field = BUF_INIT(MOST), want = BUF_INIT(MOST), got;

		expand(fields[i].field, &field);
		expand(fields[i].want, &want);
		buf_init(&got, wrap_field_limit(buf_span(&field)));
		wrap_field(&got, buf_span(&field));
		tap_is_text(buf_text(&got), buf_text(&want), fields[i].name);
		tap_ok(wrap_is_needed(buf_span(&field)) ==
					!span_equal(buf_span(&got),
						buf_span(&field)) &&
				!wrap_is_needed(buf_span(&got)),
			"  is %sneeded, and once",
			wrap_is_needed(buf_span(&field)) ? "" : "not ");
		buf_free(&field);
		buf_free(&want);
		buf_free(&got);
	}
}

static void test_bytes(void)
{
	struct buf field = BUF_INIT(MOST), got = BUF_INIT(MOST);

	/* 8-bit text that is not UTF-8 is broken anywhere. */
	buf_puts(&field, "A:");
	for (int i = 0; i < 1000; i++)
		buf_puts(&field, "\x80");
	buf_puts(&field, "\r\n");
	wrap_field(&got, buf_span(&field));
	tap_is_number((int64_t)got.length, (int64_t)field.length + 3,
		"continuation bytes alone are broken at 998");
	tap_ok(!wrap_is_needed(buf_span(&got)), "  and short enough then");
	buf_free(&field);
	buf_free(&got);
}

static const struct {
	const char *name, *body, *want; /* pictures */
} bodies[] = {
	{ "nothing", "", "" },
	{ "short lines", "a\n\nb\n", "a\n\nb\n" },
	{ "998 bytes", "x*998\ny\n", "x*998\ny\n" },
	{ "999 bytes", "x*999\ny\n", "x*998\n x\ny\n" },
	{ "many", "x*3000\n", "x*998\n x*997\n x*997\n x*8\n" },
	{ "no line end", "x*1000", "x*998\n x*2" },
	{ "at the last space", "A: x*500 y*600 z*600\n",
		"A: x*500\n y*600\n z*600\n" },
	{ "after a comma", "A: x*500,y*600\n", "A:\n x*500,\n y*600\n" },
	{ "not inside a character", "x*997" OE "y\n", "x*997\n " OE "y\n" },
	{ "8-bit that is no UTF-8", "x*998\xF6\n", "x*998\n \xF6\n" },
};

static void test_body(
	struct span body, struct span want, size_t size, const char *name)
{
	struct source *source = wrap_lines(pieces_of(body, size));
	struct buf got = BUF_INIT(MOST);
	struct diag why;

	pieces_read(source, &got);
	tap_is_span(buf_span(&got), want, name);
	tap_ok(source_rewind(source, &why), "  rewinds");
	pieces_read(source, &got);
	tap_is_span(buf_span(&got), want, "  and gives the same");
	source_close(source);
	buf_free(&got);
}

static void test_bodies(void)
{
	struct source *source = wrap_lines(pieces_once_of(SPAN("a"), 1));

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct buf body = BUF_INIT(MOST), want = BUF_INIT(MOST);

		expand(bodies[i].body, &body);
		expand(bodies[i].want, &want);
		test_body(
			buf_span(&body), buf_span(&want), MOST, bodies[i].name);
		test_body(buf_span(&body), buf_span(&want), 1, bodies[i].name);
		buf_free(&body);
		buf_free(&want);
	}
	tap_ok(!source->ops->rewind, "does not rewind when the body does not");
	source_close(source);
}

int main(void)
{
	test_fields();
	test_bytes();
	test_bodies();
	return tap_done();
}
