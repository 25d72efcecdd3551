/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dots doubled and undone.  Knows nothing of headers or replies. */
#include <config.h>

#include "smtp/dotstuff.h"

static bool put_line_end(struct dotstuff *dots, struct buf *out)
{
	/* The CR of a DOTSTUFF_CR has been put already. */
	bool is_put = dots->state == DOTSTUFF_CR ? buf_put_byte(out, '\n')
						 : buf_put(out, "\r\n", 2);

	dots->state = DOTSTUFF_LINE_START;
	return is_put;
}

/* The general case, one byte. */
static bool put_byte(struct dotstuff *dots, char byte, struct buf *out)
{
	if (byte == '\n')
		return put_line_end(dots, out);
	if (dots->state == DOTSTUFF_CR && !put_line_end(dots, out))
		return false;
	if (byte == '\0')
		return true;
	if (byte == '.' && dots->state == DOTSTUFF_LINE_START &&
		!dots->keeps_dots && !buf_put_byte(out, '.'))
		return false;
	dots->state = byte == '\r' ? DOTSTUFF_CR : DOTSTUFF_LINE;
	return buf_put_byte(out, byte);
}

/* Whether LINE is text and CRLF, and nothing else that matters. */
static bool is_canonical(struct span line)
{
	return line.length >= 2 && line.at[line.length - 1] == '\n' &&
	       span_find(line, '\r') == line.length - 2 &&
	       !memchr(line.at, '\0', line.length);
}

bool dotstuff_put(struct dotstuff *dots, struct span piece, struct buf *out)
{
	while (piece.length) {
		struct span line = piece;

		line.length = span_find(piece, '\n') + 1;
		if (line.length > piece.length)
			line.length = piece.length;
		piece = span_skip(piece, line.length);
		if (dots->state != DOTSTUFF_CR && is_canonical(line)) {
			if (line.at[0] == '.' && !dots->keeps_dots &&
				dots->state == DOTSTUFF_LINE_START)
				buf_put_byte(out, '.');
			buf_put_span(out, line);
			dots->state = DOTSTUFF_LINE_START;
			continue;
		}
		for (size_t i = 0; i < line.length; i++)
			put_byte(dots, line.at[i], out);
	}
	return !out->overflowed;
}

bool dotstuff_finish(struct dotstuff *dots, struct buf *out)
{
	if (dots->state == DOTSTUFF_LINE_START)
		return !out->overflowed;
	return put_line_end(dots, out);
}

/* One byte on its way in; true when it ends the message. */
static bool undo_byte(struct dotstuff *dots, char byte, struct buf *out)
{
	switch (dots->state) {
	case DOTSTUFF_LINE_START:
		if (byte == '.') {
			dots->state = DOTSTUFF_DOT;
			return false;
		}
		break;
	case DOTSTUFF_DOT:
		if (byte == '\r') {
			dots->state = DOTSTUFF_DOT_CR;
			return false;
		}
		break;
	case DOTSTUFF_DOT_CR:
		if (byte == '\n') {
			dots->state = DOTSTUFF_LINE_START;
			return true;
		}
		buf_put_byte(out, '\r');
		break;
	case DOTSTUFF_CR:
		if (byte == '\n') {
			dots->state = DOTSTUFF_LINE_START;
			buf_put_byte(out, byte);
			return false;
		}
		break;
	case DOTSTUFF_LINE:
		break;
	}
	dots->state = byte == '\r' ? DOTSTUFF_CR : DOTSTUFF_LINE;
	buf_put_byte(out, byte);
	return false;
}

bool dotstuff_undo(
	struct dotstuff *dots, struct span *input, size_t room, struct buf *out)
{
	while (input->length && room--) {
		char byte = input->at[0];

		*input = span_skip(*input, 1);
		if (undo_byte(dots, byte, out))
			return true;
	}
	return false;
}
