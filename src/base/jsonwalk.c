/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON, one pass, no memory.  Knows no member's meaning. */
#include <config.h>

#include "base/jsonwalk.h"

enum { NUMBER_MAX_DIGITS = 15 };

static struct span skip_blanks(struct span text)
{
	while (text.length && (ascii_is_wsp(text.at[0]) || text.at[0] == '\n' ||
				      text.at[0] == '\r'))
		text = span_skip(text, 1);
	return text;
}

struct jsonwalk jsonwalk_of(struct span text)
{
	struct jsonwalk walk = { .rest = skip_blanks(text) };

	if (walk.rest.length && walk.rest.at[0] == '{')
		walk.close = '}';
	else if (walk.rest.length && walk.rest.at[0] == '[')
		walk.close = ']';
	walk.rest = span_skip(walk.rest, 1);
	return walk;
}

/* The length of the text at the front, both quotes included; 0: it has no
 * end. */
static size_t text_length(struct span text)
{
	size_t i = 1;

	while (i < text.length && text.at[i] != '"')
		i += text.at[i] == '\\' ? 2 : 1;
	return i < text.length ? i + 1 : 0;
}

/* The same of an object or an array, however deep: brackets are counted, not
 * matched. */
static size_t nested_length(struct span text)
{
	size_t depth = 0, length;

	for (size_t i = 0; i < text.length; i += length) {
		char c = text.at[i];

		length = c == '"' ? text_length(span_skip(text, i)) : 1;
		if (!length)
			return 0;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return i + 1;
	}
	return 0;
}

static size_t word_length(struct span text)
{
	size_t i = 0;

	while (i < text.length &&
		(ascii_is_alpha(text.at[i]) || ascii_is_digit(text.at[i]) ||
			strchr("+-.", text.at[i])))
		i++;
	/* What ends with the text may have been cut. */
	return i < text.length ? i : 0;
}

static bool word_kind(struct span word, enum jsonwalk_kind *kind)
{
	if (span_equal(word, SPAN("true")))
		*kind = JSONWALK_TRUE;
	else if (span_equal(word, SPAN("false")))
		*kind = JSONWALK_FALSE;
	else if (span_equal(word, SPAN("null")))
		*kind = JSONWALK_NULL;
	else if (ascii_is_digit(word.at[0]) || word.at[0] == '-')
		*kind = JSONWALK_NUMBER;
	else
		return false;
	return true;
}

static bool cut_text(struct span *rest, struct span *out)
{
	size_t length =
		rest->length && rest->at[0] == '"' ? text_length(*rest) : 0;

	if (!length)
		return false;
	*out = span_make(rest->at + 1, length - 2);
	*rest = span_skip(*rest, length);
	return true;
}

static bool cut_value(struct span *rest, struct jsonwalk_member *out)
{
	size_t length;

	if (rest->length && rest->at[0] == '"') {
		out->kind = JSONWALK_TEXT;
		return cut_text(rest, &out->value);
	}
	out->kind = JSONWALK_NESTED;
	if (rest->length && (rest->at[0] == '{' || rest->at[0] == '['))
		length = nested_length(*rest);
	else
		length = word_length(*rest);
	if (!length)
		return false;
	out->value = span_make(rest->at, length);
	*rest = span_skip(*rest, length);
	return out->value.at[0] == '{' || out->value.at[0] == '[' ||
	       word_kind(out->value, &out->kind);
}

static bool cut_char(struct span *rest, char c)
{
	*rest = skip_blanks(*rest);
	if (!rest->length || rest->at[0] != c)
		return false;
	*rest = skip_blanks(span_skip(*rest, 1));
	return true;
}

bool jsonwalk_next(struct jsonwalk *walk, struct jsonwalk_member *out)
{
	*out = (struct jsonwalk_member){ .name = SPAN("") };
	if (!walk->close || walk->is_whole)
		return false;
	walk->is_whole = cut_char(&walk->rest, walk->close);
	if (walk->is_whole)
		return false;
	(void)cut_char(&walk->rest, ',');
	walk->rest = skip_blanks(walk->rest);
	if ((walk->close == '}' && (!cut_text(&walk->rest, &out->name) ||
					   !cut_char(&walk->rest, ':'))) ||
		!cut_value(&walk->rest, out)) {
		walk->close = 0;
		return false;
	}
	return true;
}

/* ---- values -------------------------------------------------------------- */

static bool hex(struct span digits, uint32_t *out)
{
	*out = 0;
	if (digits.length < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		char c = ascii_lower(digits.at[i]);

		if (ascii_is_digit(c))
			*out = *out * 16 + (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*out = *out * 16 + (uint32_t)(c - 'a') + 10;
		else
			return false;
	}
	return true;
}

static void put_rune(struct buf *out, uint32_t rune)
{
	if (rune < 0x80) {
		buf_put_byte(out, (char)rune);
		return;
	}
	if (rune < 0x800) {
		buf_put_byte(out, (char)(0xc0 | rune >> 6));
	} else if (rune < 0x10000) {
		buf_put_byte(out, (char)(0xe0 | rune >> 12));
		buf_put_byte(out, (char)(0x80 | (rune >> 6 & 0x3f)));
	} else {
		buf_put_byte(out, (char)(0xf0 | rune >> 18));
		buf_put_byte(out, (char)(0x80 | (rune >> 12 & 0x3f)));
		buf_put_byte(out, (char)(0x80 | (rune >> 6 & 0x3f)));
	}
	buf_put_byte(out, (char)(0x80 | (rune & 0x3f)));
}

/* The escape \uXXXX at the front, or two that are one character (RFC 8259 7);
 * its length, 0 when it is none. */
static size_t put_unicode(struct buf *out, struct span text)
{
	uint32_t high, low;

	if (!hex(span_skip(text, 2), &high))
		return 0;
	if (high >= 0xd800 && high < 0xdc00 && text.length >= 12 &&
		text.at[6] == '\\' && text.at[7] == 'u' &&
		hex(span_skip(text, 8), &low) && low >= 0xdc00 &&
		low < 0xe000) {
		put_rune(out,
			0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
		return 12;
	}
	put_rune(out, high >= 0xd800 && high < 0xe000 ? 0xfffd : high);
	return 6;
}

static size_t put_escape(struct buf *out, struct span text)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *letter = text.length > 1 && text.at[1]
				     ? strchr(letters, text.at[1])
				     : NULL;
	size_t length = 0;

	if (letter) {
		buf_put_byte(out, bytes[letter - letters]);
		return 2;
	}
	if (text.length > 1 && text.at[1] == 'u')
		length = put_unicode(out, text);
	if (length)
		return length;
	buf_put_byte(out, '\\');
	return 1;
}

void jsonwalk_put_text(struct buf *out, struct span raw)
{
	while (raw.length) {
		size_t plain = span_find(raw, '\\');

		buf_put_span(out, span_make(raw.at, plain));
		raw = span_skip(raw, plain);
		if (raw.length)
			raw = span_skip(raw, put_escape(out, raw));
	}
}

bool jsonwalk_number(const struct jsonwalk_member *member, int64_t *out)
{
	unsigned long number;

	if (member->kind != JSONWALK_NUMBER ||
		member->value.length > NUMBER_MAX_DIGITS ||
		!span_number(member->value, 999999999999999, &number))
		return false;
	*out = (int64_t)number;
	return true;
}
