/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text made canonical (every line ends in CRLF), and flowed (RFC 3676), while
 * it streams.  Pure.
 */
#ifndef MAIL_FLOW_H
#define MAIL_FLOW_H

#include "base/source.h"
#include "mail/content.h"

#include <stdbool.h>

/* RFC 3676 4.2: lines over 78 characters are broken, after a space, so that the
 * pieces have at most 76 with it. */
enum { FLOW_FIXED_COLUMNS = 78, FLOW_COLUMNS = 76 };

/* A source of TEXT with canonical line ends: CR, LF, and any number of CRs
 * before an LF end a line, a missing last line end is added.  With IS_FLOWED
 * long lines are broken softly, spaces at line ends dropped (but those of the
 * signature's "-- "), and lines that begin with a space or "From " stuffed;
 * a line that begins with '>' is quoted text of that depth.  A word longer than
 * a line stays whole.  Closing it closes TEXT; rewinds when TEXT does. */
struct source *flow_source(struct source *text, bool is_flowed);
/* Whether to: when a line has to be broken or stuffed, or when nothing in the
 * text would look different to a reader who does not know of it. */
bool flow_is_wise(const struct content *content);
/* The longest line, in bytes, that flow_source() can give for that text. */
uint64_t flow_longest_line(const struct content *content, bool is_flowed);

#endif
