/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walking through parts, line by line.  Of a line of a body only the beginning
 * is kept, which a boundary would need; of a header all of it.  Knows no
 * message, and changes nothing.
 */
#include <config.h>

#include "mail/parts.h"

#include "base/buf.h"
#include "base/mem.h"
#include "mail/content.h"

/* RFC 2046 5.1.1 gives a boundary 70 bytes; real ones are longer. */
enum { BOUNDARY_LIMIT = 512, START_BYTES = BOUNDARY_LIMIT + 64 };

enum phase { IN_HEAD, IN_LEAF, BETWEEN };

/* A multipart that is open. */
struct frame {
	char boundary[BOUNDARY_LIMIT + 1];
	bool is_digest, is_sealed;
	bool had_part, is_closed; /* its last boundary has come */
};

struct walk {
	void (*take)(void *context, const struct part *part);
	void *context;
	enum phase phase;
	struct frame frames[PARTS_DEPTH];
	size_t depth;
	struct arena *arena;    /* of the part at hand */
	struct part part;       /* at hand */
	struct content content; /* of its body */
	struct buf head;        /* as far as it came */
	size_t head_line;       /* where its last line begins */
	bool head_overflowed;
	const char *default_type;
	uint64_t offset, line_begin;
	char start[START_BYTES]; /* of the line */
	size_t start_length;
};

/* ---- telling ------------------------------------------------------------- */

/* Only within a multipart. */
static struct frame *top(struct walk *w)
{
	return &w->frames[w->depth - 1];
}

static void tell(struct walk *w, enum part_kind kind, uint64_t end)
{
	struct part *part = &w->part;

	part->kind = kind;
	part->body_end = end > part->body_begin ? end : part->body_begin;
	/* A multipart whose boundary never came has a text that some readers
	 * show. */
	if (kind == PART_BETWEEN && !top(w)->had_part)
		part->is_sealed = true;
	content_end(&w->content);
	part->longest_line = w->content.longest_line;
	part->is_8bit = w->content.high_count != 0;
	part->is_utf8 = w->content.is_utf8;
	w->take(w->context, part);
}

static void begin_body(struct walk *w, enum phase phase, uint64_t at)
{
	w->phase = phase;
	w->part.body_begin = at;
	content_init(&w->content);
}

static void begin_between(struct walk *w, uint64_t at)
{
	w->part = (struct part){ .head_begin = at,
		.is_sealed = top(w)->is_sealed };
	begin_body(w, BETWEEN, at);
}

static void begin_head(struct walk *w, uint64_t at, bool is_message)
{
	bool was_sealed = w->part.is_sealed;

	arena_reset(w->arena);
	w->part = (struct part){ .is_message = is_message,
		.is_sealed = is_message ? was_sealed : top(w)->is_sealed,
		.head_begin = at,
		.body_begin = at };
	w->default_type = !is_message && top(w)->is_digest ? "message/rfc822"
							   : "text/plain";
	w->phase = IN_HEAD;
	buf_clear(&w->head);
	w->head_line = 0;
	w->head_overflowed = false;
}

/* ---- headers ------------------------------------------------------------- */

static void push(struct walk *w, const struct mime *mime)
{
	struct frame *frame = &w->frames[w->depth++];

	*frame = (struct frame){
		.is_digest = strcmp(mime->type, "multipart/digest") == 0,
		.is_sealed = w->part.is_sealed ||
			     strcmp(mime->type, "multipart/signed") == 0,
	};
	memcpy(frame->boundary, mime->boundary, strlen(mime->boundary));
}

/* The header of the part at hand is known: what comes behind it?  Without the
 * empty line behind it readers disagree what: that is not taken apart. */
static void head_decided(struct walk *w, uint64_t body_begin, bool is_ended)
{
	struct part *part = &w->part;
	const struct mime *mime = &part->mime;

	part->is_sealed |= part->is_message && mime_is_signed(part->header);
	begin_body(w, IN_LEAF, body_begin);
	if (!part->is_readable || !is_ended)
		return;
	if (mime->kind == MIME_MULTIPART && mime->boundary &&
		strlen(mime->boundary) <= BOUNDARY_LIMIT &&
		w->depth < PARTS_DEPTH) {
		tell(w, PART_OUTER, body_begin);
		push(w, mime);
		begin_between(w, body_begin);
	} else if (mime->kind == MIME_MESSAGE &&
		   mime->encoding == MIME_IDENTITY) {
		tell(w, PART_OUTER, body_begin);
		begin_head(w, body_begin, true);
	}
}

static void head_end(struct walk *w, uint64_t body_begin, bool is_ended)
{
	struct header *header = arena_alloc(w->arena, sizeof *header);
	struct part *part = &w->part;

	part->head = span_of("");
	if (w->head.length)
		part->head = span_make(
			arena_memdup(w->arena, w->head.data, w->head.length),
			w->head.length);
	header_split(part->head, w->arena, header);
	part->header = header;
	part->is_readable = !w->head_overflowed;
	mime_read(header, w->default_type, w->arena, &part->mime);
	head_decided(w, body_begin, is_ended);
}

/* ---- boundaries ---------------------------------------------------------- */

/* Whether LINE is a delimiter of that boundary; *IS_LAST tells that no part
 * comes behind it. */
