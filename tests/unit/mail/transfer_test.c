/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files in base 64. */
#include <config.h>

#include "base/base64.h"
#include "mail/transfer.h"
#include "tap.h"
#include "unit/mail/pieces.h"

static const struct {
	const char *name, *text, *want;
} rows[] = {
	{ "nothing", "", "" },
	{ "one byte", "a", "YQ==\r\n" },
	{ "a line of 57",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYW"
		"FhYWFhYWFhYWFh\r\n" },
	{ "and one more",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
		"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYW"
		"FhYWFhYWFhYWFh\r\nYg==\r\n" },
};

static void test_rows(void)
{
	struct buf out = BUF_INIT(1000);
	struct diag why;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t size = 1; size < 100; size += 8) {
			struct source *source = transfer_base64(
				pieces_of(span_of(rows[i].text), size));

			pieces_read(source, &out);
			tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
			source_rewind(source, &why);
			pieces_read(source, &out);
			tap_is_text(buf_text(&out), rows[i].want, "  again");
			source_close(source);
		}
	buf_free(&out);
}

static void test_large(size_t length, size_t size)
{
	char *bytes = mem_alloc(length);
	struct buf out = BUF_INIT(length * 2);
	struct buf joined = BUF_INIT(length * 2), back = BUF_INIT(length);
	struct source *source;
	size_t longest = 0;

	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	source = transfer_base64(pieces_of(span_make(bytes, length), size));
	pieces_read(source, &out);
	for (struct span rest = buf_span(&out); rest.length;) {
		struct span line = span_trim(span_cut(&rest, '\n'));

		longest = line.length > longest ? line.length : longest;
		buf_put_span(&joined, line);
	}
	tap_ok(base64_decode(buf_span(&joined), &back) &&
			span_equal(buf_span(&back), span_make(bytes, length)),
		"%zu bytes in pieces of %zu arrive", length, size);
	tap_is_number((int64_t)longest, 76, "  in lines of 76");
	source_close(source);
	buf_free(&out);
	buf_free(&joined);
	buf_free(&back);
	mem_free(bytes);
}

int main(void)
{
	test_rows();
	test_large(500000, 500000);
	test_large(500000, 65536);
	test_large(500001, 1000);
	return tap_done();
}
