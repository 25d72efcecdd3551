/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A body whose lines are longer than a server has to take (998 bytes, RFC 5322
 * 2.1.1), made fit without a change of what it says: leaf parts are encoded,
 * fields of part headers folded.  What is signed stays as it is, and so does
 * what no encoding is allowed for.  Pure.
 *
 *	struct reshape *reshape = reshape_plan(&message, arena, why);
 *	struct source *body = reshape_source(reshape, message.body);
 */
#ifndef MAIL_RESHAPE_H
#define MAIL_RESHAPE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/source.h"
#include "mail/change.h"
#include "mail/message.h"

#include <stdbool.h>
#include <stdint.h>

/* Opaque; lives in the arena it was made in. */
struct reshape;

/* What the message's own header has to say then. */
struct reshape_header {
	/* The Content-Transfer-Encoding in the place of any other; NULL: it
	 * stays. */
	const char *encoding;
	/* With it, each NULL when it stays. */
	const char *mime_version, *content_type;
};

/* Reads the message's body once, and decides:
 * - a leaf of text is made quoted-printable, any other base 64 (RFC 2045); one
 *   that is encoded already gets shorter lines of the same;
 * - a message without Content-Type gets one: text/plain in us-ascii, utf-8 or
 *   unknown-8bit;
 * - headers of parts and attached messages are folded, as are delivery reports
 *   (wrap_field()) and what stands between parts;
 * - untouched, and told as CHANGE_LONG_LINES: multipart/signed,
 *   application/pkcs7-mime, messages with a signature over their body
 *   (mime_is_signed()), message/partial, unknown encodings, and multiparts that
 *   cannot be taken apart.
 * Memory: the headers that are changed, and a few words for each part that is.
 * Fails, returning NULL, as the body does. */
struct reshape *reshape_plan(
	const struct message *message, struct arena *arena, struct diag *why);
const struct reshape_header *reshape_header(const struct reshape *reshape);
/* Appends its fields, each with its line end; a NULL is none. */
void reshape_header_put(struct buf *out, const struct reshape_header *fields);
/* What was done, as bits of change.h. */
unsigned reshape_changes(const struct reshape *reshape);
/* BODY, which the plan was made of, as it goes out; can be rewound.  Closing it
 * closes what it opened.  Several may be open at once. */
struct source *reshape_source(
	const struct reshape *reshape, struct store *body);

#endif
