/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What bytes are made of: counted once, so that an encoding, a charset and a
 * type can be chosen without guessing.  Pure.
 *
 *	content_scan(source, &content, why) && source_rewind(source, why)
 */
#ifndef MAIL_CONTENT_H
#define MAIL_CONTENT_H

#include "base/diag.h"
#include "base/source.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { CONTENT_FIRST_BYTES = 64 };

/* Invariant: whatever the pieces in which the bytes came, the counts are the
 * same.  A line ends at CR, LF or CRLF; its length is without that. */
struct content {
	uint64_t size;
	uint64_t high_count;    /* bytes over 127 */
	uint64_t control_count; /* under 32 but TAB, CR, LF; and DEL */
	uint64_t nul_count;
	uint64_t cr_count, lf_count, crlf_count; /* each CR, each LF; both */
	uint64_t longest_line;                   /* in bytes */
	uint64_t longest_columns;                /* in characters, as UTF-8 */
	uint64_t longest_word;   /* bytes without a space between them */
	bool is_utf8;            /* well-formed; true of ASCII */
	bool has_leading_space;  /* some line begins with a space */
	bool has_trailing_space; /* or ends in one, but for "-- " */
	bool has_from_line;      /* or begins with "From " */
	unsigned char first[CONTENT_FIRST_BYTES];
	/* The state between two pieces. */
	uint64_t line, columns, word;
	unsigned char line_start[5];
	unsigned char last, need, low, high;
};

void content_init(struct content *content);
void content_feed(struct content *content, struct span bytes);
void content_end(struct content *content);
/* All three over a source, read to its end; fails as the source does. */
bool content_scan(
	struct source *source, struct content *content, struct diag *why);

/* Text for people: no NUL and next to no control bytes. */
bool content_is_text(const struct content *content);
/* Fit to travel as it is: RFC 2045 2.7. */
bool content_is_7bit(const struct content *content);

#endif
