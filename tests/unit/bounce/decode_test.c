/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is had of encodings, whole and broken. */
#include <config.h>

#include "bounce/decode.h"
#include "tap.h"

static const struct {
	enum mime_encoding encoding;
	const char *body, *want;
} bodies[] = {
	{ MIME_IDENTITY, "a=41_", "a=41_" },
	{ MIME_UNKNOWN, "a=41", "a=41" },
	{ MIME_QUOTED_PRINTABLE, "a=41=\r\nb=\nc_=c3=A4", "aAbc_\xC3\xA4" },
	{ MIME_QUOTED_PRINTABLE, "=", "=" },
	{ MIME_QUOTED_PRINTABLE, "=4", "=4" },
	{ MIME_QUOTED_PRINTABLE, "=GG=\r", "=GG=\r" },
	{ MIME_BASE64, "aGVs\r\nbG8=\r\n", "hello" },
	{ MIME_BASE64, "aGVsbG8", "hello" },
	{ MIME_BASE64, "aG*VsbG8=aGVs", "hello" },
	{ MIME_BASE64, "a", "" },
	{ MIME_BASE64, "", "" },
};

static const struct {
	const char *value, *want;
} values[] = {
	{ " plain ", "plain" },
	{ "=?utf-8?Q?Unzustellbar=3A_hallo?=", "Unzustellbar: hallo" },
	{ "=?utf-8?B?TsOjbw==?= =?utf-8?q?_da?= x", "N\xC3\xA3o da x" },
	{ "a =?x", "a =?x" },
	{ "=?utf-8?Q?a", "=?utf-8?Q?a" },
	{ "=?utf-8?Q?a?", "=?utf-8?Q?a?" },
	{ "=?utf-8?", "=?utf-8?" },
	{ "=?", "=?" },
	{ "one\r\n two", "one two" },
};

int main(void)
{
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct buf out = BUF_INIT(100);

		decode_body(&out, span_of(bodies[i].body), bodies[i].encoding);
		tap_is_text(buf_text(&out), bodies[i].want, bodies[i].body);
		buf_free(&out);
	}
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct buf out = BUF_INIT(100);

		decode_words(&out, span_of(values[i].value));
		tap_is_text(buf_text(&out), values[i].want, values[i].value);
		buf_free(&out);
	}
	return tap_done();
}
