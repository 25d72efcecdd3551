/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A heap of pointers: the binary one, in an array.  Does not know what they
 * point to. */
#include <config.h>

#include "base/heap.h"

#include "base/mem.h"

#include <string.h>

/* Places count from 1. */
static size_t place_of(const struct heap *heap, const void *item)
{
	size_t place;

	memcpy(&place, (const char *)item + heap->place, sizeof place);
	return place;
}

static void set_place(const struct heap *heap, void *item, size_t place)
{
	memcpy((char *)item + heap->place, &place, sizeof place);
}

static void set(struct heap *heap, size_t place, void *item)
{
	heap->items[place - 1] = item;
	set_place(heap, item, place);
}

static bool goes_first(const struct heap *heap, size_t a, size_t b)
{
	return heap->compare(heap->items[a - 1], heap->items[b - 1]) < 0;
}

static void swap(struct heap *heap, size_t a, size_t b)
{
	void *item = heap->items[a - 1];

	set(heap, a, heap->items[b - 1]);
	set(heap, b, item);
}

static void rise(struct heap *heap, size_t place)
{
	for (; place > 1 && goes_first(heap, place, place / 2); place /= 2)
		swap(heap, place, place / 2);
}

static void sink(struct heap *heap, size_t place)
{
	for (;;) {
		size_t child = 2 * place;

		if (child > heap->count)
			return;
		if (child < heap->count && goes_first(heap, child + 1, child))
			child++;
		if (!goes_first(heap, child, place))
			return;
		swap(heap, child, place);
		place = child;
	}
}

void heap_put(struct heap *heap, void *item)
{
	if (heap->count == heap->room) {
		heap->room = 2 * heap->room + 8;
		heap->items =
			mem_array(heap->items, heap->room, sizeof *heap->items);
	}
	heap->count++;
	set(heap, heap->count, item);
	rise(heap, heap->count);
}

void heap_take(struct heap *heap, void *item)
{
	size_t place = place_of(heap, item);
	void *last;

	if (!place)
		return;
	set_place(heap, item, 0);
	last = heap->items[--heap->count];
	if (last == item)
		return;
	set(heap, place, last);
	rise(heap, place);
	sink(heap, place_of(heap, last));
}

bool heap_has(const struct heap *heap, const void *item)
{
	return place_of(heap, item) != 0;
}

void *heap_first(const struct heap *heap)
{
	return heap->count ? heap->items[0] : NULL;
}

void heap_free(struct heap *heap)
{
	mem_free(heap->items);
	heap->items = NULL;
	heap->count = heap->room = 0;
}
