/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses: everything RFC 5322 allows, what is tolerated beside it, and each
 * way of being wrong with its own reason.
 */
#include <config.h>

#include "base/clock.h"
#include "base/diag.h"
#include "mail/address.h"
#include "tap.h"

#define TEN     "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* want: each mailbox as address, then its name in braces if it has one, then
 * "\" if no alias is meant, ended by ";".  Or "!", the reason, ": ", and the
 * member it was found in. */
static const struct {
	const char *text, *want;
} lists[] = {
	/* One mailbox. */
	{ "a@x.org", "a@x.org;" },
	{ "  a@x.org  ", "a@x.org;" },
	{ "<a@x.org>", "a@x.org;" },
	{ "< a@x.org >", "a@x.org;" },
	{ "A <a@x.org>", "a@x.org{A};" },
	{ "A B  C <a@x.org>", "a@x.org{A B C};" },
	{ "A<a@x.org>", "a@x.org{A};" },
	{ "\"A, B\" <a@x.org>", "a@x.org{A, B};" },
	{ "\"A \\\"B\\\" \\\\\" <a@x.org>", "a@x.org{A \"B\" \\};" },
	{ "\"\" <a@x.org>", "a@x.org;" },
	{ "\"a\"\"b\" <a@x.org>", "a@x.org{ab};" },
	{ "John Q. Public <a@x.org>", "a@x.org{John Q. Public};" },
	{ "J.R. <a@x.org>", "a@x.org{J.R.};" },
	{ "=?utf-8?Q?J=C3=B6rg?= <a@x.org>",
		"a@x.org{=?utf-8?Q?J=C3=B6rg?=};" },
	{ "J\xC3\xB6rg <a@x.org>", "a@x.org{J\xC3\xB6rg};" },
	{ "J\xF6rg <a@x.org>", "a@x.org{J\xF6rg};" },
	{ "\"a\tb\" <a@x.org>", "a@x.org{a b};" },
	{ "a+b@x.org", "a+b@x.org;" },
	{ "a/b=c%d!e@x.org", "a/b=c%d!e@x.org;" },
	{ "!#$%&'*+-/=?^_`{|}~@x.org", "!#$%&'*+-/=?^_`{|}~@x.org;" },
	{ "first.last@sub-domain.x_y.org", "first.last@sub-domain.x_y.org;" },
	{ "-f@x.org", "-f@x.org;" },
	{ "a@X.Org", "a@X.Org;" },
	{ "a@localhost", "a@localhost;" },
	/* Bare names. */
	{ "root", "root;" },
	{ "<root>", "root;" },
	{ "Cron Daemon <root>", "root{Cron Daemon};" },
	{ "www-data", "www-data;" },
	{ "first.last", "first.last;" },
	{ "\"john doe\"", "\"john doe\";" },
	{ "\\root", "root\\;" },
	{ "<\\root>", "root\\;" },
	{ "\\root@x.org", "root@x.org\\;" },
	{ "admin, \\root", "admin;root\\;" },
	/* Comments. */
	{ "root (Cron Daemon)", "root{Cron Daemon};" },
	{ "a@x.org (A B)", "a@x.org{A B};" },
	{ "a(c)@(d)x(e).(f)org(g)", "a@x.org{g};" },
	{ "(one)(two) a@x.org", "a@x.org{two};" },
	{ "A (c) B <a@x.org> (d)", "a@x.org{A (c) B};" },
	{ "Support (Billing) <a@x.org>", "a@x.org{Support (Billing)};" },
	{ "=?utf-8?Q?A?= (c) <a@x.org>", "a@x.org{=?utf-8?Q?A?=};" },
	{ "A (=?utf-8?Q?c?=) <a@x.org>", "a@x.org{A};" },
	{ "(c) A <a@x.org>", "a@x.org{A};" },
	{ "a@x.org (a (nested (thrice)) comment)",
		"a@x.org{a (nested (thrice)) comment};" },
	{ "a@x.org (a \\) in it)", "a@x.org{a ) in it};" },
	{ "a@x.org (a \\( in it)", "a@x.org{a ( in it};" },
	{ "a@x.org ()", "a@x.org;" },
	{ "<(c) a@x.org>", "a@x.org{c};" },
	{ "(only)", "" },
	/* Quoted local parts, in the form of the wire. */
	{ "\"john doe\"@x.org", "\"john doe\"@x.org;" },
	{ "<\"john doe\"@x.org>", "\"john doe\"@x.org;" },
	{ "\"john\"@x.org", "john@x.org;" },
	{ "\"a.b\"@x.org", "a.b@x.org;" },
	{ "\"a..b\"@x.org", "\"a..b\"@x.org;" },
	{ "\".a\"@x.org", "\".a\"@x.org;" },
	{ "\"a.\"@x.org", "\"a.\"@x.org;" },
	{ "\"a@b\"@x.org", "\"a@b\"@x.org;" },
	{ "\"a\\\"b\"@x.org", "\"a\\\"b\"@x.org;" },
	{ "\"a\\\\b\"@x.org", "\"a\\\\b\"@x.org;" },
	{ "\"\\a\\b\"@x.org", "ab@x.org;" },
	{ "a.\"b c\".d@x.org", "\"a.b c.d\"@x.org;" },
	{ "a.\"b\".d@x.org", "a.b.d@x.org;" },
	{ "\"\"@x.org", "\"\"@x.org;" },
	{ "\",;:()[]\"@x.org", "\",;:()[]\"@x.org;" },
	/* Obsolete: white space and comments around dots, routes. */
	{ "a . b @ x . org", "a.b@x.org;" },
	{ "a(c).(d)b@x.org", "a.b@x.org{d};" },
	{ "<@r.org:a@x.org>", "a@x.org;" },
	{ "A <@r.org,@s.org:a@x.org>", "a@x.org{A};" },
	{ "<,@r.org,,@s.org : a@x.org>", "a@x.org;" },
	{ "<@[1.2.3.4]:a@x.org>", "a@x.org;" },
	/* Dots that RFC 5322 has only in quotes. */
	{ "a..b@docomo.ne.jp", "\"a..b\"@docomo.ne.jp;" },
	{ "a.@docomo.ne.jp", "\"a.\"@docomo.ne.jp;" },
	{ ".a@x", "\".a\"@x;" },
	{ "a...@x", "\"a...\"@x;" },
	{ "-a-.-@x", "-a-.-@x;" },
	{ "A <a..b@x>, .c@y", "\"a..b\"@x{A};\".c\"@y;" },
	/* Domain literals. */
	{ "a@[127.0.0.1]", "a@[127.0.0.1];" },
	{ "a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1];" },
	{ "a@[ 127.0.0.1 ]", "a@[127.0.0.1];" },
	{ "a@(c)[127.0.0.1](d)", "a@[127.0.0.1]{d};" },
	/* RFC 6532. */
	{ "j\xC3\xB6rg@x.org", "j\xC3\xB6rg@x.org;" },
	{ "a@m\xC3\xBCnchen.de", "a@m\xC3\xBCnchen.de;" },
	{ "\"j\xC3\xB6 rg\"@x.org", "\"j\xC3\xB6 rg\"@x.org;" },
	{ "\xE7\x94\xA8\xE6\x88\xB7@\xE4\xBE\x8B.\xE5\xB9\xBF",
		"\xE7\x94\xA8\xE6\x88\xB7@\xE4\xBE\x8B.\xE5\xB9\xBF;" },
	{ "\xF0\x9F\x93\xAE@x.org", "\xF0\x9F\x93\xAE@x.org;" },
	/* Lists. */
	{ "", "" },
	{ "  \t", "" },
	{ "a@x,b@y", "a@x;b@y;" },
	{ "a@x, B <b@y> , c", "a@x;b@y{B};c;" },
	{ ",, a@x ,, b@y ,,", "a@x;b@y;" },
	{ ",", "" },
	{ "(c), (d)", "" },
	{ "a@x; b@y;", "a@x;b@y;" },
	{ "\"A, B\" <a@x>, c@y", "a@x{A, B};c@y;" },
	{ "a@x (b, c), d@y", "a@x{b, c};d@y;" },
	{ "a@x.org <a@x.org>", "a@x.org{a@x.org};" },
	{ "a.b@x.org <c@y.org>, d@z", "c@y.org{a.b@x.org};d@z;" },
	/* Folding. */
	{ " a@x,\r\n b@y,\r\n\tc@z", "a@x;b@y;c@z;" },
	{ "\r\n a@x", "a@x;" },
	{ "A\r\n B <a@x>", "a@x{A B};" },
	{ "\"A\r\n B\" <a@x>", "a@x{A B};" },
	{ "a@x (b\r\n c)", "a@x{b c};" },
	{ "a@x (b\n c)", "a@x{b c};" },
	{ "a@[1.\r\n 2]", "a@[1.2];" },
	{ "a@x,\r\n \r\n b@y", "a@x;b@y;" },
	/* Groups. */
	{ "Team: a@x, B <b@y>;", "a@x;b@y{B};" },
	{ "undisclosed-recipients:;", "" },
	{ "undisclosed-recipients: ;", "" },
	{ "Undisclosed recipients:", "" },
	{ "G:,,a@x,,;", "a@x;" },
	{ "G:a@x;, b@y", "a@x;b@y;" },
	{ "G:a@x; b@y", "a@x;b@y;" },
	{ "a@x, G: b@y; , H:c@z;", "a@x;b@y;c@z;" },
	{ "\"a b\" c: a@x;", "a@x;" },
	{ "G:(none);", "" },
	{ "(c)G(d):a@x(e);(f)", "a@x{e};" },
	{ "G: a@x, b@y", "a@x;b@y;" },
	{ "mailto:a@x", "a@x;" },
	{ "<mailto:a@x>", "a@x;" },
	{ "A <MailTo:a@x>", "a@x{A};" },
	/* Nobody, as forms and mailers write it. */
	{ "<>", "" },
	{ "A <>", "" },
	{ "a@x, B <>, <>, c@y", "a@x;c@y;" },
	{ "undisclosed-recipients", "" },
	{ "Undisclosed Recipients", "" },
	{ "\"undisclosed-recipients:\" <>", "" },
	{ "unlisted-recipients (no To-header on input)", "" },
	{ "undisclosed-recipients@x", "undisclosed-recipients@x;" },
	/* Any name before the only brackets. */
	{ "[x] <a@y>", "a@y{[x]};" },
	{ "[ACME] Ann [x] <a@y>, b@z", "a@y{[ACME] Ann [x]};b@z;" },
	{ "Ann) <a@x>", "a@x{Ann)};" },
	{ "Ann :) <a@x>", "a@x{)};" },
	{ "Ann\\ <a@x>", "a@x{Ann};" },
	{ "Ann: Lee <a@x>", "a@x{Lee};" },
	{ "Re: A: Lee <a@x>", "a@x{A: Lee};" },
	{ ": <a@x>", "a@x{:};" },
	{ "a@b@c <a@x>", "a@x{a@b@c};" },
	{ "'a@x' <a@x>", "a@x{'a@x'};" },
	{ "'a@x' <a@x>, b@y", "a@x{'a@x'};b@y;" },
	{ "a@x b@y <c@z>", "c@z{a@x b@y};" },
	{ "two@x words <a@y>", "a@y{two@x words};" },
	{ "[x]\r\n y <a@z>", "a@z{[x] y};" },
	{ "\"a\x1B[2J\" <b@x>", "b@x{\"a[2J\"};" },
	{ "[x] \"a, b\" <a@x>", "a@x{[x] \"a, b\"};" },
	/* Encoded words are one word, whatever they hold. */
	{ "=?utf-8?Q?Lee,_Ann?= <a@x>", "a@x{=?utf-8?Q?Lee,_Ann?=};" },
	{ "=?utf-8?Q?Lee, Ann?= <a@x>", "a@x{=?utf-8?Q?Lee, Ann?=};" },
	{ "=?utf-8?Q?a@x?= <a@x>", "a@x{=?utf-8?Q?a@x?=};" },
	{ "=?utf-8?Q?[x]_(y):?= =?utf-8?Q?;z?= <a@x>",
		"a@x{=?utf-8?Q?[x]_(y):?= =?utf-8?Q?;z?=};" },
	{ "=?utf-8?Q?a, =?utf-8?Q?b?= <a@x>",
		"=?utf-8?Q?a;a@x{=?utf-8?Q?b?=};" },
	/* Quoted pairs outside quotes. */
	{ "o\\'neil@x", "o'neil@x;" },
	{ "bounce+you\\=x@y", "bounce+you=x@y;" },
	{ "<o\\'neil@x>", "o'neil@x;" },
	{ "a\\b@x", "ab@x;" },
	{ "a\\@b@x", "\"a@b\"@x;" },
	{ "a\\ b@x", "\"a b\"@x;" },
	{ "\\\\root", "\"\\\\root\";" },
	{ "\\\"Ann\\\" <a@x>", "a@x{\"Ann\"};" },
	/* The root's dot. */
	{ "a@x.", "a@x;" },
	{ "<a@x.org.>, b@y.", "a@x.org;b@y;" },
	/* Wrong, and why. */
	{ "bad address", "!two words without a comma or angle brackets: bad "
			 "address" },
	{ "a@x, bad address, b@y",
		"!two words without a comma or angle brackets: bad address" },
	{ "'a b'", "!two words without a comma or angle brackets: 'a b'" },
	{ "two words@x",
		"!two words without a comma or angle brackets: two words@x" },
	{ "\"a\" b@x",
		"!two words without a comma or angle brackets: \"a\" b@x" },
	{ "'a@x.org'", "!a character that no domain name has: 'a@x.org'" },
	{ "a@x$y", "!a character that no domain name has: a@x$y" },
	{ "a@x/y", "!a character that no domain name has: a@x/y" },
	{ "@x.org", "!nothing before the '@': @x.org" },
	{ "b@y, @x.org, c@z", "!nothing before the '@': @x.org" },
	{ "<@>", "!nothing after the '@': <@>" },
	{ "a@", "!nothing after the '@': a@" },
	{ "a@ ,b@y", "!nothing after the '@': a@" },
	{ "a@[]", "!nothing after the '@': a@[]" },
	{ "a@b@c", "!a second '@': a@b@c" },
	{ "<a@b@c>", "!a second '@': <a@b@c>" },
	{ "[x] <a@b@c>", "!a second '@': [x] <a@b@c>" },
	{ "a@x b@y", "!text behind the address: a@x b@y" },
	{ "a@x:25", "!text behind the address: a@x:25" },
	{ "a@[1]x", "!text behind the address: a@[1]x" },
	{ ".", "!a dot at the wrong place before the '@': ." },
	{ "a. @x", "!a dot at the wrong place before the '@': a. @x" },
	{ "a. .b@x", "!a dot at the wrong place before the '@': a. .b@x" },
	{ "a. (c) @x", "!a dot at the wrong place before the '@': a. (c) @x" },
	{ "<a. .b@x>", "!a dot at the wrong place before the '@': <a. .b@x>" },
	{ "a.", "!a dot at the wrong place before the '@': a." },
	{ "a..b", "!a dot at the wrong place before the '@': a..b" },
	{ "..@x", "!a dot at the wrong place before the '@': ..@x" },
	{ ".@x", "!a dot at the wrong place before the '@': .@x" },
	{ "a@.x", "!a dot at the wrong place in the domain: a@.x" },
	{ "a@x..", "!a dot at the wrong place in the domain: a@x.." },
	{ "a@.", "!a dot at the wrong place in the domain: a@." },
	{ "a@x.:", "!a dot at the wrong place in the domain: a@x.:" },
	{ "a@x..y", "!a dot at the wrong place in the domain: a@x..y" },
	{ "A <a@x", "!a '<' without its '>': A <a@x" },
	{ "A <a@x, b@y>", "!a '<' without its '>': A <a@x" },
	{ "<<a@x>>", "!a second '<': <<a@x>>" },
	{ "A <b <a@x>>", "!a second '<': A <b <a@x>>" },
	{ "<a@x b>", "!text behind the address: <a@x b>" },
	{ "<mailto:>", "!nothing before the '@': <mailto:>" },
	{ "<smtp:a@x>", "!a ':' in angle brackets: <smtp:a@x>" },
	{ "<a)>", "!a ')' without its '(': <a)>" },
	{ "a@x>", "!text behind the address: a@x>" },
	{ "a>", "!a '>' without its '<': a>" },
	{ "<a@x> b", "!text after the '>': <a@x> b" },
	{ "<a@x> <b@y>", "!text after the '>': <a@x> <b@y>" },
	{ "A <@r a@x>", "!a route without its ':': A <@r a@x>" },
	{ "<@r:>", "!nothing before the '@': <@r:>" },
	{ "\"a@x", "!a '\"' without its end: \"a@x" },
	{ "a@x, \"b, c@z", "!a '\"' without its end: \"b, c@z" },
	{ "\"a\\", "!a '\"' without its end: \"a\\" },
	{ "a@x (b", "!a '(' without its ')': a@x (b" },
	{ "a@x (b\\", "!a '(' without its ')': a@x (b\\" },
	{ "a@x (b(c)", "!a '(' without its ')': a@x (b(c)" },
	{ "a@x)", "!text behind the address: a@x)" },
	{ "a)", "!a ')' without its '(': a)" },
	{ "a@[1.2", "!a '[' without its ']': a@[1.2" },
	{ "a@[1[2]]", "!a character that no address literal has: a@[1[2]]" },
	{ "a@[1\\]]", "!a character that no address literal has: a@[1\\]]" },
	{ "a@[\xC3\xA4]",
		"!a character that no address literal has: a@[\xC3\xA4]" },
	{ "a[b", "!a '[' outside a domain: a[b" },
	{ "a]", "!a ']' outside a domain: a]" },
	{ "\\", "!a '\\' outside quotes: \\" },
	{ "a\\", "!a '\\' outside quotes: a\\" },
	{ "G: H: a@x;;", "!a group inside a group: H: a@x" },
	{ ": a@x;", "!a ':' without a group name: : a@x" },
	{ "\"<a>\"@x", "!an angle bracket before the '@': \"<a>\"@x" },
	{ "\"a>b\"@x", "!an angle bracket before the '@': \"a>b\"@x" },
	{ "\"a\tb\"@x", "!a line break or control character: \"a\tb\"@x" },
	{ "a\nb@x", "!a line break or control character: a\nb@x" },
	{ "a@x\r\nBcc: b@y", "!text behind the address: a@x\r\nBcc: b@y" },
	{ "a@x\r", "!text behind the address: a@x" },
	{ "a\rb", "!a line break or control character: a\rb" },
	{ "\"a\nb\"@x", "!a line break or control character: \"a\nb\"@x" },
	{ "\"a\\\nb\"@x", "!a line break or control character: \"a\\\nb\"@x" },
	{ "a@x (b\nc)", "!a line break or control character: a@x (b\nc)" },
	{ "a\x01@x", "!a line break or control character: a\x01@x" },
	{ "a\x7F@x", "!a line break or control character: a\x7F@x" },
	{ "a@[1\x01]", "!a line break or control character: a@[1\x01]" },
	{ "a\xC2\x85@x", "!a line break or control character: a\xC2\x85@x" },
	{ "a@x\xC2\x80", "!a line break or control character: a@x\xC2\x80" },
	{ "j\xF6rg@x", "!bytes that are not UTF-8: j\xF6rg@x" },
	{ "a@m\xFCnchen.de", "!bytes that are not UTF-8: a@m\xFCnchen.de" },
	{ "\"\"", "!no address: \"\"" },
	{ "<\"\">", "!no address: <\"\">" },
	{ HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED TEN "aaa@x",
		"!the part before the '@' is too long: " HUNDRED HUNDRED HUNDRED
			HUNDRED HUNDRED TEN "aaa@x" },
	{ "a@" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED TEN "aaa",
		"!the domain is too long: a@" HUNDRED HUNDRED HUNDRED HUNDRED
			HUNDRED TEN "aaa" },
};

