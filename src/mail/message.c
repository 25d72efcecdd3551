/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a message.  Bytes pass once, in slices: NULs go first, then each
 * line is either part of the head, which is kept in memory, or of the body,
 * which goes to a store through one output block.  Knows field syntax, but no
 * field.
 */
#include <config.h>

#include "mail/message.h"

#include "base/text.h"

#include <stdio.h>

enum {
	SLICE_BYTES = 64 * 1024,
	/* Enough of a line to tell what it is. */
	START_BYTES = HEADER_NAME_LIMIT + 1
};

enum phase {
	PHASE_LINE,    /* in a line of the head that is not decided yet */
	PHASE_FIELD,   /* in a line of a field */
	PHASE_DROPPED, /* in a line that is left out */
	PHASE_BODY,
	PHASE_END /* past a lone dot */
};

struct reader {
	struct message *message;
	bool lone_dot_ends;
	enum phase phase;
	struct buf head;
	size_t head_line; /* where its last line begins */
	size_t field_count;
	/* CRs at the end of what came so far: an LF after them makes all of
	 * them one line end, anything else makes each of them a bare CR. */
	uint64_t pending_crs;
	uint64_t line_length; /* of the body's line, without its end */
	bool has_held_dot;    /* it is the whole line so far, and not put yet */
	size_t start_length, out_length;
	char start[START_BYTES];
	char out[SLICE_BYTES], clean[SLICE_BYTES];
};

/* ---- the body ------------------------------------------------------------ */

/* Eight bytes at a time: the loop runs over every byte of every mail. */
static bool is_8bit(const char *bytes, size_t length)
{
	const uint64_t high_bits = 0x8080808080808080u;
	uint64_t seen = 0;

	for (; length >= sizeof seen; length -= sizeof seen) {
		uint64_t word;

		memcpy(&word, bytes, sizeof word);
		seen |= word;
		bytes += sizeof word;
	}
	for (; length; length--)
		seen |= (unsigned char)*bytes++;
	return (seen & high_bits) != 0;
}

static bool out_flush(struct reader *r, struct diag *why)
{
	struct message *message = r->message;
	size_t length = r->out_length;

	r->out_length = 0;
	if (!message->body_is_8bit)
		message->body_is_8bit = is_8bit(r->out, length);
	return store_put(message->body, span_make(r->out, length), why);
}

/* BYTES are never more than a slice, so they fit when the block is empty. */
static bool out_put(struct reader *r, struct span bytes, struct diag *why)
{
	if (bytes.length > sizeof r->out - r->out_length && !out_flush(r, why))
		return false;
	memcpy(r->out + r->out_length, bytes.at, bytes.length);
	r->out_length += bytes.length;
	return true;
}

static bool body_line_end(struct reader *r, struct diag *why)
{
	if (r->has_held_dot && !out_put(r, SPAN("."), why))
		return false;
	r->has_held_dot = false;
	if (r->line_length > r->message->longest_line)
		r->message->longest_line = r->line_length;
	r->line_length = 0;
	return out_put(r, SPAN("\r\n"), why);
}

static bool bare_crs_end_lines(struct reader *r, struct diag *why)
{
	for (; r->pending_crs; r->pending_crs--) {
		r->message->bare_cr_count++;
		if (!body_line_end(r, why))
			return false;
	}
	return true;
}

/* Puts text that has no line end. */
static bool body_put(struct reader *r, struct span text, struct diag *why)
{
	if (r->lone_dot_ends && !r->line_length && text.length == 1 &&
		text.at[0] == '.') {
		r->has_held_dot = true;
		r->line_length = 1;
		return true;
	}
	if (r->has_held_dot && !out_put(r, SPAN("."), why))
		return false;
	r->has_held_dot = false;
	r->line_length += text.length;
	return out_put(r, text, why);
}

/* Puts a piece of a line that has no LF, but perhaps CRs. */
static bool body_segment(
	struct reader *r, struct span segment, struct diag *why)
{
	while (segment.length) {
		size_t length = span_find(segment, '\r');

		if (length && !(bare_crs_end_lines(r, why) &&
				      body_put(r, span_make(segment.at, length),
					      why)))
			return false;
		if (length < segment.length)
			r->pending_crs++;
		segment = span_skip(segment, length + 1);
	}
	return true;
}

