/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for people: what reaches a terminal, UTF-8, nearest words. */
#include <config.h>

#include "base/text.h"
#include "tap.h"

static const struct {
	const char *name;
	struct span text;
	const char *want;
} shown[] = {
	{ "plain", SPAN("no such user"), "no such user" },
	{ "umlauts", SPAN("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F" },
	{ "beyond the BMP", SPAN("\xF0\x9F\x93\xAC"), "\xF0\x9F\x93\xAC" },
	{ "tab", SPAN("a\tb"), "a\tb" },
	{ "backslash", SPAN("a\\x41"), "a\\x41" },
	{ "CRLF", SPAN("a\r\nb"), "a b" },
	{ "many line ends", SPAN("a\n\r\n\n\rb\nc"), "a b c" },
	{ "NUL", SPAN("a\0b"), "a\\x00b" },
	{ "clear screen", SPAN("\x1B[2J"), "\\x1B[2J" },
	{ "title", SPAN("\x1B]0;x\a"), "\\x1B]0;x\\x07" },
	{ "backspace", SPAN("abc\b\b"), "abc\\x08\\x08" },
	{ "DEL", SPAN("\x7F"), "\\x7F" },
	{ "C1 as UTF-8",
		SPAN("\xC2\x9B"
		     "2J"),
		"\\xC2\\x9B"
		"2J" },
	{ "C1 as a byte",
		SPAN("\x9B"
		     "2J"),
		"\\x9B"
		"2J" },
	{ "no-break space is shown", SPAN("\xC2\xA0"), "\xC2\xA0" },
	{ "right-to-left override",
		SPAN("\xE2\x80\xAE"
		     "cod"),
		"\\xE2\\x80\\xAE"
		"cod" },
	{ "isolate", SPAN("\xE2\x81\xA6"), "\\xE2\\x81\\xA6" },
	{ "pop isolate", SPAN("\xE2\x81\xA9"), "\\xE2\\x81\\xA9" },
	{ "left-to-right mark", SPAN("\xE2\x80\x8E"), "\\xE2\\x80\\x8E" },
	{ "Arabic letter mark", SPAN("\xD8\x9C"), "\\xD8\\x9C" },
	{ "line separator", SPAN("\xE2\x80\xA8"), "\\xE2\\x80\\xA8" },
	{ "paragraph separator", SPAN("\xE2\x80\xA9"), "\\xE2\\x80\\xA9" },
	{ "byte order mark", SPAN("\xEF\xBB\xBF"), "\\xEF\\xBB\\xBF" },
	{ "soft hyphen", SPAN("\xC2\xAD"), "\\xC2\\xAD" },
	{ "grapheme joiner", SPAN("\xCD\x8F"), "\\xCD\\x8F" },
	{ "empty braille", SPAN("\xE2\xA0\x80"), "\\xE2\\xA0\\x80" },
	{ "braille", SPAN("\xE2\xA0\x81"), "\xE2\xA0\x81" },
	{ "no character", SPAN("\xEF\xB7\x90"), "\\xEF\\xB7\\x90" },
	{ "none of plane 1", SPAN("\xF0\x9F\xBF\xBE"), "\\xF0\\x9F\\xBF\\xBE" },
	{ "an empty note", SPAN("\xF0\x9D\x85\x99"), "\\xF0\\x9D\\x85\\x99" },
	{ "a joiner of hieroglyphs", SPAN("\xF0\x93\x90\xB0"),
		"\\xF0\\x93\\x90\\xB0" },
	{ "Hangul filler", SPAN("\xE1\x85\x9F"), "\\xE1\\x85\\x9F" },
	{ "vowel separator", SPAN("\xE1\xA0\x8E"), "\\xE1\\xA0\\x8E" },
	{ "zero width space", SPAN("\xE2\x80\x8B"), "\\xE2\\x80\\x8B" },
	{ "word joiner", SPAN("\xE2\x81\xA0"), "\\xE2\\x81\\xA0" },
	{ "annotation", SPAN("\xEF\xBF\xB9"), "\\xEF\\xBF\\xB9" },
	{ "replacement character is shown", SPAN("\xEF\xBF\xBD"),
		"\xEF\xBF\xBD" },
	{ "tag letter", SPAN("\xF3\xA0\x81\x81"), "\\xF3\\xA0\\x81\\x81" },
	{ "emoji is shown", SPAN("\xF0\x9F\x93\xAE"), "\xF0\x9F\x93\xAE" },
	{ "dash before the marks", SPAN("\xE2\x80\x94"), "\xE2\x80\x94" },
	{ "Latin-1", SPAN("gr\xFC\xDF"), "gr\\xFC\\xDF" },
	{ "cut short", SPAN("\xE2\x82"), "\\xE2\\x82" },
	{ "overlong escape", SPAN("\xC0\x9B"), "\\xC0\\x9B" },
	{ "surrogate", SPAN("\xED\xA0\x80"), "\\xED\\xA0\\x80" },
	{ "broken, then good", SPAN("\xE2\xC3\xBC"), "\\xE2\xC3\xBC" },
};

static void check_shown(void)
{
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		struct buf out = BUF_INIT(100);

		text_put_printable(&out, shown[i].text);
		tap_is_text(buf_text(&out), shown[i].want, shown[i].name);
		buf_free(&out);
	}
}

