/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words and bodies made fit for the wire: RFC 2047 and RFC 2045.  Pure. */
#ifndef MAIL_ENCODE_H
#define MAIL_ENCODE_H

#include "base/buf.h"
#include "base/source.h"
#include "base/span.h"

/* Appends NAME as an RFC 5322 phrase: as it is, quoted, or (8-bit) as encoded
 * words of at most 75 bytes, folded.  COLUMN is where the phrase begins. */
void encode_phrase(struct buf *out, struct span name, size_t column);
/* Appends unstructured text (a Subject) the same way. */
void encode_text(struct buf *out, struct span text, size_t column);
/* A source that gives the quoted-printable form of a canonical text BODY;
 * closing it closes BODY.  Rewinds when BODY does. */
struct source *encode_quoted_printable(struct source *body);

#endif
