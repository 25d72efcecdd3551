/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of issuers: what is taken has its form, and survives the way from
 * one process to the other; those bytes are fuzzed as well. */
#include <config.h>

#include "auth/answer.h"
#include "fuzz/fuzz.h"

#include <string.h>

static void check_same(const struct answer *a, const struct answer *b)
{
	for (size_t i = 0; i < ANSWER_COUNT; i++)
		fuzz_check(span_equal(secret_span(&a->values[i]),
			secret_span(&b->values[i])));
}

static void check_forms(const struct answer *answer)
{
	const char *token = answer_text(answer, ANSWER_access_token);
	const char *url = answer_text(answer, ANSWER_token_endpoint);

	for (size_t i = 0; token && token[i]; i++)
		fuzz_check(token[i] > ' ' && token[i] < 0x7F);
	fuzz_check(!url || answer_is_url(span_of(url)));
	fuzz_check(answer_number(answer, ANSWER_expires_in) >= -1);
	for (size_t i = 0; i < ANSWER_COUNT; i++)
		fuzz_check(!answer->values[i].bytes ||
			   strlen(answer->values[i].bytes) ==
				   answer->values[i].length);
}

static void go_round(const struct answer *answer)
{
	struct buf bytes = BUF_INIT(16 * ANSWER_BODY_LIMIT);
	struct answer again = { 0 };

	fuzz_check(answer_put(answer, &bytes));
	fuzz_check(answer_get(buf_span(&bytes), &again));
	check_same(answer, &again);
	answer_wipe(&again);
	buf_wipe_free(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct answer answer = { 0 };
	struct diag why;

	if (answer_parse(fuzz_span(data, size), &answer, &why)) {
		check_forms(&answer);
		go_round(&answer);
	}
	if (answer_get(fuzz_span(data, size), &answer))
		go_round(&answer);
	answer_wipe(&answer);
	return 0;
}
