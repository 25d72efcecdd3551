/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relaxed canonicalization.  Does not know what is signed, or how. */
#include <config.h>

#include "mail/relaxed.h"

enum { BLOCK_BYTES = 64 };

static void flush(struct relaxed_body *body)
{
	if (body->held_bytes)
		body->put(
			body->context, span_make(body->held, body->held_bytes));
	body->held_bytes = 0;
}

/* A hash is cheaper over long pieces. */
static void give(struct relaxed_body *body, struct span bytes)
{
	if (bytes.length > sizeof body->held - body->held_bytes)
		flush(body);
	if (bytes.length > sizeof body->held) {
		body->put(body->context, bytes);
		return;
	}
	memcpy(body->held + body->held_bytes, bytes.at, bytes.length);
	body->held_bytes += bytes.length;
}

/* Text follows: what was held back before it counts. */
static void begin_text(struct relaxed_body *body)
{
	for (; body->line_ends; body->line_ends--)
		give(body, SPAN("\r\n"));
	if (body->has_blank)
		give(body, SPAN(" "));
	body->has_blank = false;
	body->has_text = true;
}

/* Whether BLOCK_BYTES bytes can be given as they are: no tab, and no blank or
 * line end with a blank or an empty line behind it.  Reads one byte more.  No
 * way out of the loop, so that compilers look at many bytes at once. */
static bool is_plain(const char *at)
{
	unsigned char odd = 0;

	for (size_t i = 0; i < BLOCK_BYTES; i++) {
		unsigned char c = (unsigned char)at[i];
		unsigned char next = (unsigned char)at[i + 1];

		odd |= (unsigned char)((c == '\t') |
				       (((c == ' ') | (c == '\n')) &
					       (next <= ' ')));
	}
	return !odd;
}

/* How much of TEXT, which begins with a letter, is the same in relaxed form. */
static size_t plain_length(struct span text)
{
	size_t length = 0;

	while (text.length - length > BLOCK_BYTES && is_plain(text.at + length))
		length += BLOCK_BYTES;
	if (!length)
		while (length < text.length &&
			(unsigned char)text.at[length] > ' ')
			length++;
	/* A line end may be the last one. */
	else if (text.at[length - 1] == '\r')
		length--;
	return length;
}

void relaxed_body_put(struct relaxed_body *body, struct span piece)
{
	while (piece.length) {
		size_t length = 1;

		if (*piece.at == '\n') {
			body->has_blank = false;
			body->line_ends++;
		} else if (ascii_is_wsp(*piece.at)) {
			body->has_blank = true;
		} else if (*piece.at != '\r') {
			length = plain_length(piece);
			if (!length)
				length = 1; /* a control character */
			begin_text(body);
			give(body, span_make(piece.at, length));
		}
		piece = span_skip(piece, length);
	}
}

void relaxed_body_end(struct relaxed_body *body)
{
	if (body->has_text)
		give(body, SPAN("\r\n"));
	flush(body);
}

void relaxed_put_field(struct buf *out, struct span name, struct span value)
{
	bool has_blank = false, has_text = false;

	for (size_t i = 0; i < name.length; i++)
		buf_put_byte(out, ascii_lower(name.at[i]));
	buf_put_byte(out, ':');
	for (size_t i = 0; i < value.length; i++) {
		char c = value.at[i];

		if (ascii_is_wsp(c)) {
			has_blank = has_text;
		} else if (c != '\r' && c != '\n') {
			if (has_blank)
				buf_put_byte(out, ' ');
			buf_put_byte(out, c);
			has_blank = false;
			has_text = true;
		}
	}
}
