/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shorter lines of the same encoding.  Decodes nothing. */
#include <config.h>

#include "mail/rewrap.h"

#include "base/mem.h"
#include "base/span.h"

enum {
	LINE_LIMIT = 76,
	STEP_BYTES = 16 * 1024,
	/* A break before every byte, and what was held. */
	OUT_BYTES = STEP_BYTES * 6 + 16
};

struct rewrap {
	struct source source;
	struct source *body;
	bool is_base64;
	struct span rest; /* of the body's piece */
	size_t column;
	char escape[3]; /* as far as it came */
	size_t escape_length;
	char out[OUT_BYTES], *end;
};

static void put(struct rewrap *r, const char *bytes, size_t length)
{
	memcpy(r->end, bytes, length);
	r->end += length;
	r->column += length;
}

static void put_line_end_byte(struct rewrap *r, char c)
{
	*r->end++ = c;
	r->column = 0;
}

/* A soft line break leaves room for its "=".  What comes behind it must not
 * look like a boundary. */
static void put_token(struct rewrap *r, const char *token, size_t length)
{
	if (r->column + length > LINE_LIMIT - 1) {
		put(r, "=\r\n", 3);
		r->column = 0;
		if (*token == '-') {
			token = "=2D";
			length = 3;
		}
	}
	put(r, token, length);
}

/* What was held is no escape: a "=" at a line's end, or nothing at all. */
static void escape_end(struct rewrap *r)
{
	put(r, r->escape, r->escape_length);
	r->escape_length = 0;
}

static void escape_take(struct rewrap *r, char c)
{
	r->escape[r->escape_length++] = c;
	if (r->escape_length < sizeof r->escape)
		return;
	r->escape_length = 0;
	put_token(r, r->escape, sizeof r->escape);
}

static void take_quoted(struct rewrap *r, char c)
{
	bool is_line_end = c == '\r' || c == '\n';

	if (is_line_end || (r->escape_length == 1 && ascii_is_wsp(c)))
		escape_end(r);
	if (is_line_end)
		put_line_end_byte(r, c);
	else if (r->escape_length || c == '=')
		escape_take(r, c);
	else
		put_token(r, &c, 1);
}

static void take_base64(struct rewrap *r, char c)
{
	if (c == '\r' || c == '\n') {
		put_line_end_byte(r, c);
		return;
	}
	if (r->column == LINE_LIMIT) {
		put(r, "\r\n", 2);
		r->column = 0;
	}
	put(r, &c, 1);
}

static void take(struct rewrap *r, struct span bytes)
{
	for (size_t i = 0; i < bytes.length; i++)
		if (r->is_base64)
			take_base64(r, bytes.at[i]);
		else
			take_quoted(r, bytes.at[i]);
}

static bool rewrap_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct rewrap *r = (struct rewrap *)source;

	r->end = r->out;
	while (r->end == r->out) {
		struct span step;

		if (!r->rest.length && !source_next(r->body, &r->rest, why))
			return false;
		if (!r->rest.length) {
			escape_end(r);
			break;
		}
		step = r->rest;
		if (step.length > STEP_BYTES)
			step.length = STEP_BYTES;
		take(r, step);
		r->rest = span_skip(r->rest, step.length);
	}
	*piece = span_make(r->out, (size_t)(r->end - r->out));
	return true;
}

static bool rewrap_rewind(struct source *source, struct diag *why)
{
	struct rewrap *r = (struct rewrap *)source;

	r->rest = SPAN("");
	r->column = r->escape_length = 0;
	return source_rewind(r->body, why);
}

static void rewrap_close(struct source *source)
{
	source_close(((struct rewrap *)source)->body);
	mem_free(source);
}

static struct source *rewrap_new(struct source *body, bool is_base64)
{
	static const struct source_ops ops = { .next = rewrap_next,
		.rewind = rewrap_rewind,
		.close = rewrap_close };
	static const struct source_ops ops_once = { .next = rewrap_next,
		.close = rewrap_close };
	struct rewrap *r = mem_alloc(sizeof *r);

	r->source.ops = body->ops->rewind ? &ops : &ops_once;
	r->body = body;
	r->is_base64 = is_base64;
	r->rest = SPAN("");
	r->column = r->escape_length = 0;
	return &r->source;
}

struct source *rewrap_quoted_printable(struct source *body)
{
	return rewrap_new(body, false);
}

struct source *rewrap_base64(struct source *body)
{
	return rewrap_new(body, true);
}