static void check_limit(void)
{
	struct buf out = BUF_INIT(6);

	text_put_printable(&out, SPAN("abc\xE2\x82\xAC\xE2\x82\xAC"));
	tap_is_text(
		buf_text(&out), "abc\xE2\x82\xAC", "cut between characters");
	tap_ok(out.overflowed, "and it shows");
	buf_clear(&out);
	text_put_printable(&out, SPAN("abc\x1B\x1B"));
	tap_is_text(buf_text(&out), "abc", "an escape is never cut in two");
	buf_clear(&out);
	text_put_printable(&out, SPAN("abcdefgh"));
	tap_is_text(buf_text(&out), "abcdef", "letters up to the limit");
	tap_ok(out.overflowed, "and that shows, too");
	buf_free(&out);
}

static const struct {
	const char *name;
	struct span text;
	size_t first;
	bool is_whole;
} sequences[] = {
	{ "empty", SPAN(""), 0, true },
	{ "ASCII", SPAN("a"), 1, true },
	{ "NUL", SPAN("\0"), 1, true },
	{ "smallest of two", SPAN("\xC2\x80"), 2, true },
	{ "largest of two", SPAN("\xDF\xBF"), 2, true },
	{ "smallest of three", SPAN("\xE0\xA0\x80"), 3, true },
	{ "before the surrogates", SPAN("\xED\x9F\xBF"), 3, true },
	{ "after the surrogates", SPAN("\xEE\x80\x80"), 3, true },
	{ "largest of three", SPAN("\xEF\xBF\xBF"), 3, true },
	{ "smallest of four", SPAN("\xF0\x90\x80\x80"), 4, true },
	{ "largest of all", SPAN("\xF4\x8F\xBF\xBF"), 4, true },
	{ "overlong two", SPAN("\xC1\xBF"), 0, false },
	{ "overlong three", SPAN("\xE0\x9F\xBF"), 0, false },
	{ "overlong four", SPAN("\xF0\x8F\xBF\xBF"), 0, false },
	{ "first surrogate", SPAN("\xED\xA0\x80"), 0, false },
	{ "last surrogate", SPAN("\xED\xBF\xBF"), 0, false },
	{ "too large", SPAN("\xF4\x90\x80\x80"), 0, false },
	{ "five bytes", SPAN("\xF8\x88\x80\x80\x80"), 0, false },
	{ "continuation first", SPAN("\x80"), 0, false },
	{ "cut in three", SPAN("\xE2\x82"), 0, false },
	{ "good, then bad", SPAN("a\xFF"), 1, false },
};

static void check_utf8(void)
{
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
		tap_ok(text_utf8_length(sequences[i].text) ==
					sequences[i].first &&
				text_is_utf8(sequences[i].text) ==
					sequences[i].is_whole,
			"UTF-8: %s", sequences[i].name);
	tap_ok(text_is_ascii(SPAN("a\0\x7F")) && !text_is_ascii(SPAN("a\x80")),
		"ASCII");
	tap_ok(text_field_width("Size", 12) == 12 &&
			text_field_width("Gr\xC3\xB6\xC3\x9F"
					 "e",
				12) == 14,
		"columns are characters");
}

static const struct {
	const char *a, *b;
	size_t want;
} words[] = {
	{ "host", "host", 0 },
	{ "host", "HOST", 0 },
	{ "host", "hst", 1 },
	{ "hots", "host", 1 },
	{ "ohts", "host", 2 },
	{ "hlep", "HELP", 1 },
	{ "ca", "abc", 3 },
	{ "tls_start", "tls_starttls", 3 },
	{ "a", "tls_starttls", 4 },
	{ "", "abc", 3 },
	{ "abc", "", 3 },
	{ "", "", 0 },
};

