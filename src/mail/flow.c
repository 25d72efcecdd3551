/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of text for the mail.  Does not know how they are encoded. */
#include <config.h>

#include "mail/flow.h"

#include "base/buf.h"
#include "base/mem.h"

enum {
	/* A line longer than this goes on its way in pieces. */
	FLOW_HELD_BYTES = 64 * 1024,
	FLOW_OUT_BYTES = 64 * 1024,
	FLOW_OUT_LIMIT = 1024 * 1024,
	/* RFC 3676 names no limit; nobody quotes deeper than the eye can see.
	 */
	FLOW_DEPTH_MAX = 16,
};

/* Invariant: is_begun only while the line's last bytes were put out without a
 * line end. */
struct flow {
	struct source source;
	struct source *text;
	bool is_flowed;
	struct span input; /* of the text, not yet taken */
	bool is_at_end;
	bool after_cr;   /* the last byte taken was a CR */
	bool is_broken;  /* the line already had a soft break */
	bool is_begun;   /* the piece that is coming began already */
	size_t depth;    /* of quoting */
	struct buf line; /* what is held of the line */
	struct buf out;
};

/* ---- flowed lines -------------------------------------------------------- */

static size_t quote_depth(struct span line)
{
	size_t depth = 0;

	while (depth < line.length && depth < FLOW_DEPTH_MAX &&
		line.at[depth] == '>')
		depth++;
	return depth;
}

/* The bytes of REST before column COLUMNS, at most; characters stay whole. */
static size_t bytes_of_columns(struct span rest, size_t columns)
{
	size_t at = 0;

	while (at < rest.length) {
		if (((unsigned char)rest.at[at] & 0xC0) != 0x80 && !columns--)
			break;
		at++;
	}
	return at;
}

/* What no line may be broken before: quote marks, indentation, and the "-- "
 * that would end the text (RFC 3676 4.3). */
static size_t unbreakable(struct span rest)
{
	size_t at = 0;

	while (at < rest.length && (rest.at[at] == ' ' || rest.at[at] == '>'))
		at++;
	if (span_starts_with(rest, SPAN("-- ")))
		at = 3;
	return at;
}

/* Whether a line that begins so must be stuffed (RFC 3676 4.4). */
static bool wants_stuffing(struct span line)
{
	return span_starts_with(line, SPAN(" ")) ||
	       span_starts_with(line, SPAN(">")) ||
	       span_starts_with(line, SPAN("From "));
}

/* Where to break REST softly: after the last space that leaves at most COLUMNS,
 * else after the first one; 0 when there is none to break at.  What follows
 * better begins with a word: some readers join lines before they take the
 * stuffing away (mailparser 3.7). */
static size_t find_break(struct span rest, size_t columns)
{
	size_t start = unbreakable(rest);
	size_t end = bytes_of_columns(rest, columns);
	size_t at = end;

	while (at > start &&
		(rest.at[at - 1] != ' ' || wants_stuffing(span_skip(rest, at))))
		at--;
	if (at <= start) {
		at = end > start ? end : start;
		while (at < rest.length && rest.at[at] != ' ')
			at++;
		at++;
	}
	return at < rest.length ? at : 0;
}

/* The quote marks of a continued line, and the stuffing (RFC 3676 4.4, 4.5). */
static void begin_piece(struct flow *flow, struct span piece)
{
	bool has_marks = flow->depth && !flow->is_broken;

	if (flow->is_begun || has_marks)
		return;
	for (size_t i = 0; i < flow->depth; i++)
		buf_put_byte(&flow->out, '>');
	if (flow->depth || wants_stuffing(piece))
		buf_put_byte(&flow->out, ' ');
}

/* Puts out soft lines while REST is too long for one; returns what remains. */
static struct span put_soft_lines(struct flow *flow, struct span rest)
{
	for (;;) {
		size_t marks =
			flow->depth && flow->is_broken ? flow->depth + 1 : 0;
		size_t at;

		if (bytes_of_columns(rest, FLOW_FIXED_COLUMNS - marks) ==
			rest.length)
			return rest;
		at = find_break(rest, FLOW_COLUMNS - marks);
		if (!at)
			return rest;
		begin_piece(flow, rest);
		buf_put_span(&flow->out, span_make(rest.at, at));
		buf_puts(&flow->out, "\r\n");
		flow->is_begun = false;
		flow->is_broken = true;
		rest = span_skip(rest, at);
	}
}

static struct span without_trailing_spaces(struct span line)
{
	if (span_equal(line, SPAN("-- ")))
		return line;
	while (line.length && line.at[line.length - 1] == ' ')
		line.length--;
	return line;
}

