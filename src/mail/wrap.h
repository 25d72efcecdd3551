/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines that no server has to take (RFC 5322 2.1.1: 998 bytes) made shorter:
 * header fields are folded, bodies broken.  Text is canonical.  Pure.
 */
#ifndef MAIL_WRAP_H
#define MAIL_WRAP_H

#include "base/buf.h"
#include "base/source.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a line of TEXT has more than MESSAGE_LINE_LIMIT bytes. */
bool wrap_is_needed(struct span text);
/* The limit that a buffer for wrap_field() needs. */
size_t wrap_field_limit(struct span field);
/* Appends FIELD (name, colon, value, CRLF) with its long lines folded: at
 * white space; where there is none, after a comma, semicolon or closing
 * bracket; else anywhere but inside a UTF-8 sequence.  The last two put a
 * space that was not there.  Lines that are short enough stay as they are, and
 * no line is made that is all white space. */
void wrap_field(struct buf *out, struct span field);
/* A source that gives BODY with its long lines broken after
 * MESSAGE_LINE_LIMIT bytes, or up to three earlier so as not to split a UTF-8
 * sequence.  Closing it closes BODY; rewinds when BODY does. */
struct source *wrap_body(struct source *body);

#endif
