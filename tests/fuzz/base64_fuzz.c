/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base 64: what can be decoded is canonical, what was encoded comes back. */
#include <config.h>

#include "base/base64.h"
#include "fuzz/fuzz.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = fuzz_span(data, size);
	struct buf decoded = BUF_INIT(size);
	struct buf encoded = BUF_INIT(2 * size + 4);

	if (base64_decode(input, &decoded)) {
		fuzz_check(base64_encode(buf_span(&decoded), &encoded));
		fuzz_check(span_equal(buf_span(&encoded), input));
	} else {
		fuzz_check(!decoded.length);
	}
	buf_clear(&decoded);
	buf_clear(&encoded);
	fuzz_check(base64_encode(input, &encoded));
	fuzz_check(base64_decode(buf_span(&encoded), &decoded));
	fuzz_check(span_equal(buf_span(&decoded), input));
	buf_free(&decoded);
	buf_free(&encoded);
	return 0;
}
