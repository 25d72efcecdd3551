/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports as bytes: there and back, cut off, and changed on the way. */
#include <config.h>

#include "base/packed.h"
#include "base/text.h"
#include "bounce/packed.h"
#include "tap.h"

#include <string.h>

enum { LIMIT = 4000 };

static struct bounce_recipient people[] = {
	{ .kind = BOUNCE_FAILED,
		.address = "bob@example.test",
		.original = "b\303\266b@example.test",
		.status = "5.1.1",
		.code = 550,
		.reason = BOUNCE_REASON_RECIPIENT,
		.is_permanent = true,
		.text = "550 5.1.1 nobody" },
	{ .kind = BOUNCE_DELAYED, .address = "", .original = "", .text = "" },
};

static const struct bounce report = { .kind = BOUNCE_FAILED,
	.recipients = people,
	.count = 2,
	.reporter = "mx.example.test",
	.message_id = "<1@example.test>",
	.envelope_id = "",
	.returned_to = "me@example.test" };

static void test_there_and_back(struct span bytes, struct arena *arena)
{
	struct buf again = BUF_INIT(LIMIT);
	struct bounce taken;

	tap_ok(bounce_take(bytes, arena, &taken), "taken");
	bounce_put(&again, &taken);
	tap_ok(span_equal(buf_span(&again), bytes), "the same");
	tap_is_text(taken.recipients[0].status, "5.1.1", "status");
	tap_is_text(taken.returned_to, "me@example.test", "returned to");
	buf_free(&again);
}

static void test_cut_off(struct span bytes, struct arena *arena)
{
	struct bounce taken;
	size_t refused = 0;

	for (size_t i = 0; i < bytes.length; i++)
		refused += !bounce_take(span_make(bytes.at, i), arena, &taken);
	tap_is_number((int64_t)refused, (int64_t)bytes.length, "cut off");
}

static bool is_sound(const struct bounce *taken)
{
	bool is_fine = taken->kind <= BOUNCE_FAILED &&
		       taken->count <= BOUNCE_RECIPIENTS_LIMIT;

	for (size_t i = 0; i < taken->count; i++)
		is_fine = is_fine &&
			  taken->recipients[i].reason < BOUNCE_REASON_COUNT &&
			  taken->recipients[i].code < 600 &&
			  text_is_printable(span_of(taken->recipients[i].text));
	return is_fine;
}

/* Each byte in turn is another one. */
static void test_changed(struct span bytes, struct arena *arena)
{
	static const char others[] = { 0, 1, 27, 127, -1 };
	struct buf changed = BUF_INIT(LIMIT);
	struct bounce taken;
	size_t unsound = 0;

	for (size_t i = 0; i < bytes.length * sizeof others; i++) {
		buf_clear(&changed);
		buf_put_span(&changed, bytes);
		changed.data[i / sizeof others] = others[i % sizeof others];
		unsound += bounce_take(buf_span(&changed), arena, &taken) &&
			   !is_sound(&taken);
	}
	tap_is_number((int64_t)unsound, 0, "changed: sound or refused");
	buf_free(&changed);
}

/* One recipient with that REASON and STATUS, and COUNT of them announced. */
static bool takes(uint64_t reason, const char *status, uint64_t count,
	const char *behind, struct arena *arena)
{
	struct buf bytes = BUF_INIT(LIMIT);
	struct bounce taken;
	bool is_taken;

	packed_put_number(&bytes, BOUNCE_FAILED);
	for (int i = 0; i < 4; i++)
		packed_put_text(&bytes, "");
	packed_put_number(&bytes, count);
	packed_put_number(&bytes, BOUNCE_FAILED);
	packed_put_text(&bytes, "");
	packed_put_text(&bytes, "");
	packed_put_text(&bytes, status);
	packed_put_number(&bytes, 550);
	packed_put_number(&bytes, reason);
	packed_put_number(&bytes, true);
	packed_put_text(&bytes, "");
	buf_puts(&bytes, behind);
	is_taken = bounce_take(buf_span(&bytes), arena, &taken);
	buf_free(&bytes);
	return is_taken;
}

static void test_bounds(struct arena *arena)
{
	const uint64_t last = BOUNCE_REASON_COUNT - 1;

	tap_ok(takes(last, "5.100.1000", 1, "", arena), "at the bounds");
	tap_ok(!takes(last + 1, "5.1.1", 1, "", arena), "no reason of ours");
	tap_ok(!takes(last, "5.100.10000x", 1, "", arena), "a long status");
	tap_ok(!takes(last, "5.1.1", 2, "", arena), "fewer than announced");
	tap_ok(!takes(last, "5.1.1", BOUNCE_RECIPIENTS_LIMIT + 1, "", arena),
		"more than may be");
	tap_ok(!takes(last, "5.1.1", 1, "x", arena), "something behind it");
}

int main(void)
{
	struct arena *arena = arena_new();
	struct buf bytes = BUF_INIT(LIMIT);

	bounce_put(&bytes, &report);
	test_there_and_back(buf_span(&bytes), arena);
	test_cut_off(buf_span(&bytes), arena);
	test_changed(buf_span(&bytes), arena);
	test_bounds(arena);
	buf_free(&bytes);
	arena_free(arena);
	return tap_done();
}
