/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folding of long lines.  Knows no field and no MIME. */
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

/* ---- lines that stream --------------------------------------------------- */

enum { LINES_STEP_BYTES = 16 * 1024, LINES_OUT_LIMIT = 64 * 1024 };

struct lines_source {
	struct source source;
	struct source *text;
	struct span rest; /* of the text's piece */
	struct buf line;  /* what is held of the line, without its end */
	bool is_at_end;
	struct buf out;
};

/* Puts of the held line what comes before the best break. */
static void held_break(struct lines_source *l)
{
	struct span line = buf_span(&l->line);
	size_t at = break_find(line, blank_length(line), MESSAGE_LINE_LIMIT);

	buf_put(&l->out, line.at, at);
	buf_puts(&l->out, "\r\n");
	buf_consume(&l->line, at);
	if (!ascii_is_wsp(l->line.data[0])) {
		struct buf rest = BUF_INIT(l->line.limit);

		buf_put_byte(&rest, ' ');
		buf_put_span(&rest, buf_span(&l->line));
		buf_clear(&l->line);
		buf_put_span(&l->line, buf_span(&rest));
		buf_free(&rest);
	}
}

static void held_flush(struct lines_source *l)
{
	buf_put_span(&l->out, buf_span(&l->line));
	buf_clear(&l->line);
}

static void lines_take(struct lines_source *l, char c)
{
	if (l->line.length > MESSAGE_LINE_LIMIT)
		held_break(l);
	if (c != '\r' && c != '\n') {
		buf_put_byte(&l->line, c);
		return;
	}
	held_flush(l);
	buf_put_byte(&l->out, c);
}

static bool lines_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct lines_source *l = (struct lines_source *)source;

	buf_clear(&l->out);
	while (!l->out.length && !l->is_at_end) {
		struct span step;

		if (!l->rest.length && !source_next(l->text, &l->rest, why))
			return false;
		step = l->rest;
		if (step.length > LINES_STEP_BYTES)
			step.length = LINES_STEP_BYTES;
		for (size_t i = 0; i < step.length; i++)
			lines_take(l, step.at[i]);
		l->rest = span_skip(l->rest, step.length);
		l->is_at_end = !step.length;
		if (l->is_at_end && l->line.length > MESSAGE_LINE_LIMIT)
			held_break(l);
		if (l->is_at_end)
			held_flush(l);
	}
	*piece = buf_span(&l->out);
	return true;
}

static bool lines_rewind(struct source *source, struct diag *why)
{
	struct lines_source *l = (struct lines_source *)source;

	l->rest = SPAN("");
	l->is_at_end = false;
	buf_clear(&l->line);
	return source_rewind(l->text, why);
}

static void lines_close(struct source *source)
{
	struct lines_source *l = (struct lines_source *)source;

	source_close(l->text);
	buf_free(&l->line);
	buf_free(&l->out);
	mem_free(l);
}

struct source *wrap_lines(struct source *text)
{
	static const struct source_ops ops = {
		.next = lines_next, .rewind = lines_rewind, .close = lines_close
	};
	static const struct source_ops ops_once = { .next = lines_next,
		.close = lines_close };
	struct lines_source *l = mem_zalloc(sizeof *l);

	l->source.ops = text->ops->rewind ? &ops : &ops_once;
	l->text = text;
	l->line = BUF_INIT(2 * MESSAGE_LINE_LIMIT);
	l->out = BUF_INIT(LINES_OUT_LIMIT);
	return &l->source;
}
