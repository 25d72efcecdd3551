/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server's side: what each command is answered, with the client's bytes
 * cut into pieces of every size.  "|" in the input stands for a wait for the
 * reply; it takes no part in what is sent.
 */
#include <config.h>

#include "base/buf.h"
#include "smtp/reception.h"
#include "tap.h"

#include <stdio.h>

enum { OUT_LIMIT = 256 * 1024 };

static const struct reception_params bare = { .host_name = "srv" };
static const struct reception_params full = {
	.host_name = "srv",
	.banner = "at your service",
	.size_limit = 100,
	.recipient_limit = 3,
	.mechanisms = "PLAIN LOGIN",
	.starttls = true,
	.auth_needs_tls = true,
	.pipelining = true,
	.eightbitmime = true,
	.smtputf8 = true,
	.dsn = true,
	.chunking = true,
};
static const struct reception_params auth = {
	.host_name = "srv", .mechanisms = "PLAIN LOGIN", .auth_required = true
};
static const struct reception_params strict = { .host_name = "srv",
	.mechanisms = "LOGIN",
	.pipelining = true,
	.is_strict = true };
static const struct reception_params strict_bare = { .host_name = "srv",
	.is_strict = true };

#define HELLO                                                                  \
	"220 srv ESMTP\r\n250-srv\r\n250-SIZE\r\n250 ENHANCEDSTATUSCODES\r\n"
#define HELLO_AUTH                                                             \
	"220 srv ESMTP\r\n250-srv\r\n250-SIZE\r\n250-AUTH PLAIN LOGIN\r\n"     \
	"250 ENHANCEDSTATUSCODES\r\n"
#define HELLO_FULL                                                             \
	"220 srv ESMTP at your service\r\n250-srv\r\n250-PIPELINING\r\n"       \
	"250-SIZE 100\r\n250-STARTTLS\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"     \
	"250-DSN\r\n250-CHUNKING\r\n250 ENHANCEDSTATUSCODES\r\n"
#define FINE   "250 2.1.0 fine\r\n"
#define TAKEN  "250 2.0.0 taken\r\n"
#define GO     "354 go ahead, end with a dot\r\n"
#define TEN(x) x x x x x x x x x x

struct reception_case {
	const char *name;
	const struct reception_params *params;
	struct span input;
	const char *want, *mail;
};

