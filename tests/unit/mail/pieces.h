/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A source that gives its text in pieces of a chosen size, and a reader of
 * whole sources: what comes out must not depend on how it came in.
 */
#ifndef TESTS_UNIT_MAIL_PIECES_H
#define TESTS_UNIT_MAIL_PIECES_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/source.h"

struct pieces {
	struct source source;
	struct span text, rest;
	size_t size;
};

static inline bool pieces_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct pieces *from = (struct pieces *)source;

	(void)why;
	*piece = span_make(from->rest.at, from->rest.length < from->size
						  ? from->rest.length
						  : from->size);
	from->rest = span_skip(from->rest, piece->length);
	return true;
}

static inline bool pieces_rewind(struct source *source, struct diag *why)
{
	struct pieces *from = (struct pieces *)source;

	(void)why;
	from->rest = from->text;
	return true;
}

static inline void pieces_close(struct source *source)
{
	mem_free(source);
}

static inline struct source *pieces_make(
	const struct source_ops *ops, struct span text, size_t size)
{
	struct pieces *from = mem_zalloc(sizeof *from);

	from->source.ops = ops;
	from->text = from->rest = text;
	from->size = size;
	return &from->source;
}

static inline struct source *pieces_of(struct span text, size_t size)
{
	static const struct source_ops ops = { pieces_next, pieces_rewind,
		pieces_close };

	return pieces_make(&ops, text, size);
}

/* One that cannot be read again. */
static inline struct source *pieces_once_of(struct span text, size_t size)
{
	static const struct source_ops ops = { pieces_next, NULL,
		pieces_close };

	return pieces_make(&ops, text, size);
}

static inline void pieces_read(struct source *source, struct buf *out)
{
	struct diag why;
	struct span piece;

	buf_clear(out);
	while (source_next(source, &piece, &why) && piece.length)
		buf_put_span(out, piece);
}

#endif
