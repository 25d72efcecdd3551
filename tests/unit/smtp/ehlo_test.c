/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies to EHLO, written as their lines without codes. */
#include <config.h>

#include "smtp/ehlo.h"
#include "tap.h"

#include <inttypes.h>

static const struct {
	const char *name, *text, *want;
} cases[] = {
	{ "only a greeting", "host", "" },
	{ "nothing", "", "" },
	{ "the greeting is no keyword", "PIPELINING", "" },
	{ "one", "host\nPIPELINING", "PIPELINING" },
	{ "all that we know",
		"host\nSTARTTLS\nAUTH PLAIN\nPIPELINING\nSIZE 10\n8BITMIME\n"
		"ENHANCEDSTATUSCODES\nSMTPUTF8\nDSN\nCHUNKING\nLIMITS\n"
		"REQUIRETLS\nETRN",
		"STARTTLS AUTH PIPELINING SIZE 8BITMIME ENHANCEDSTATUSCODES "
		"SMTPUTF8 DSN CHUNKING LIMITS REQUIRETLS ETRN size=10 "
		"mech=PLAIN" },
	{ "any case", "host\nsTarttls\npipelining", "STARTTLS PIPELINING" },
	{ "keywords compare whole", "host\nSTARTTLSX\nXSTARTTLS\nSTART", "" },
	{ "unknown lines", "host\nXYZ 1 2\nDSN\n???", "DSN" },
	{ "trailing space", "host\nDSN  ", "DSN" },
	{ "leading space", "host\n DSN", "DSN" },
	{ "size", "host\nSIZE 35882577", "SIZE size=35882577" },
	{ "size 0", "host\nSIZE 0", "SIZE size=0" },
	{ "size without number", "host\nSIZE", "SIZE" },
	{ "size that is none", "host\nSIZE 12x", "SIZE" },
	{ "negative size", "host\nSIZE -1", "SIZE" },
	{ "largest size", "host\nSIZE 18446744073709551615",
		"SIZE size=18446744073709551615" },
	{ "size too large", "host\nSIZE 18446744073709551616", "SIZE" },
	{ "mechanisms", "host\nAUTH plain Login SCRAM-SHA-256-PLUS",
		"AUTH mech=PLAIN LOGIN SCRAM-SHA-256-PLUS" },
	{ "no mechanisms", "host\nAUTH", "AUTH" },
	{ "old form", "host\nAUTH=PLAIN LOGIN", "AUTH mech=PLAIN LOGIN" },
	{ "old form without any", "host\nAUTH=", "AUTH" },
	{ "both forms", "host\nAUTH PLAIN LOGIN\nAUTH=LOGIN CRAM-MD5",
		"AUTH mech=PLAIN LOGIN CRAM-MD5" },
	{ "one twice", "host\nAUTH PLAIN plain", "AUTH mech=PLAIN" },
	{ "tabs and spaces", "host\nAUTH\tPLAIN  LOGIN ",
		"AUTH mech=PLAIN LOGIN" },
	{ "names that are none",
		"host\nAUTH PL\x1b[IN ABCDEFGHIJKLMNOPQRSTU A;B OK_1",
		"AUTH mech=OK_1" },
	{ "limits", "host\nLIMITS RCPTMAX=100 MAILMAX=5 RCPTDOMAINMAX=1",
		"LIMITS rcpt=100 mail=5" },
	{ "limits that are none",
		"host\nLIMITS RCPTMAX=x MAILMAX RCPTMAX=", "LIMITS" },
	{ "limit too large", "host\nLIMITS RCPTMAX=1000000", "LIMITS" },
};

static void describe(const struct ehlo *ehlo, struct buf *out)
{
	for (int i = 0; i < EHLO_COUNT; i++)
		if (ehlo->has[i])
			buf_printf(out, "%s%s", out->length ? " " : "",
				ehlo_keyword((enum ehlo_extension)i));
	if (ehlo->has_size_limit)
		buf_printf(out, " size=%" PRIu64, ehlo->size_limit);
	if (ehlo->rcpt_max)
		buf_printf(out, " rcpt=%lu", ehlo->rcpt_max);
	if (ehlo->mail_max)
		buf_printf(out, " mail=%lu", ehlo->mail_max);
	if (ehlo->mechanisms.length)
		buf_printf(out, " mech=%s", buf_text(&ehlo->mechanisms));
}

int main(void)
{
	struct ehlo ehlo;
	struct buf got = BUF_INIT(1000);

	/* One struct for all: each reading must forget the one before. */
	ehlo_init(&ehlo);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct smtp_reply reply = { .code = 250,
			.text = BUF_INIT(REPLY_LIMIT) };

		buf_puts(&reply.text, cases[i].text);
		ehlo_read(&ehlo, &reply);
		buf_clear(&got);
		describe(&ehlo, &got);
		tap_is_text(buf_text(&got), cases[i].want, cases[i].name);
		buf_free(&reply.text);
	}
	ehlo.has[EHLO_STARTTLS] = true;
	ehlo_forget(&ehlo);
	buf_clear(&got);
	describe(&ehlo, &got);
	tap_is_text(buf_text(&got), "", "ehlo_forget() forgets");
	ehlo_free(&ehlo);
	buf_free(&got);
	return tap_done();
}
