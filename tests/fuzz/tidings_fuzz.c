/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an attempt says, that may be in a stranger's hands: whatever it is, the
 * outcome is one that a sound attempt could have come to, or none.  The first
 * byte is how many recipients there are. */
#include <config.h>

#include "base/text.h"
#include "deliver/tidings.h"
#include "fuzz/fuzz.h"

#include <string.h>

enum { LIMIT = 1024 * 1024, RECIPIENTS = 8 };

static void check_text(const char *text)
{
	fuzz_check(!text || text_is_printable(span_of(text)));
}

/* Of SIZE bytes, with an end. */
static void check_field(const char *text, size_t size)
{
	fuzz_check(memchr(text, '\0', size) != NULL);
	check_text(text);
}

static void check_diag(const struct diag *why)
{
	struct buf sentence = BUF_INIT(LIMIT);

	fuzz_check(why->id < DIAG_COUNT);
	fuzz_check(why->exit_code >= 0 && why->exit_code <= 255);
	fuzz_check(why->reply_code <= 599 && why->wait <= DIAG_WAIT_NEVER);
	check_field(why->status, sizeof why->status);
	check_field(why->where, sizeof why->where);
	check_field(why->reply, sizeof why->reply);
	check_text(why->hint);
	check_text(why->reason);
	check_text(why->known);
	check_text(why->cause);
	if (why->id != DIAG_NONE)
		diag_sentence(why, true, &sentence);
	fuzz_check(!sentence.overflowed);
	buf_free(&sentence);
}

static void check_verdicts(const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->envelope->recipient_count; i++) {
		const struct verdict *verdict = &outcome->verdicts[i];

		fuzz_check(verdict->kind <= VERDICT_REFUSED);
		fuzz_check(verdict->why || verdict->kind == VERDICT_DELIVERED);
		if (verdict->why)
			check_diag(verdict->why);
	}
}

static void check_outcome(const struct outcome *outcome)
{
	check_diag(&outcome->failure);
	check_diag(&outcome->reply);
	check_diag(&outcome->suppressed);
	check_text(outcome->skipped);
	check_text(outcome->tls_version);
	check_text(outcome->mechanism);
	fuzz_check(outcome->elapsed_ms >= 0);
	if (outcome->verdicts)
		check_verdicts(outcome);
	else
		fuzz_check(outcome->failure.id != DIAG_NONE);
}

/* What was taken is written as the bytes that it was: but for a number's high
 * bits, nothing is lost on the way, and nothing is added. */
static void check_again(const struct outcome *outcome)
{
	struct buf bytes = BUF_INIT(LIMIT), again = BUF_INIT(LIMIT);
	struct arena *arena = arena_new();
	struct outcome twice = *outcome;

	tidings_put(&bytes, outcome);
	if (!bytes.overflowed) {
		fuzz_check(tidings_take(buf_span(&bytes), arena, &twice));
		tidings_put(&again, &twice);
		fuzz_check(span_equal(buf_span(&bytes), buf_span(&again)));
	}
	arena_free(arena);
	buf_free(&bytes);
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = fuzz_span(data + (size > 0), size - (size > 0));
	const struct envelope envelope = {
		.recipient_count = size ? data[0] % RECIPIENTS : 0
	};
	struct arena *arena = arena_new();
	struct outcome outcome;
	struct tidings_mark mark;

	outcome_init(&outcome);
	outcome.envelope = &envelope;
	while (tidings_take_mark(&rest, &mark))
		fuzz_check(mark.kind == TIDINGS_BEFORE_END ||
			   mark.kind == TIDINGS_PROGRESS);
	if (tidings_take(rest, arena, &outcome)) {
		check_outcome(&outcome);
		check_again(&outcome);
	}
	tidings_forget();
	arena_free(arena);
	return 0;
}
