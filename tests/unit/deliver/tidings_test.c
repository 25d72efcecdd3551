/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outcomes as bytes: there and back, cut off, and changed on the way. */
#include <config.h>

#include "deliver/tidings.h"
#include "tap.h"

#include <string.h>

enum { RECIPIENTS = 4, LIMIT = 64 * 1024 };

static const struct envelope envelope = { .recipient_count = RECIPIENTS };

static void make(struct outcome *outcome, struct diag diags[2],
	struct verdict verdicts[RECIPIENTS])
{
	diag_set(&diags[0], DIAG_SMTP_POSSIBLE_DUPLICATE,
		DIAG_WORDS "one" DIAG_NEXT "two");
	diag_add_where(&diags[0], "host:587");
	diag_add_reply(&diags[0], 451, SPAN("4.7.1"), SPAN("l\303\244ter"));
	diag_set_errno(&diags[1], 5, DIAG_NET_REFUSED, "a", "b", "c", "d");
	diag_add_hint(&diags[1], "try %1$s");
	diags[1].cause = "it is so";
	verdicts[0] = (struct verdict){ VERDICT_DELIVERED, NULL };
	verdicts[1] = (struct verdict){ VERDICT_DEFERRED, &diags[0] };
	verdicts[2] = (struct verdict){ VERDICT_DEFERRED, &diags[0] };
	verdicts[3] = (struct verdict){ VERDICT_REFUSED, &diags[1] };
	outcome_init(outcome);
	outcome->envelope = &envelope;
	outcome->verdicts = verdicts;
	outcome->failure = diags[1];
	outcome->reply.reply_code = 250;
	memcpy(outcome->reply.reply, "250 fine", sizeof "250 fine");
	outcome->tls_version = "TLS1.3";
	outcome->elapsed_ms = 1234;
	outcome->came_to_mail = true;
}

static void is_same(const struct diag *got, const struct diag *want)
{
	tap_is_number(got->id, want->id, "id");
	tap_is_number(got->exit_code, want->exit_code, "exit code");
	tap_is_number(got->system_error, want->system_error, "errno");
	tap_ok(memcmp(got->text, want->text, sizeof got->text) == 0, "text");
	tap_is_text(got->where, want->where, "where");
	tap_is_text(got->status, want->status, "status");
	tap_is_text(got->reply, want->reply, "reply");
	if (want->hint && got->hint)
		tap_is_text(got->hint, want->hint, "hint");
	else
		tap_ok(!want->hint && !got->hint, "no hint");
}

static void test_there_and_back(struct arena *arena)
{
	struct outcome outcome, taken;
	struct verdict verdicts[RECIPIENTS];
	struct diag diags[2];
	struct buf bytes = BUF_INIT(LIMIT);

	make(&outcome, diags, verdicts);
	tidings_put(&bytes, &outcome);
	outcome_init(&taken);
	taken.envelope = &envelope;
	if (tap_ok(tidings_take(buf_span(&bytes), arena, &taken), "taken")) {
		is_same(&taken.failure, &outcome.failure);
		is_same(taken.verdicts[1].why, &diags[0]);
		is_same(taken.verdicts[3].why, &diags[1]);
		tap_ok(!taken.verdicts[0].why &&
				taken.verdicts[1].why == taken.verdicts[2].why,
			"one reason for two");
		tap_is_text(taken.reply.reply, "250 fine", "the reply");
		tap_is_text(taken.tls_version, "TLS1.3", "TLS");
		tap_ok(diag_has_own_hint(&taken.failure) &&
				!diag_has_own_hint(taken.verdicts[1].why),
			"whose hint it is");
		tap_ok(!taken.mechanism && !taken.skipped, "none is none");
		tap_ok(taken.came_to_mail && taken.elapsed_ms == 1234, "rest");
	}
	buf_free(&bytes);
}

/* What is no outcome changes nothing. */
static void test_cut_off(struct arena *arena)
{
	struct outcome outcome, taken;
	struct verdict verdicts[RECIPIENTS];
	struct diag diags[2];
	struct buf bytes = BUF_INIT(LIMIT);
	unsigned taken_count = 0;

	make(&outcome, diags, verdicts);
	tidings_put(&bytes, &outcome);
	outcome_init(&taken);
	taken.envelope = &envelope;
	for (size_t i = 0; i < bytes.length; i++)
		taken_count +=
			tidings_take(span_make(bytes.data, i), arena, &taken);
	buf_put_byte(&bytes, 'x');
	taken_count += tidings_take(buf_span(&bytes), arena, &taken);
	tap_is_number(taken_count, 0, "no part of it, and no more");
	tap_ok(!taken.verdicts && taken.failure.id == DIAG_NONE, "untouched");
	buf_free(&bytes);
}