static bool is_delimiter(struct span line, const char *boundary, bool *is_last)
{
	line = span_skip(line, 2);
	if (!span_starts_with(line, span_of(boundary)))
		return false;
	line = span_skip(line, strlen(boundary));
	*is_last = span_starts_with(line, SPAN("--"));
	if (*is_last)
		line = span_skip(line, 2);
	return !span_trim(line).length;
}

/* Ends the part at hand before a boundary at line_begin, whose line end before
 * it is not the part's. */
static void end_part(struct walk *w)
{
	uint64_t end = w->line_begin >= 2 ? w->line_begin - 2 : 0;

	switch (w->phase) {
	case IN_HEAD:
		/* A header without a body. */
		w->head.length = w->head_line;
		head_end(w, w->line_begin, false);
		tell(w, PART_LEAF, w->line_begin);
		break;
	case IN_LEAF:
		tell(w, PART_LEAF, end);
		break;
	case BETWEEN:
		tell(w, PART_BETWEEN, end);
		break;
	}
}

/* The innermost multipart that the line is a delimiter of, counted from 1. */
static size_t find_frame(const struct walk *w, struct span line, bool *is_last)
{
	for (size_t i = w->depth; i; i--)
		if (!w->frames[i - 1].is_closed &&
			is_delimiter(line, w->frames[i - 1].boundary, is_last))
			return i;
	return 0;
}

/* Whether the line is a boundary; if so, it is one. */
static bool take_boundary(struct walk *w, struct span line)
{
	bool is_last = false;
	size_t found = 0;

	if (span_starts_with(line, SPAN("--")) &&
		line.at[line.length - 1] == '\n')
		found = find_frame(w, line, &is_last);
	if (!found)
		return false;
	w->frames[found - 1].had_part = true;
	end_part(w);
	w->depth = found;
	w->frames[found - 1].is_closed = is_last;
	if (is_last)
		begin_between(w, w->offset);
	else
		begin_head(w, w->offset, false);
	return true;
}

/* ---- lines --------------------------------------------------------------- */

static struct span head_last_line(const struct walk *w)
{
	return span_skip(buf_span(&w->head), w->head_line);
}

/* A line that is no field begins the body, as readers have it; an attached
 * mailbox may begin with its "From " line. */
static bool is_of_head(const struct walk *w, struct span line)
{
	if (w->head_line && ascii_is_wsp(line.at[0]))
		return true;
	return header_line_is_field(line) ||
	       (!w->head_line && w->part.is_message &&
		       (span_starts_with(line, SPAN("From ")) ||
			       span_starts_with(line, SPAN(">From "))));
}

static void head_line_end(struct walk *w)
{
	struct span line = head_last_line(w);

	if (w->start_length == 2) {
		w->head.length = w->head_line;
		head_end(w, w->offset, true);
	} else if (!w->head_overflowed && !is_of_head(w, line)) {
		w->head.length = w->head_line;
		head_end(w, w->line_begin, false);
		content_feed(&w->content, line);
	} else {
		w->head_line = w->head.length;
	}
}

static void line_end(struct walk *w)
{
	struct span line = span_make(w->start, w->start_length);

	if (!take_boundary(w, line) && w->phase == IN_HEAD)
		head_line_end(w);
	w->line_begin = w->offset;
	w->start_length = 0;
}

/* Takes bytes of one line, its end included if they have it. */
static void take_bytes(struct walk *w, struct span bytes)
{
	size_t room = START_BYTES - w->start_length;
	size_t kept = bytes.length < room ? bytes.length : room;

	memcpy(w->start + w->start_length, bytes.at, kept);
	w->start_length += kept;
	w->offset += bytes.length;
	if (w->phase != IN_HEAD)
		content_feed(&w->content, bytes);
	else if (!buf_put_span(&w->head, bytes))
		w->head_overflowed = true;
	if (bytes.at[bytes.length - 1] == '\n')
		line_end(w);
}

static void take_piece(struct walk *w, struct span piece)
{
	while (piece.length) {
		size_t length = span_find(piece, '\n');

		length += length < piece.length;
		take_bytes(w, span_make(piece.at, length));
		piece = span_skip(piece, length);
	}
}

/* What is open at the end of the body ends there. */
static void finish(struct walk *w)
{
	if (w->phase == IN_HEAD)
		head_end(w, w->offset, false);
	tell(w, w->phase == BETWEEN ? PART_BETWEEN : PART_LEAF, w->offset);
}

static void begin_top(struct walk *w, const struct header *header)
{
	w->part = (struct part){ .is_top = true,
		.is_message = true,
		.is_readable = true,
		.header = header };
	mime_read(header, "text/plain", w->arena, &w->part.mime);
	head_decided(w, 0, true);
}

bool parts_walk(const struct header *header, struct source *body,
	void (*take)(void *context, const struct part *part), void *context,
	struct diag *why)
{
	struct walk *w = mem_zalloc(sizeof *w);
	struct span piece;
	bool is_ok;

	w->take = take;
	w->context = context;
	w->arena = arena_new();
	w->head = BUF_INIT(PARTS_HEAD_LIMIT);
	begin_top(w, header);
	while ((is_ok = source_next(body, &piece, why)) && piece.length)
		take_piece(w, piece);
	if (is_ok)
		finish(w);
	buf_free(&w->head);
	arena_free(w->arena);
	mem_free(w);
	return is_ok;
}