static void put_mailbox(struct buf *out, const struct mailbox *mailbox)
{
	address_put(out, mailbox);
	if (*mailbox->name)
		buf_printf(out, "{%s}", mailbox->name);
	if (mailbox->is_verbatim)
		buf_puts(out, "\\");
	buf_puts(out, ";");
}

/* Past the mark of what is translated. */
static const char *words_of(const char *reason)
{
	return reason + (reason[0] == DIAG_WORDS[0]);
}

static void test_lists(void)
{
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(10000);
		struct mailbox_list list;
		struct span offending;
		const char *reason;

		if (address_list_parse(span_of(lists[i].text), arena, &list,
			    &offending, &reason)) {
			for (size_t j = 0; j < list.count; j++)
				put_mailbox(&got, &list.items[j]);
		} else {
			buf_printf(&got, "!%s: ", words_of(reason));
			buf_put_span(&got, offending);
		}
		tap_is_text(buf_text(&got), lists[i].want, lists[i].text);
		buf_free(&got);
		arena_free(arena);
	}
}

static const struct {
	const char *text, *want;
} singles[] = {
	{ "", ";" },
	{ "  ", ";" },
	{ "<>", ";" },
	{ " <> ", ";" },
	{ "(null) <>", "{null};" },
	{ "a@x", "a@x;" },
	{ "A <a@x>", "a@x{A};" },
	{ "<a@x>", "a@x;" },
	{ "\\root", "root\\;" },
	{ ",a@x,", "a@x;" },
	{ "a@x, b@y", "!more than one address" },
	{ "<>, <>", "!more than one address" },
	{ "G: a@x;", "!a group of addresses" },
	{ "G:;", "!a group of addresses" },
	{ "G: a@x", "a@x;" },
	{ "Ann: Lee <a@x>", "a@x{Lee};" },
	{ "Ann :) <a@x>", "a@x{)};" },
	{ "mailto:a@x", "a@x;" },
	{ "G:", "!no address" },
	{ "(c)", "!no address" },
	{ ",", "!no address" },
	{ "a b", "!two words without a comma or angle brackets" },
};

