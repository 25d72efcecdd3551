/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words in any charset become UTF-8, or are refused. */
#include <config.h>

#include "base/charset.h"
#include "tap.h"

static const struct {
	const char *name, *text, *charset, *want;
} rows[] = {
	{ "ASCII", "abc", NULL, "abc" },
	{ "nothing", "", NULL, "" },
	{ "UTF-8 stays", "J\xC3\xB6rg", NULL, "J\xC3\xB6rg" },
	{ "UTF-8 stays under another locale", "J\xC3\xB6rg", "ISO-8859-1",
		"J\xC3\xB6rg" },
	{ "Latin-1", "J\xF6rg", "ISO-8859-1", "J\xC3\xB6rg" },
	{ "KOI8-R", "\xD0\xD2\xC9", "KOI8-R", "\xD0\xBF\xD1\x80\xD0\xB8" },
	{ "EUC-JP", "\xC6\xFC", "EUC-JP", "\xE6\x97\xA5" },
	{ "no charset", "J\xF6rg", NULL, NULL },
	{ "an unknown charset", "J\xF6rg", "no-such-charset", NULL },
	{ "not in that charset", "a\xFF", "EUC-JP", NULL },
	{ "cut short", "a\xC6", "EUC-JP", NULL },
};

static void test_long(struct arena *arena)
{
	char text[20000];
	char *got;
	size_t wrong = 0;

	memset(text, '\xF6', sizeof text);
	got = charset_to_utf8(
		arena, span_make(text, sizeof text), "ISO-8859-1");
	for (size_t i = 0; got && i < sizeof text; i++)
		wrong += memcmp(got + i * 2, "\xC3\xB6", 2) != 0;
	tap_ok(got && !wrong && strlen(got) == 2 * sizeof text,
		"a long text is converted in steps");
}

int main(void)
{
	struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *got = charset_to_utf8(
			arena, span_of(rows[i].text), rows[i].charset);

		tap_is_text(got ? got : "(none)",
			rows[i].want ? rows[i].want : "(none)", rows[i].name);
	}
	test_long(arena);
	tap_ok(!charset_of_locale(), "the C locale says nothing");
	arena_free(arena);
	return tap_done();
}
