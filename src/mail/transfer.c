/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files on their way.  Does not know what they are. */
#include <config.h>

#include "mail/transfer.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"

enum {
	LINE_BYTES = 57, /* make 76 letters: RFC 2045 6.8 */
	OUT_BYTES = 64 * 1024,
	OUT_LIMIT = OUT_BYTES + 1024,
};

struct base64_source {
	struct source source;
	struct source *body;
	struct span input; /* of the body, not yet taken */
	bool is_at_end;
	struct buf line; /* less than a line, between two pieces */
	struct buf out;
};

static void put_encoded(struct base64_source *from, struct span bytes)
{
	base64_encode(bytes, &from->out);
	buf_puts(&from->out, "\r\n");
}

/* Whole lines come straight from the input; only what lies across two pieces is
 * copied. */
static void take(struct base64_source *from)
{
	struct span *input = &from->input;
	size_t length = LINE_BYTES - from->line.length;

	if (length > input->length)
		length = input->length;
	if (length == LINE_BYTES) {
		put_encoded(from, span_make(input->at, length));
	} else {
		buf_put(&from->line, input->at, length);
		if (from->line.length == LINE_BYTES) {
			put_encoded(from, buf_span(&from->line));
			buf_clear(&from->line);
		}
	}
	*input = span_skip(*input, length);
}

static bool fill(struct base64_source *from, struct diag *why)
{
	if (!source_next(from->body, &from->input, why))
		return false;
	from->is_at_end = !from->input.length;
	if (from->is_at_end && from->line.length)
		put_encoded(from, buf_span(&from->line));
	return true;
}

static bool base64_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct base64_source *from = (struct base64_source *)source;

	buf_clear(&from->out);
	while (from->out.length < OUT_BYTES && !from->is_at_end) {
		if (from->input.length)
			take(from);
		else if (!fill(from, why))
			return false;
	}
	*piece = buf_span(&from->out);
	return true;
}

static bool base64_rewind(struct source *source, struct diag *why)
{
	struct base64_source *from = (struct base64_source *)source;

	from->input = SPAN("");
	from->is_at_end = false;
	buf_clear(&from->line);
	return source_rewind(from->body, why);
}

static void base64_close(struct source *source)
{
	struct base64_source *from = (struct base64_source *)source;

	source_close(from->body);
	buf_free(&from->line);
	buf_free(&from->out);
	mem_free(from);
}

struct source *transfer_base64(struct source *body)
{
	static const struct source_ops ops = { .next = base64_next,
		.rewind = base64_rewind,
		.close = base64_close };
	static const struct source_ops ops_once = { .next = base64_next,
		.close = base64_close };
	struct base64_source *from = mem_zalloc(sizeof *from);

	from->source.ops = body->ops->rewind ? &ops : &ops_once;
	from->body = body;
	from->line = BUF_INIT(LINE_BYTES);
	from->out = BUF_INIT(OUT_LIMIT);
	return &from->source;
}