static const char *nearest_to(const char *word)
{
	static const char *const names[] = { "quit", "queue", "send", "to" };
	struct text_nearest nearest = { .word = span_of(word) };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		text_consider(&nearest, names[i]);
	return nearest.name;
}

static void check_nearest(void)
{
	tap_is_text(nearest_to("quue"), "queue", "the nearest of two");
	tap_is_text(nearest_to("queue"), "queue", "itself");
	tap_is_text(nearest_to("Sned"), "send", "two letters changed places");
	tap_is_text(nearest_to("xy"), NULL, "two edits make any short word");
	tap_is_text(nearest_to("smnd"), "send", "one edit of a short word");
	tap_is_text(nearest_to("smxd"), NULL, "not two");
	tap_is_text(nearest_to("elephant"), NULL, "none");
	tap_is_text(nearest_to(""), NULL, "nothing is near nothing");
}

static void check_distance(void)
{
	char longest[65];

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		tap_ok(text_distance(span_of(words[i].a), span_of(words[i].b),
			       3) == words[i].want,
			"'%s' to '%s'", words[i].a, words[i].b);
	memset(longest, 'x', sizeof longest);
	tap_is_number((int64_t)text_distance(span_make(longest, 64),
			      span_make(longest, 64), 3),
		4, "words that are too long are strangers");
}

static const struct {
	const char *uri, *want;
	bool has_pin;
} uris[] = {
	{ "pkcs11:token=t;object=o", "pkcs11:token=t;object=o", false },
	{ "pkcs11:token=t?pin-value=1234", "pkcs11:token=t?pin-value=********",
		true },
	{ "pkcs11:token=t?pin-value=1234&module-name=m",
		"pkcs11:token=t?pin-value=********&module-name=m", true },
	{ "pkcs11:token=t;pin-value=1234;object=o",
		"pkcs11:token=t;pin-value=********;object=o", true },
	{ "pkcs11:token=t?pin-value=", "pkcs11:token=t?pin-value=", false },
	{ "pkcs11:pin-value", "pkcs11:pin-value", false },
	{ "/tmp/pin-value=1", "/tmp/pin-value=1", false },
};

static void check_uris(void)
{
	for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
		struct buf out = BUF_INIT(200);

		text_put_uri(&out, span_of(uris[i].uri));
		tap_is_number(text_has_pin(span_of(uris[i].uri)),
			uris[i].has_pin, "a PIN in a URI");
		tap_is_span(buf_span(&out), span_of(uris[i].want),
			"a URI without its PIN");
		buf_free(&out);
	}
}

static void check_shell(void)
{
	static const char *const rows[][2] = { { "", "''" },
		{ "a b$(c)", "'a b$(c)'" }, { "it's", "'it'\\''s'" } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = BUF_INIT(100);

		text_put_shell(&out, rows[i][0]);
		tap_is_text(buf_text(&out), rows[i][1], "one word of a shell");
		buf_free(&out);
	}
}

static const struct {
	const char *text, *want; /* its words, each with a '|'; NULL: no */
} commands[] = {
	{ "pass show mail", "pass|show|mail|" },
	{ "  a \t b  ", "a|b|" },
	{ "'a b' \"c d\"e f\\ g", "a b|c de|f g|" },
	{ "'it\"s' \"it's\" \"a\\\"b\" 'a\\b'", "it\"s|it's|a\"b|a\\b|" },
	{ "a '' b", "a||b|" },
	{ "$HOME; `x` | y", "$HOME;|`x`|||y|" },
	{ "", NULL },
	{ " \t", NULL },
	{ "a 'b", NULL },
	{ "a \"b\\\"", NULL },
	{ "a \\", NULL },
};

static void test_split(void)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(100);
		const char **list;
		bool is_fine =
			text_split(span_of(commands[i].text), arena, &list);

		for (size_t j = 0; is_fine && list[j]; j++)
			buf_printf(&got, "%s|", list[j]);
		tap_is_text(is_fine ? buf_text(&got) : NULL, commands[i].want,
			commands[i].text);
		buf_free(&got);
		arena_free(arena);
	}
}

static const struct {
	const char *text, *want;
} first_words[] = {
	{ "", "" },
	{ "a", "a" },
	{ "a b c", "a \xE2\x80\xA6" },
	{ "  a ", "a" },
	{ "a\tb", "a \xE2\x80\xA6" },
};

