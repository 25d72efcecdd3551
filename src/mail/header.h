/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The header of a message as a list of fields, RFC 5322 section 2.2.  Spans
 * point into the head, which is canonical: CRLF line ends.  Pure.
 *
 *	struct header header;
 *	header_split(head, arena, &header);
 *	for (field = header_find(&header, "To"); field;
 *		field = header_find_next(&header, field, "To"))
 *		…
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* A name, and the spaces after it: with the colon they must fit into one line
 * of 998 bytes (RFC 5322 2.1.1), since nothing before the colon can be
 * folded. */
enum { HEADER_NAME_LIMIT = 997 };

/* whole is name, colon, value and the final CRLF, folding included; value is
 * what follows the colon, without the final CRLF; name has no trailing space
 * ("Bcc :" is named "Bcc"). */
struct header_field {
	struct span whole, name, value;
};

struct header {
	struct header_field *fields;
	size_t count;
};

/* Whether LINE (without its line end) begins a field: a name of printable
 * ASCII, optional spaces (obs-optional, RFC 5322 4.5.8), a colon, within
 * HEADER_NAME_LIMIT + 1 bytes. */
bool header_line_is_field(struct span line);
/* Splits a canonical head into fields.  Continuation lines belong to the field
 * before.  HEAD holds nothing but fields (message_read() sees to that) and
 * must live as long as *OUT, whose list is ARENA's. */
void header_split(struct span head, struct arena *arena, struct header *out);
/* Whether the field has that name, in any case. */
bool header_field_is(const struct header_field *field, const char *name);
/* Whether it is one of those that hold addresses: the author, the recipients,
 * and what is derived from them. */
bool header_field_has_addresses(const struct header_field *field);
/* The first field of that name (in any case), or NULL. */
const struct header_field *header_find(
	const struct header *header, const char *name);
/* The next one after FIELD, or NULL. */
const struct header_field *header_find_next(const struct header *header,
	const struct header_field *field, const char *name);
/* The length of the quoted string or comment at the front of a structured value
 * (RFC 5322 3.2), 0 when there is none; one that is not closed has no end. */
size_t header_opaque_length(struct span text);
/* Appends VALUE with its folding removed (RFC 5322 2.2.3) and trimmed; what is
 * past OUT's limit is missing (OUT->overflowed tells). */
void header_unfold(struct span value, struct buf *out);

#endif