static void test_singles(void)
{
	for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(1000);
		struct mailbox mailbox;
		const char *reason;

		if (address_parse(
			    span_of(singles[i].text), arena, &mailbox, &reason))
			put_mailbox(&got, &mailbox);
		else
			buf_printf(&got, "!%s", words_of(reason));
		tap_is_text(buf_text(&got), singles[i].want, singles[i].text);
		if (i < 4)
			tap_ok(address_is_null(&mailbox), "  it is null");
		buf_free(&got);
		arena_free(arena);
	}
}

static const struct {
	const char *a, *b;
	bool want;
} pairs[] = {
	{ "a@x.org", "a@X.ORG", true },
	{ "a@x.org", "A@x.org", false },
	{ "a@x.org", "\"a\"@x.org", true },
	{ "A <a@x.org>", "a@x.org (B)", true },
	{ "a@x.org", "a@y.org", false },
	{ "a", "a@x.org", false },
	{ "root", "\\root", true },
};

static void test_equal(void)
{
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct arena *arena = arena_new();
		struct mailbox a, b;
		const char *reason;

		(void)address_parse(span_of(pairs[i].a), arena, &a, &reason);
		(void)address_parse(span_of(pairs[i].b), arena, &b, &reason);
		tap_ok(address_equal(&a, &b) == pairs[i].want, "%s is %s%s",
			pairs[i].a, pairs[i].want ? "" : "not ", pairs[i].b);
		arena_free(arena);
	}
}

