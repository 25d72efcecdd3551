/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON (RFC 8259), read: the members of one object.  What is written is
 * base/json's.
 *
 *	object = jsonread_open(text, &reason, why);
 *	switch (jsonread_member(object, "scope", &number, &text)) …
 *	jsonread_close(object);
 */
#ifndef BASE_JSONREAD_H
#define BASE_JSONREAD_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct jsonread;

/* What a member is.  null counts as missing; a number with a fraction loses
 * it, and one beyond 2^53 is OTHER, as is everything nested. */
enum jsonread_kind {
	JSONREAD_MISSING,
	JSONREAD_TEXT,
	JSONREAD_NUMBER,
	JSONREAD_BOOL, /* NUMBER is 0 or 1 */
	JSONREAD_OTHER
};

/* Whether this build can read JSON at all. */
bool jsonread_is_built(void);
/* The object in TEXT, which must hold nothing else and no name twice.  NULL:
 * DIAG_JSON_INVALID; DIAG_LIBRARY_NOT_LOADED or _NOT_BUILT. */
struct jsonread *jsonread_open(struct span text, struct diag *why);
/* Fills *NUMBER or *TEXT (UTF-8 without NUL, borrowed from OBJECT) by kind. */
enum jsonread_kind jsonread_member(const struct jsonread *object,
	const char *name, int64_t *number, struct span *text);
/* Appends the texts in the list NAME, with spaces between them; what else is in
 * it is skipped.  False when there is no such list, or OUT is full. */
bool jsonread_put_list(
	const struct jsonread *object, const char *name, struct buf *out);
/* NULL is allowed.  Nothing is wiped: who reads secrets ends soon after. */
void jsonread_close(struct jsonread *object);

#endif