static bool body_take(struct reader *r, struct span *bytes, struct diag *why)
{
	while (bytes->length) {
		size_t length = span_find(*bytes, '\n');
		bool is_whole = length < bytes->length;

		if (!body_segment(r, span_make(bytes->at, length), why))
			return false;
		*bytes = span_skip(*bytes, length + 1);
		if (!is_whole)
			break;
		r->pending_crs = 0;
		if (r->has_held_dot) {
			r->phase = PHASE_END;
			return true;
		}
		if (!body_line_end(r, why))
			return false;
	}
	return true;
}

/* ---- the head ------------------------------------------------------------ */

static void head_segment(struct reader *r, struct span segment)
{
	while (segment.length) {
		size_t length = span_find(segment, '\r');

		for (; length && r->pending_crs; r->pending_crs--) {
			r->message->bare_cr_count++;
			buf_put_byte(&r->head, ' ');
		}
		buf_put(&r->head, segment.at, length);
		if (length < segment.length)
			r->pending_crs++;
		segment = span_skip(segment, length + 1);
	}
}

/* A line of a field that is nothing but white space would look like the end of
 * the header to some; it means nothing (RFC 5322 3.2.2), so it goes. */
static void head_line_end(struct reader *r)
{
	struct span line = span_skip(buf_span(&r->head), r->head_line);

	if (span_trim(line).length) {
		buf_puts(&r->head, "\r\n");
	} else {
		r->head.length = r->head_line;
		r->head.data[r->head_line] = '\0';
	}
	r->head_line = r->head.length;
	r->pending_crs = 0;
	r->phase = PHASE_LINE;
}

static bool field_take(struct reader *r, struct span *bytes, struct diag *why)
{
	size_t length = span_find(*bytes, '\n');
	char limit[24];

	head_segment(r, span_make(bytes->at, length));
	if (length < bytes->length)
		head_line_end(r);
	*bytes = span_skip(*bytes, length + 1);
	if (!r->head.overflowed)
		return true;
	snprintf(limit, sizeof limit, "%d", MESSAGE_HEAD_LIMIT);
	return diag_set(why, DIAG_MESSAGE_HEAD_TOO_LARGE, limit);
}

static void dropped_take(struct reader *r, struct span *bytes)
{
	size_t length = span_find(*bytes, '\n');

	if (length < bytes->length)
		r->phase = PHASE_LINE;
	*bytes = span_skip(*bytes, length + 1);
}

/* The separator of an mbox, quoted any number of times. */
static bool is_from_line(struct span line)
{
	while (line.length && line.at[0] == '>')
		line = span_skip(line, 1);
	return span_starts_with(line, SPAN("From "));
}

/* Tells from its beginning LINE what a line of the head is. */
static enum phase line_decide(struct reader *r, struct span line)
{
	if (r->field_count && line.length && ascii_is_wsp(line.at[0]))
		return PHASE_FIELD;
	if (header_line_is_field(line)) {
		r->field_count++;
		return PHASE_FIELD;
	}
	if (!r->field_count && is_from_line(line)) {
		r->message->had_from_line = true;
		return PHASE_DROPPED;
	}
	return PHASE_BODY;
}

static bool fields_check(const struct reader *r, struct diag *why)
{
	char limit[24];

	if (r->field_count <= MESSAGE_FIELDS_LIMIT)
		return true;
	snprintf(limit, sizeof limit, "%d", MESSAGE_FIELDS_LIMIT);
	return diag_set(why, DIAG_MESSAGE_TOO_MANY_FIELDS, limit);
}

static bool feed(struct reader *r, struct span bytes, struct diag *why);

/* The line is decided: what was kept of it goes where it belongs. */
static bool start_release(struct reader *r, struct diag *why)
{
	struct span start = span_make(r->start, r->start_length);
	bool is_whole = start.at[start.length - 1] == '\n';
	struct span line = start;

	while (line.length && (line.at[line.length - 1] == '\n' ||
				      line.at[line.length - 1] == '\r'))
		line.length--;
	r->start_length = 0;
	if (!line.length && is_whole) {
		r->phase = PHASE_BODY; /* the empty line */
		return true;
	}
	r->phase = line_decide(r, line);
	if (r->phase == PHASE_BODY)
		r->message->had_no_header = !r->field_count;
	return fields_check(r, why) && feed(r, start, why);
}