static void test_ascii(void)
{
	const struct mailbox plain = { "a", "x", "J\xC3\xB6rg", false };
	const struct mailbox domain = { "a", "\xC3\xBC", "", false };
	const struct mailbox local = { "\xC3\xB6", "x", "", false };
	struct arena *arena = arena_new();

	tap_ok(address_is_ascii(&plain), "a name does not count as 8-bit");
	tap_ok(!address_is_ascii(&domain), "an 8-bit domain does");
	tap_ok(address_local_is_ascii(&domain), "but its local part is ASCII");
	tap_ok(!address_local_is_ascii(&local), "an 8-bit local part is not");
	tap_is_text(address_string(arena, &plain), "a@x", "as a string");
	arena_free(arena);
}

/* Each of these would take hours if anything in the parser went back. */
static void test_speed(void)
{
	static const char *const units[] = { "(", "\"", "a ", "a.", "a@x,", "<",
		"G:", "@a,", "<@a,", "\\", ";", "a@x <", "(()", "\r\n ",
		"a\xC3\xB6", "[", "a@[1", "\"a\" " };
	int64_t begin = clock_now_ms();

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		struct arena *arena = arena_new();
		struct buf text = BUF_INIT(300000);
		struct mailbox_list list;
		struct span offending;
		const char *reason;

		while (buf_puts(&text, units[i]))
			continue;
		(void)address_list_parse(
			buf_span(&text), arena, &list, &offending, &reason);
		buf_free(&text);
		arena_free(arena);
	}
	tap_ok(clock_now_ms() - begin < 20000, "long lists take linear time");
}

