/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domains of a header as A-labels, and all that must stay as it is. */
#include <config.h>

#include "mail/change.h"
#include "mail/downgrade.h"
#include "tap.h"
#include "unit/mail/pieces.h"

enum { LIMIT = 64 * 1024 };

#define UMLAUT "\xc3\xbc"

/* One name that there is, and one that is wrong. */
static bool to_ascii(const char *domain, struct buf *out, struct diag *why)
{
	if (strcmp(domain, UMLAUT ".example") == 0)
		return buf_puts(out, "xn--tda.example");
	return diag_set(why, DIAG_ADDRESS_DOMAIN_INVALID, domain, "no");
}

/* WANT NULL: nothing is replaced. */
static const struct {
	const char *name, *input, *want;
} cases[] = {
	{ "ASCII", "To: a@b.example\r\n\r\nbody\r\n", NULL },
	{ "no header", "\r\nTo: a@" UMLAUT ".example\r\n", NULL },
	{ "nothing at all", "", NULL },
	{ "no body", "To: a@" UMLAUT ".example\r\n",
		"To: a@xn--tda.example\r\n" },
	{ "a domain", "To: a@" UMLAUT ".example\r\n\r\nbody\r\n",
		"To: a@xn--tda.example\r\n\r\nbody\r\n" },
	{ "in brackets, with a name",
		"From: Ann <a@" UMLAUT ".example>\r\n\r\nbody\r\n",
		"From: Ann <a@xn--tda.example>\r\n\r\nbody\r\n" },
	{ "the body stays",
		"To: a@" UMLAUT ".example\r\n\r\nTo: a@" UMLAUT ".example\r\n",
		"To: a@xn--tda.example\r\n\r\nTo: a@" UMLAUT ".example\r\n" },
	{ "other fields stay",
		"Subject: a@" UMLAUT ".example\r\nMessage-ID: <a@" UMLAUT
		".example>\r\n\r\n",
		NULL },
	{ "a list, folded, in any case",
		"CC: a@" UMLAUT ".example,\r\n b@c.example,\r\n\tc@" UMLAUT
		".example;\r\n\r\n",
		"CC: a@xn--tda.example,\r\n b@c.example,\r\n\tc@xn--tda.example"
		";\r\n\r\n" },
	{ "a name stays", "To: " UMLAUT " <a@" UMLAUT ".example>\r\n\r\n",
		"To: " UMLAUT " <a@xn--tda.example>\r\n\r\n" },
	{ "a local part stays", "To: " UMLAUT "@" UMLAUT ".example\r\n\r\n",
		"To: " UMLAUT "@xn--tda.example\r\n\r\n" },
	{ "a quoted name stays",
		"To: \"x@" UMLAUT ".example \\\"\" <a@b>\r\n\r\n", NULL },
	{ "behind a quoted name", "To: \"\\\"\" <a@" UMLAUT ".example>\r\n\r\n",
		"To: \"\\\"\" <a@xn--tda.example>\r\n\r\n" },
	{ "a comment stays", "To: (x@" UMLAUT ".example (y) \\) ) a@b\r\n\r\n",
		NULL },
	{ "behind a comment", "To: (a (b) \\)) a@" UMLAUT ".example\r\n\r\n",
		"To: (a (b) \\)) a@xn--tda.example\r\n\r\n" },
	{ "a quote without its end", "To: \"a@" UMLAUT ".example\r\n\r\n",
		NULL },
	{ "a backslash at the end", "To: \"a@" UMLAUT ".example\\\r\n\r\n",
		NULL },
	{ "a domain that is none", "To: a@x" UMLAUT ".example\r\n\r\n", NULL },
	{ "no UTF-8", "To: a@\xfc.example\r\n\r\n", NULL },
	{ "at signs", "To: @@" UMLAUT ".example@\r\n\r\n",
		"To: @@xn--tda.example@\r\n\r\n" },
	{ "several fields",
		"Received: x\r\nFrom: a@" UMLAUT
		".example\r\nSubject: y\r\nReply-To: b@" UMLAUT
		".example\r\n\r\n\r\nz\r\n",
		"Received: x\r\nFrom: a@xn--tda.example\r\nSubject: y\r\n"
		"Reply-To: b@xn--tda.example\r\n\r\n\r\nz\r\n" },
};

