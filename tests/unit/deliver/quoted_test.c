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
		NULL, "535 5.7.8 google.bad-credentials" },
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
	struct quoted found;

	quoted_find(
		SPAN("550-Over the DAILY\n550 sending \n limit"), NULL, &found);
	quoted_put_words(&words, &found);
	tap_is_text(
		buf_text(&words), "daily, limit", "the words it is known by");
	buf_free(&words);
}

/* ---- every known reply, as it is found elsewhere ---------------------------
 */

/* $R is the reply, $C its code, $T what follows; $1 and $2 are its halves as
 * two lines. */
static const struct {
	const char *name, *text;
} forms[] = {
	{ "two lines", "$1\r\n$2\r\n" },
	{ "a bounce", "Final-Recipient: rfc822; b@x.example\nAction: failed\n"
		      "Diagnostic-Code: smtp; $1\n    $2\nX: y\n" },
	{ "our log", "host=mail.x auth=on user=a@x.example recipients=b@y "
		     "smtpstatus=$C smtpmsg='$R' errormsg='no' exitcode=E" },
	{ "Python", "smtplib.SMTPException: ($C, b'$T')" },
	{ "Symfony", "Expected code \"250\" but got code \"$C\", with message "
		     "\"$R\"." },
	{ "curl", "* Connected\n< $R\n* Closing connection\ncurl: (67) no" },
};

static void put_half(struct buf *out, struct span reply, bool is_first)
{
	size_t half = 4 + span_find(span_skip(reply, 4), ' ');

	if (is_first)
		buf_printf(out, "%.3s-%.*s", reply.at, (int)half - 4,
			reply.at + 4);
	else
		buf_printf(out, "%.3s%.*s", reply.at,
			(int)(reply.length - half), reply.at + half);
}

static void put_form(struct buf *out, const char *form, struct span reply)
{
	for (; *form; form++) {
		if (*form != '$') {
			buf_put_byte(out, *form);
			continue;
		}
		form++;
		if (*form == 'R')
			buf_put_span(out, reply);
		else if (*form == 'C')
			buf_put(out, reply.at, 3);
		else if (*form == 'T')
			buf_put_span(out, span_skip(reply, 4));
		else
			put_half(out, reply, *form == '1');
	}
}

static const char *row_in(const char *text, const char *provider)
{
	struct quoted found;

	return quoted_find(span_of(text), *provider ? provider : NULL, &found)
		       ? found.row->id
		       : "";
}

static void test_sample(const struct known *row)
{
	const char *want = row_in(row->sample, row->sample_provider);
	struct buf text = BUF_INIT(8000);

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		buf_clear(&text);
		put_form(&text, forms[i].text, span_of(row->sample));
		tap_is_text(row_in(buf_text(&text), row->sample_provider), want,
			buf_text(&text));
	}
	for (size_t i = 0; i < text.length; i++)
		text.data[i] = text.data[i] >= 'a' && text.data[i] <= 'z'
				       ? (char)(text.data[i] - 'a' + 'A')
				       : text.data[i];
	tap_is_text(row_in(buf_text(&text), row->sample_provider), want,
		buf_text(&text));
	buf_free(&text);
}

/* What hangs on what was asked is known where that is said. */
static void test_stages(void)
{
	static const struct {
		const char *text, *want;
	} said[] = {
		{ "--> AUTH PLAIN <hidden>\n<-- 235 ok\n--> MAIL FROM:<a@b>\n"
		  "<-- 550 no thanks\n",
			"sender.refused" },
		{ "C: RCPT TO:<a@b>\nS: 550 no thanks\nC: QUIT",
			"recipient.refused" },
		{ "2026-01-01 ** b@x R=r T=t H=mx [192.0.2.1]: SMTP error from "
		  "remote mail server after RCPT TO:<b@x>: 550 no thanks",
			"recipient.refused" },
		{ "smtpmsg='550 no thanks' errormsg='envelope from address a@b "
		  "not accepted by the server'",
			"sender.refused" },
		{ "smtpmsg='454 4.7.0 No' errormsg='authentication failed "
		  "(method "
		  "PLAIN)'",
			"login.temporary" },
		{ "554 Transaction failed (in reply to end of DATA command)",
			"content.refused" },
		{ "MAIL FROM command failed Detail: Closing SMTP code: 421 "
		  "Additional SMTP info: 4.3.2",
			"server.closing" },
		{ "550 no thanks", "" },
	};

	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		tap_is_text(
			row_in(said[i].text, ""), said[i].want, said[i].text);
}

/* As terminals, grep and links in terminals have it. */
static void test_coloured(void)
{
	static const struct {
		const char *name, *text, *want;
	} said[] = {
		{ "colours, and a line's rest erased",
			"\033[1;31m535\033[0m \033[31m5.7.8\033[m\033[K "
			"Username and "
			"Pass\033[7mword\033[27m not accepted",
			"google.bad-credentials" },
		{ "a link",
			"sasl: 535 "
			"\033]8;;https://host7.example/?550\033\\5.7.8"
			"\033]8;;\033\\ Username and Password not accepted",
			"google.bad-credentials" },
		{ "a title",
			"\033]0;a title 550 5.1.1 user unknown\a554 5.7.1 "
			"<b@x>: Relay "
			"access denied",
			"relay.denied" },
		{ "two bytes, 256 colours, and one at the end",
			"\033(B\033[m554\033[38;5;196m 5.7.1 Relay access "
			"denied\033",
			"relay.denied" },
		{ "a link without an end",
			"\033]8;;no end\n554 5.7.1 Relay access denied",
			"relay.denied" },
		{ "a colour without an end",
			"554 5.7.1 Relay access denied \033[31",
			"relay.denied" },
		{ "nothing else", "\033[31;1m\033[0m\033", "" },
	};

	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		tap_is_text(row_in(said[i].text, i < 2 ? "gmail" : ""),
			said[i].want, said[i].name);
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
	test_stages();
	for (size_t i = 0; i < known_count(); i++)
		test_sample(known_row(i));
	test_coloured();
	test_large();
	return tap_done();
}
