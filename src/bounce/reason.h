/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why mail came back, in a few words: one table (reason.def).  Names that
 * deliver/known_reasons.def has, too, mean the same there.  Pure.
 */
#ifndef BOUNCE_REASON_H
#define BOUNCE_REASON_H

#include "base/span.h"

#include <stddef.h>

enum bounce_reason {
#define BOUNCE_REASON(id, name, text) BOUNCE_REASON_##id,
#include "bounce/reason.def"
	BOUNCE_REASON_COUNT
};

/* By the words of TEXT, then by STATUS ("5.1.1", or ""), then by the reply's
 * CODE (0: none).  What it is at least: BOUNCE_REASON_UNKNOWN. */
enum bounce_reason bounce_reason_of(
	const char *status, unsigned code, struct span text);
/* "recipient": stable; and what it says to people (an untranslated msgid). */
const char *bounce_reason_name(enum bounce_reason reason);
const char *bounce_reason_text(enum bounce_reason reason);

/* Finds the first status of RFC 3463 in TEXT that says more than its class, or
 * else the first: "5.1.1" into STATUS (of SIZE bytes), "" when there is
 * none. */
void bounce_find_status(struct span text, char *status, size_t size);
/* The first number of three digits in TEXT that can be a reply that refuses
 * (4yz or 5yz), or 0. */
unsigned bounce_find_code(struct span text);

#endif
