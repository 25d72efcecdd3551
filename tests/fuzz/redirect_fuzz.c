/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What knocks at the port of a login: a code is taken of a GET of the very path
 * alone, with our state in it, and holds nothing but printable bytes. */
#include <config.h>

#include "auth/redirect.h"
#include "fuzz/fuzz.h"

static const struct redirect wanted = { "http://127.0.0.1:4711/back", "S1",
	"https://a.example", true };

static bool has(struct span text, struct span word)
{
	for (; text.length >= word.length; text = span_skip(text, 1))
		if (span_starts_with(text, word))
			return true;
	return false;
}

static void check(enum redirect_kind kind, const struct buf *out)
{
	if (kind == REDIRECT_NOT_OURS)
		return;
	fuzz_check(out->length != 0);
	for (size_t i = 0; i < out->length; i++)
		fuzz_check((unsigned char)out->data[i] >= ' ' &&
			   out->data[i] != '\177');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = fuzz_span(data, size);
	struct buf out = BUF_INIT(4096);
	enum redirect_kind kind = redirect_read(&wanted, bytes, &out);

	check(kind, &out);
	if (kind != REDIRECT_NOT_OURS) {
		fuzz_check(
			span_starts_with(span_trim(bytes), SPAN("GET /back?")));
		fuzz_check(has(bytes, SPAN("state=")));
		fuzz_check(has(bytes, SPAN("iss=")));
	}
	buf_clear(&out);
	check(redirect_read_pasted(&wanted, bytes, &out), &out);
	buf_free(&out);
	return 0;
}
