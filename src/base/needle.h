/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A word in a long text, whatever its case (ASCII), at little more than the
 * cost of memchr(3).  Pure.
 *
 *	needle_start(&needle, text, word);
 *	while ((at = needle_next(&needle))) …
 */
#ifndef BASE_NEEDLE_H
#define BASE_NEEDLE_H

#include "base/span.h"

#include <stddef.h>

struct needle {
	struct span text, word;
	size_t rarest, guard; /* of the word: the byte looked for; the next */
	char lower, upper;    /* the byte looked for */
	const char *next_lower,
		*next_upper; /* where it stands next, or the end */
};

/* Borrows both; the word has a byte at least. */
void needle_start(struct needle *needle, struct span text, struct span word);
/* The next place, which may overlap the one before; NULL when there is none.
 * Time in all: that of the text for each time that its rarest byte occurs. */
const char *needle_next(struct needle *needle);

#endif
