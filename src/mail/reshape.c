/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Planning and applying what is done about long lines.  A plan is a list of
 * stretches of the body that are replaced; all else is passed on as it is.
 */
#include <config.h>

#include "mail/reshape.h"

#include "base/buf.h"
#include "mail/encode.h"
#include "mail/parts.h"
#include "mail/rewrap.h"
#include "mail/transfer.h"
#include "mail/wrap.h"

enum manner {
	MANNER_TEXT, /* another text in its place */
	MANNER_QUOTED_PRINTABLE,
	MANNER_BASE64,
	MANNER_REWRAP_QUOTED_PRINTABLE,
	MANNER_REWRAP_BASE64,
	MANNER_FOLD
};

struct stretch {
	enum manner manner;
	uint64_t begin, end;
	struct span text;
};

struct reshape {
	struct stretch *stretches; /* in order, apart */
	size_t count;
	struct reshape_header header;
	unsigned changes;
};

struct planner {
	struct reshape *reshape;
	struct arena *arena;
	size_t capacity;
};

/* ---- the plan ------------------------------------------------------------ */

static void stretch_add(struct planner *p, struct stretch stretch)
{
	struct reshape *reshape = p->reshape;

	if (reshape->count == p->capacity) {
		p->capacity = p->capacity ? p->capacity * 2 : 16;
		reshape->stretches = mem_array(reshape->stretches, p->capacity,
			sizeof *reshape->stretches);
	}
	reshape->stretches[reshape->count++] = stretch;
}

static void field_put(
	struct planner *p, struct buf *out, const struct header_field *field)
{
	if (!wrap_is_needed(field->whole)) {
		buf_put_span(out, field->whole);
		return;
	}
	wrap_field(out, field->whole);
	p->reshape->changes |= CHANGE_FOLDED;
}

/* Puts FIELDS (NULL for none) behind the header of PART, and folds that. */
static void head_replace(struct planner *p, const struct part *part,
	const struct reshape_header *fields)
{
	struct buf head = BUF_INIT(4 * PARTS_HEAD_LIMIT);

	for (size_t i = 0; i < part->header->count; i++) {
		const struct header_field *field = &part->header->fields[i];

		if (!fields ||
			!header_field_is(field, "Content-Transfer-Encoding"))
			field_put(p, &head, field);
	}
	if (fields)
		reshape_header_put(&head, fields);
	buf_puts(&head, "\r\n");
	stretch_add(p, (struct stretch){ MANNER_TEXT, part->head_begin,
			       part->body_begin,
			       span_make(arena_memdup(p->arena, head.data,
						 head.length),
				       head.length) });
	buf_free(&head);
}

static const char *charset_of(const struct part *part)
{
	return !part->is_8bit  ? "text/plain; charset=us-ascii"
	       : part->is_utf8 ? "text/plain; charset=utf-8"
			       : "text/plain; charset=unknown-8bit";
}

/* What the header of PART says when its body is encoded. */
static struct reshape_header header_of(
	const struct part *part, enum manner manner)
{
	struct reshape_header fields = {
		.encoding =
			manner == MANNER_BASE64 ? "base64" : "quoted-printable",
	};

	if (!part->is_message)
		return fields;
	if (!header_find(part->header, "MIME-Version"))
		fields.mime_version = "1.0";
	if (!part->mime.has_type)
		fields.content_type = charset_of(part);
	return fields;
}

/* How the body of a leaf gets shorter lines; false when it must not. */
static bool manner_choose(const struct part *part, enum manner *out)
{
	enum mime_kind kind = part->mime.kind;

	if (part->is_sealed || !part->is_readable)
		return false;
	switch (part->mime.encoding) {
	case MIME_QUOTED_PRINTABLE:
		*out = MANNER_REWRAP_QUOTED_PRINTABLE;
		return kind != MIME_OPAQUE && kind != MIME_MULTIPART;
	case MIME_BASE64:
		*out = MANNER_REWRAP_BASE64;
		return kind != MIME_OPAQUE && kind != MIME_MULTIPART;
	case MIME_UNKNOWN:
		return false;
	case MIME_IDENTITY:
		break;
	}
	*out = kind == MIME_TEXT     ? MANNER_QUOTED_PRINTABLE
	       : kind == MIME_FIELDS ? MANNER_FOLD
				     : MANNER_BASE64;
	return kind == MIME_TEXT || kind == MIME_FIELDS || kind == MIME_DATA;
}