static const struct reception_case cases[] = {
	{ "greeting", &bare, SPAN(""), "220 srv ESMTP\r\n", "" },
	{ "banner", &full, SPAN(""), "220 srv ESMTP at your service\r\n", "" },
	{ "EHLO", &bare, SPAN("EHLO a\r\n"), HELLO, "" },
	{ "EHLO with all", &full, SPAN("ehlo a\r\n"), HELLO_FULL, "" },
	{ "HELO", &bare, SPAN("HELO a\r\n"), "220 srv ESMTP\r\n250 srv\r\n",
		"" },
	{ "EHLO without a name", &bare, SPAN("EHLO\r\n"),
		"220 srv ESMTP\r\n501 5.5.4 who are you?\r\n", "" },
	{ "EHLO with two names", &bare, SPAN("EHLO a b\r\n"),
		"220 srv ESMTP\r\n501 5.5.4 who are you?\r\n", "" },
	{ "QUIT", &bare, SPAN("QUIT\r\nNOOP\r\n"),
		"220 srv ESMTP\r\n221 2.0.0 goodbye\r\n", "" },
	{ "QUIT with words", &bare, SPAN("QUIT now\r\n"),
		"220 srv ESMTP\r\n501 5.5.4 QUIT takes nothing\r\n", "" },
	{ "NOOP, HELP, VRFY, RSET", &bare,
		SPAN("NOOP x\r\nHELP\r\nVRFY a\r\nVRFY\r\nRSET\r\nRSET x\r\n"),
		"220 srv ESMTP\r\n250 2.0.0 nothing done\r\n"
		"214 2.0.0 see RFC 5321\r\n"
		"252 2.5.0 send some mail, and see\r\n501 5.5.4 whom?\r\n"
		"250 2.0.0 forgotten\r\n501 5.5.4 RSET takes nothing\r\n",
		"" },
	{ "unknown command", &bare, SPAN("XYZZY\r\n\r\n"),
		"220 srv ESMTP\r\n500 5.5.1 what?\r\n500 5.5.1 what?\r\n", "" },
	{ "a whole message", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"
		     "..x\r\ny\r\n.\r\nQUIT\r\n"),
		HELLO FINE FINE GO TAKEN "221 2.0.0 goodbye\r\n",
		"<a@b>[c@d].x\r\ny\r\n\n" },
	{ "two messages", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n"
		     "MAIL FROM:<e@f>\r\nRCPT TO:<g@h>\r\nDATA\r\nx\r\n.\r\n"),
		HELLO FINE FINE GO TAKEN FINE FINE GO TAKEN,
		"<>[c@d]\n<e@f>[g@h]x\r\n\n" },
	{ "by HELO", &bare,
		SPAN("HELO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"
		     ".\r\n"),
		"220 srv ESMTP\r\n250 srv\r\n" FINE FINE GO TAKEN,
		"<a@b>[c@d]\n" },
	{ "one refused, one later", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<no@d>\r\n"
		     "RCPT TO:<later@d>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n"),
		HELLO FINE
		"550 5.1.1 nobody\r\n450 4.2.1 not now\r\n" FINE GO TAKEN,
		"<a@b>[c@d]\n" },
	{ "all refused", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<no@d>\r\nDATA\r\n"),
		HELLO FINE
		"550 5.1.1 nobody\r\n554 5.5.1 no valid recipients\r\n",
		"<a@b>" },
	{ "sender refused", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<no@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"
		     "MAIL FROM:<a@b>\r\n"),
		HELLO "550 5.1.8 not you\r\n503 5.5.1 not now\r\n"
		      "503 5.5.1 not now\r\n" FINE,
		"<no@b><a@b>" },
	{ "message refused", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"
		     "refuse\r\n.\r\nDATA\r\n"),
		HELLO FINE FINE GO "554 5.7.1 no\r\n503 5.5.1 not now\r\n",
		"<a@b>[c@d]refuse\r\n" },
	{ "the caller hangs up", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT "
		     "TO:<quit@d>\r\nNOOP\r\n"),
		HELLO FINE "421 4.3.2 enough\r\n", "<a@b>" },
	{ "a sender without EHLO", &bare, SPAN("MAIL FROM:<a@b>\r\n"),
		"220 srv ESMTP\r\n503 5.5.1 say EHLO first\r\n", "" },
	{ "two senders", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<c@d>\r\n"),
		HELLO FINE "503 5.5.1 there is a sender already\r\n", "<a@b>" },
	{ "a recipient without sender", &bare,
		SPAN("EHLO a\r\nRCPT TO:<c@d>\r\n"),
		HELLO "503 5.5.1 not now\r\n", "" },
	{ "DATA without anything", &bare, SPAN("EHLO a\r\nDATA\r\n"),
		HELLO "503 5.5.1 not now\r\n", "" },
	{ "DATA with words", &bare, SPAN("EHLO a\r\nDATA x\r\n"),
		HELLO "501 5.5.4 DATA takes nothing\r\n", "" },
	{ "RSET forgets", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b>\r\nRSET\r\nRCPT TO:<c@d>\r\n"
		     "MAIL FROM:<e@f>\r\n"),
		HELLO FINE "250 2.0.0 forgotten\r\n503 5.5.1 not now\r\n" FINE,
		"<a@b><e@f>" },
	{ "EHLO forgets", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b>\r\nEHLO a\r\nRCPT "
		     "TO:<c@d>\r\n"),
		HELLO FINE "250-srv\r\n250-SIZE\r\n250 ENHANCEDSTATUSCODES\r\n"
			   "503 5.5.1 not now\r\n",
		"<a@b>" },
	{ "a space before the path", &bare,
		SPAN("EHLO a\r\nMAIL FROM: <a@b>\r\nrcpt to: <c@d>\r\n"),
		HELLO FINE FINE, "<a@b>[c@d]" },
	{ "a source route", &bare, SPAN("EHLO a\r\nMAIL FROM:<@r,@s:a@b>\r\n"),
		HELLO FINE, "<a@b>" },
	{ "a quoted local part", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<\"a b\\\"c\"@d>\r\n"), HELLO FINE,
		"<\"a b\\\"c\"@d>" },
	{ "no brackets", &bare, SPAN("EHLO a\r\nMAIL FROM:a@b\r\n"),
		HELLO "501 5.5.4 syntax error in the address\r\n", "" },
	{ "no closing bracket", &bare, SPAN("EHLO a\r\nMAIL FROM:<a@b\r\n"),
		HELLO "501 5.5.4 syntax error in the address\r\n", "" },
	{ "text behind the bracket", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b>x\r\n"),
		HELLO "501 5.5.4 syntax error in the address\r\n", "" },
	{ "no FROM", &bare, SPAN("EHLO a\r\nMAIL <a@b>\r\nMAIL\r\n"),
		HELLO "501 5.5.4 syntax error\r\n501 5.5.4 syntax error\r\n",
		"" },
	{ "a bracket in a quoted part", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<\"a>\"@b>\r\n"),
		HELLO "553 5.1.3 that is no address\r\n", "" },
	{ "a control byte", &bare, SPAN("EHLO a\r\nMAIL FROM:<a\x01@b>\r\n"),
		HELLO "553 5.1.3 that is no address\r\n", "" },
	{ "8-bit without SMTPUTF8", &full,
		SPAN("EHLO a\r\nMAIL FROM:<\xc3\xbc@b>\r\n"),
		HELLO_FULL "553 5.1.3 that is no address\r\n", "" },
	{ "SMTPUTF8", &full,
		SPAN("EHLO a\r\nMAIL FROM:<\xc3\xbc@b> SMTPUTF8\r\n"
		     "RCPT TO:<\xc3\xa9@b>\r\n"),
		HELLO_FULL FINE FINE, "<\xc3\xbc@b> SMTPUTF8[\xc3\xa9@b]" },
	{ "malformed UTF-8", &full,
		SPAN("EHLO a\r\nMAIL FROM:<\xfc@b> SMTPUTF8\r\n"),
		HELLO_FULL "553 5.1.3 that is no address\r\n", "" },
	{ "the null recipient", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<>\r\n"),
		HELLO FINE "501 5.1.3 that is no address\r\n", "<>" },
	{ "all parameters", &full,
		SPAN("EHLO a\r\nMAIL FROM:<a@b> SIZE=100 BODY=8BITMIME "
		     "RET=HDRS ENVID=x AUTH=<>\r\n"
		     "RCPT TO:<c@d> NOTIFY=NEVER ORCPT=rfc822;c@d\r\n"),
		HELLO_FULL FINE FINE,
		"<a@b> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=x AUTH=<>"
		"[c@d NOTIFY=NEVER ORCPT=rfc822;c@d]" },
	{ "a parameter that was not offered", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<a@b> BODY=8BITMIME\r\n"
		     "MAIL FROM:<a@b> RET=FULL\r\nMAIL FROM:<a@b> SMTPUTF8\r\n"
		     "MAIL FROM:<a@b> X\r\n"),
		HELLO "555 5.5.4 that parameter was not offered\r\n"
		      "555 5.5.4 that parameter was not offered\r\n"
		      "555 5.5.4 that parameter was not offered\r\n"
		      "555 5.5.4 that parameter was not offered\r\n",
		"" },
	{ "BODY=BINARYMIME", &full,
		SPAN("EHLO a\r\nMAIL FROM:<a@b> BODY=BINARYMIME\r\n"),
		HELLO_FULL "555 5.5.4 that parameter was not offered\r\n", "" },
	{ "NOTIFY that was not offered", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<c@d> "
		     "NOTIFY=NEVER\r\n"),
		HELLO FINE "555 5.5.4 that parameter was not offered\r\n",
		"<>" },
	{ "parameters after HELO", &full,
		SPAN("HELO a\r\nMAIL FROM:<a@b> SIZE=1\r\n"),
		"220 srv ESMTP at your service\r\n250 srv\r\n"
		"555 5.5.4 say EHLO first\r\n",
		"" },
	{ "SIZE that is none", &full,
		SPAN("EHLO a\r\nMAIL FROM:<a@b> SIZE=x\r\n"
		     "MAIL FROM:<a@b> SIZE=\r\n"),
		HELLO_FULL
		"501 5.5.4 that is no size\r\n501 5.5.4 that is no size\r\n",
		"" },
	{ "SIZE too large", &full,
		SPAN("EHLO a\r\nMAIL FROM:<a@b> SIZE=101\r\n"),
		HELLO_FULL "552 5.3.4 too large\r\n", "" },
	{ "too many recipients", &full,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"
		     "RCPT TO:<c@b>\r\nRCPT TO:<d@b>\r\nRCPT TO:<e@b>\r\n"),
		HELLO_FULL FINE FINE FINE FINE
		"452 4.5.3 too many recipients\r\n",
		"<>[a@b][c@b][d@b]" },
	{ "a message of the largest size", &full,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n" TEN(
			"12345678\r\n") ".\r\n"),
		HELLO_FULL FINE FINE GO TAKEN,
		"<>[a@b]" TEN("12345678\r\n") "\n" },
	{ "too large a message", &full,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n" TEN(
			"12345678\r\n") "x\r\n.\r\nRCPT TO:<a@b>\r\n"),
		HELLO_FULL FINE FINE GO
		"552 5.3.4 too large\r\n503 5.5.1 not now\r\n",
		NULL },
	/* Only CRLF . CRLF ends a message. */
	{ "smuggling", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n"
		     "x\n.\nMAIL FROM:<e@f>\r\n.\nQUIT\r\ny\n.\r\nz\r\n.\r\n"),
		HELLO FINE FINE GO TAKEN,
		"<>[a@b]x\n.\nMAIL FROM:<e@f>\r\n\nQUIT\r\ny\n.\r\nz\r\n\n" },
	{ "a command that ends in LF", &bare, SPAN("NOOP\nNOOP\r\n"),
		"220 srv ESMTP\r\n500 5.5.2 a line ends in CR LF\r\n"
		"250 2.0.0 nothing done\r\n",
		"" },
	{ "a command with a CR", &bare, SPAN("NOOP\rNOOP\r\n"),
		"220 srv ESMTP\r\n500 5.5.2 a line ends in CR LF\r\n", "" },
	{ "a command with a NUL", &bare, SPAN("NOOP\0\r\n"),
		"220 srv ESMTP\r\n500 5.5.2 a line ends in CR LF\r\n", "" },
	{ "ten mistakes", &bare, SPAN(TEN("X\r\n") "NOOP\r\n"),
		"220 srv ESMTP\r\n" TEN(
			"500 5.5.1 what?\r\n") "421 4.7.0 too many errors\r\n",
		"" },
	{ "nine mistakes", &bare,
		SPAN("X\r\nX\r\nX\r\nX\r\nX\r\nX\r\nX\r\nX\r\nX\r\nNOOP\r\n"),
		"220 srv ESMTP\r\n500 5.5.1 what?\r\n500 5.5.1 what?\r\n"
		"500 5.5.1 what?\r\n500 5.5.1 what?\r\n500 5.5.1 what?\r\n"
		"500 5.5.1 what?\r\n500 5.5.1 what?\r\n500 5.5.1 what?\r\n"
		"500 5.5.1 what?\r\n250 2.0.0 nothing done\r\n",
		"" },
	{ "mistakes before a good message are forgiven", &bare,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"
		     "X\r\nX\r\nX\r\nX\r\nX\r\nDATA\r\n.\r\n"
		     "X\r\nX\r\nX\r\nX\r\nX\r\nNOOP\r\n"),
		HELLO FINE FINE "500 5.5.1 what?\r\n500 5.5.1 what?\r\n"
				"500 5.5.1 what?\r\n500 5.5.1 what?\r\n"
				"500 5.5.1 what?\r\n" GO TAKEN
				"500 5.5.1 what?\r\n500 5.5.1 what?\r\n"
				"500 5.5.1 what?\r\n500 5.5.1 what?\r\n"
				"500 5.5.1 what?\r\n250 2.0.0 nothing done\r\n",
		"<>[a@b]\n" },
	/* TLS */
	{ "STARTTLS", &full,
		SPAN("EHLO a\r\nSTARTTLS\r\n|MAIL FROM:<>\r\nEHLO a\r\n"
		     "STARTTLS\r\n"),
		HELLO_FULL
		"220 2.0.0 go ahead\r\n503 5.5.1 say EHLO first\r\n"
		"250-srv\r\n250-PIPELINING\r\n250-SIZE 100\r\n"
		"250-AUTH PLAIN LOGIN\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
		"250-DSN\r\n250-CHUNKING\r\n250 ENHANCEDSTATUSCODES\r\n"
		"503 5.5.1 there is no STARTTLS now\r\n",
		"" },
	{ "STARTTLS forgets", &full,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nSTARTTLS\r\n|"
		     "RCPT TO:<c@d>\r\n"),
		HELLO_FULL FINE "220 2.0.0 go ahead\r\n503 5.5.1 not now\r\n",
		"<>" },
	{ "STARTTLS not offered", &bare, SPAN("EHLO a\r\nSTARTTLS\r\n"),
		HELLO "503 5.5.1 there is no STARTTLS now\r\n", "" },
	{ "STARTTLS with words", &full, SPAN("STARTTLS x\r\n"),
		"220 srv ESMTP at your service\r\n"
		"501 5.5.4 STARTTLS takes nothing\r\n",
		"" },
	/* AUTH */
	{ "AUTH PLAIN", &auth,
		SPAN("EHLO a\r\nAUTH plain AHVzZXIAaHVudGVyMg==\r\n"
		     "MAIL FROM:<>\r\n"),
		HELLO_AUTH "235 2.7.0 welcome\r\n" FINE, "(user)<>" },
	{ "AUTH PLAIN without initial response", &auth,
		SPAN("EHLO a\r\nAUTH PLAIN\r\n|AHVzZXIAaHVudGVyMg==\r\n"),
		HELLO_AUTH "334 \r\n235 2.7.0 welcome\r\n", "(user)" },
	{ "AUTH LOGIN", &auth,
		SPAN("EHLO a\r\nAUTH LOGIN\r\n|dXNlcg==\r\n|aHVudGVyMg==\r\n"),
		HELLO_AUTH "334 VXNlcg==\r\n334 UGFzcw==\r\n"
			   "235 2.7.0 welcome\r\n",
		"(user)" },
	{ "a wrong password", &auth,
		SPAN("EHLO a\r\nAUTH PLAIN AHVzZXIAeA==\r\nMAIL FROM:<>\r\n"),
		HELLO_AUTH "535 5.7.8 that is not right\r\n"
			   "530 5.7.0 authenticate first\r\n",
		"" },
	{ "an empty initial response", &auth,
		SPAN("EHLO a\r\nAUTH PLAIN =\r\n"),
		HELLO_AUTH "535 5.7.8 that is not right\r\n", "" },
	{ "a failure of its own", &auth,
		SPAN("EHLO a\r\nAUTH PLAIN AGxhdGVyAHg=\r\n"),
		HELLO_AUTH "454 4.7.0 not now\r\n", "" },
	{ "AUTH cancelled", &auth,
		SPAN("EHLO a\r\nAUTH LOGIN\r\n|*\r\nAUTH LOGIN\r\n"),
		HELLO_AUTH
		"334 VXNlcg==\r\n501 5.7.0 cancelled\r\n334 VXNlcg==\r\n",
		"" },
	{ "a response that is no base 64", &auth,
		SPAN("EHLO a\r\nAUTH LOGIN\r\n|x!\r\nNOOP\r\n"),
		HELLO_AUTH "334 VXNlcg==\r\n501 5.5.2 that is not base 64\r\n"
			   "250 2.0.0 nothing done\r\n",
		"" },
	{ "an initial response that is none", &auth,
		SPAN("EHLO a\r\nAUTH PLAIN x!\r\n"),
		HELLO_AUTH "501 5.5.2 that is not base 64\r\n", "" },
	{ "a mechanism that is not offered", &auth,
		SPAN("EHLO a\r\nAUTH X\r\nAUTH\r\n"),
		HELLO_AUTH "504 5.5.4 that mechanism is not offered\r\n"
			   "501 5.5.4 with which mechanism?\r\n",
		"" },
	{ "AUTH twice", &auth,
		SPAN("EHLO a\r\nAUTH PLAIN AHVzZXIAaHVudGVyMg==\r\n"
		     "AUTH PLAIN AHVzZXIAaHVudGVyMg==\r\n"),
		HELLO_AUTH "235 2.7.0 welcome\r\n503 5.5.1 not now\r\n",
		"(user)" },
	{ "AUTH not offered", &bare, SPAN("EHLO a\r\nAUTH PLAIN\r\n"),
		HELLO "503 5.5.1 there is no AUTH\r\n", "" },
	{ "AUTH after HELO", &auth, SPAN("HELO a\r\nAUTH PLAIN\r\n"),
		"220 srv ESMTP\r\n250 srv\r\n503 5.5.1 there is no AUTH\r\n",
		"" },
	{ "AUTH without TLS", &full, SPAN("EHLO a\r\nAUTH PLAIN\r\n"),
		HELLO_FULL "538 5.7.11 not without TLS\r\n", "" },
	{ "MAIL without AUTH", &auth, SPAN("EHLO a\r\nMAIL FROM:<>\r\n"),
		HELLO_AUTH "530 5.7.0 authenticate first\r\n", "" },
	/* BDAT */
	{ "one chunk", &full,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"
		     "BDAT 8 LAST\r\n.\r\n.\r\nx\nNOOP\r\n"),
		HELLO_FULL FINE FINE TAKEN "250 2.0.0 nothing done\r\n",
		"<>[a@b].\r\n.\r\nx\n\n" },
	{ "three chunks", &full,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nBDAT "
		     "3\r\na\r\n"
		     "BDAT 3\r\nb\r\nBDAT 0 LAST\r\n"),
		HELLO_FULL FINE FINE
		"250 2.0.0 go on\r\n250 2.0.0 go on\r\n" TAKEN,
		"<>[a@b]a\r\nb\r\n\n" },
	{ "DATA among chunks", &full,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nBDAT 1\r\nx"
		     "DATA\r\nRCPT TO:<c@d>\r\n"),
		HELLO_FULL FINE FINE
		"250 2.0.0 go on\r\n503 5.5.1 go on with BDAT\r\n"
		"503 5.5.1 not now\r\n",
		"<>[a@b]x" },
	{ "too large a chunk", &full,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"
		     "BDAT 101 LAST\r\n1" TEN("1234567890") "NOOP\r\n"),
		HELLO_FULL FINE FINE
		"552 5.3.4 too large\r\n250 2.0.0 nothing done\r\n",
		NULL },
	{ "BDAT not offered", &bare, SPAN("EHLO a\r\nBDAT 1\r\n"),
		HELLO "502 5.5.1 there is no BDAT\r\n", "" },
	{ "BDAT without a number", &full, SPAN("EHLO a\r\nBDAT x\r\nNOOP\r\n"),
		HELLO_FULL "501 5.5.4 syntax error\r\n421 4.5.0 what follows "
			   "is unclear\r\n",
		"" },
	{ "BDAT with words", &full, SPAN("EHLO a\r\nBDAT 1 FIRST\r\nNOOP\r\n"),
		HELLO_FULL "501 5.5.4 syntax error\r\n421 4.5.0 what follows "
			   "is unclear\r\n",
		"" },
	{ "BDAT without recipients", &full,
		SPAN("EHLO a\r\nMAIL FROM:<>\r\nBDAT 5 LAST\r\nNOOP\r\n"),
		HELLO_FULL FINE "554 5.5.1 no valid recipients\r\n"
				"421 4.5.0 a chunk nobody waits for\r\n",
		"<>" },
};