static void test_first_word(void)
{
	for (size_t i = 0; i < sizeof first_words / sizeof *first_words; i++) {
		struct buf out = BUF_INIT(100);

		text_put_first_word(&out, span_of(first_words[i].text));
		tap_is_text(buf_text(&out), first_words[i].want,
			first_words[i].text);
		buf_free(&out);
	}
}

static void test_odd_blank(void)
{
	tap_is_number((int64_t)text_odd_blank_length(SPAN("\xC2\xA0x")), 2,
		"U+00A0 is a blank of another kind");
	tap_is_number((int64_t)text_odd_blank_length(SPAN("\xE2\x80\x89")), 3,
		"so is U+2009");
	tap_is_number((int64_t)text_odd_blank_length(SPAN(" x")), 0,
		"a blank is none");
	tap_is_number((int64_t)text_odd_blank_length(SPAN("\xC2")), 0,
		"half of one is none");
}

static void check_rune(unsigned long rune, const char *want)
{
	struct buf out = BUF_INIT(8);

	tap_is_number(text_put_rune(&out, rune), *want != '\0', "a code point");
	tap_is_text(buf_text(&out), want, "its bytes");
	if (*want)
		tap_is_number((long)text_rune(buf_span(&out)), (long)rune,
			"and back");
	buf_free(&out);
}

static void check_runes(void)
{
	check_rune(0x7F, "\x7F");
	check_rune(0x80, "\xC2\x80");
	check_rune(0x7FF, "\xDF\xBF");
	check_rune(0x800, "\xE0\xA0\x80");
	check_rune(0xFFFF, "\xEF\xBF\xBF");
	check_rune(0x10000, "\xF0\x90\x80\x80");
	check_rune(0x10FFFF, "\xF4\x8F\xBF\xBF");
	check_rune(0xD800, "");
	check_rune(0x110000, "");
}

static const struct {
	const char *xtext, *want;
} xtexts[] = {
	{ "a", "a" },
	{ "a+2Bb+3D", "a+b=" },
	{ "+C3+BC", "\xC3\xBC" },
	{ "a+", NULL },
	{ "a+2", NULL },
	{ "a+2b", NULL },
	{ "a+G0", NULL },
	{ "", "" },
};

static void test_xtext(void)
{
	for (size_t i = 0; i < sizeof xtexts / sizeof *xtexts; i++) {
		struct buf out = BUF_INIT(100);
		bool is_fine =
			text_put_from_xtext(&out, span_of(xtexts[i].xtext));

		tap_is_text(is_fine ? buf_text(&out) : NULL, xtexts[i].want,
			xtexts[i].xtext);
		buf_free(&out);
	}
}

static void test_encodings(void)
{
	struct buf out = BUF_INIT(100), small = BUF_INIT(3);

	text_put_hex(&out, "\x00\x7F\xFF", 3);
	tap_is_text(buf_text(&out), "007fff", "hexadecimal");
	tap_ok(!text_put_hex(&small, "ab", 2), "and when there is no room");
	buf_clear(&out);
	text_put_html(&out, SPAN("<a href=\"x\">'&'</a>"));
	tap_is_text(buf_text(&out),
		"&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;",
		"HTML");
	buf_free(&small);
	buf_free(&out);
}

static void check_cut(const char *text, size_t limit, const char *want)
{
	struct span cut = text_cut(span_of(text), limit);

	tap_is_span(cut, span_of(want), text);
}

static void check_cuts(void)
{
	check_cut("abc", 3, "abc");
	check_cut("abcd", 3, "abc");
	check_cut("ab\xC3\xA4", 3, "ab");
	check_cut("ab\xC3\xA4x", 4, "ab\xC3\xA4");
	check_cut("a\xE2\x82\xACx", 2, "a");
	check_cut("a\xE2\x82\xACx", 3, "a");
	check_cut("a\xE2\x82\xACx", 4, "a\xE2\x82\xAC");
	check_cut("\xF0\x9F\x98\x80x", 3, "");
	check_cut("\x80\x80\x80\x80\x80x", 4, "\x80\x80\x80\x80");
	check_cut("\xC3\xC3\xC3", 2, "\xC3\xC3");
	check_cut("abc", 0, "");
}

int main(void)
{
	check_cuts();
	check_runes();
	test_xtext();
	test_encodings();
	test_first_word();
	test_split();
	test_odd_blank();
	check_uris();
	check_shell();
	check_shown();
	check_limit();
	check_utf8();
	check_distance();
	check_nearest();
	return tap_done();
}
