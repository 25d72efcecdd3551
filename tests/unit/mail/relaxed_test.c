/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relaxed forms (RFC 6376 3.4), cut at every size. */
#include <config.h>

#include "mail/relaxed.h"
#include "tap.h"
#include "unit/mail/pieces.h"

enum { LIMIT = 256 * 1024 };

#define LINE "A line of sixty letters and a few blanks, as mail has them all."

static const struct {
	const char *name, *input, *want;
} bodies[] = {
	{ "nothing", "", "" },
	{ "one line end", "\r\n", "" },
	{ "line ends", "\r\n\r\n\r\n", "" },
	{ "lines of blanks", " \r\n\t\t \r\n", "" },
	{ "a letter", "a\r\n", "a\r\n" },
	{ "a letter without a line end", "a", "a\r\n" },
	{ "empty lines at the end", "a\r\n\r\n\r\n", "a\r\n" },
	{ "blank lines at the end", "a\r\n \r\n\t\r\n", "a\r\n" },
	{ "empty lines before and between", "\r\n\r\na\r\n\r\nb\r\n",
		"\r\n\r\na\r\n\r\nb\r\n" },
	{ "a blank line between", "a\r\n \t\r\nb\r\n", "a\r\n\r\nb\r\n" },
	{ "blanks at line ends", "a \t\r\nb\t\r\n", "a\r\nb\r\n" },
	{ "blanks at the end without a line end", "a  ", "a\r\n" },
	{ "blanks within", "a \t b\tc  d\r\n", "a b c d\r\n" },
	{ "blanks in front", "\t a\r\n b\r\n", " a\r\n b\r\n" },
	{ "the RFC's own", " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n" },
	{ "control characters", "\x01\x02 \x7f\r\n", "\x01\x02 \x7f\r\n" },
	{ "long text", LINE "\r\n" LINE LINE "\r\n" LINE "\r\n",
		LINE "\r\n" LINE LINE "\r\n" LINE "\r\n" },
	{ "long text with empty lines",
		LINE LINE "\r\n\r\n" LINE LINE "\r\n\r\n\r\n",
		LINE LINE "\r\n\r\n" LINE LINE "\r\n" },
	{ "long text with two blanks", LINE LINE "  " LINE LINE " \r\n",
		LINE LINE " " LINE LINE "\r\n" },
	{ "long text with a tab", LINE LINE "\t" LINE LINE "\t\r\n",
		LINE LINE " " LINE LINE "\r\n" },
};

static const struct {
	const char *name, *field, *value, *want;
} fields[] = {
	{ "a field", "Subject", " Hello", "subject:Hello" },
	{ "the RFC's own", "B", " Y\t\r\n\tZ  ", "b:Y Z" },
	{ "folded", "To", " a@x,\r\n b@x,\r\n\t c@x", "to:a@x, b@x, c@x" },
	{ "nothing", "Subject", " \r\n \t", "subject:" },
	{ "no blank", "X", "y", "x:y" },
};

static void take(void *context, struct span bytes)
{
	buf_put_span(context, bytes);
}

static void relax(struct span text, size_t size, struct buf *out)
{
	struct relaxed_body body = { .put = take, .context = out };

	buf_clear(out);
	while (text.length) {
		size_t length = text.length < size ? text.length : size;

		relaxed_body_put(&body, span_make(text.at, length));
		text = span_skip(text, length);
	}
	relaxed_body_end(&body);
}

static void check_body(const char *name, struct span text, struct span want)
{
	struct buf got = BUF_INIT(LIMIT);

	for (size_t size = 1; size <= text.length + 1; size++) {
		relax(text, size, &got);
		if (!span_equal(buf_span(&got), want))
			break;
	}
	tap_is_span(buf_span(&got), want, name);
	buf_free(&got);
}

/* One blank, tab or line end more at every place of a long text, where whole
 * blocks are looked at at once: as slow eyes see it. */
static void check_places(void)
{
	static const char *const odd[] = { "\t", "  ", " \r\n", "\r\n\r\n",
		"\r\n ", " ", "\r\n" };
	static const char *const wants[] = { " ", " ", "\r\n", "\r\n\r\n",
		"\r\n ", " ", "\r\n" };
	char text[300], want[300];
	struct buf got = BUF_INIT(LIMIT);
	bool is_same = true;

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		for (size_t at = 1; at < 200; at++) {
			memset(text, 'x', sizeof text);
			memset(want, 'x', sizeof want);
			memcpy(text + at, odd[i], strlen(odd[i]));
			memcpy(want + at, wants[i], strlen(wants[i]));
			relax(span_make(text, at + strlen(odd[i]) + 70), 1000,
				&got);
			is_same = is_same &&
				  got.length == at + strlen(wants[i]) + 72 &&
				  memcmp(got.data, want, got.length - 2) == 0;
		}
	tap_ok(is_same, "at every place of a long text");
	buf_free(&got);
}

int main(void)
{
	struct buf got = BUF_INIT(LIMIT);

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		check_body(bodies[i].name, span_of(bodies[i].input),
			span_of(bodies[i].want));
	check_places();
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		buf_clear(&got);
		relaxed_put_field(&got, span_of(fields[i].field),
			span_of(fields[i].value));
		tap_is_text(buf_text(&got), fields[i].want, fields[i].name);
	}
	buf_free(&got);
	return tap_done();
}