/* ---- the caller ---------------------------------------------------------- */

static void on_sender(struct reception *reception, struct buf *mail)
{
	struct span parameters = reception_parameters(reception);

	buf_puts(mail, "<");
	buf_put_span(mail, reception_argument(reception));
	buf_puts(mail, parameters.length ? "> " : ">");
	buf_put_span(mail, parameters);
	if (span_starts_with(reception_argument(reception), SPAN("no@")))
		reception_answer(reception, 550, "5.1.8 not you");
	else
		reception_answer(reception, 250, "2.1.0 fine");
}

static void on_recipient(struct reception *reception, struct buf *mail)
{
	struct span parameters = reception_parameters(reception);
	struct span address = reception_argument(reception);

	if (span_starts_with(address, SPAN("no@"))) {
		reception_answer(reception, 550, "5.1.1 nobody");
	} else if (span_starts_with(address, SPAN("later@"))) {
		reception_answer(reception, 450, "4.2.1 not now");
	} else if (span_starts_with(address, SPAN("quit@"))) {
		reception_answer(reception, 421, "4.3.2 enough");
	} else {
		buf_puts(mail, "[");
		buf_put_span(mail, address);
		buf_puts(mail, parameters.length ? " " : "");
		buf_put_span(mail, parameters);
		buf_puts(mail, "]");
		reception_answer(reception, 250, "2.1.0 fine");
	}
}