/* Each byte in turn is another: what is still taken can be told to people. */
static void test_changed(struct arena *arena)
{
	struct outcome outcome;
	struct verdict verdicts[RECIPIENTS];
	struct diag diags[2];
	struct buf bytes = BUF_INIT(LIMIT), out = BUF_INIT(LIMIT);
	unsigned long controls = 0;

	make(&outcome, diags, verdicts);
	tidings_put(&bytes, &outcome);
	for (size_t i = 0; i < bytes.length; i++)
		for (int change = 1; change < 256; change += 31) {
			struct outcome taken;
			char kept = bytes.data[i];

			bytes.data[i] = (char)(kept ^ change);
			outcome_init(&taken);
			taken.envelope = &envelope;
			if (tidings_take(buf_span(&bytes), arena, &taken) &&
				taken.failure.id != DIAG_NONE) {
				buf_clear(&out);
				diag_sentence(&taken.failure, true, &out);
				diag_hint(&taken.failure, &out);
				for (size_t j = 0; j < out.length; j++)
					controls += (unsigned char)out.data[j] <
							    ' ' &&
						    out.data[j] != '\t';
			}
			bytes.data[i] = kept;
		}
	tap_is_number((int64_t)controls, 0, "no control characters");
	buf_free(&bytes);
	buf_free(&out);
}

/* One outcome whose reasons are COUNT sentences of BYTES each. */
static bool takes_sentences(unsigned count, int bytes, struct arena *arena)
{
	const struct envelope many = { .recipient_count = count };
	struct verdict *verdicts = arena_alloc(arena, count * sizeof *verdicts);
	struct outcome outcome, taken;
	struct buf out = BUF_INIT(64 * 1024 * 1024);
	bool is_taken;

	outcome_init(&outcome);
	outcome.envelope = &many;
	outcome.verdicts = verdicts;
	for (unsigned i = 0; i < count; i++) {
		struct diag *why = arena_alloc(arena, sizeof *why);

		diag_set(why, DIAG_NET_LOST);
		why->cause = arena_printf(arena, "%0*u", bytes - 1, i);
		verdicts[i] = (struct verdict){ VERDICT_DEFERRED, why };
	}
	tidings_put(&out, &outcome);
	outcome_init(&taken);
	taken.envelope = &many;
	is_taken = tidings_take(buf_span(&out), arena, &taken);
	if (is_taken)
		tap_is_text(taken.verdicts[count - 1].why->cause,
			verdicts[count - 1].why->cause, "the last sentence");
	buf_free(&out);
	return is_taken;
}

/* Whoever is taken over fills nobody's memory. */
static void test_flood(struct arena *arena)
{
	tidings_forget();
	tap_ok(takes_sentences(4000, 100, arena), "all that there are");
	tap_ok(takes_sentences(4000, 100, arena), "once more");
	tap_ok(!takes_sentences(5000, 100, arena), "more than there are");
	tidings_forget();
	tap_ok(!takes_sentences(300, 4000, arena), "longer than they are");
	tidings_forget();
	tap_ok(takes_sentences(1, 4000, arena), "afterwards");
}

/* Whoever has not got it has a reason, or it is no outcome. */
static void test_no_reason(struct arena *arena)
{
	static const enum verdict_kind kinds[] = { VERDICT_DEFERRED,
		VERDICT_REFUSED };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct outcome outcome, taken;
		struct verdict verdicts[RECIPIENTS];
		struct diag diags[2];
		struct buf bytes = BUF_INIT(LIMIT);

		make(&outcome, diags, verdicts);
		verdicts[0] = (struct verdict){ kinds[i], NULL };
		tidings_put(&bytes, &outcome);
		outcome_init(&taken);
		taken.envelope = &envelope;
		tap_ok(!tidings_take(buf_span(&bytes), arena, &taken),
			"a verdict without a reason");
		buf_free(&bytes);
	}
}

static void test_marks(void)
{
	struct buf bytes = BUF_INIT(LIMIT);
	struct tidings_mark mark;
	struct span rest;

	buf_put_byte(&bytes, TIDINGS_BEFORE_END);
	tidings_put_progress(&bytes, 5, 1000);
	rest = span_make(bytes.data, bytes.length - 1);
	tap_ok(tidings_take_mark(&rest, &mark) &&
			mark.kind == TIDINGS_BEFORE_END,
		"the end");
	tap_ok(!tidings_take_mark(&rest, &mark), "half a mark");
	rest = span_skip(buf_span(&bytes), 1);
	tap_ok(tidings_take_mark(&rest, &mark) && mark.sent == 5 &&
			mark.total == 1000,
		"progress");
	tap_ok(!tidings_take_mark(&rest, &mark), "nothing");
	buf_free(&bytes);
}

int main(void)
{
	struct arena *arena = arena_new();

	test_there_and_back(arena);
	test_cut_off(arena);
	test_changed(arena);
	test_no_reason(arena);
	test_flood(arena);
	test_marks();
	arena_free(arena);
	return tap_done();
}
