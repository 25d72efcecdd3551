/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines, and what may not become one. */
#include <config.h>

#include "smtp/command.h"
#include "tap.h"

#include <sysexits.h>

/* Compares the line, or with want NULL the diag and that nothing was put. */
static void check(bool is_ok, struct buf *out, const struct diag *why,
	const char *want, enum diag_id diag, const char *name)
{
	if (want) {
		tap_is_text(buf_text(out), want, name);
		tap_ok(is_ok && !why->id, "%s: succeeds", name);
	} else {
		tap_is_text(buf_text(out), "", name);
		tap_ok(!is_ok && why->id == diag, "%s: %s, got %s", name,
			diag_name(diag), diag_name(why->id));
	}
	buf_free(out);
}

static void check_etrn(void)
{
	static const struct {
		const char *node, *want;
	} cases[] = {
		{ "mail.example.org", "ETRN mail.example.org\r\n" },
		{ "@example.org", "ETRN @example.org\r\n" },
		{ "#a/b=c", "ETRN #a/b=c\r\n" },
		{ "[192.0.2.1]", "ETRN [192.0.2.1]\r\n" },
		{ "", NULL },
		{ "@", NULL },
		{ "#", NULL },
		{ "a b", NULL },
		{ "a/b", NULL },
		{ "#a b", NULL },
		{ "#a\r\nQUIT", NULL },
		{ "#\xc3\xa4", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(1000);
		struct diag why = { .id = DIAG_NONE };
		bool is_ok = command_etrn(&out, cases[i].node, &why);

		check(is_ok, &out, &why, cases[i].want, DIAG_SMTP_ETRN_NODE,
			cases[i].node);
	}
}

static void check_hello(void)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "mail.example.org", "EHLO mail.example.org\r\n" },
		{ "[192.0.2.1]", "EHLO [192.0.2.1]\r\n" },
		{ "[IPv6:2001:db8::1]", "EHLO [IPv6:2001:db8::1]\r\n" },
		{ "MY_PC", "EHLO MY_PC\r\n" },
		{ "", NULL },
		{ "a b", NULL },
		{ "a\r\nQUIT", NULL },
		{ "a\n", NULL },
		{ "a<b>", NULL },
		{ "b\xc3\xbc"
		  "cher.example",
			NULL },
		{ "\x7f", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(600);
		struct diag why = { 0 };
		bool is_ok = command_hello(&out, "EHLO", cases[i].name, &why);

		check(is_ok, &out, &why, cases[i].want, DIAG_SMTP_HELO_NAME,
			cases[i].name);
	}
}