static void check_password(
	struct reception *reception, struct span text, struct buf *mail)
{
	bool is_right = span_equal(text, SPAN("\0user\0hunter2"));

	if (span_starts_with(text, SPAN("\0later\0"))) {
		reception_answer(reception, 454, "4.7.0 not now");
		return;
	}
	reception_auth_done(reception, is_right, "user");
	if (is_right)
		buf_printf(mail, "(%s)", reception_user(reception));
}

static void on_auth(struct reception *reception, struct buf *mail)
{
	static bool has_user;
	struct span argument = reception_argument(reception);
	struct span initial = reception_initial_response(reception);

	if (!reception_is_response(reception)) {
		has_user = false;
		if (span_equal(argument, SPAN("LOGIN")))
			reception_challenge(reception, SPAN("User"));
		else if (initial.at)
			check_password(reception, initial, mail);
		else
			reception_challenge(reception, SPAN(""));
	} else if (span_equal(argument, SPAN("user"))) {
		has_user = true;
		reception_challenge(reception, SPAN("Pass"));
	} else if (has_user && span_equal(argument, SPAN("hunter2"))) {
		check_password(reception, SPAN("\0user\0hunter2"), mail);
	} else {
		check_password(reception, argument, mail);
	}
}

static void on_end(struct reception *reception, struct buf *mail)
{
	if (strstr(buf_text(mail), "refuse")) {
		reception_answer(reception, 554, "5.7.1 no");
		return;
	}
	buf_puts(mail, "\n");
	reception_answer(reception, 250, "2.0.0 taken");
}

