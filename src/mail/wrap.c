/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folding and breaking of long lines.  Knows no field and no MIME. */
#include <config.h>

#include "mail/wrap.h"

#include "base/mem.h"
#include "base/text.h"
#include "mail/message.h"

#include <stdint.h>

/* ---- header fields ------------------------------------------------------- */

bool wrap_is_needed(struct span text)
{
	while (text.length > MESSAGE_LINE_LIMIT) {
		size_t length = span_find(text, '\n');

		if (length > MESSAGE_LINE_LIMIT + 1 ||
			(length == text.length && length > MESSAGE_LINE_LIMIT))
			return true;
		text = span_skip(text, length + 1);
	}
	return false;
}

size_t wrap_field_limit(struct span field)
{
	/* Two breaks of three bytes for every long line's worth, at most. */
	return field.length > SIZE_MAX / 2 ? SIZE_MAX : field.length * 2 + 16;
}

static size_t blank_length(struct span text)
{
	size_t length = 0;

	while (length < text.length && ascii_is_wsp(text.at[length]))
		length++;
	return length;
}

/* AT, or the begin of the character that a break at AT would split. */
static size_t character_begin(struct span line, size_t at)
{
	size_t begin = at;

	while (begin && at - begin < 3 &&
		((unsigned char)line.at[begin] & 0xC0u) == 0x80u)
		begin--;
	return begin + text_utf8_length(span_skip(line, begin)) > at ? begin
								     : at;
}

/* Where to break LINE so that at most ROOM bytes come before, of which the
 * first FIXED stay together: the last place of the best kind.  Text comes
 * before each such place and after it. */
static size_t break_find(struct span line, size_t fixed, size_t room)
{
	size_t soft = 0;

	for (size_t at = room; at && at >= fixed; at--) {
		if (ascii_is_wsp(line.at[at]) && !ascii_is_wsp(line.at[at - 1]))
			return at;
		if (!soft && strchr(",;>", line.at[at - 1]))
			soft = at;
	}
	return soft ? soft : character_begin(line, room);
}

/* Puts LINE, without its end or blanks before that, as one or more lines. */
static void line_put(struct buf *out, struct span line, size_t fixed)
{
	size_t added = 0;

	for (;;) {
		size_t room = MESSAGE_LINE_LIMIT - added, at;

		/* A run of blanks that fills the line says no more than one. */
		if (fixed == blank_length(line) && fixed > room / 2) {
			line = span_skip(line, fixed - 1);
			fixed = 1;
		}
		if (line.length <= room)
			break;
		at = break_find(line, fixed, room);
		buf_put(out, line.at, at);
		line = span_skip(line, at);
		fixed = blank_length(line);
		added = !fixed;
		buf_puts(out, added ? "\r\n " : "\r\n");
	}
	buf_put_span(out, line);
	buf_puts(out, "\r\n");
}

static struct span without_end(struct span line)
{
	while (line.length && (ascii_is_wsp(line.at[line.length - 1]) ||
				      line.at[line.length - 1] == '\r'))
		line.length--;
	return line;
}

void wrap_field(struct buf *out, struct span field)
{
	size_t fixed = span_find(field, ':') + 1;

	while (field.length) {
		struct span line = span_make(field.at, span_find(field, '\n'));
		struct span text = without_end(line);

		if (line.length <= MESSAGE_LINE_LIMIT + 1)
			buf_put(out, field.at,
				line.length + (line.length < field.length));
		else if (text.length)
			line_put(out, text, fixed);
		field = span_skip(field, line.length + 1);
		fixed = blank_length(field);
	}
}

/* ---- bodies -------------------------------------------------------------- */

enum {
	BODY_STEP_BYTES = 16 * 1024,
	/* Held bytes, and a break for every 995 bytes or more. */
	BODY_OUT_BYTES = BODY_STEP_BYTES + BODY_STEP_BYTES / 64 + 16
};

struct body_source {
	struct source source;
	struct source *body;
	struct span rest; /* of the body's piece */
	size_t column;
	/* A character that is not whole yet. */
	char held[4];
	size_t held_length, held_wanted;
	char out[BODY_OUT_BYTES], *end;
};

static void unit_put(struct body_source *b, const char *bytes, size_t length)
{
	if (b->column + length > MESSAGE_LINE_LIMIT) {
		*b->end++ = '\r';
		*b->end++ = '\n';
		b->column = 0;
	}
	memcpy(b->end, bytes, length);
	b->end += length;
	b->column += length;
}

/* What was held turned out to be no character: single bytes. */
static void held_flush(struct body_source *b)
{
	for (size_t i = 0; i < b->held_length; i++)
		unit_put(b, &b->held[i], 1);
	b->held_length = 0;
}

static size_t wanted_length(unsigned char lead)
{
	return lead >= 0xF0 && lead < 0xF8   ? 4
	       : lead >= 0xE0 && lead < 0xF0 ? 3
	       : lead >= 0xC0 && lead < 0xE0 ? 2
					     : 1;
}

static void held_take(struct body_source *b, char c)
{
	bool continues = ((unsigned char)c & 0xC0u) == 0x80u;

	if (!continues)
		held_flush(b);
	if (!b->held_length)
		b->held_wanted = wanted_length((unsigned char)c);
	b->held[b->held_length++] = c;
	if (b->held_length < b->held_wanted)
		return;
	if (text_utf8_length(span_make(b->held, b->held_length)) !=
		b->held_length) {
		held_flush(b);
	} else {
		unit_put(b, b->held, b->held_length);
		b->held_length = 0;
	}
}

static void body_take(struct body_source *b, char c)
{
	if ((unsigned char)c >= 0x80) {
		held_take(b, c);
		return;
	}
	held_flush(b);
	if (c == '\r' || c == '\n') {
		*b->end++ = c;
		b->column = 0;
	} else {
		unit_put(b, &c, 1);
	}
}

static bool body_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct body_source *b = (struct body_source *)source;

	b->end = b->out;
	while (b->end == b->out) {
		struct span step;

		if (!b->rest.length && !source_next(b->body, &b->rest, why))
			return false;
		if (!b->rest.length) {
			held_flush(b);
			break;
		}
		step = b->rest;
		if (step.length > BODY_STEP_BYTES)
			step.length = BODY_STEP_BYTES;
		for (size_t i = 0; i < step.length; i++)
			body_take(b, step.at[i]);
		b->rest = span_skip(b->rest, step.length);
	}
	*piece = span_make(b->out, (size_t)(b->end - b->out));
	return true;
}

static void body_reset(struct body_source *b)
{
	b->rest = SPAN("");
	b->column = b->held_length = 0;
}

static bool body_rewind(struct source *source, struct diag *why)
{
	struct body_source *b = (struct body_source *)source;

	body_reset(b);
	return source_rewind(b->body, why);
}

static void body_close(struct source *source)
{
	source_close(((struct body_source *)source)->body);
	mem_free(source);
}

struct source *wrap_body(struct source *body)
{
	static const struct source_ops ops = {
		.next = body_next, .rewind = body_rewind, .close = body_close
	};
	static const struct source_ops ops_once = { .next = body_next,
		.close = body_close };
	struct body_source *b = mem_alloc(sizeof *b);

	b->source.ops = body->ops->rewind ? &ops : &ops_once;
	b->body = body;
	body_reset(b);
	return &b->source;
}