/* The held line, which ends here unless there is more of it than is held. */
static void put_flowed(struct flow *flow, bool is_end)
{
	struct span rest = buf_span(&flow->line);

	if (!flow->is_broken && !flow->is_begun)
		flow->depth = quote_depth(rest);
	if (is_end)
		rest = without_trailing_spaces(rest);
	rest = put_soft_lines(flow, rest);
	if (!is_end && rest.length < FLOW_HELD_BYTES / 2) {
		buf_consume(&flow->line, flow->line.length - rest.length);
		return;
	}
	begin_piece(flow, rest);
	buf_put_span(&flow->out, rest);
	flow->is_begun = true;
	buf_clear(&flow->line);
}

/* ---- lines --------------------------------------------------------------- */

static void put_line(struct flow *flow, bool is_end)
{
	if (flow->is_flowed) {
		put_flowed(flow, is_end);
	} else {
		buf_put_span(&flow->out, buf_span(&flow->line));
		buf_clear(&flow->line);
		flow->is_begun = true;
	}
	if (!is_end)
		return;
	buf_puts(&flow->out, "\r\n");
	flow->is_begun = flow->is_broken = false;
}

static bool is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

/* Takes one byte of a line end, or a run of bytes without one.  A line ends at
 * the first CR; what may follow of CRs and an LF belongs to it. */
static void take(struct flow *flow)
{
	struct span *input = &flow->input;
	size_t room = FLOW_HELD_BYTES - flow->line.length;
	size_t length = 0;

	if (is_line_end(input->at[0])) {
		if (!flow->after_cr)
			put_line(flow, true);
		flow->after_cr = input->at[0] == '\r';
		*input = span_skip(*input, 1);
		return;
	}
	flow->after_cr = false;
	while (length < input->length && length < room &&
		!is_line_end(input->at[length]))
		length++;
	buf_put(&flow->line, input->at, length);
	*input = span_skip(*input, length);
	if (flow->line.length >= FLOW_HELD_BYTES)
		put_line(flow, false);
}

static bool fill(struct flow *flow, struct diag *why)
{
	if (!source_next(flow->text, &flow->input, why))
		return false;
	flow->is_at_end = !flow->input.length;
	if (flow->is_at_end &&
		(flow->line.length || flow->is_begun || flow->is_broken))
		put_line(flow, true);
	return true;
}

static bool flow_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct flow *flow = (struct flow *)source;

	buf_clear(&flow->out);
	while (flow->out.length < FLOW_OUT_BYTES && !flow->is_at_end) {
		if (flow->input.length)
			take(flow);
		else if (!fill(flow, why))
			return false;
	}
	*piece = buf_span(&flow->out);
	return true;
}

static bool flow_rewind(struct source *source, struct diag *why)
{
	struct flow *flow = (struct flow *)source;

	flow->input = SPAN("");
	flow->is_at_end = flow->after_cr = false;
	flow->is_broken = flow->is_begun = false;
	buf_clear(&flow->line);
	return source_rewind(flow->text, why);
}

static void flow_close(struct source *source)
{
	struct flow *flow = (struct flow *)source;

	source_close(flow->text);
	buf_free(&flow->line);
	buf_free(&flow->out);
	mem_free(flow);
}

struct source *flow_source(struct source *text, bool is_flowed)
{
	static const struct source_ops ops = {
		.next = flow_next, .rewind = flow_rewind, .close = flow_close
	};
	static const struct source_ops ops_once = { .next = flow_next,
		.close = flow_close };
	struct flow *flow = mem_zalloc(sizeof *flow);

	flow->source.ops = text->ops->rewind ? &ops : &ops_once;
	flow->text = text;
	flow->is_flowed = is_flowed;
	flow->line = BUF_INIT(FLOW_HELD_BYTES);
	flow->out = BUF_INIT(FLOW_OUT_LIMIT);
	return &flow->source;
}

bool flow_is_wise(const struct content *content)
{
	return content->longest_columns > FLOW_FIXED_COLUMNS ||
	       content->has_from_line ||
	       (!content->has_leading_space && !content->has_trailing_space);
}

uint64_t flow_longest_line(const struct content *content, bool is_flowed)
{
	/* A line is broken at the first space after the limit, if at all. */
	uint64_t flowed = content->longest_word + FLOW_FIXED_COLUMNS * 4 +
			  FLOW_DEPTH_MAX + 1;

	return is_flowed && flowed < content->longest_line
		       ? flowed
		       : content->longest_line;
}