/* Answers events until bytes are wanted. */
static void serve(struct reception *reception, struct buf *mail)
{
	for (;;)
		switch (reception_next(reception)) {
		case RECEPTION_BYTES:
		case RECEPTION_TLS:
		case RECEPTION_CLOSED:
			return;
		case RECEPTION_AUTH:
			on_auth(reception, mail);
			break;
		case RECEPTION_SENDER:
			on_sender(reception, mail);
			break;
		case RECEPTION_RECIPIENT:
			on_recipient(reception, mail);
			break;
		case RECEPTION_DATA:
			buf_put_span(mail, reception_argument(reception));
			reception_data_taken(reception);
			break;
		case RECEPTION_END:
			on_end(reception, mail);
			break;
		}
}

static void take_output(struct reception *reception, struct buf *out)
{
	struct span output = reception_output(reception);

	buf_put_span(out, output);
	reception_sent(reception, output.length);
}

static void say(struct reception *reception, struct span bytes, size_t step,
	struct buf *out, struct buf *mail)
{
	for (size_t at = 0; at < bytes.length; at += step) {
		struct span piece = span_skip(bytes, at);

		if (piece.length > step)
			piece.length = step;
		reception_feed(reception, piece);
		serve(reception, mail);
		take_output(reception, out);
	}
}

