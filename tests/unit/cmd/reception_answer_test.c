/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a caller over SMTP is told of each outcome: code and lines, whole. */
#include <config.h>

#include "base/text.h"
#include "cmd/reception_answer.h"
#include "tap.h"

#include <stdio.h>

enum { RECIPIENTS = 2 };

static struct envelope_address addresses[RECIPIENTS] = {
	{ .utf8 = "a@example.org", .ascii = "a@example.org" },
	{ .utf8 = "b@example.org", .ascii = "b@example.org" },
};
static const struct envelope envelope = { .recipients = addresses,
	.recipient_count = RECIPIENTS };

/* The reply to RCPT of each recipient, 250 for a good one. */
static const struct {
	const char *name;
	unsigned codes[RECIPIENTS];
	bool is_queued;
	const char *want;
} rows[] = {
	{ "all delivered", { 250, 250 }, false,
		"250 2.0.0 ID was accepted: 250 2.0.0 ok" },
	{ "all queued", { 450, 450 }, true, "250 2.0.0 queued as ID" },
	{ "one to try again, and queued", { 250, 450 }, true,
		"250 2.0.0 queued as ID" },
	{ "one refused, one taken", { 550, 250 }, false,
		"554 5.5.0 not accepted: the server refused the recipient "
		"a@example.org: 550 no\n"
		"5.5.0 accepted, do not repeat: b@example.org" },
	{ "all refused", { 550, 550 }, false,
		"554 5.1.0 the server refused the recipient a@example.org: "
		"550 no\n"
		"5.1.0 the server refused the recipient b@example.org: "
		"550 no" },
	{ "all for later, and no queue", { 450, 450 }, false,
		"451 4.1.0 the server refused the recipient a@example.org: "
		"450 no\n"
		"4.1.0 the server refused the recipient b@example.org: "
		"450 no" },
};

static void test_outcome(size_t i)
{
	struct outcome outcome;
	struct verdict verdicts[RECIPIENTS];
	struct diag whys[RECIPIENTS];
	struct buf text = BUF_INIT(RECEPTION_ANSWER_LIMIT);
	struct buf got = BUF_INIT(RECEPTION_ANSWER_LIMIT + 100);

	outcome_init(&outcome);
	snprintf(outcome.id, sizeof outcome.id, "ID");
	outcome.envelope = &envelope;
	outcome.verdicts = verdicts;
	outcome.is_queued = rows[i].is_queued;
	snprintf(outcome.reply.reply, sizeof outcome.reply.reply,
		"250 2.0.0 ok");
	for (size_t j = 0; j < RECIPIENTS; j++) {
		unsigned code = rows[i].codes[j];

		verdicts[j] = (struct verdict){ VERDICT_DELIVERED, NULL };
		if (code == 250)
			continue;
		diag_set(&whys[j], DIAG_SMTP_RCPT_REFUSED, addresses[j].utf8);
		diag_add_reply(&whys[j], code, SPAN(""), SPAN("no"));
		verdicts[j].kind =
			code < 500 ? VERDICT_DEFERRED : VERDICT_REFUSED;
		verdicts[j].why = &whys[j];
	}
	buf_printf(&got, "%u ", reception_answer_put_outcome(&text, &outcome));
	buf_put_span(&got, buf_span(&text));
	tap_is_text(buf_text(&got), rows[i].want, rows[i].name);
	buf_free(&text);
	buf_free(&got);
}

static void test_failure(void)
{
	struct buf text = BUF_INIT(RECEPTION_ANSWER_LIMIT);
	struct diag why;

	diag_set(&why, DIAG_NET_CLOSED);
	tap_is_number(reception_answer_put_failure(&text, &why, 554), 451,
		"what can pass is a 451, whatever was asked for");
	tap_ok(span_starts_with(buf_span(&text), SPAN("4.")),
		"  and its status says so");
	buf_clear(&text);
	diag_set(&why, DIAG_MESSAGE_LOOP, "50");
	tap_is_number(reception_answer_put_failure(&text, &why, 554), 554,
		"what is final has the code that was asked for");
	tap_ok(span_starts_with(buf_span(&text), SPAN("5.4.6 ")),
		"  and the row's status");
	buf_free(&text);
}

/* A line has its limit, and no half of a letter at its end. */
static void test_long(const char *padding)
{
	struct buf text = BUF_INIT(RECEPTION_ANSWER_LIMIT);
	struct buf word = BUF_INIT(900);
	struct diag why;

	buf_puts(&word, padding);
	while (buf_puts(&word, "\xC3\xA4"))
		;
	diag_set(&why, DIAG_MESSAGE_LOOP, buf_text(&word));
	(void)reception_answer_put_failure(&text, &why, 554);
	for (struct span rest = buf_span(&text); rest.length;) {
		struct span line = span_cut(&rest, '\n');

		tap_ok(line.length <= 510, "a line of %zu bytes", line.length);
		tap_ok(text_is_utf8(line), "of whole letters");
	}
	buf_free(&text);
	buf_free(&word);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_outcome(i);
	test_failure();
	test_long("");
	test_long("x");
	return tap_done();
}
