/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and texts as bytes: there and back, cut off, out of bounds. */
#include <config.h>

#include "base/packed.h"
#include "base/text.h"
#include "tap.h"

#include <string.h>

enum { LIMIT = 1000 };

static struct arena *arena;

static struct packed over(struct span bytes)
{
	return (struct packed){ bytes, arena, false };
}

static void test_there_and_back(void)
{
	struct buf bytes = BUF_INIT(LIMIT);
	struct packed packed;

	packed_put_number(&bytes, UINT64_MAX);
	packed_put_text(&bytes, "l\303\244ter");
	packed_put_text(&bytes, NULL);
	packed_put_text(&bytes, "");
	packed_put_bytes(&bytes, "a\0b", 3);
	packed = over(buf_span(&bytes));
	tap_ok(packed_take_number(&packed, UINT64_MAX) == UINT64_MAX, "number");
	tap_is_text(packed_take_text(&packed, LIMIT), "l\303\244ter", "text");
	tap_ok(!packed_take_text(&packed, LIMIT), "no text");
	tap_is_text(packed_take_text(&packed, LIMIT), "", "an empty one");
	tap_ok(span_equal(packed_take_bytes(&packed, 3), span_make("a\0b", 3)),
		"bytes");
	tap_ok(!packed.is_wrong && !packed.rest.length, "that was all");
	packed_take_number(&packed, 1);
	tap_ok(packed.is_wrong, "more is wrong");
	buf_free(&bytes);
}

static void test_cut_off(void)
{
	struct buf bytes = BUF_INIT(LIMIT);
	size_t right = 0;

	packed_put_text(&bytes, "a word");
	for (size_t i = 0; i <= bytes.length; i++) {
		struct packed packed = over(span_make(bytes.data, i));
		const char *text = packed_take_text(&packed, LIMIT);

		right += packed.is_wrong == (i < bytes.length) &&
			 !text == (i < bytes.length);
	}
	tap_is_number((int64_t)right, (int64_t)bytes.length + 1, "cut off");
	buf_free(&bytes);
}

/* What is behind it counts no more, either. */
static void is_wrong_text(struct span text, size_t most, const char *what)
{
	struct buf bytes = BUF_INIT(LIMIT);
	struct packed packed;

	packed_put_bytes(&bytes, text.at, text.length);
	packed_put_number(&bytes, 7);
	packed = over(buf_span(&bytes));
	tap_ok(!packed_take_text(&packed, most) && packed.is_wrong &&
			!packed_take_number(&packed, 10),
		"%s", what);
	buf_free(&bytes);
}

int main(void)
{
	arena = arena_new();
	test_there_and_back();
	test_cut_off();
	is_wrong_text(SPAN("a word\0"), 6, "too long");
	is_wrong_text(SPAN("a word"), LIMIT, "without an end");
	is_wrong_text(SPAN("a\0b\0"), LIMIT, "two texts");
	is_wrong_text(SPAN("\033[1m\0"), LIMIT, "a terminal's");
	is_wrong_text(SPAN("a\nb\0"), LIMIT, "two lines");
	is_wrong_text(SPAN("\377\0"), LIMIT, "no UTF-8");
	arena_free(arena);
	return tap_done();
}
