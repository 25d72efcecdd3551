/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A word in a long text. */
#include <config.h>

#include "base/buf.h"
#include "base/needle.h"
#include "tap.h"

static const struct {
	const char *name, *text, *word, *want; /* the positions */
} rows[] = {
	{ "once", "where is bob now", "bob", "9" },
	{ "at both ends", "bob, bob", "bob", "0 5" },
	{ "the whole", "bob", "bob", "0" },
	{ "any case", "BOB bOb", "BoB", "0 4" },
	{ "overlapping", "aaaa", "aa", "0 1 2" },
	{ "one byte", "xAxa", "a", "1 3" },
	{ "no letters", "1-2-3-2", "-2", "1 5" },
	{ "cut off at the end", "bo bob bo", "bob", "3" },
	{ "cut off at the front", "ob bob", "bob", "3" },
	{ "longer than the text", "bob", "bobby", "" },
	{ "nowhere", "alice", "bob", "" },
	{ "an empty text", "", "bob", "" },
	{ "bytes that are no ASCII know no case", "\303\251 \303\211",
		"\303\251", "0" },
	{ "neighbours of the letters", "[ { @ `", "{", "2" },
};

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf got = BUF_INIT(1000);
		struct needle needle;
		const char *at;

		needle_start(
			&needle, span_of(rows[i].text), span_of(rows[i].word));
		while ((at = needle_next(&needle)))
			buf_printf(&got, "%s%zu", got.length ? " " : "",
				(size_t)(at - rows[i].text));
		tap_is_text(buf_text(&got), rows[i].want, rows[i].name);
		buf_free(&got);
	}
	{
		struct needle needle;

		needle_start(&needle, span_make(NULL, 0), SPAN("bob"));
		tap_ok(!needle_next(&needle), "nothing at all");
	}
	return tap_done();
}
