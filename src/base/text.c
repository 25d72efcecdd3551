/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for people.  Knows nothing of who wrote it, and trusts none of them. */
#include <config.h>

#include "base/text.h"

#include <stdint.h>

enum { TEXT_QUOTED_GROWTH = 2000 /* by what is made printable */ };

/* Edits, for "did you mean"; two make any short word of any other. */
enum {
	TEXT_NEAR = 2,
	TEXT_NEAR_IF_SHORT = 1,
	TEXT_SHORT = 5,
	TEXT_WORD_MAX = 63 /* bytes of a word that may be near another */
};

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0u) == 0x80u;
}

static uint32_t utf8_decode(struct span text, size_t length)
{
	static const unsigned char mask[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t rune = (unsigned char)text.at[0] & mask[length];

	for (size_t i = 1; i < length; i++)
		rune = rune << 6 | ((unsigned char)text.at[i] & 0x3Fu);
	return rune;
}

struct span text_cut(struct span text, size_t limit)
{
	size_t begin = limit;

	if (text.length <= limit)
		return text;
	while (begin && limit - begin < 3 && is_continuation(text.at[begin]))
		begin--;
	if (text_utf8_length(span_skip(text, begin)) > limit - begin)
		limit = begin;
	return span_make(text.at, limit);
}

bool text_put_rune(struct buf *out, unsigned long rune)
{
	static const unsigned char leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	size_t length = rune < 0x80      ? 1
			: rune < 0x800   ? 2
			: rune < 0x10000 ? 3
					 : 4;

	if (rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000))
		return false;
	buf_put_byte(out, (char)(leads[length] | rune >> 6 * (length - 1)));
	while (--length)
		buf_put_byte(
			out, (char)(0x80 | (rune >> 6 * (length - 1) & 0x3F)));
	return true;
}

const char *text_translated(const char *text, bool is_translated)
{
#ifdef ENABLE_NLS
	if (is_translated && *text)
		return gettext(text);
#else
	(void)is_translated;
#endif
	return text;
}

size_t text_utf8_length(struct span text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first;
	size_t length;
	uint32_t rune;

	if (!text.length)
		return 0;
	first = (unsigned char)text.at[0];
	length = first < 0x80                    ? 1
		 : first >= 0xC2 && first < 0xE0 ? 2
		 : first >= 0xE0 && first < 0xF0 ? 3
		 : first >= 0xF0 && first < 0xF5 ? 4
						 : 0;
	if (!length || length > text.length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if (!is_continuation(text.at[i]))
			return 0;
	rune = utf8_decode(text, length);
	if (rune < least[length] || (rune >= 0xD800 && rune < 0xE000) ||
		rune > 0x10FFFF)
		return 0;
	return length;
}

bool text_is_utf8(struct span text)
{
	size_t i = 0, length;

	while (i < text.length) {
		/* Most of it is ASCII. */
		length = (unsigned char)text.at[i] < 0x80
				 ? 1
				 : text_utf8_length(span_skip(text, i));
		if (!length)
			return false;
		i += length;
	}
	return true;
}

int text_field_width(const char *text, int columns)
{
	for (; *text; text++)
		if (((unsigned char)*text & 0xC0) == 0x80)
			columns++;
	return columns;
}

bool text_is_ascii(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

/* Ranges of Unicode that nobody sees, or that change the direction of what
 * others see: its Default_Ignorable_Code_Point, the separators of lines,
 * annotations, what joins hieroglyphs, empty braille and an empty note.  In
 * order. */
static const struct {
	uint32_t first, last;
} invisible[] = { { 0xAD, 0xAD }, { 0x34F, 0x34F }, { 0x61C, 0x61C },
	{ 0x115F, 0x1160 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F },
	{ 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F },
	{ 0x2800, 0x2800 }, { 0x3164, 0x3164 }, { 0xFDD0, 0xFDEF },
	{ 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 },
	{ 0xFFF0, 0xFFFB }, { 0x13430, 0x1343F }, { 0x1BCA0, 0x1BCA3 },
	{ 0x1D159, 0x1D159 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF } };

static bool is_invisible(uint32_t rune)
{
	for (size_t i = 0; i < sizeof invisible / sizeof *invisible; i++)
		if (rune <= invisible[i].last && rune >= invisible[i].first)
			return true;
	/* No characters at all, in any plane. */
	return (rune & 0xFFFE) == 0xFFFE;
}

static bool is_shown(uint32_t rune)
{
	return rune >= 0x20 && rune != 0x7F && !(rune >= 0x80 && rune < 0xA0) &&
	       !is_invisible(rune);
}

size_t text_invisible_length(struct span text)
{
	size_t length = text_utf8_length(text);

	return length > 1 && !is_shown(utf8_decode(text, length)) ? length : 0;
}

uint32_t text_rune(struct span text)
{
	return utf8_decode(text, text_utf8_length(text));
}

static void put_escaped(struct buf *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.length; i++)
		buf_printf(out, "\\x%02X", (unsigned char)bytes.at[i]);
}

/* Puts the letters of ASCII that stand at the beginning of *TEXT, as many as
 * there is room for. */
static bool put_ascii(struct buf *out, struct span *text)
{
	size_t length = 0, room = out->limit - out->length;

	while (length < text->length && length < room &&
		text->at[length] >= ' ' && text->at[length] <= '~')
		length++;
	buf_put(out, text->at, length);
	*text = span_skip(*text, length);
	return length != 0;
}

void text_put_printable(struct buf *out, struct span text)
{
	bool after_newline = false;

	while (text.length && !out->overflowed) {
		struct span here;
		size_t length;

		if (put_ascii(out, &text)) {
			after_newline = false;
			continue;
		}
		length = text_utf8_length(text);
		here = span_make(text.at, length ? length : 1);

		if (here.at[0] == '\r' || here.at[0] == '\n') {
			if (!after_newline)
				buf_put_byte(out, ' ');
			after_newline = true;
		} else {
			after_newline = false;
			if (length &&
				(here.at[0] == '\t' ||
					is_shown(utf8_decode(here, length))))
				buf_put_span(out, here);
			else
				put_escaped(out, here);
		}
		text = span_skip(text, here.length);
	}
}

bool text_is_printable(struct span text)
{
	struct buf printable = BUF_INIT(text.length + 1);
	bool is_so;

	text_put_printable(&printable, text);
	is_so = span_equal(buf_span(&printable), text);
	buf_free(&printable);
	return is_so;
}

static size_t least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_same_letter(char a, char b)
{
	return ascii_lower(a) == ascii_lower(b);
}

/* Rows of the table of distances, the last one of "i" letters, so far; row i
 * lies in rows[i % 3]. */
static void fill_row(size_t rows[3][TEXT_WORD_MAX + 1], struct span a,
	struct span b, size_t i)
{
	size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];
	const size_t *above_that = rows[(i + 1) % 3];

	row[0] = i;
	for (size_t j = 1; j <= b.length; j++) {
		row[j] = above[j - 1] +
			 !is_same_letter(a.at[i - 1], b.at[j - 1]);
		row[j] = least_of(row[j], above[j] + 1);
		row[j] = least_of(row[j], row[j - 1] + 1);
		if (i > 1 && j > 1 &&
			is_same_letter(a.at[i - 1], b.at[j - 2]) &&
			is_same_letter(a.at[i - 2], b.at[j - 1]))
			row[j] = least_of(row[j], above_that[j - 2] + 1);
	}
}

