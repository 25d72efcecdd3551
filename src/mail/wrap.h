/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of fields that no server has to take (RFC 5322 2.1.1: 998 bytes),
 * folded.  Text is canonical.  Pure.
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
/* A source of TEXT, which is made of fields or read as loosely, with its long
 * lines folded as they come, at the same places; blanks of any length stay.
 * Closing it closes TEXT; rewinds when TEXT does.  Memory: one line. */
struct source *wrap_lines(struct source *text);

#endif
