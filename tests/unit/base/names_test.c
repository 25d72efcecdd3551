/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and what they stand for. */
#include <config.h>

#include "base/names.h"
#include "tap.h"

enum { NAMES = 5000 };

static void test_many(struct arena *arena)
{
	static int values[NAMES];
	struct names names = { .arena = arena };
	int wrong = 0;

	for (int i = 0; i < NAMES; i++) {
		names_put(&names, arena_printf(arena, "name%d", i), &values[i]);
		wrong += names_get(&names, SPAN("name0")) != &values[0];
	}
	for (int i = 0; i < NAMES; i++) {
		const char *name = arena_printf(arena, "name%d", i);

		wrong += names_get(&names, span_of(name)) != &values[i];
	}
	tap_is_number(wrong, 0, "each of many stands for its own");
	tap_is_number((int64_t)names.count, NAMES, "and they are counted");
	tap_ok(!names_get(&names, SPAN("name5000")) &&
			!names_get(&names, SPAN("name")) &&
			!names_get(&names, SPAN("NAME0")),
		"no other stands for anything");
}

int main(void)
{
	struct arena *arena = arena_new();
	struct names names = { .arena = arena };
	int one, two;

	tap_ok(!names_get(&names, SPAN("work")), "there is none at first");
	names_put(&names, "work", &one);
	names_put(&names, "work", &two);
	names_put(&names, "", &two);
	tap_ok(names_get(&names, SPAN("work")) == &one, "the first stays");
	tap_ok(names_get(&names, SPAN("")) == &two, "an empty one is a name");
	tap_is_number((int64_t)names.count, 2, "two names");
	test_many(arena);
	arena_free(arena);
	return tap_done();
}
