/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoding without complaints. */
#include <config.h>

#include "bounce/decode.h"

#include "base/base64.h"
#include "mail/header.h"

/* ---- quoted-printable ---------------------------------------------------- */

/* "=" and what belongs to it: two digits, or a line end.  0: neither. */
static size_t escape_length(struct span text)
{
	if (text.length >= 3 && ascii_hex_value(text.at[1]) >= 0 &&
		ascii_hex_value(text.at[2]) >= 0)
		return 3;
	if (text.length >= 2 && text.at[1] == '\n')
		return 2;
	return text.length >= 3 && text.at[1] == '\r' && text.at[2] == '\n' ? 3
									    : 0;
}

/* SPACE is what "_" stands for. */
static void put_quoted_printable(struct buf *out, struct span text, char space)
{
	while (text.length) {
		size_t length = *text.at == '=' ? escape_length(text) : 0;

		if (length == 3 && text.at[1] != '\r')
			buf_put_byte(
				out, (char)(16 * ascii_hex_value(text.at[1]) +
					     ascii_hex_value(text.at[2])));
		else if (!length)
			buf_put_byte(out, *text.at == '_' ? space : *text.at);
		text = span_skip(text, length ? length : 1);
	}
}

/* ---- base 64 ------------------------------------------------------------- */

static bool is_digit64(char c)
{
	return ascii_is_alnum(c) || c == '+' || c == '/';
}

/* What a body has of letters, in whole groups. */
static void put_base64(struct buf *out, struct span text)
{
	char group[4];
	size_t count = 0;

	for (size_t i = 0; i < text.length && text.at[i] != '='; i++) {
		if (!is_digit64(text.at[i]))
			continue;
		group[count++] = text.at[i];
		if (count == sizeof group) {
			(void)base64_decode(span_make(group, count), out);
			count = 0;
		}
	}
	if (count < 2)
		return;
	for (size_t i = count; i < sizeof group; i++)
		group[i] = '=';
	(void)base64_decode(span_make(group, sizeof group), out);
}

void decode_body(struct buf *out, struct span body, enum mime_encoding encoding)
{
	switch (encoding) {
	case MIME_QUOTED_PRINTABLE:
		put_quoted_printable(out, body, '_');
		break;
	case MIME_BASE64:
		put_base64(out, body);
		break;
	case MIME_IDENTITY:
	case MIME_UNKNOWN:
		buf_put_span(out, body);
		break;
	}
}

/* ---- encoded words ------------------------------------------------------- */

/* Cuts "=?charset?Q?text?=" off the front of *REST. */
static bool put_word(struct buf *out, struct span *rest)
{
	struct span inner = span_skip(*rest, 2), text;
	char encoding;

	(void)span_cut(&inner, '?');
	if (inner.length < 2 || inner.at[1] != '?')
		return false;
	encoding = ascii_lower(*inner.at);
	inner = span_skip(inner, 2);
	text = span_make(inner.at, span_find(inner, '?'));
	if (text.length + 1 >= inner.length || inner.at[text.length + 1] != '=')
		return false;
	if (encoding == 'q')
		put_quoted_printable(out, text, ' ');
	else
		put_base64(out, text);
	*rest = span_skip(inner, text.length + 2);
	return true;
}

/* Blanks between two encoded words are not text. */
static bool skips_to_word(struct span *rest)
{
	struct span after = *rest;

	while (after.length && ascii_is_wsp(*after.at))
		after = span_skip(after, 1);
	if (!span_starts_with(after, SPAN("=?")))
		return false;
	*rest = after;
	return true;
}

void decode_words(struct buf *out, struct span value)
{
	struct buf line = BUF_INIT(out->limit);
	struct span rest;

	header_unfold(value, &line);
	rest = buf_span(&line);
	while (rest.length) {
		if (span_starts_with(rest, SPAN("=?")) && put_word(out, &rest))
			(void)skips_to_word(&rest);
		else {
			buf_put_byte(out, *rest.at);
			rest = span_skip(rest, 1);
		}
	}
	buf_free(&line);
}
