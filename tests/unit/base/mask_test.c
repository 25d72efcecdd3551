/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is hidden of a text that repeats a secret, and what is not. */
#include <config.h>

#include "base/base64.h"
#include "base/mask.h"
#include "tap.h"

#include <stdio.h>

static const struct {
	const char *name, *secret, *sent, *text, *want;
} rows[] = {
	{ "as it is", "s3cret", "", "535 bad password s3cret.",
		"535 bad password <hidden>." },
	{ "in capitals", "s3cret", "", "no: S3CRET", "no: <hidden>" },
	{ "twice, side by side", "s3cret", "", "s3crets3cret",
		"<hidden><hidden>" },
	{ "with blanks in it", "sesame open", "", "'sesame open'?",
		"'<hidden>'?" },
	{ "inside a word", "s3cret", "", "pw=s3cret;", "pw=<hidden>;" },
	{ "base 64 right behind it", "sesame open", "",
		"sesame opensesame openc2VzYW1lIG9wZW4=.",
		"<hidden><hidden><hidden>." },
	{ "not half of it", "s3cret", "", "s3cre ret", "s3cre ret" },
	{ "three bytes are no secret", "abc", "", "abc YWJj", "abc YWJj" },
	{ "four are", "abcd", "", "abcd YWJjZA==", "<hidden> <hidden>" },
	{ "no secret", "", "", "535 no", "535 no" },
	{ "base 64", "s3cret", "", "got czNjcmV0", "got <hidden>" },
	{ "base 64 as AUTH PLAIN has it", "s3cret", "", "got AGFubgBzM2NyZXQ=.",
		"got <hidden>." },
	{ "of another length before it", "s3cret", "", "AGJlYW4AczNjcmV0",
		"<hidden>" },
	{ "and another", "s3cret", "", "AGFubmEAczNjcmV0 x", "<hidden> x" },
	{ "in small letters", "s3cret-word", "",
		"czny zxq czNjcmV0LXdvcmQ=", "czny zxq <hidden>" },
	{ "the form for URLs", "\xFB\xEF\xBE\xFF\xFE", "", "t=--@ ----__4= .",
		"t=--@ <hidden> ." },
	{ "what was sent", "", "AGFubgBzM2NyZXQ=", "unknown: agfubgbzm2nyzxq=",
		"unknown: <hidden>" },
	{ "what was sent, cut", "",
		"AGFubgBzM2NyZXQtd29yZA==", "500 AUTH PLAIN AGFubgBzM2NyZXQ...",
		"500 AUTH PLAIN <hidden>..." },
	{ "a few letters of it", "", "AGFubgBzM2NyZXQtd29yZA==", "AGFubgB",
		"AGFubgB" },
};

static void check_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mask mask = { .plain = { NULL, 0 } };
		struct buf shown = BUF_INIT(1000);

		mask_set_secret(&mask, span_of(rows[i].secret));
		mask_set_sent(&mask, span_of(rows[i].sent));
		mask_put(&mask, span_of(rows[i].text), &shown);
		tap_is_text(buf_text(&shown), rows[i].want, rows[i].name);
		mask_wipe(&mask);
		buf_free(&shown);
	}
}

/* Whatever stands before and behind it in what is encoded. */
static void check_places(void)
{
	struct mask mask = { .plain = { NULL, 0 } };
	unsigned wrong = 0;

	mask_set_secret(&mask, SPAN("Zt q7"));
	for (unsigned before = 0; before < 9; before++)
		for (unsigned behind = 0; behind < 9; behind++) {
			struct buf plain = BUF_INIT(100);
			struct buf encoded = BUF_INIT(100);
			struct buf shown = BUF_INIT(100);

			buf_printf(&plain, "%.*sZt q7%.*s", (int)before,
				"user=ann\1", (int)behind, "\1\1 more .");
			base64_encode(buf_span(&plain), &encoded);
			mask_put(&mask, buf_span(&encoded), &shown);
			wrong +=
				!span_equal(buf_span(&shown), SPAN("<hidden>"));
			buf_free(&plain);
			buf_free(&encoded);
			buf_free(&shown);
		}
	tap_is_number(wrong, 0, "81 places in base 64");
	mask_wipe(&mask);
}

static void check_none(void)
{
	struct buf shown = BUF_INIT(100);

	mask_put(NULL, SPAN("s3cret\0x"), &shown);
	tap_is_span(buf_span(&shown), SPAN("s3cret\0x"), "no mask");
	buf_free(&shown);
}

/* A server that does its best to keep us busy: found in no time. */
static void check_long(void)
{
	struct mask mask = { .plain = { NULL, 0 } };
	struct buf text = BUF_INIT(64 * 1024);
	struct buf shown = BUF_INIT(128 * 1024);
	unsigned count = 0;

	mask_set_secret(&mask, SPAN("s3cret"));
	for (; count < 64 * 1024 / 7; count++)
		buf_puts(&text, "s3cretx");
	mask_put(&mask, buf_span(&text), &shown);
	tap_is_number((int64_t)(shown.length / sizeof "<hidden>"), count,
		"64 KB of it, without a blank");
	mask_wipe(&mask);
	buf_free(&text);
	buf_free(&shown);
}

int main(void)
{
	check_rows();
	check_places();
	check_none();
	check_long();
	return tap_done();
}
