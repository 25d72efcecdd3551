/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names and what they stand for, found in the time of one look.  All of it
 * lies in an arena, and goes with it.
 *
 *	struct names names = { .arena = arena };
 *	names_put(&names, account->name, account);
 *	account = names_get(&names, SPAN("work"));
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/mem.h"
#include "base/span.h"

#include <stddef.h>

struct names_slot {
	const char *name; /* NULL: free */
	void *value;
};

/* Invariant: at most half of the slots are taken; their number is a power of
 * two, or 0. */
struct names {
	struct arena *arena;
	struct names_slot *slots;
	size_t slot_count, count;
};

/* Borrows both.  Of two equal names the first stays what it is. */
void names_put(struct names *names, const char *name, void *value);
/* NULL when it is not there. */
void *names_get(const struct names *names, struct span name);

#endif
