/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others encoded, for a reader who wants its words: broken encodings give
 * what can be had of them.  Pure. */
#ifndef BOUNCE_DECODE_H
#define BOUNCE_DECODE_H

#include "base/buf.h"
#include "base/span.h"
#include "mail/mime.h"

/* Appends the content of BODY (RFC 2045 6). */
void decode_body(
	struct buf *out, struct span body, enum mime_encoding encoding);
/* Appends VALUE, unfolded, with its encoded words decoded (RFC 2047); their
 * charset is not looked at. */
void decode_words(struct buf *out, struct span value);

#endif
