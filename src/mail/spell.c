/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which text of a field may be encoded words, and that as some.  Knows neither
 * what an encoded word is made of nor who wants it. */
#include <config.h>

#include "mail/spell.h"

#include "base/text.h"
#include "mail/encode.h"

#include <string.h>

/* RFC 2047 5 (1): *text, and extension fields. */
static bool is_text_field(const struct header_field *field)
{
	static const char *const names[] = { "Subject", "Comments",
		"Content-Description", "Organization", "Thread-Topic" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (header_field_is(field, names[i]))
			return true;
	return span_starts_with_nocase(field->name, SPAN("X-"));
}

static bool is_list_of_phrases(const struct header_field *field)
{
	return header_field_is(field, "Keywords");
}

static bool has_phrases(const struct header_field *field)
{
	return header_field_has_addresses(field) ||
	       header_field_is(field, "List-Id") || is_list_of_phrases(field);
}

static bool may_be_spelled(struct span text)
{
	return !text_is_ascii(text) && !encode_looks_encoded(text);
}

static size_t column_of(const struct buf *out)
{
	size_t column = 0;

	while (column < out->length &&
		out->data[out->length - column - 1] != '\n')
		column++;
	return column;
}

static bool is_blank(char c)
{
	return ascii_is_wsp(c) || c == '\r' || c == '\n';
}

/* What blanks there are in front of TEXT, to OUT. */
static struct span take_blanks(struct buf *out, struct span text)
{
	size_t length = 0;

	while (length < text.length && is_blank(text.at[length]))
		length++;
	buf_put(out, text.at, length);
	return span_skip(text, length);
}

/* Without backslashes and the bytes of LEFT_OUT. */
static void read_words(struct span text, const char *left_out, struct buf *out)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '\\' && i + 1 < text.length)
			i++;
		else if (strchr(left_out, text.at[i]))
			continue;
		buf_put_byte(out, text.at[i]);
	}
}

static void put_spelled(struct buf *out, struct span text, const char *left_out)
{
	struct buf words = BUF_INIT(text.length);

	read_words(text, left_out, &words);
	encode_phrase(out, buf_span(&words), column_of(out));
	buf_free(&words);
}

/* ---- comments ------------------------------------------------------------ */

/* Up to the next parenthesis. */
static size_t text_length(struct span comment)
{
	size_t i = 0;

	while (i < comment.length && comment.at[i] != '(' &&
		comment.at[i] != ')')
		i += comment.at[i] == '\\' ? 2 : 1;
	return i < comment.length ? i : comment.length;
}

static size_t without_blanks(struct span text)
{
	size_t length = text.length;

	while (length && is_blank(text.at[length - 1]))
		length--;
	return length;
}

static void put_comment_text(struct buf *out, struct span text)
{
	size_t length;

	text = take_blanks(out, text);
	length = without_blanks(text);
	if (may_be_spelled(text))
		put_spelled(out, span_make(text.at, length), "\r\n");
	else
		buf_put(out, text.at, length);
	buf_put_span(out, span_skip(text, length));
}

static void put_comment(struct buf *out, struct span comment)
{
	while (comment.length) {
		size_t length = text_length(comment);

		put_comment_text(out, span_make(comment.at, length));
		comment = span_skip(comment, length);
		if (!comment.length)
			return;
		buf_put_byte(out, comment.at[0]);
		comment = span_skip(comment, 1);
	}
}

/* ---- phrases ------------------------------------------------------------- */

/* Words and what is between them, to the last one.  A dot is none of a phrase
 * by the book, and stands in many ("John Q. Public"). */
static size_t run_length(struct span text)
{
	size_t i = 0;

	while (i < text.length && !strchr("(<>,;:@", text.at[i])) {
		size_t length = header_opaque_length(span_skip(text, i));

		i += length ? length : 1;
	}
	return without_blanks(span_make(text.at, i));
}

/* Whether the words at the front are a name, and not an address. */
static bool is_phrase(struct span text, bool is_list)
{
	size_t length;

	do {
		length = run_length(text);
		if (!length && text.length)
			length = is_blank(text.at[0])
					 ? 1
					 : header_opaque_length(text);
		text = span_skip(text, length);
	} while (length && text.length);
	if (is_list)
		return !text.length || text.at[0] == ',';
	return text.length && strchr("<:", text.at[0]);
}

/* RFC 2047 5 (3): blanks on both sides. */
static void put_phrase(struct buf *out, struct span phrase, struct span rest)
{
	if (out->length && !is_blank(out->data[out->length - 1]))
		buf_put_byte(out, ' ');
	put_spelled(out, phrase, "\"\r\n");
	if (rest.length && !is_blank(rest.at[0]) && rest.at[0] != ',')
		buf_put_byte(out, ' ');
}

/* Between the brackets is no name. */
static size_t angle_length(struct span text)
{
	size_t i = 0;

	while (i < text.length && text.at[i] != '>') {
		size_t length = header_opaque_length(span_skip(text, i));

		i += length ? length : 1;
	}
	return i;
}

/* One run, comment, address in brackets or other byte; returns its length. */
static size_t put_item(struct buf *out, struct span text, bool is_list)
{
	size_t length = run_length(text);
	struct span item = span_make(text.at, length);

	if (length && may_be_spelled(item) && is_phrase(text, is_list)) {
		put_phrase(out, item, span_skip(text, length));
		return length;
	}
	if (!length && text.at[0] == '(') {
		length = header_opaque_length(text);
		put_comment(out, span_make(text.at, length));
		return length;
	}
	if (!length)
		length = text.at[0] == '<' ? angle_length(text) : 1;
	buf_put(out, text.at, length);
	return length;
}

static void put_phrases(struct buf *out, struct span value, bool is_list)
{
	value = take_blanks(out, value);
	while (value.length) {
		value = span_skip(value, put_item(out, value, is_list));
		value = take_blanks(out, value);
	}
}

/* ---- a field ------------------------------------------------------------- */

static void put_text(struct buf *out, struct span value)
{
	struct buf text = BUF_INIT(value.length);

	header_unfold(value, &text);
	if (!is_blank(out->data[out->length - 1]))
		buf_put_byte(out, ' ');
	encode_text(out, buf_span(&text), column_of(out));
	buf_free(&text);
}

void spell_field(struct buf *out, const struct header_field *field)
{
	bool is_text = is_text_field(field) && may_be_spelled(field->value);

	if (header_field_has_addresses(field))
		is_text = false;
	if (text_is_ascii(field->value) || (!is_text && !has_phrases(field))) {
		buf_put_span(out, field->whole);
		return;
	}
	buf_put(out, field->whole.at,
		(size_t)(field->value.at - field->whole.at));
	if (is_text)
		put_text(out, field->value);
	else
		put_phrases(out, field->value, is_list_of_phrases(field));
	buf_puts(out, "\r\n");
}