static void converse(const struct reception_params *params, struct span input,
	size_t step, struct buf *out, struct buf *mail)
{
	struct reception *reception = reception_new(params);

	take_output(reception, out);
	while (input.length) {
		say(reception, span_cut(&input, '|'), step, out, mail);
		if (reception_next(reception) == RECEPTION_TLS)
			reception_tls_done(reception);
	}
	reception_free(reception);
}

static void check(const struct reception_case *test)
{
	struct buf out = BUF_INIT(OUT_LIMIT), mail = BUF_INIT(OUT_LIMIT);

	for (size_t step = 1; step <= test->input.length + 1; step++) {
		buf_clear(&out);
		buf_clear(&mail);
		converse(test->params, test->input, step, &out, &mail);
		if (strcmp(buf_text(&out), test->want) != 0 ||
			(test->mail &&
				strcmp(buf_text(&mail), test->mail) != 0))
			break;
	}
	tap_is_text(buf_text(&out), test->want, test->name);
	if (test->mail)
		tap_is_text(buf_text(&mail), test->mail, "and what came of it");
	else
		tap_ok(mail.length <= strlen("<>[a@b]") + full.size_limit,
			"and no more of it than the limit is kept");
	buf_free(&out);
	buf_free(&mail);
}

/* ---- what depends on how the bytes come ---------------------------------- */

