/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that came back: whatever they say, what is told is bounded, and fit
 * to be shown. */
#include <config.h>

#include "base/source.h"
#include "base/text.h"
#include "bounce/bounce.h"
#include "fuzz/fuzz.h"
#include "mail/message.h"

#include <string.h>

static void check_text(const char *text)
{
	fuzz_check(text && text_is_utf8(span_of(text)));
	for (; *text; text++)
		fuzz_check(!ascii_is_control(*text));
}

static void check_recipient(const struct bounce_recipient *one)
{
	check_text(one->address);
	check_text(one->original);
	check_text(one->text);
	check_text(one->status);
	fuzz_check(one->kind != BOUNCE_NONE);
	fuzz_check(one->code == 0 || (one->code >= 400 && one->code < 600));
	fuzz_check(one->reason < BOUNCE_REASON_COUNT);
	fuzz_check(!strchr(one->address, '<') && !strchr(one->original, '<'));
}

static void check_bounce(const struct bounce *bounce)
{
	fuzz_check(bounce->count <= BOUNCE_RECIPIENTS_LIMIT);
	for (size_t i = 0; i < bounce->count; i++) {
		check_recipient(&bounce->recipients[i]);
		fuzz_check(bounce->kind >= bounce->recipients[i].kind);
	}
	check_text(bounce->reporter);
	check_text(bounce->message_id);
	check_text(bounce->envelope_id);
	check_text(bounce->returned_to);
	check_text(bounce_kind_name(bounce->kind));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source *source = source_from_span(fuzz_span(data, size));
	struct message message;
	struct diag why;

	if (message_read(
		    source, &(struct message_params){ 0 }, &message, &why)) {
		struct source *body = store_source(message.body);
		struct span text;
		struct bounce bounce;

		fuzz_check(source_next(body, &text, &why));
		bounce_read(&message.header, text, message.arena, &bounce);
		check_bounce(&bounce);
		source_close(body);
		message_free(&message);
	}
	source_close(source);
	return 0;
}