static void test_limits(void)
{
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT(1000000);
	struct mailbox_list list;
	struct span offending;
	const char *reason = "";

	for (size_t i = 0; i < ADDRESS_LIST_LIMIT; i++)
		buf_puts(&text, "a,");
	tap_ok(address_list_parse(
		       buf_span(&text), arena, &list, &offending, &reason) &&
			list.count == ADDRESS_LIST_LIMIT,
		"as many members as the limit says");
	buf_puts(&text, "b");
	tap_ok(!address_list_parse(
		       buf_span(&text), arena, &list, &offending, &reason),
		"and no more");
	tap_is_text(words_of(reason), "too many addresses in one list",
		"  because");
	tap_is_span(offending, SPAN("b"), "  and that is the one");
	buf_clear(&text);
	for (size_t i = 0; i < 101; i++)
		buf_puts(&text, "(");
	tap_ok(!address_list_parse(
		       buf_span(&text), arena, &list, &offending, &reason),
		"comments in comments in comments");
	tap_is_text(words_of(reason), "comments nested too deep", "  because");
	buf_clear(&text);
	buf_puts(&text, "a@x");
	buf_put(&text, "", 1);
	buf_puts(&text, "y");
	tap_ok(!address_list_parse(
		       buf_span(&text), arena, &list, &offending, &reason),
		"a NUL is no part of any address");
	buf_free(&text);
	arena_free(arena);
}

int main(void)
{
	test_lists();
	test_singles();
	test_equal();
	test_ascii();
	test_speed();
	test_limits();
	return tap_done();
}