size_t text_distance(struct span a, struct span b, size_t limit)
{
	size_t rows[3][TEXT_WORD_MAX + 1] = { { 0 } };

	if (a.length > TEXT_WORD_MAX || b.length > TEXT_WORD_MAX)
		return limit + 1;
	for (size_t j = 0; j <= b.length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.length; i++)
		fill_row(rows, a, b, i);
	return least_of(rows[a.length % 3][b.length], limit + 1);
}

void text_consider(struct text_nearest *nearest, const char *name)
{
	size_t limit =
		strlen(name) > TEXT_SHORT ? TEXT_NEAR : TEXT_NEAR_IF_SHORT;
	size_t distance;

	if (nearest->name && !nearest->distance)
		return;
	if (nearest->name && nearest->distance <= limit)
		limit = nearest->distance - 1;
	distance = text_distance(nearest->word, span_of(name), limit);
	if (distance <= limit) {
		nearest->name = name;
		nearest->distance = distance;
	}
}

/* ---- URIs with a secret ---------------------------------------------------
 */

/* Where the value of pin-value begins, or LENGTH.  Only a pkcs11: URI has one;
 * a file may be called what it likes. */
static size_t find_pin(struct span uri)
{
	static const char name[] = "pin-value=";
	struct span rest = uri;

	if (!span_starts_with(uri, SPAN("pkcs11:")))
		return uri.length;
	while (rest.length && !span_starts_with(rest, span_of(name)))
		rest = span_skip(rest, 1);
	return rest.length ? uri.length - rest.length + sizeof name - 1
			   : uri.length;
}

bool text_has_pin(struct span uri)
{
	return find_pin(uri) < uri.length;
}

/* The next word of *REST, without its quotes; false when one does not end. */
static bool cut_command_word(struct span *rest, struct buf *word)
{
	char quote = '\0';

	for (; rest->length; *rest = span_skip(*rest, 1)) {
		char c = *rest->at;

		if (!quote && ascii_is_wsp(c))
			break;
		if (c == quote) {
			quote = '\0';
		} else if (!quote && (c == '"' || c == '\'')) {
			quote = c;
		} else if (c == '\\' && quote != '\'') {
			*rest = span_skip(*rest, 1);
			if (!rest->length)
				return false;
			buf_put_byte(word, *rest->at);
		} else {
			buf_put_byte(word, c);
		}
	}
	return !quote;
}

