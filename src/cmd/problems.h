/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything that is wrong with what we were given, not only the first of it:
 * who has to correct three arguments wants to hear of all three.
 */
#ifndef CMD_PROBLEMS_H
#define CMD_PROBLEMS_H

#include "base/buf.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>

/* More are not told: nobody reads on. */
enum { PROBLEMS_LIMIT = 20 };

/* Zeroed is empty. */
struct problems {
	struct diag *items;
	size_t count;
};

void problems_add(struct problems *problems, const struct diag *why);
/* Appends the sentences (and hints) of all but the last, a line each, and puts
 * the last into *LAST: it decides the exit code.  False when there is none. */
bool problems_tell(
	const struct problems *problems, struct buf *out, struct diag *last);
void problems_free(struct problems *problems);

#endif
