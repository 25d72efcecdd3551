/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words and bodies made fit for the wire: RFC 2047 and RFC 2045.  Pure.
 *
 * Whatever the text, what is appended to a header cannot end its line: control
 * bytes become spaces, and every CRLF is followed by a space.  Text that is
 * not UTF-8 is labelled "unknown-8bit" (RFC 1428): nobody's charset is
 * guessed.
 */
#ifndef MAIL_ENCODE_H
#define MAIL_ENCODE_H

#include "base/buf.h"
#include "base/source.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends NAME as an RFC 5322 phrase: as it is when it is made of atoms (which
 * an encoded word is too), quoted, or, when it has bytes over 127 or could not
 * be folded, as encoded words of at most 75 bytes.  Atoms and encoded words are
 * folded so that no line has more than 76 bytes where that can be.  Of Q and B
 * the shorter is taken; no character is split between words.  COLUMN is how
 * many bytes the line has already.  An empty name appends nothing. */
void encode_phrase(struct buf *out, struct span name, size_t column);
/* Appends unstructured text (a Subject) the same way, but ASCII is never
 * quoted, and folded before spaces where a line would pass 76 bytes.  Text that
 * looks like encoded words is encoded, so that it is shown as it is. */
void encode_text(struct buf *out, struct span text, size_t column);
/* Whether TEXT has "=?" in it, which whoever reads it would decode. */
bool encode_looks_encoded(struct span text);
/* A source that gives the quoted-printable form of a canonical text BODY, in
 * lines of at most 76 bytes; closing it closes BODY.  Rewinds when BODY
 * does.  Fails as BODY fails. */
struct source *encode_quoted_printable(struct source *body);
/* The same for a file, whose every byte arrives as it is: line ends are spelled
 * out too, each followed by a soft line break, so that a reader of the raw
 * message still sees lines. */
struct source *encode_quoted_printable_file(struct source *body);

#endif