static void check_host_name(void)
{
	static const struct {
		const char *name;
		bool want;
	} cases[] = {
		{ "mail.example.org", true },
		{ "a.b", true },
		{ "1and1.example", true },
		{ "10-0-0-5.example", true },
		{ "xn--mnchen-3ya.example", true },
		{ "localhost", false },
		{ "vm", false },
		{ "", false },
		{ ".", false },
		{ "a..b", false },
		{ ".a.b", false },
		{ "x.", false },
		{ "-a.b", false },
		{ "a.b-", false },
		{ "a-.b", false },
		{ "web_1.example.org", false },
		{ "10.0.0.5", false },
		{ "host.5", false },
		{ "2001:db8::1", false },
		{ "a b.example", false },
		{ "m\xc3\xbcnchen.example", false },
		{ "a.\x7f", false },
		{ "a123456789b123456789c123456789d123456789e123456789f12345678"
		  "9abc.example",
			true },
		{ "a123456789b123456789c123456789d123456789e123456789f12345678"
		  "9abcd.example",
			false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		tap_ok(command_is_host_name(span_of(cases[i].name)) ==
				cases[i].want,
			"'%s' is %sa host's name", cases[i].name,
			cases[i].want ? "" : "not ");
}

static void check_hello_length(void)
{
	char name[COMMAND_NAME_LIMIT + 2] = "";
	struct buf out = BUF_INIT(600);
	struct diag why = { 0 };

	memset(name, 'a', COMMAND_NAME_LIMIT);
	tap_ok(command_hello(&out, "HELO", name, &why), "255 letters");
	name[COMMAND_NAME_LIMIT] = 'a';
	tap_ok(!command_hello(&out, "HELO", name, &why), "256 letters");
	buf_free(&out);
}

static void check_mail(void)
{
	static const struct {
		const char *name;
		struct command_mail mail;
		const char *want;
		enum diag_id diag;
	} cases[] = {
		{ "plain", { .address = "a@b.example" },
			"MAIL FROM:<a@b.example>\r\n", DIAG_NONE },
		{ "null sender", { .address = "" }, "MAIL FROM:<>\r\n",
			DIAG_NONE },
		{ "size", { .address = "", .has_size = true },
			"MAIL FROM:<> SIZE=0\r\n", DIAG_NONE },
		{ "largest size",
			{ .address = "", .has_size = true, .size = UINT64_MAX },
			"MAIL FROM:<> SIZE=18446744073709551615\r\n",
			DIAG_NONE },
		{ "all",
			{ .address = "\xc3\xbc@b",
				.has_size = true,
				.size = 9,
				.is_8bit = true,
				.is_smtputf8 = true,
				.dsn_return = "hdrs",
				.dsn_envid = "a+b=c d" },
			"MAIL FROM:<\xc3\xbc@b> SIZE=9 BODY=8BITMIME SMTPUTF8 "
			"RET=HDRS ENVID=a+2Bb+3Dc+20d\r\n",
			DIAG_NONE },
		{ "full", { .address = "", .dsn_return = "FULL" },
			"MAIL FROM:<> RET=FULL\r\n", DIAG_NONE },
		{ "quoted local part", { .address = "\"a b\\\"c\"@d" },
			"MAIL FROM:<\"a b\\\"c\"@d>\r\n", DIAG_NONE },
		{ "8-bit without SMTPUTF8", { .address = "\xc3\xbc@b" }, NULL,
			DIAG_ADDRESS_NOT_ASCII },
		{ "malformed UTF-8",
			{ .address = "\xfc@b", .is_smtputf8 = true }, NULL,
			DIAG_ADDRESS_INVALID },
		{ "CRLF", { .address = "a@b>\r\nRCPT TO:<c@d" }, NULL,
			DIAG_ADDRESS_INVALID },
		{ "LF", { .address = "a\n@b" }, NULL, DIAG_ADDRESS_INVALID },
		{ "CR", { .address = "a\r@b" }, NULL, DIAG_ADDRESS_INVALID },
		{ "tab", { .address = "a\t@b" }, NULL, DIAG_ADDRESS_INVALID },
		{ "DEL", { .address = "a\x7f@b" }, NULL, DIAG_ADDRESS_INVALID },
		{ "closing bracket", { .address = "a@b> SIZE=1" }, NULL,
			DIAG_ADDRESS_INVALID },
		{ "opening bracket", { .address = "<a@b" }, NULL,
			DIAG_ADDRESS_INVALID },
		{ "quoted bracket", { .address = "\"a>\"@b" }, NULL,
			DIAG_ADDRESS_INVALID },
		{ "space", { .address = "a@b c" }, NULL, DIAG_ADDRESS_INVALID },
		{ "space behind a quoted part", { .address = "\"a\" @b" }, NULL,
			DIAG_ADDRESS_INVALID },
		{ "open quote", { .address = "\"a @b" }, NULL,
			DIAG_ADDRESS_INVALID },
		{ "quote that a pair keeps open", { .address = "\"a\\\" @b" },
			NULL, DIAG_ADDRESS_INVALID },
		{ "RET that is none", { .address = "", .dsn_return = "full x" },
			NULL, DIAG_USAGE_BAD_VALUE },
		{ "empty ENVID", { .address = "", .dsn_envid = "" }, NULL,
			DIAG_USAGE_BAD_VALUE },
		{ "ENVID with CRLF", { .address = "", .dsn_envid = "a\r\nb" },
			NULL, DIAG_USAGE_BAD_VALUE },
		{ "8-bit ENVID", { .address = "", .dsn_envid = "\xc3\xbc" },
			NULL, DIAG_USAGE_BAD_VALUE },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(COMMAND_PATH_LINE_LIMIT);
		struct diag why = { 0 };
		bool is_ok = command_mail(&out, &cases[i].mail, &why);

		check(is_ok, &out, &why, cases[i].want, cases[i].diag,
			cases[i].name);
	}
}

static void check_rcpt(void)
{
	static const struct {
		const char *name;
		struct command_rcpt rcpt;
		const char *want;
		enum diag_id diag;
	} cases[] = {
		{ "plain", { .address = "a@b.example" },
			"RCPT TO:<a@b.example>\r\n", DIAG_NONE },
		{ "bare", { .address = "postmaster" },
			"RCPT TO:<postmaster>\r\n", DIAG_NONE },
		{ "notify", { .address = "a@b", .dsn_notify = "failure,delay" },
			"RCPT TO:<a@b> NOTIFY=FAILURE,DELAY\r\n", DIAG_NONE },
		{ "never", { .address = "a@b", .dsn_notify = "NEVER" },
			"RCPT TO:<a@b> NOTIFY=NEVER\r\n", DIAG_NONE },
		{ "ORCPT of the address",
			{ .address = "a+b@c", .has_original = true },
			"RCPT TO:<a+b@c> ORCPT=rfc822;a+2Bb@c\r\n", DIAG_NONE },
		{ "ORCPT as it was given",
			{ .address = "a@b",
				.has_original = true,
				.dsn_original = "X-400;C+3DDE" },
			"RCPT TO:<a@b> ORCPT=X-400;C+3DDE\r\n", DIAG_NONE },
		{ "ORCPT without a type",
			{ .address = "a@b", .dsn_original = ";c@d" }, NULL,
			DIAG_USAGE_BAD_VALUE },
		{ "ORCPT without an address",
			{ .address = "a@b", .dsn_original = "rfc822;" }, NULL,
			DIAG_USAGE_BAD_VALUE },
		{ "ORCPT of a type alone",
			{ .address = "a@b", .dsn_original = "rfc822" }, NULL,
			DIAG_USAGE_BAD_VALUE },
		{ "ORCPT that is no xtext",
			{ .address = "a@b", .dsn_original = "rfc822;c+2d" },
			NULL, DIAG_USAGE_BAD_VALUE },
		{ "ORCPT cut in its xtext",
			{ .address = "a@b", .dsn_original = "rfc822;c+2" },
			NULL, DIAG_USAGE_BAD_VALUE },
		{ "ORCPT with a space",
			{ .address = "a@b", .dsn_original = "rfc822;c d" },
			NULL, DIAG_USAGE_BAD_VALUE },
		{ "ORCPT with CRLF",
			{ .address = "a@b",
				.dsn_original = "rfc822;c\r\nDATA" },
			NULL, DIAG_USAGE_BAD_VALUE },
		{ "ORCPT in UTF-8",
			{ .address = "a@b",
				.dsn_original = "UTF-8;\xc3\xbc+2B@b" },
			"RCPT TO:<a@b> ORCPT=UTF-8;\\x{FC}+2B@b\r\n",
			DIAG_NONE },
		{ "ORCPT in UTF-8 for every server",
			{ .address = "a@b", .dsn_original = "utf-8;\\x{FC}@b" },
			"RCPT TO:<a@b> ORCPT=utf-8;\\x{FC}@b\r\n", DIAG_NONE },
		{ "ORCPT in UTF-8 of another type",
			{ .address = "a@b",
				.dsn_original = "rfc822;\xc3\xbc@b" },
			NULL, DIAG_USAGE_BAD_VALUE },
		{ "ORCPT that is no UTF-8",
			{ .address = "a@b", .dsn_original = "utf-8;\xfc@b" },
			NULL, DIAG_USAGE_BAD_VALUE },
		{ "the address in UTF-8 as ORCPT",
			{ .address = "\xc3\xbc+\xe2\x82\xac\xf0\x9f\x98\x80=\\@"
				     "b",
				.is_smtputf8 = true,
				.has_original = true },
			"RCPT TO:<\xc3\xbc+\xe2\x82\xac\xf0\x9f\x98\x80=\\@b> "
			"ORCPT=utf-8;\\x{FC}\\x{2B}\\x{20AC}\\x{1F600}\\x{3D}"
			"\\x{5C}@b\r\n",
			DIAG_NONE },
		{ "SMTPUTF8", { .address = "\xc3\xbc@b", .is_smtputf8 = true },
			"RCPT TO:<\xc3\xbc@b>\r\n", DIAG_NONE },
		{ "8-bit without SMTPUTF8", { .address = "\xc3\xbc@b" }, NULL,
			DIAG_ADDRESS_NOT_ASCII },
		{ "empty", { .address = "" }, NULL, DIAG_ADDRESS_INVALID },
		{ "CRLF", { .address = "a@b\r\nDATA" }, NULL,
			DIAG_ADDRESS_INVALID },
		{ "closing bracket", { .address = "a@b> X" }, NULL,
			DIAG_ADDRESS_INVALID },
		{ "never and more",
			{ .address = "a@b", .dsn_notify = "NEVER,DELAY" }, NULL,
			DIAG_USAGE_BAD_VALUE },
		{ "no notify", { .address = "a@b", .dsn_notify = "" }, NULL,
			DIAG_USAGE_BAD_VALUE },
		{ "empty word", { .address = "a@b", .dsn_notify = "DELAY," },
			NULL, DIAG_USAGE_BAD_VALUE },
		{ "notify with CRLF",
			{ .address = "a@b", .dsn_notify = "DELAY\r\nDATA" },
			NULL, DIAG_USAGE_BAD_VALUE },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(COMMAND_PATH_LINE_LIMIT);
		struct diag why = { 0 };
		bool is_ok = command_rcpt(&out, &cases[i].rcpt, &why);

		check(is_ok, &out, &why, cases[i].want, cases[i].diag,
			cases[i].name);
	}
}

static void check_length(void)
{
	static char address[5000];
	struct command_rcpt rcpt = { .address = address };
	struct buf out = BUF_INIT(COMMAND_PATH_LINE_LIMIT);
	struct diag why = { 0 };

	memcpy(address, "rfc822;", 7);
	memset(address + 7, 'a', 493);
	tap_ok(command_original_check(address), "an ORCPT of 500 bytes");
	address[500] = 'a';
	tap_ok(!command_original_check(address), "  and of 501");
	memset(address, 'a', 2048);
	tap_ok(command_rcpt(&out, &rcpt, &why), "an address of 2048 bytes");
	buf_free(&out);
	address[2048] = 'a';
	tap_ok(!command_rcpt(&out, &rcpt, &why), "one of 2049");
	tap_is_diag(&why, DIAG_ADDRESS_INVALID, "is too long");
	address[20] = '\0';
	out.limit = 30;
	tap_ok(!command_rcpt(&out, &rcpt, &why), "no room for the line");
	tap_is_text(buf_text(&out), "", "leaves nothing behind");
	buf_free(&out);
}

static void check_auth(void)
{
	static const struct span hello = SPAN("\0user\0pass"), none = SPAN("");
	static const struct {
		const char *name, *mechanism;
		const struct span *initial;
		const char *want;
		bool is_inline;
	} cases[] = {
		{ "initial", "PLAIN", &hello, "AUTH PLAIN AHVzZXIAcGFzcw==\r\n",
			true },
		{ "no initial", "LOGIN", NULL, "AUTH LOGIN\r\n", false },
		{ "empty initial", "EXTERNAL", &none, "AUTH EXTERNAL =\r\n",
			true },
		{ "no mechanism", "", NULL, NULL, false },
		{ "two words", "PLAIN X", NULL, NULL, false },
		{ "CRLF", "PLAIN\r\n", NULL, NULL, false },
		{ "21 letters", "AAAAAAAAAAAAAAAAAAAAA", NULL, NULL, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT(1000);
		struct diag why = { 0 };
		bool is_inline = false;
		bool is_ok = command_auth(&out, cases[i].mechanism,
			cases[i].initial, &is_inline, &why);

		tap_ok(is_inline == cases[i].is_inline, "%s: inline or not",
			cases[i].name);
		check(is_ok, &out, &why, cases[i].want, DIAG_SMTP_AUTH_PROTOCOL,
			cases[i].name);
	}
}

/* "AUTH PLAIN " and CRLF are 13 bytes; 499 are left: 124 groups of four hold
 * 372 bytes. */
static void check_auth_length(void)
{
	static char response[COMMAND_RESPONSE_LIMIT];
	struct span initial = span_make(response, 372);
	struct buf out = BUF_INIT(20000);
	struct diag why;
	bool is_inline = false;

	command_auth(&out, "PLAIN", &initial, &is_inline, &why);
	tap_ok(is_inline && out.length == 11 + 496 + 2, "372 bytes fit");
	buf_clear(&out);
	initial.length = 373;
	command_auth(&out, "PLAIN", &initial, &is_inline, &why);
	tap_ok(!is_inline, "373 do not");
	tap_is_text(buf_text(&out), "AUTH PLAIN\r\n", "and stay out");
	buf_clear(&out);
	/* (12288 - 2) / 4 groups of three bytes */
	tap_ok(command_response(&out, span_make(response, 9213)),
		"a response of 12286 letters");
	tap_is_number((int64_t)out.length, 12286, "fits its line");
	buf_clear(&out);
	tap_ok(!command_response(&out, span_make(response, 9214)),
		"a longer one does not");
	tap_is_number((int64_t)out.length, 0, "and leaves nothing");
	tap_ok(command_response(&out, SPAN("")), "an empty one");
	tap_is_text(buf_text(&out), "\r\n", "is an empty line");
	buf_free(&out);
}

int main(void)
{
	check_hello();
	check_etrn();
	check_hello_length();
	check_host_name();
	check_mail();
	check_rcpt();
	check_length();
	check_auth();
	check_auth_length();
	return tap_done();
}
