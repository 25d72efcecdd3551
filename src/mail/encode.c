/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encoded words and quoted-printable.  Knows no header field by name and
 * nothing of charsets but whether text is UTF-8.
 */
#include <config.h>

#include "mail/encode.h"

#include "base/base64.h"
#include "base/mem.h"
#include "base/text.h"

/* RFC 2047 section 2: an encoded word has at most 75 bytes, a line with one
 * at most 76. */
enum { WORD_LIMIT = 75, LINE_LIMIT = 76 };
/* "=?", "?Q?" and "?=", around and between charset and text. */
enum { WORD_FRAME_BYTES = 7 };

/* RFC 5322 2.1.1: a line must not pass 998 bytes; this leaves room for a name
 * in front. */
enum { UNBROKEN_LIMIT = 900 };

/* A copy in which every control byte is a space: what goes into a header cannot
 * end its line. */
static void put_clean(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		buf_put_byte(
			out, ascii_is_control(text.at[i]) ? ' ' : text.at[i]);
}

/* ---- RFC 2047 ------------------------------------------------------------ */

struct words {
	struct buf *out;
	size_t column;
	const char *charset;
	bool is_utf8, is_base64;
};

/* What may stand for itself in an encoded word of a phrase (RFC 2047 5 (3)),
 * and therefore in any other. */
static bool is_literal(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) ||
	       (c && strchr("!*+-/", c));
}

static size_t q_length(struct span text)
{
	size_t length = 0;

	for (size_t i = 0; i < text.length; i++)
		length += is_literal(text.at[i]) || text.at[i] == ' ' ? 1 : 3;
	return length;
}

static size_t b_length(struct span text)
{
	return (text.length + 2) / 3 * 4;
}

static void q_put(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.at[i];

		if (is_literal(c) || c == ' ')
			buf_put_byte(out, c == ' ' ? '_' : c);
		else
			buf_printf(out, "=%02X", (unsigned char)c);
	}
}

/* The length of the character at the front: none is ever split between two
 * words (RFC 2047 section 5). */
static size_t character_length(const struct words *words, struct span text)
{
	return words->is_utf8 ? text_utf8_length(text) : 1;
}

/* How much of the front of TEXT fits into ROOM bytes, encoded.  Base 64 is cut
 * where it needs no padding, if it can be: GMime reads words of one charset as
 * one stream, and stops at padding (3.2.13). */
static size_t fitting_length(
	const struct words *words, struct span text, size_t room)
{
	size_t length = 0, used = 0, unpadded = 0;

	while (length < text.length) {
		struct span rest = span_skip(text, length);
		struct span next =
			span_make(rest.at, character_length(words, rest));

		used = words->is_base64 ? b_length(span_make(text.at,
						  length + next.length))
					: used + q_length(next);
		if (used > room)
			return words->is_base64 && unpadded ? unpadded : length;
		length += next.length;
		if (length % 3 == 0)
			unpadded = length;
	}
	return length;
}

static void fold(struct words *words)
{
	buf_puts(words->out, "\r\n ");
	words->column = 1;
}

/* Puts one encoded word with as much of TEXT as the line has room for, and
 * returns how much that was; perhaps nothing, on a line with a beginning. */
static size_t word_put(struct words *words, struct span text)
{
	size_t before = words->out->length;
	size_t around = strlen(words->charset) + WORD_FRAME_BYTES;
	size_t room =
		words->column < LINE_LIMIT ? LINE_LIMIT - words->column : 0;

	if (room > WORD_LIMIT)
		room = WORD_LIMIT;
	if (room <= around)
		return 0;
	text.length = fitting_length(words, text, room - around);
	if (!text.length)
		return 0;
	buf_printf(words->out, "=?%s?%c?", words->charset,
		words->is_base64 ? 'B' : 'Q');
	if (words->is_base64)
		(void)base64_encode(text, words->out);
	else
		q_put(words->out, text);
	buf_puts(words->out, "?=");
	words->column += words->out->length - before;
	return text.length;
}

