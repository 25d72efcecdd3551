/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text made printable: UTF-8 without control characters, and stays as it is
 * when it is made printable again. */
#include <config.h>

#include "base/text.h"
#include "fuzz/fuzz.h"

static bool has_control(struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.at[i];

		if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
			return true;
		/* C1 as UTF-8: C2 80 … C2 9F. */
		if (byte == 0xC2 && (unsigned char)text.at[i + 1] < 0xA0)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_INIT(4 * size);
	struct buf twice = BUF_INIT(4 * size);
	struct buf cut = BUF_INIT(size / 2);

	text_put_printable(&once, fuzz_span(data, size));
	fuzz_check(!once.overflowed);
	fuzz_check(text_is_utf8(buf_span(&once)));
	fuzz_check(!has_control(buf_span(&once)));
	text_put_printable(&twice, buf_span(&once));
	fuzz_check(span_equal(buf_span(&once), buf_span(&twice)));
	/* A limit cuts between characters, never inside one. */
	text_put_printable(&cut, fuzz_span(data, size));
	fuzz_check(text_is_utf8(buf_span(&cut)));
	fuzz_check(span_starts_with(buf_span(&once), buf_span(&cut)));
	buf_free(&once);
	buf_free(&twice);
	buf_free(&cut);
	return 0;
}
