/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON (RFC 8259), passed over once, without memory of its own: for the many
 * lines of a log, which may be cut short.  What must be right to be used at all
 * is base/jsonread's.
 *
 *	struct jsonwalk walk = jsonwalk_of(line);
 *	while (jsonwalk_next(&walk, &member))
 *		if (span_equal(member.name, SPAN("id")) …
 *	if (walk.is_whole) … the closing bracket was there …
 */
#ifndef BASE_JSONWALK_H
#define BASE_JSONWALK_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum jsonwalk_kind {
	JSONWALK_TEXT,
	JSONWALK_NUMBER,
	JSONWALK_TRUE,
	JSONWALK_FALSE,
	JSONWALK_NULL,
	JSONWALK_NESTED /* an object or an array */
};

/* All spans are pieces of the text.  NAME and a TEXT's value are raw: between
 * their quotes, with their escapes.  A NESTED value has its brackets, and is
 * what jsonwalk_of() takes.  An array's elements have no name. */
struct jsonwalk_member {
	struct span name, value;
	enum jsonwalk_kind kind;
};

struct jsonwalk {
	struct span rest;
	char close;    /* the bracket that ends it; 0: it was no begin of one */
	bool is_whole; /* it was found */
};

/* Of an object or an array; what follows its end is not looked at. */
struct jsonwalk jsonwalk_of(struct span text);
/* False at the end, and at the first byte that is not JSON. */
bool jsonwalk_next(struct jsonwalk *walk, struct jsonwalk_member *out);
/* Appends a raw text without its escapes; an escape that is none stays. */
void jsonwalk_put_text(struct buf *out, struct span raw);
/* A whole number without a sign, of up to 15 digits. */
bool jsonwalk_number(const struct jsonwalk_member *member, int64_t *out);

#endif