static void put_words(struct buf *out, struct span text, size_t column)
{
	struct words words = { .out = out, .column = column };

	words.is_utf8 = text_is_utf8(text);
	/* RFC 1428: what is said of bytes whose charset nobody knows. */
	words.charset = words.is_utf8 ? "utf-8" : "unknown-8bit";
	words.is_base64 = b_length(text) < q_length(text);
	while (text.length && !out->overflowed) {
		size_t taken = word_put(&words, text);

		text = span_skip(text, taken);
		if (text.length)
			fold(&words);
	}
}

/* ---- phrases and unstructured text --------------------------------------- */

static bool is_atoms(struct span text)
{
	bool is_after_space = true;

	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == ' ' ? is_after_space
				      : !ascii_is_atext(text.at[i]))
			return false;
		is_after_space = text.at[i] == ' ';
	}
	return !is_after_space;
}

static void put_quoted(struct buf *out, struct span text)
{
	buf_put_byte(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '"' || text.at[i] == '\\')
			buf_put_byte(out, '\\');
		buf_put_byte(out, text.at[i]);
	}
	buf_put_byte(out, '"');
}

/* Whether no fold could keep the lines of TEXT within what is allowed. */
static bool is_unfoldable(struct span text)
{
	while (text.length > UNBROKEN_LIMIT) {
		size_t word = span_find(text, ' ');

		if (word > UNBROKEN_LIMIT)
			return true;
		text = span_skip(text, word + 1);
	}
	return false;
}

static size_t blank_length(struct span text)
{
	size_t length = 0;

	while (length < text.length && text.at[length] == ' ')
		length++;
	return length;
}

/* Puts words and the spaces before them; a line that gets too long ends
 * before such spaces. */
static void put_folded(struct buf *out, struct span text, size_t column)
{
	while (text.length) {
		size_t blanks = blank_length(text);
		size_t length =
			blanks + span_find(span_skip(text, blanks), ' ');

		if (blanks && column + length > LINE_LIMIT) {
			buf_puts(out, "\r\n");
			column = 0;
		}
		buf_put(out, text.at, length);
		column += length;
		text = span_skip(text, length);
	}
}

bool encode_looks_encoded(struct span text)
{
	for (; text.length > 1; text = span_skip(text, 1))
		if (text.at[0] == '=' && text.at[1] == '?')
			return true;
	return false;
}

void encode_phrase(struct buf *out, struct span name, size_t column)
{
	struct buf clean = BUF_INIT(name.length);
	struct span text;

	put_clean(&clean, name);
	text = span_trim(buf_span(&clean));
	/* Atoms stay also when there are many: they may be encoded words, and
	 * then their lines must be short. */
	if (is_atoms(text) && !is_unfoldable(text))
		put_folded(out, text, column);
	else if (!text_is_ascii(text) || text.length > UNBROKEN_LIMIT)
		put_words(out, text, column);
	else if (text.length)
		put_quoted(out, text);
	buf_free(&clean);
}

void encode_text(struct buf *out, struct span text, size_t column)
{
	struct buf clean = BUF_INIT(text.length);

	put_clean(&clean, text);
	text = span_trim(buf_span(&clean));
	if (text_is_ascii(text) && !is_unfoldable(text) &&
		!encode_looks_encoded(text))
		put_folded(out, text, column);
	else
		put_words(out, text, column);
	buf_free(&clean);
}

/* ---- quoted-printable, RFC 2045 6.7 -------------------------------------- */

/* What one step takes in, and the most that can come out of it: three bytes
 * for each and, where every byte is a line end of a file, a soft line break
 * too; and a held space. */
enum { QP_STEP_BYTES = 16 * 1024, QP_OUT_BYTES = QP_STEP_BYTES * 6 + 8 };

struct qp_source {
	struct source source;
	struct source *body;
	struct span rest; /* of the body's piece */
	size_t column;
	bool is_file; /* CR and LF are bytes like others, not line ends */
	char held; /* white space that may turn out to end its line, or NUL */
	char out[QP_OUT_BYTES], *end;
};

static void qp_put(struct qp_source *qp, const char *bytes, size_t length)
{
	memcpy(qp->end, bytes, length);
	qp->end += length;
	qp->column += length;
}

/* A soft line break keeps the line within 76 bytes with its "="; what comes
 * behind it must not look like the boundary of the parts around. */