static void check_strictness(void)
{
	static const struct {
		const char *name;
		const struct reception_params *params;
		struct span input;
		bool is_closed;
	} ahead[] = {
		{ "a group", &strict,
			SPAN("EHLO a\r\n|MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"
			     "DATA\r\n|x\r\n.\r\nQUIT\r\n"),
			false },
		{ "something behind EHLO", &strict,
			SPAN("EHLO a\r\nMAIL FROM:<>\r\n"), true },
		{ "something behind DATA", &strict,
			SPAN("EHLO a\r\n|MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"
			     "DATA\r\nx\r\n"),
			true },
		{ "a group that is not offered", &strict_bare,
			SPAN("EHLO a\r\n|MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"),
			true },
		{ "a group after HELO", &strict,
			SPAN("HELO a\r\n|MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"),
			true },
		{ "a response ahead of its challenge", &strict,
			SPAN("EHLO a\r\n|AUTH LOGIN\r\ndXNlcg==\r\n"), true },
		{ "and where nobody minds", &bare,
			SPAN("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"
			     "DATA\r\nx\r\n.\r\n"),
			false },
		{ "something behind STARTTLS", &full,
			SPAN("EHLO a\r\nSTARTTLS\r\nEHLO b\r\n"), true },
	};

	for (size_t i = 0; i < sizeof ahead / sizeof ahead[0]; i++) {
		struct buf out = BUF_INIT(OUT_LIMIT), mail = BUF_INIT(1000);

		converse(ahead[i].params, ahead[i].input, 1000, &out, &mail);
		tap_ok((strstr(buf_text(&out), "\n421 4.") != NULL) ==
				ahead[i].is_closed,
			"strict: %s", ahead[i].name);
		buf_free(&out);
		buf_free(&mail);
	}
}

