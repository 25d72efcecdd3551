/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charsets, by iconv(3).  Does not know what the text is for. */
#include <config.h>

#include "base/charset.h"

#include "base/buf.h"
#include "base/text.h"

#include <errno.h>
#include <iconv.h>
#include <langinfo.h>

enum { CHARSET_STEP_BYTES = 4096 };

bool charset_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

const char *charset_of_locale(void)
{
	const char *name = nl_langinfo(CODESET);
	struct span charset = span_of(name ? name : "");

	if (!charset.length || span_equal_nocase(charset, SPAN("UTF-8")) ||
		span_equal_nocase(charset, SPAN("utf8")) ||
		span_equal_nocase(charset, SPAN("US-ASCII")) ||
		span_equal_nocase(charset, SPAN("ASCII")) ||
		span_equal_nocase(charset, SPAN("ANSI_X3.4-1968")))
		return NULL;
	return name;
}

/* iconv(3) keeps its state between calls, so that OUT can be filled in steps.
 */
static bool convert(iconv_t converter, struct span text, struct buf *out)
{
	char step[CHARSET_STEP_BYTES];
	/* The interface is older than const. */
	union {
		const char *given;
		char *wanted;
	} in = { .given = text.at };
	size_t left = text.length;

	while (left) {
		char *end = step;
		size_t room = sizeof step;
		size_t result =
			iconv(converter, &in.wanted, &left, &end, &room);

		buf_put(out, step, sizeof step - room);
		if (result == (size_t)-1 && errno != E2BIG)
			return false;
	}
	return !out->overflowed;
}

char *charset_to_utf8(
	struct arena *arena, struct span text, const char *charset)
{
	/* No charset has characters that need more than four times its bytes.
	 */
	struct buf out = BUF_INIT(text.length * 4 + 4);
	char *converted = NULL;
	iconv_t converter;

	if (text_is_utf8(text))
		return arena_strndup(arena, text.at, text.length);
	if (!charset)
		return NULL;
	converter = iconv_open("UTF-8", charset);
	if (converter == (iconv_t)-1)
		return NULL;
	if (convert(converter, text, &out) && text_is_utf8(buf_span(&out)))
		converted = arena_strndup(arena, buf_text(&out), out.length);
	iconv_close(converter);
	buf_free(&out);
	return converted;
}
