/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A heap of pointers. */
#include <config.h>

#include "base/heap.h"
#include "tap.h"

#include <stdint.h>

enum { ITEMS = 2000 };

struct item {
	int key;
	size_t place;
};

static int by_key(const void *a, const void *b)
{
	const struct item *one = a, *two = b;

	return (one->key > two->key) - (one->key < two->key);
}

/* The same numbers in every run. */
static uint32_t next_number(void)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

/* Whether all that are in come out in their order, and how many they are. */
static int empty(struct heap *heap)
{
	int count = 0, last = 0;
	struct item *item;

	while ((item = heap_first(heap))) {
		if (item->key < last)
			return -1;
		last = item->key;
		heap_take(heap, item);
		count++;
	}
	return count;
}

static void test_order(void)
{
	static struct item items[ITEMS];
	struct heap heap = { .compare = by_key,
		.place = offsetof(struct item, place) };
	int taken = 0;

	tap_ok(!heap_first(&heap), "an empty one has no first");
	for (int i = 0; i < ITEMS; i++) {
		items[i].key = (int)(next_number() % 500);
		heap_put(&heap, &items[i]);
	}
	tap_ok(heap_has(&heap, &items[7]), "what was put is in");
	for (int i = 0; i < ITEMS; i += 3, taken++)
		heap_take(&heap, &items[i]);
	heap_take(&heap, &items[0]);
	tap_ok(!heap_has(&heap, &items[0]), "what was taken is not");
	tap_is_number(empty(&heap), ITEMS - taken, "the others come in order");
	for (int i = 0; i < 10; i++)
		heap_put(&heap, &items[i]);
	tap_is_number(empty(&heap), 10, "and can be put again");
	heap_free(&heap);
}

/* After each step the least is first. */
static void test_steps(void)
{
	static struct item items[64];
	struct heap heap = { .compare = by_key,
		.place = offsetof(struct item, place) };
	int wrong = 0;

	for (int i = 0; i < 20000; i++) {
		struct item *item = &items[next_number() % 64], *first;
		const struct item *least = NULL;

		if (heap_has(&heap, item)) {
			heap_take(&heap, item);
		} else {
			item->key = (int)(next_number() % 100);
			heap_put(&heap, item);
		}
		for (int j = 0; j < 64; j++)
			if (heap_has(&heap, &items[j]) &&
				(!least || items[j].key < least->key))
				least = &items[j];
		first = heap_first(&heap);
		wrong +=
			!first != !least || (first && first->key != least->key);
	}
	tap_is_number(wrong, 0, "the least is first after 20,000 steps");
	heap_free(&heap);
}

int main(void)
{
	test_order();
	test_steps();
	return tap_done();
}
