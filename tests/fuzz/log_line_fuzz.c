/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines: what is read of one is a piece of it, or of its escapes. */
#include <config.h>

#include "fuzz/fuzz.h"
#include "log/line.h"

#include <stdint.h>

static void check_span(
	struct span piece, struct span line, const struct buf *scratch)
{
	fuzz_check(!piece.length ||
		   (piece.at >= line.at &&
			   piece.at + piece.length <= line.at + line.length) ||
		   (piece.at >= scratch->data &&
			   piece.at + piece.length <=
				   scratch->data + scratch->length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct log_clock clock = { .now = 1796055159 };
	struct buf scratch = BUF_INIT(4 * LOG_LINE_LIMIT);
	struct log_line out;
	struct span line = fuzz_span(data, size);

	if (log_line_read(line, &clock, &scratch, &out)) {
		for (size_t i = 0; i < LOG_KEY_COUNT; i++)
			check_span(out.value[i], line, &scratch);
		fuzz_check(out.at >= LOG_NO_TIME && out.ms >= -1);
		fuzz_check(
			out.code == 0 || (out.code >= 200 && out.code <= 599));
		fuzz_check(out.result == LOG_RESULT_SENT ||
			   out.acceptance_ms == -1);
		fuzz_check(log_result_word(out.result) != NULL);
	}
	buf_free(&scratch);
	return 0;
}