static unsigned change_of(enum manner manner)
{
	static const unsigned changes[] = {
		[MANNER_TEXT] = CHANGE_FOLDED,
		[MANNER_QUOTED_PRINTABLE] = CHANGE_ENCODED,
		[MANNER_BASE64] = CHANGE_ENCODED,
		[MANNER_REWRAP_QUOTED_PRINTABLE] = CHANGE_REWRAPPED,
		[MANNER_REWRAP_BASE64] = CHANGE_REWRAPPED,
		[MANNER_FOLD] = CHANGE_FOLDED,
	};

	return changes[manner];
}

static void body_replace(
	struct planner *p, const struct part *part, enum manner manner)
{
	p->reshape->changes |= change_of(manner);
	stretch_add(p, (struct stretch){ manner, part->body_begin,
			       part->body_end, SPAN("") });
}

/* A header that is kept, unless its lines are too long. */
static void head_take(struct planner *p, const struct part *part)
{
	if (part->is_top || !wrap_is_needed(part->head))
		return;
	if (part->is_sealed || !part->is_readable)
		p->reshape->changes |= CHANGE_LONG_LINES;
	else
		head_replace(p, part, NULL);
}

/* A leaf that is encoded, and whose header says so. */
static void leaf_encode(
	struct planner *p, const struct part *part, enum manner manner)
{
	const struct reshape_header fields = header_of(part, manner);

	if (part->is_top)
		p->reshape->header = fields;
	else
		head_replace(p, part, &fields);
	body_replace(p, part, manner);
}

static void leaf_take(struct planner *p, const struct part *part)
{
	bool is_long = part->longest_line > MESSAGE_LINE_LIMIT;
	enum manner manner;

	if (!is_long || !manner_choose(part, &manner)) {
		if (is_long)
			p->reshape->changes |= CHANGE_LONG_LINES;
		head_take(p, part);
	} else if (manner == MANNER_QUOTED_PRINTABLE ||
		   manner == MANNER_BASE64) {
		leaf_encode(p, part, manner);
	} else {
		head_take(p, part);
		body_replace(p, part, manner);
	}
}

static void between_take(struct planner *p, const struct part *part)
{
	if (part->longest_line <= MESSAGE_LINE_LIMIT)
		return;
	if (part->is_sealed)
		p->reshape->changes |= CHANGE_LONG_LINES;
	else
		body_replace(p, part, MANNER_FOLD);
}

static void part_take(void *context, const struct part *part)
{
	struct planner *p = context;

	switch (part->kind) {
	case PART_LEAF:
		leaf_take(p, part);
		break;
	case PART_OUTER:
		head_take(p, part);
		break;
	case PART_BETWEEN:
		between_take(p, part);
		break;
	}
}

struct reshape *reshape_plan(
	const struct message *message, struct arena *arena, struct diag *why)
{
	struct reshape *reshape = arena_alloc(arena, sizeof *reshape);
	struct planner planner = { .reshape = reshape, .arena = arena };
	struct source *body = store_source(message->body);
	bool is_ok =
		parts_walk(&message->header, body, part_take, &planner, why);
	struct stretch *stretches = reshape->stretches;

	source_close(body);
	reshape->stretches = arena_memdup(
		arena, stretches, reshape->count * sizeof *stretches);
	mem_free(stretches);
	return is_ok ? reshape : NULL;
}

const struct reshape_header *reshape_header(const struct reshape *reshape)
{
	return &reshape->header;
}

void reshape_header_put(struct buf *out, const struct reshape_header *fields)
{
	if (fields->mime_version)
		buf_printf(out, "MIME-Version: %s\r\n", fields->mime_version);
	if (fields->content_type)
		buf_printf(out, "Content-Type: %s\r\n", fields->content_type);
	if (fields->encoding)
		buf_printf(out, "Content-Transfer-Encoding: %s\r\n",
			fields->encoding);
}

unsigned reshape_changes(const struct reshape *reshape)
{
	return reshape->changes;
}

/* ---- applying it --------------------------------------------------------- */

/* The body's bytes up to a point. */
struct slice {
	struct source source;
	struct reshape_source *from;
};