bool text_split(struct span text, struct arena *arena, const char ***words)
{
	/* A word and a blank take two bytes at least. */
	const char **out =
		arena_alloc(arena, (text.length / 2 + 2) * sizeof *out);
	struct buf word = BUF_INIT(text.length);
	bool is_fine = true;
	size_t count = 0;

	while (is_fine && (text = span_trim(text)).length) {
		is_fine = cut_command_word(&text, &word);
		out[count++] =
			arena_strndup(arena, buf_text(&word), word.length);
		buf_clear(&word);
	}
	buf_free(&word);
	out[count] = NULL;
	*words = out;
	return is_fine && count;
}

void text_put_shell(struct buf *out, const char *word)
{
	buf_put_byte(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_puts(out, "'\\''");
		else
			buf_put_byte(out, *word);
	buf_put_byte(out, '\'');
}

void text_put_uri(struct buf *out, struct span uri)
{
	size_t at = find_pin(uri);
	struct span rest = span_skip(uri, at);

	text_put_printable(out, span_make(uri.at, at));
	if (!rest.length)
		return;
	buf_puts(out, "********");
	while (rest.length && rest.at[0] != '&' && rest.at[0] != ';')
		rest = span_skip(rest, 1);
	text_put_uri(out, rest);
}

void text_put_first_word(struct buf *out, struct span text)
{
	struct span word = span_cut_word(&text);

	buf_put_span(out, word);
	if (span_trim(text).length)
		buf_puts(out, word.length ? " \xE2\x80\xA6" : "\xE2\x80\xA6");
}

size_t text_odd_blank_length(struct span text)
{
	/* U+0085, 00A0; 1680, 180E; 2000 to 200B, 202F, 205F, 2060; 3000,
	 * FEFF. */
	static const char *const blanks[] = { "\xC2\x85", "\xC2\xA0",
		"\xE1\x9A\x80", "\xE1\xA0\x8E", "\xE2\x80\x80", "\xE2\x80\x81",
		"\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85",
		"\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89",
		"\xE2\x80\x8A", "\xE2\x80\x8B", "\xE2\x80\xAF", "\xE2\x81\x9F",
		"\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF" };

	if (!text.length || (unsigned char)text.at[0] < 0x80)
		return 0;
	for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
		if (span_starts_with(text, span_of(blanks[i])))
			return strlen(blanks[i]);
	return 0;
}

void text_put_quoted(struct buf *out, const char *key, struct span value)
{
	struct buf printable = BUF_INIT(TEXT_QUOTED_GROWTH + value.length);

	text_put_printable(&printable, value);
	for (size_t i = 0; i < printable.length; i++)
		if (printable.data[i] == '\'')
			printable.data[i] = '?';
	buf_printf(out, " %s='%s'", key, buf_text(&printable));
	buf_free(&printable);
}

bool text_put_hex(struct buf *out, const void *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = bytes;

	for (size_t i = 0; i < count; i++) {
		buf_put_byte(out, digits[at[i] >> 4]);
		buf_put_byte(out, digits[at[i] & 15]);
	}
	return !out->overflowed;
}

static bool is_xtext_digit(char c)
{
	return ascii_is_digit(c) || (c >= 'A' && c <= 'F');
}

bool text_put_from_xtext(struct buf *out, struct span xtext)
{
	for (; xtext.length; xtext = span_skip(xtext, 1)) {
		if (xtext.at[0] != '+') {
			buf_put_byte(out, xtext.at[0]);
			continue;
		}
		if (xtext.length < 3 || !is_xtext_digit(xtext.at[1]) ||
			!is_xtext_digit(xtext.at[2]))
			return false;
		buf_put_byte(out, (char)(ascii_hex_value(xtext.at[1]) * 16 +
					  ascii_hex_value(xtext.at[2])));
		xtext = span_skip(xtext, 2);
	}
	return !out->overflowed;
}

void text_put_html(struct buf *out, struct span text)
{
	static const struct {
		char byte;
		const char *entity;
	} rows[] = { { '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" },
		{ '"', "&quot;" }, { '\'', "&#39;" } };

	for (size_t i = 0; i < text.length; i++) {
		const char *entity = NULL;

		for (size_t j = 0; j < sizeof rows / sizeof *rows; j++)
			if (rows[j].byte == text.at[i])
				entity = rows[j].entity;
		if (entity)
			buf_puts(out, entity);
		else
			buf_put_byte(out, text.at[i]);
	}
}