static bool line_take(struct reader *r, struct span *bytes, struct diag *why)
{
	size_t length = span_find(*bytes, '\n'), room;

	length += length < bytes->length;
	room = sizeof r->start - r->start_length;
	if (length > room)
		length = room;
	memcpy(r->start + r->start_length, bytes->at, length);
	r->start_length += length;
	*bytes = span_skip(*bytes, length);
	if (r->start[r->start_length - 1] != '\n' &&
		r->start_length < sizeof r->start)
		return true;
	return start_release(r, why);
}

/* ---- both ---------------------------------------------------------------- */

static bool feed(struct reader *r, struct span bytes, struct diag *why)
{
	bool is_ok = true;

	while (is_ok && bytes.length && r->phase != PHASE_END) {
		switch (r->phase) {
		case PHASE_LINE:
			is_ok = line_take(r, &bytes, why);
			break;
		case PHASE_FIELD:
			is_ok = field_take(r, &bytes, why);
			break;
		case PHASE_DROPPED:
			dropped_take(r, &bytes);
			break;
		case PHASE_BODY:
			is_ok = body_take(r, &bytes, why);
			break;
		case PHASE_END:
			break;
		}
	}
	return is_ok;
}

/* The slice without its NULs; most slices have none. */
static struct span without_nuls(struct reader *r, struct span slice)
{
	size_t length = 0;

	if (span_find(slice, '\0') == slice.length)
		return slice;
	for (size_t i = 0; i < slice.length; i++)
		if (slice.at[i])
			r->clean[length++] = slice.at[i];
	r->message->nul_count += slice.length - length;
	return span_make(r->clean, length);
}

static bool piece_take(struct reader *r, struct span piece, struct diag *why)
{
	while (piece.length && r->phase != PHASE_END) {
		struct span slice = piece;

		if (slice.length > SLICE_BYTES)
			slice.length = SLICE_BYTES;
		piece = span_skip(piece, slice.length);
		if (!feed(r, without_nuls(r, slice), why))
			return false;
	}
	return true;
}

/* Ends the last line, if the input did not. */
static bool finish(struct reader *r, struct diag *why)
{
	bool is_open = r->phase == PHASE_LINE ? r->start_length > 0
		       : r->phase == PHASE_BODY
			       ? r->line_length || r->pending_crs
			       : r->phase == PHASE_FIELD;

	r->message->has_no_end = is_open || r->phase != PHASE_BODY;
	if (is_open && !feed(r, SPAN("\n"), why))
		return false;
	r->message->head_was_cut = is_open && r->phase != PHASE_BODY;
	return out_flush(r, why);
}

/* A producer that is not read to its end would die of a broken pipe, and its
 * caller would look for the fault there. */
static void drain(struct source *source)
{
	struct span piece;

	while (source_next(source, &piece, NULL) && piece.length)
		continue;
}

static bool read_all(struct reader *r, struct source *source, struct diag *why)
{
	for (;;) {
		struct span piece;

		if (!source_next(source, &piece, why))
			return false;
		if (!piece.length)
			return finish(r, why);
		if (!piece_take(r, piece, why)) {
			drain(source);
			return false;
		}
	}
}

static void head_finish(struct message *message, const struct buf *head)
{
	message->head = span_make(
		arena_memdup(message->arena, buf_text(head), head->length),
		head->length);
	message->head_is_8bit = !text_is_ascii(message->head);
	header_split(message->head, message->arena, &message->header);
	message->body_size = store_size(message->body);
}

bool message_read(struct source *source, const struct message_params *params,
	struct message *out, struct diag *why)
{
	struct reader *r = mem_alloc(sizeof *r);
	bool is_ok;

	*out = (struct message){ .arena = arena_new(),
		.body = store_new(params->memory_limit ? params->memory_limit
						       : STORE_MEMORY_BYTES) };
	r->message = out;
	r->lone_dot_ends = params->lone_dot_ends;
	r->phase = PHASE_LINE;
	r->head = BUF_INIT(MESSAGE_HEAD_LIMIT);
	r->head_line = r->field_count = 0;
	r->start_length = r->out_length = 0;
	r->pending_crs = r->line_length = 0;
	r->has_held_dot = false;
	is_ok = read_all(r, source, why);
	if (is_ok)
		head_finish(out, &r->head);
	else
		message_free(out);
	buf_free(&r->head);
	mem_free(r);
	return is_ok;
}

void message_free(struct message *message)
{
	store_free(message->body);
	arena_free(message->arena);
	*message = (struct message){ 0 };
}