static void check_injection(void)
{
	struct reception *reception = reception_new(&full);

	reception_feed(reception, SPAN("STARTTLS\r\n"));
	reception_feed(reception, SPAN("EHLO b\r\n"));
	tap_is_number((int)reception_next(reception), RECEPTION_CLOSED,
		"bytes before the handshake close the session");
	reception_free(reception);
}

static void check_long_lines(void)
{
	static char line[20000];
	struct buf out = BUF_INIT(OUT_LIMIT), mail = BUF_INIT(1000);
	struct buf input = BUF_INIT(60000);

	memset(line, 'x', sizeof line);
	/* NOOP, a space, text and a CR make RECEPTION_LINE_LIMIT - 1. */
	buf_puts(&input, "NOOP ");
	buf_put(&input, line, RECEPTION_LINE_LIMIT - 7);
	buf_puts(&input, "\r\nNOOP ");
	buf_put(&input, line, RECEPTION_LINE_LIMIT - 6);
	buf_puts(&input, "\r\nNOOP ");
	buf_put(&input, line, sizeof line);
	buf_puts(&input, "\r\nNOOP\r\n");
	for (size_t step = 1; step < 40000; step = step * 3 + 1) {
		buf_clear(&out);
		converse(&bare, buf_span(&input), step, &out, &mail);
		tap_is_text(buf_text(&out),
			"220 srv ESMTP\r\n250 2.0.0 nothing done\r\n"
			"500 5.5.2 the line is too long\r\n"
			"500 5.5.2 the line is too long\r\n"
			"250 2.0.0 nothing done\r\n",
			"lines that are too long");
	}
	buf_free(&out);
	buf_free(&mail);
	buf_free(&input);
}

static void check_large_message(void)
{
	enum { LINES = 20000 };
	struct reception *reception = reception_new(&bare);
	struct buf out = BUF_INIT(OUT_LIMIT), mail = BUF_INIT(4000000);
	struct buf input = BUF_INIT(4000000);

	buf_puts(&input, "EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n");
	for (int i = 0; i < LINES; i++)
		buf_puts(&input, "..a line of some length, or so it seems\r\n");
	buf_puts(&input, ".\r\n");
	say(reception, buf_span(&input), RECEPTION_FEED_LIMIT, &out, &mail);
	tap_is_number((int64_t)mail.length, LINES * 40 + 8,
		"a message of 800 KB arrives");
	tap_ok(strstr(buf_text(&out), "taken") != NULL, "and is taken");
	buf_clear(&input);
	for (int i = 0; i < 10; i++)
		buf_put(&input, mail.data, RECEPTION_FEED_LIMIT);
	reception_feed(reception, buf_span(&input));
	tap_is_number((int)reception_next(reception), RECEPTION_CLOSED,
		"too much at once closes the session");
	reception_free(reception);
	buf_free(&out);
	buf_free(&mail);
	buf_free(&input);
}

static void check_door(void)
{
	struct reception *reception = reception_new(&bare);

	reception_feed(reception, SPAN("EHLO me.example\r\n"));
	tap_is_text(reception_client_name(reception), "me.example",
		"the client's name");
	tap_ok(reception_is_esmtp(reception), "it said EHLO");
	tap_ok(!reception_is_tls(reception), "there is no TLS");
	tap_ok(!reception_user(reception), "and no user");
	/* Answers that nobody asked for change nothing. */
	reception_answer(reception, 250, "2.0.0 x");
	reception_auth_done(reception, true, "x");
	reception_challenge(reception, SPAN("x"));
	reception_data_taken(reception);
	reception_tls_done(reception);
	tap_ok(!reception_user(reception) && !reception_is_tls(reception),
		"unasked answers change nothing");
	reception_sent(reception, 1000000);
	reception_close(reception, "4.4.2 time is up\n4.4.2 bye\r");
	tap_is_span(reception_output(reception),
		SPAN("421-4.4.2 time is up\r\n421 4.4.2 bye?\r\n"),
		"reception_close() says why");
	reception_close(reception, "4.4.2 again");
	reception_feed(reception, SPAN("NOOP\r\n"));
	tap_is_number((int64_t)reception_output(reception).length, 38,
		"and that is all");
	reception_free(reception);
	reception_free(NULL);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(&cases[i]);
	check_strictness();
	check_injection();
	check_long_lines();
	check_large_message();
	check_door();
	return tap_done();
}