static void qp_put_token(struct qp_source *qp, const char *token, size_t length)
{
	if (qp->column + length > LINE_LIMIT - 1) {
		qp_put(qp, "=\r\n", 3);
		qp->column = 0;
		if (*token == '-') {
			token = "=2D";
			length = 3;
		}
	}
	qp_put(qp, token, length);
}

static void qp_put_escaped(struct qp_source *qp, char c)
{
	static const char hex[] = "0123456789ABCDEF";
	const unsigned char byte = (unsigned char)c;
	const char token[] = { '=', hex[byte >> 4], hex[byte & 15] };

	qp_put_token(qp, token, sizeof token);
}

static void qp_flush_held(struct qp_source *qp, bool is_at_line_end)
{
	if (qp->held && is_at_line_end)
		qp_put_escaped(qp, qp->held);
	else if (qp->held)
		qp_put_token(qp, &qp->held, 1);
	qp->held = '\0';
}

static void qp_take_text(struct qp_source *qp, char c)
{
	if (c == '\r') /* the body is canonical: its LF comes next */
		return;
	qp_flush_held(qp, c == '\n');
	if (c == '\n') {
		qp_put(qp, "\r\n", 2);
		qp->column = 0;
	} else if (ascii_is_wsp(c)) {
		qp->held = c;
	} else if (c == '=' || c < '!' || c > '~') {
		qp_put_escaped(qp, c);
	} else {
		qp_put_token(qp, &c, 1);
	}
}

/* No white space ends a line here: what follows is a soft line break's "=". */
static void qp_take_byte(struct qp_source *qp, char c)
{
	qp_flush_held(qp, false);
	if (ascii_is_wsp(c))
		qp->held = c;
	else if (c == '=' || c < '!' || c > '~')
		qp_put_escaped(qp, c);
	else
		qp_put_token(qp, &c, 1);
	if (c == '\n')
		qp->column = LINE_LIMIT; /* the next byte begins a line */
}

static void qp_take(struct qp_source *qp, struct span bytes)
{
	for (size_t i = 0; i < bytes.length; i++)
		if (qp->is_file)
			qp_take_byte(qp, bytes.at[i]);
		else
			qp_take_text(qp, bytes.at[i]);
}

static bool qp_next(struct source *source, struct span *piece, struct diag *why)
{
	struct qp_source *qp = (struct qp_source *)source;

	qp->end = qp->out;
	while (qp->end == qp->out) {
		struct span step;

		if (!qp->rest.length && !source_next(qp->body, &qp->rest, why))
			return false;
		if (!qp->rest.length) {
			qp_flush_held(qp, true);
			break;
		}
		step = qp->rest;
		if (step.length > QP_STEP_BYTES)
			step.length = QP_STEP_BYTES;
		qp_take(qp, step);
		qp->rest = span_skip(qp->rest, step.length);
	}
	*piece = span_make(qp->out, (size_t)(qp->end - qp->out));
	return true;
}

static bool qp_rewind(struct source *source, struct diag *why)
{
	struct qp_source *qp = (struct qp_source *)source;

	qp->rest = SPAN("");
	qp->column = 0;
	qp->held = '\0';
	return source_rewind(qp->body, why);
}

static void qp_close(struct source *source)
{
	source_close(((struct qp_source *)source)->body);
	mem_free(source);
}

static struct source *qp_new(struct source *body, bool is_file)
{
	static const struct source_ops ops = {
		.next = qp_next, .rewind = qp_rewind, .close = qp_close
	};
	static const struct source_ops ops_once = { .next = qp_next,
		.close = qp_close };
	struct qp_source *qp = mem_alloc(sizeof *qp);

	qp->source.ops = body->ops->rewind ? &ops : &ops_once;
	qp->body = body;
	qp->rest = SPAN("");
	qp->column = 0;
	qp->is_file = is_file;
	qp->held = '\0';
	return &qp->source;
}

struct source *encode_quoted_printable(struct source *body)
{
	return qp_new(body, false);
}

struct source *encode_quoted_printable_file(struct source *body)
{
	return qp_new(body, true);
}