/* For a server that takes ASCII alone. */
static const struct {
	const char *name, *input, *want;
	unsigned changes;
} words[] = {
	{ "7-bit: ASCII", "Subject: a\r\n\r\n" UMLAUT "\r\n", NULL, 0 },
	{ "7-bit: a subject, and the body stays",
		"Subject: " UMLAUT "\r\n\r\nSubject: " UMLAUT "\r\n",
		"Subject: =?utf-8?B?w7w=?=\r\n\r\nSubject: " UMLAUT "\r\n",
		CHANGE_WORDS },
	{ "7-bit: a name and a domain",
		"To: " UMLAUT " <a@" UMLAUT ".example>\r\n\r\n",
		"To: =?utf-8?B?w7w=?= <a@xn--tda.example>\r\n\r\n",
		CHANGE_WORDS | CHANGE_ALABELS },
	{ "7-bit: a domain alone", "To: a@" UMLAUT ".example\r\n\r\n",
		"To: a@xn--tda.example\r\n\r\n", CHANGE_ALABELS },
	{ "7-bit: what a signature names stays",
		"DKIM-Signature: v=1; d=a; b=h=To; h = From :\r\n "
		"subject\r\n\t:Date;\r\n"
		"Subject: " UMLAUT "\r\nFrom: " UMLAUT " <a@" UMLAUT
		".example>\r\nTo: " UMLAUT " <b@c>\r\n\r\n",
		"DKIM-Signature: v=1; d=a; b=h=To; h = From :\r\n "
		"subject\r\n\t:Date;\r\n"
		"Subject: " UMLAUT "\r\nFrom: " UMLAUT " <a@" UMLAUT
		".example>\r\nTo: =?utf-8?B?w7w=?= <b@c>\r\n\r\n",
		CHANGE_WORDS },
	{ "7-bit: so does a sealed field",
		"Subject: " UMLAUT "\r\nARC-Message-Signature: i=1;"
		"h=Subject\r\n\r\n",
		NULL, 0 },
	{ "7-bit: another field, and a signature without its list",
		"DKIM-Signature: v=1\r\nReceived: (" UMLAUT ")\r\n\r\n", NULL,
		0 },
};

static void check(const char *name, const char *text, const char *want,
	bool is_7bit, unsigned changes)
{
	struct span input = span_of(text);
	bool is_changed = want != NULL;
	struct buf got = BUF_INIT(LIMIT);
	bool is_fine = true;

	if (!want)
		want = text;
	for (size_t size = 1; size <= input.length + 1 && is_fine; size++) {
		struct source *message = pieces_of(input, size);
		struct downgraded out;
		struct diag why;

		is_fine =
			downgrade_open(message, is_7bit, to_ascii, &out, &why);
		for (int times = 0; times < 2 && is_fine; times++) {
			pieces_read(out.source ? out.source : message, &got);
			is_fine = !strcmp(buf_text(&got), want) &&
				  (out.source != NULL) == is_changed &&
				  out.changes == changes &&
				  (int64_t)(input.length) + out.growth ==
					  (int64_t)got.length;
			source_rewind(out.source ? out.source : message, &why);
		}
		source_close(out.source);
		source_close(message);
	}
	tap_is_text(buf_text(&got), want, name);
	tap_ok(is_fine, "and its size");
	buf_free(&got);
}

/* What becomes too long is folded. */
static void check_long_line(void)
{
	struct buf input = BUF_INIT(LIMIT), got = BUF_INIT(LIMIT);
	struct source *message;
	struct downgraded out;
	struct span rest, line;
	size_t longest = 0;
	struct diag why;

	buf_puts(&input, "To: a@" UMLAUT ".example");
	while (input.length < 970)
		buf_puts(&input, ", a@" UMLAUT ".example");
	buf_puts(&input, "\r\n\r\n");
	message = pieces_of(buf_span(&input), LIMIT);
	tap_ok(downgrade_open(message, false, to_ascii, &out, &why) &&
			out.source,
		"a long line");
	pieces_read(out.source, &got);
	for (rest = buf_span(&got); (line = span_cut(&rest, '\n')).length;)
		longest = line.length > longest ? line.length : longest;
	tap_ok(longest > 900 && longest <= 999, "is folded, at %zu", longest);
	tap_is_number((int64_t)got.length, (int64_t)input.length + out.growth,
		"and counted");
	source_close(out.source);
	source_close(message);
	buf_free(&input);
	buf_free(&got);
}

static bool fail(struct source *source, struct span *piece, struct diag *why)
{
	(void)source;
	(void)piece;
	return diag_set(why, DIAG_INPUT_UNREADABLE);
}

static void check_failure(void)
{
	static const struct source_ops ops = { .next = fail };
	struct source message = { &ops };
	struct downgraded out;
	struct diag why = { .id = DIAG_NONE };

	tap_ok(!downgrade_open(&message, false, to_ascii, &out, &why),
		"a source that fails");
	tap_is_diag(&why, DIAG_INPUT_UNREADABLE, "says why");
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(cases[i].name, cases[i].input, cases[i].want, false,
			cases[i].want ? CHANGE_ALABELS : 0);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		check(words[i].name, words[i].input, words[i].want, true,
			words[i].changes);
	check_long_line();
	check_failure();
	return tap_done();
}
