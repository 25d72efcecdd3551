/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers and texts as bytes, on their way from a process that may be in a
 * stranger's hands: whatever comes, what is read is within its bounds.
 *
 *	packed_put_number(&bytes, 25);
 *	packed_put_text(&bytes, "a word");
 *
 *	struct packed packed = { buf_span(&bytes), arena, false };
 *	port = packed_take_number(&packed, 65535);
 *	word = packed_take_text(&packed, SIZE_MAX);
 *	if (packed.is_wrong || packed.rest.length)
 *		… nothing of it counts …
 *
 * A number is eight bytes, the lowest first; a text has its length in front.
 */
#ifndef BASE_PACKED_H
#define BASE_PACKED_H

#include "base/buf.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>

void packed_put_number(struct buf *out, uint64_t number);
void packed_put_bytes(struct buf *out, const char *bytes, size_t length);
/* TEXT may be NULL, which is not "". */
void packed_put_text(struct buf *out, const char *text);

/* What is left; once it was wrong, all that is taken is 0, "" and NULL. */
struct packed {
	struct span rest;
	struct arena *arena; /* where texts live */
	bool is_wrong;
};

/* Wrong above MOST. */
uint64_t packed_take_number(struct packed *packed, uint64_t most);
/* Up to MOST bytes, where they lie. */
struct span packed_take_bytes(struct packed *packed, size_t most);
/* Of up to MOST bytes with its NUL; wrong when text_put_printable() would write
 * it in another way. */
const char *packed_take_text(struct packed *packed, size_t most);

#endif
