/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A heap of pointers: which comes first, in the time of a few comparisons.
 * Knows nothing of what they point to but where it keeps its place, so that
 * each can be taken out, too.
 *
 *	struct heap heap = { .compare = by_time,
 *		.place = offsetof(struct item, place) };
 *	heap_put(&heap, item);
 *	while ((item = heap_first(&heap))) … heap_take(&heap, item);
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

struct heap {
	/* Below 0: A goes first. */
	int (*compare)(const void *a, const void *b);
	size_t place; /* the offset of a size_t in each item; 0: not in here */
	void **items;
	size_t count, room;
};

/* Borrows ITEM, which is not in it; it must not change its order while it is.
 */
void heap_put(struct heap *heap, void *item);
/* Takes it out, if it is in. */
void heap_take(struct heap *heap, void *item);
bool heap_has(const struct heap *heap, const void *item);
/* NULL when there is none. */
void *heap_first(const struct heap *heap);
/* Of the heap itself, not of the items. */
void heap_free(struct heap *heap);

#endif
