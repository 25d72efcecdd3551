/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies in other texts: which row, which code; and texts that hold none. */
#include <config.h>

#include "deliver/quoted.h"
#include "tap.h"

#include <stdio.h>

static const struct {
	const char *text, *provider;
	const char *want; /* "code status row", "" where nothing is known */
} rows[] = {
	{ "535 5.7.8 Error: authentication failed", NULL,
		"535 5.7.8 login.refused-status" },
	{ "535 5.7.8 Error: authentication failed", "postmark",
		"535 5.7.8 postmark.token" },
	{ "5.7.26 unauthenticated", NULL, "0 5.7.26 domain.unauthenticated" },
	{ "Username and Password not accepted", NULL,
		"0  login.refused-words" },
	{ "known=limit.day", NULL, "0  limit.day" },
	{ "limit.day", NULL, "0  limit.day" },
	/* our log; a server that is known by its name */
	{ "host=smtp.gmail.com auth=on smtpstatus=535 smtpmsg='535 5.7.8 "
	  "Username and Password not accepted.' exitcode=EX_NOPERM",
		NULL, "535  google.bad-credentials" },
	/* another's log, a bounce */
	{ "A1: to=<bob@x>, relay=mx.example[192.0.2.1]:25, dsn=5.1.1, "
	  "status=bounced (host mx.example said: 550 5.1.1 User unknown (in "
	  "reply to RCPT TO command))",
		NULL, "550 5.1.1 recipient.unknown" },
	{ "Final-Recipient: rfc822; bob@x\nDiagnostic-Code: smtp; 554 5.7.1 "
	  "<bob@x>: Relay access denied\n",
		NULL, "554 5.7.1 relay.denied" },
	/* a trace: lines joined, logging in passed over */
	{ "<-- 220 mx ESMTP\n--> AUTH PLAIN 535 dmarc\n"
	  "<-- 550-5.7.1 Over the daily\n<-- 550 5.7.1 sending limit\n",
		NULL, "550 5.7.1 limit.day" },
	/* what it answered, by its words */
	{ "421 4.7.0 Try again later, closing connection. (EHLO)", NULL,
		"421 4.7.0 server.busy" },
	{ "451 no such thing (in reply to end of DATA command)", NULL,
		"451  server.later" },
	{ "554 no (in reply to RCPT TO command)", NULL,
		"554  recipient.refused" },
	{ "454 Throttling failure: Daily message quota exceeded.", NULL,
		"454  limit.ses-day" },
	/* nothing */
	{ "", NULL, "" },
	{ "hello world", NULL, "" },
	{ "550", NULL, "" },
	{ "250 2.0.0 OK queued", NULL, "" },
	{ "at 12:550 of 5550 and 550x", NULL, "" },
	{ "\xff\xfe\x80\xc3", NULL, "" },
};

static void test_row(size_t i)
{
	struct quoted found;
	char got[200] = "";

	if (quoted_find(span_of(rows[i].text), rows[i].provider, &found))
		snprintf(got, sizeof got, "%u %s %s", found.code, found.status,
			found.row->id);
	tap_is_text(got, rows[i].want, rows[i].text);
}

static void test_words(void)
{
	struct buf words = BUF_INIT(1000);

	quoted_put_words(&words, SPAN("550 Over the DAILY sending limit"),
		known_named(SPAN("limit.day")));
	tap_is_text(
		buf_text(&words), "daily, limit", "the words it is known by");
	buf_free(&words);
}

static void test_large(void)
{
	struct buf text = BUF_INIT(400000);
	struct quoted found;

	while (text.length < 300000)
		buf_puts(&text, "550-5.7.1 - - 451 (");
	tap_ok(quoted_find(buf_span(&text), NULL, &found), "300 KB of codes");
	buf_clear(&text);
	while (text.length < QUOTED_TEXT_LIMIT)
		buf_puts(&text, "nothing of note\n");
	buf_puts(&text, "550 5.7.1 spam");
	tap_ok(!quoted_find(buf_span(&text), NULL, &found),
		"what is behind 64 KB is not read");
	buf_free(&text);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(i);
	test_words();
	test_large();
	return tap_done();
}
