/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which text of a field becomes encoded words, and all that must stay. */
#include <config.h>

#include "mail/spell.h"
#include "tap.h"

enum { LIMIT = 64 * 1024 };

#define U    "\xc3\xbc"
#define WORD "=?utf-8?B?w7w=?=" /* U */

/* WANT NULL: nothing is changed. */
static const struct {
	const char *name, *input, *want;
} cases[] = {
	{ "ASCII", "Subject:  a  b \r\n", NULL },
	{ "a subject", "Subject: " U "\r\n", "Subject: " WORD "\r\n" },
	{ "without a blank", "SUBJECT:" U "\r\n", "SUBJECT: " WORD "\r\n" },
	{ "a blank before the colon", "Subject : " U "\r\n",
		"Subject : " WORD "\r\n" },
	{ "folded", "Subject: Gr" U "n und\r\n\tgelb\r\n",
		"Subject: =?utf-8?Q?Gr=C3=BCn_und_gelb?=\r\n" },
	{ "Comments", "Comments: " U "\r\n", "Comments: " WORD "\r\n" },
	{ "Content-Description", "Content-Description: " U "\r\n",
		"Content-Description: " WORD "\r\n" },
	{ "an extension", "X-Any: " U "\r\n", "X-Any: " WORD "\r\n" },
	{ "Latin-1", "Subject: \xfc\r\n",
		"Subject: =?unknown-8bit?Q?=FC?=\r\n" },
	{ "long",
		"Subject: ein langer Betreff mit Gr" U "n und Gelb und noch "
		"anderem und Gr" U "n\r\n",
		"Subject: =?utf-8?Q?ein_langer_Betreff_mit_Gr=C3=BCn_und_Gelb_"
		"und_noch_ande?=\r\n =?utf-8?Q?rem_und_Gr=C3=BCn?=\r\n" },
	{ "encoded words among it", "Subject: =?utf-8?Q?a?= " U "\r\n", NULL },
	{ "no text", "Received: by " U "\r\n", NULL },
	{ "a parameter", "Content-Type: text/plain; name=\"" U "\"\r\n", NULL },
	{ "a name", "From: J" U "rgen M" U "ller <a@b>\r\n",
		"From: =?utf-8?B?SsO8cmdlbiBNw7xsbGVy?= <a@b>\r\n" },
	{ "a quoted name", "To: \"M" U "ller, \\\"J\\\" (x)\" <a@b>\r\n",
		"To: =?utf-8?B?TcO8bGxlciwgIkoiICh4KQ==?= <a@b>\r\n" },
	{ "quoted and not", "To: \"M" U "\"  J. <a@b>\r\n",
		"To: =?utf-8?B?TcO8ICBKLg==?= <a@b>\r\n" },
	{ "no blanks around", "To:" U "<a@b>,\"" U "\"<c@d>\r\n",
		"To: " WORD " <a@b>, " WORD " <c@d>\r\n" },
	{ "a list, folded",
		"Cc: " U " <a@b>,\r\n\tAnn <c@d>,\r\n " U "\r\n <e@f>\r\n",
		"Cc: " WORD " <a@b>,\r\n\tAnn <c@d>,\r\n " WORD
		"\r\n <e@f>\r\n" },
	{ "a group", "To: " U ": a@b, " U " <c@d>;\r\n",
		"To: " WORD " : a@b, " WORD " <c@d>;\r\n" },
	{ "a comment", "To: a@b (M" U " \\( \"x\")\r\n",
		"To: a@b (=?utf-8?B?TcO8ICggIngi?=)\r\n" },
	{ "comments in comments", "To: ( " U " (b) c " U " (" U "))a@b\r\n",
		"To: ( " WORD " (b) =?utf-8?Q?c_=C3=BC?= (" WORD "))a@b\r\n" },
	{ "a comment in a name", "To: " U " (" U ") x <a@b>\r\n",
		"To: " WORD " (" WORD ") x <a@b>\r\n" },
	{ "no name: local parts",
		"To: " U "@a, x." U "@a, \"" U "\"@a, <" U "@a>, <\"" U
		"<>\"@a>\r\n",
		NULL },
	{ "no name: what is no address", "To: " U ", " U "\r\n", NULL },
	{ "no name: a domain", "To: a@" U ".example\r\n", NULL },
	{ "encoded words in a name", "To: =?utf-8?Q?a?= " U " <a@b>\r\n",
		NULL },
	{ "a list's identifier", "List-Id: " U " <a.b>\r\n",
		"List-Id: " WORD " <a.b>\r\n" },
	{ "keywords", "Keywords: " U ", a b,\"" U "\"\r\n",
		"Keywords: " WORD ", a b, " WORD "\r\n" },
	{ "a quote without its end", "To: \"" U " <a@b>\r\n", NULL },
	{ "a bracket without its end", "To: <" U "\r\n", NULL },
	{ "addresses in an extension", "X-Original-To: " U "@a\r\n", NULL },
};

static void check(size_t index)
{
	struct arena *arena = arena_new();
	struct buf got = BUF_INIT(LIMIT);
	const char *want = cases[index].want;
	struct header header;

	header_split(span_of(cases[index].input), arena, &header);
	spell_field(&got, &header.fields[0]);
	tap_is_text(buf_text(&got), want ? want : cases[index].input,
		cases[index].name);
	buf_free(&got);
	arena_free(arena);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(i);
	return tap_done();
}
