/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoded lines that are too long for their encoding. */
#include <config.h>

#include "mail/rewrap.h"
#include "pieces.h"
#include "tap.h"

enum { MOST = 10000 };

/* Letters and digits, a line of them. */
#define TEN "abcdefghij"
#define L70 TEN TEN TEN TEN TEN TEN TEN
#define L75 L70 "abcde"
#define L76 L70 "abcdef"

static const struct {
	const char *name;
	struct source *(*open)(struct source *body);
	const char *body, *want;
} cases[] = {
	{ "nothing", rewrap_quoted_printable, "", "" },
	{ "short lines", rewrap_quoted_printable, "a=\r\nb=3D=\t\r\n\r\n",
		"a=\r\nb=3D=\t\r\n\r\n" },
	{ "75 and a soft end", rewrap_quoted_printable, L75 "=\r\nx",
		L75 "=\r\nx" },
	{ "76", rewrap_quoted_printable, L76 "\r\nx\r\n",
		L75 "=\r\nf\r\nx\r\n" },
	{ "a long one", rewrap_quoted_printable, L75 L75 L70 "\r\n",
		L75 "=\r\n" L75 "=\r\n" L70 "\r\n" },
	{ "not inside an escape", rewrap_quoted_printable, L70 "abc=C3=B6\r\n",
		L70 "abc=\r\n=C3=B6\r\n" },
	{ "after one", rewrap_quoted_printable, L70 "ab=C3=B6\r\n",
		L70 "ab=C3=\r\n=B6\r\n" },
	{ "no boundary is made", rewrap_quoted_printable, L75 "--b\r\n",
		L75 "=\r\n=2D-b\r\n" },
	{ "what is no escape stays together", rewrap_quoted_printable,
		L70 "abcd=xy\r\n", L70 "abcd=\r\n=xy\r\n" },
	{ "half an escape at the end", rewrap_quoted_printable, "a=4", "a=4" },
	{ "base 64", rewrap_base64, L76 L76 "ab\r\n" L76 "\r\nabcd",
		L76 "\r\n" L76 "\r\nab\r\n" L76 "\r\nabcd" },
	{ "no base 64", rewrap_base64, "", "" },
};

static void test_one(size_t row, size_t size)
{
	struct source *source =
		cases[row].open(pieces_of(span_of(cases[row].body), size));
	struct buf got = BUF_INIT(MOST);

	pieces_read(source, &got);
	tap_is_text(buf_text(&got), cases[row].want, cases[row].name);
	tap_ok(source_rewind(source, NULL), "  rewinds");
	pieces_read(source, &got);
	tap_is_text(buf_text(&got), cases[row].want, "  and gives the same");
	source_close(source);
	buf_free(&got);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		test_one(i, MOST);
		test_one(i, 1);
	}
	return tap_done();
}
