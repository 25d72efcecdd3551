/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base 64: RFC 4648 section 10, and what is not canonical. */
#include <config.h>

#include "base/base64.h"
#include "tap.h"

static const struct {
	const char *name;
	struct span plain, encoded;
} pairs[] = {
	{ "nothing", SPAN(""), SPAN("") },
	{ "f", SPAN("f"), SPAN("Zg==") },
	{ "fo", SPAN("fo"), SPAN("Zm8=") },
	{ "foo", SPAN("foo"), SPAN("Zm9v") },
	{ "foob", SPAN("foob"), SPAN("Zm9vYg==") },
	{ "fooba", SPAN("fooba"), SPAN("Zm9vYmE=") },
	{ "foobar", SPAN("foobar"), SPAN("Zm9vYmFy") },
	{ "NULs, as in PLAIN", SPAN("\0u\0p"), SPAN("AHUAcA==") },
	{ "high bytes", SPAN("\xFF\xFE\xFD"), SPAN("//79") },
	{ "plus", SPAN("\xFB\xEF\xBE"), SPAN("++++") },
};

static const struct {
	const char *name;
	struct span text;
} wrong[] = {
	{ "no padding", SPAN("Zg") },
	{ "half the padding", SPAN("Zg=") },
	{ "too much padding", SPAN("Z===") },
	{ "padding alone", SPAN("====") },
	{ "padding inside", SPAN("Zg==Zg==") },
	{ "stray bits before ==", SPAN("Zh==") },
	{ "stray bits before =", SPAN("Zm9=") },
	{ "a space", SPAN("Zm 9") },
	{ "a line end", SPAN("Zm9v\r\n") },
	{ "the URL alphabet", SPAN("-_-_") },
	{ "a NUL", SPAN("Zm\0v") },
	{ "a high byte", SPAN("Zm9\xFF") },
};

static void check_pairs(void)
{
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct buf out = BUF_INIT(100);

		base64_encode(pairs[i].plain, &out);
		tap_is_span(buf_span(&out), pairs[i].encoded, pairs[i].name);
		buf_clear(&out);
		tap_ok(base64_decode(pairs[i].encoded, &out) &&
				span_equal(buf_span(&out), pairs[i].plain),
			"%s, back", pairs[i].name);
		buf_free(&out);
	}
}

static void check_wrong(void)
{
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct buf out = BUF_INIT(100);

		buf_puts(&out, "before");
		tap_ok(!base64_decode(wrong[i].text, &out) &&
				span_equal(buf_span(&out), SPAN("before")),
			"refused: %s", wrong[i].name);
		buf_free(&out);
	}
}

static void check_limits(void)
{
	struct buf out = BUF_INIT(8);

	tap_ok(base64_encode(SPAN("foobar"), &out), "fits exactly");
	tap_ok(!base64_encode(SPAN("f"), &out) && out.overflowed,
		"encoding stops at the limit");
	tap_is_text(buf_text(&out), "Zm9vYmFy", "and changes nothing");
	buf_clear(&out);
	tap_ok(!base64_decode(SPAN("Zm9vYmFyZm9v"), &out) && out.overflowed &&
			!out.length,
		"decoding stops at the limit");
	buf_free(&out);
}

int main(void)
{
	check_pairs();
	check_wrong();
	check_limits();
	return tap_done();
}
