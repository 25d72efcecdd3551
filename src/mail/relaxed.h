/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The "relaxed" forms that a DKIM signature is made over, RFC 6376 3.4.2 and
 * 3.4.4, of text that is canonical already (every line ends in CRLF).  Pure;
 * memory does not grow with the body.
 *
 *	struct relaxed_body body = { .put = hash, .context = sha256 };
 *	while (source_next(source, &piece, why) && piece.length)
 *		relaxed_body_put(&body, piece);
 *	relaxed_body_end(&body);
 */
#ifndef MAIL_RELAXED_H
#define MAIL_RELAXED_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RELAXED_BATCH_BYTES = 4096 };

/* Made with PUT and CONTEXT alone.  Invariant: what has come and was not given
 * to PUT yet is held[0..held_bytes), then LINE_ENDS line ends, then a blank if
 * HAS_BLANK. */
struct relaxed_body {
	void (*put)(void *context, struct span bytes);
	void *context;
	uint64_t line_ends;
	bool has_blank, has_text;
	char held[RELAXED_BATCH_BYTES];
	size_t held_bytes;
};

/* Takes the next piece, cut anywhere: blanks at line ends are dropped, others
 * become one space, line ends at the end of all are held back. */
void relaxed_body_put(struct relaxed_body *body, struct span piece);
/* The rest: one line end, unless the body is empty. */
void relaxed_body_end(struct relaxed_body *body);

/* Appends a field as "name:value" in relaxed form, without a line end: the name
 * in small letters, VALUE unfolded, its blanks single, none around it. */
void relaxed_put_field(struct buf *out, struct span name, struct span value);

#endif