struct reshape_source {
	struct source source;
	const struct reshape *reshape;
	struct source *body;
	struct span rest;       /* of the body's piece */
	uint64_t at;            /* where it begins in the body */
	size_t next;            /* stretch */
	struct source *encoder; /* of that stretch; NULL before and behind */
	struct slice slice;
};

/* Takes a piece of the body that ends at END at the latest; empty there, and at
 * the end of the body. */
static bool take_until(struct reshape_source *from, uint64_t end,
	struct span *piece, struct diag *why)
{
	*piece = SPAN("");
	if (from->at == end)
		return true;
	if (!from->rest.length && !source_next(from->body, &from->rest, why))
		return false;
	*piece = from->rest;
	if (piece->length > end - from->at)
		piece->length = (size_t)(end - from->at);
	from->rest = span_skip(from->rest, piece->length);
	from->at += piece->length;
	return true;
}

static const struct stretch *next_stretch(const struct reshape_source *from)
{
	return from->next < from->reshape->count
		       ? &from->reshape->stretches[from->next]
		       : NULL;
}

static bool slice_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct reshape_source *from = ((struct slice *)source)->from;

	return take_until(
		from, from->reshape->stretches[from->next].end, piece, why);
}

static void slice_close(struct source *source)
{
	(void)source;
}

/* The source that gives the stretch in its new form. */
static struct source *encoder_open(
	struct reshape_source *from, const struct stretch *stretch)
{
	struct source *slice = &from->slice.source;

	switch (stretch->manner) {
	case MANNER_TEXT:
		break;
	case MANNER_QUOTED_PRINTABLE:
		return encode_quoted_printable(slice);
	case MANNER_BASE64:
		return transfer_base64(slice);
	case MANNER_REWRAP_QUOTED_PRINTABLE:
		return rewrap_quoted_printable(slice);
	case MANNER_REWRAP_BASE64:
		return rewrap_base64(slice);
	case MANNER_FOLD:
		return wrap_lines(slice);
	}
	return source_from_span(stretch->text);
}

/* Puts what the encoder did not read of its stretch behind us. */
static bool skip_until(
	struct reshape_source *from, uint64_t end, struct diag *why)
{
	struct span piece = SPAN("x");

	while (piece.length)
		if (!take_until(from, end, &piece, why))
			return false;
	return true;
}

/* A piece of the stretch's new form; empty, and the next one's turn, behind
 * it. */
static bool stretch_next(
	struct reshape_source *from, struct span *piece, struct diag *why)
{
	const struct stretch *stretch = next_stretch(from);

	if (!from->encoder)
		from->encoder = encoder_open(from, stretch);
	if (!source_next(from->encoder, piece, why))
		return false;
	if (piece->length)
		return true;
	source_close(from->encoder);
	from->encoder = NULL;
	if (!skip_until(from, stretch->end, why))
		return false;
	from->next++;
	return true;
}

static bool reshape_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct reshape_source *from = (struct reshape_source *)source;
	const struct stretch *stretch;

	while ((stretch = next_stretch(from)) && stretch->begin <= from->at) {
		if (!stretch_next(from, piece, why))
			return false;
		if (piece->length)
			return true;
	}
	return take_until(
		from, stretch ? stretch->begin : UINT64_MAX, piece, why);
}

static bool reshape_rewind(struct source *source, struct diag *why)
{
	struct reshape_source *from = (struct reshape_source *)source;

	source_close(from->encoder);
	from->encoder = NULL;
	from->rest = SPAN("");
	from->at = from->next = 0;
	return source_rewind(from->body, why);
}

static void reshape_close(struct source *source)
{
	struct reshape_source *from = (struct reshape_source *)source;

	source_close(from->encoder);
	source_close(from->body);
	mem_free(from);
}

struct source *reshape_source(const struct reshape *reshape, struct store *body)
{
	static const struct source_ops ops = { .next = reshape_next,
		.rewind = reshape_rewind,
		.close = reshape_close };
	static const struct source_ops slice_ops = { .next = slice_next,
		.close = slice_close };
	struct reshape_source *from = mem_zalloc(sizeof *from);

	from->source.ops = &ops;
	from->reshape = reshape;
	from->body = store_source(body);
	from->slice = (struct slice){ { &slice_ops }, from };
	return &from->source;
}
