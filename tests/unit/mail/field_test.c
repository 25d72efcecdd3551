/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header fields and parameters. */
#include <config.h>

#include "mail/field.h"
#include "tap.h"

#define OE    "\xC3\xB6"
#define TEN   "aaaaaaaaaa"
#define OE10  OE OE OE OE OE OE OE OE OE OE
#define PCT10 "%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6"

static const struct {
	const char *name, *value, *want;
} parameters[] = {
	{ "a token", "report.pdf", ";\r\n filename=report.pdf" },
	{ "nothing", "", ";\r\n filename=\"\"" },
	{ "a space", "a b.pdf", ";\r\n filename=\"a b.pdf\"" },
	{ "quotes", "a\"b\\c", ";\r\n filename=\"a\\\"b\\\\c\"" },
	{ "a semicolon", "a; filename=b", ";\r\n filename=\"a; filename=b\"" },
	{ "a percent sign", "100%.txt", ";\r\n filename=\"100%.txt\"" },
	{ "UTF-8", "B" OE "r.pdf", ";\r\n filename*=utf-8''B%C3%B6r.pdf" },
	{ "UTF-8 and specials", OE "'%*\"; x",
		";\r\n filename*=utf-8''%C3%B6%27%25%2A%22%3B%20x" },
	{ "what looks encoded", "=?utf-8?Q?a?=",
		";\r\n filename*=utf-8''%3D%3Futf-8%3FQ%3Fa%3F%3D" },
	{ "a long token is continued", TEN TEN TEN TEN TEN TEN TEN ".pdf",
		";\r\n filename*0=\"" TEN TEN TEN TEN TEN TEN
		"aaa\";\r\n filename*1=\"aaaaaaa.pdf\"" },
	{ "long UTF-8 is continued between characters", OE10 OE10,
		";\r\n filename*0*=utf-8''%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6"
		"%C3%B6%C3%B6%C3%B6;\r\n filename*1*=" PCT10
		";\r\n filename*2*=%C3%B6" },
};

static size_t longest_line(struct span text)
{
	size_t longest = 0;

	while (text.length) {
		struct span line = span_trim(span_cut(&text, '\n'));

		longest = line.length > longest ? line.length : longest;
	}
	return longest;
}

static void test_parameters(void)
{
	struct buf out = BUF_INIT(10000);

	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		buf_clear(&out);
		field_put_parameter(&out, "filename", parameters[i].value);
		tap_is_text(
			buf_text(&out), parameters[i].want, parameters[i].name);
	}
	for (size_t length = 1; length < 255; length++) {
		char name[256];

		memset(name, length % 2 ? 'x' : ' ', length);
		name[length] = '\0';
		buf_clear(&out);
		field_put_parameter(&out, "filename", name);
		if (longest_line(buf_span(&out)) > 77)
			tap_ok(false, "a name of %zu keeps to 78", length);
	}
	buf_free(&out);
}

static void put_text(struct buf *out, const char *text)
{
	field_put_text(out, "Subject", span_of(text));
}

static void put_words(struct buf *out, const char *text)
{
	field_put_words(out, "References", span_of(text));
}

static void put_list(struct buf *out, const char *text)
{
	struct arena *arena = arena_new();
	struct mailbox_list list = { NULL, 0 };
	struct span offending;
	const char *reason;

	address_list_parse(span_of(text), arena, &list, &offending, &reason);
	field_put_mailboxes(out, "To", &list);
	arena_free(arena);
}

static const struct {
	const char *name;
	void (*put)(struct buf *out, const char *text);
	const char *text, *want;
} fields[] = {
	{ "a subject", put_text, "Hello", "Subject: Hello\r\n" },
	{ "UTF-8", put_text, "B" OE "r", "Subject: =?utf-8?Q?B=C3=B6r?=\r\n" },
	{ "no line of its own", put_text, "a\r\nBcc: x@y",
		"Subject: a  Bcc: x@y\r\n" },
	{ "identifiers", put_words, "<a@b>  <c@d>\n<e@f>",
		"References: <a@b> <c@d> <e@f>\r\n" },
	{ "many identifiers are folded", put_words,
		"<" TEN TEN "@x> <" TEN TEN "@x> <" TEN TEN "@x>",
		"References: <" TEN TEN "@x> <" TEN TEN "@x>\r\n <" TEN TEN
		"@x>\r\n" },
	{ "an address", put_list, "a@b.c", "To: a@b.c\r\n" },
	{ "none", put_list, "", "To: undisclosed-recipients:;\r\n" },
	{ "names", put_list, "Ann B <a@b.c>, \"D, E\" <d@e.f>",
		"To: Ann B <a@b.c>, \"D, E\" <d@e.f>\r\n" },
	{ "a name in UTF-8", put_list, "B" OE "r <a@b.c>",
		"To: =?utf-8?Q?B=C3=B6r?= <a@b.c>\r\n" },
	{ "a name goes to a line that has room for it", put_list,
		TEN TEN TEN TEN "@b.c, " OE10 " <a@b.c>",
		"To: " TEN TEN TEN TEN "@b.c,\r\n"
		" =?utf-8?B?w7bDtsO2w7bDtsO2w7bDtsO2w7Y=?= <a@b.c>\r\n" },
	{ "many addresses are folded", put_list,
		TEN TEN TEN "@b.c, " TEN TEN TEN "@b.c, " TEN "@b.c",
		"To: " TEN TEN TEN "@b.c, " TEN TEN TEN "@b.c,\r\n " TEN
		"@b.c\r\n" },
	{ "and before a long name", put_list,
		TEN TEN TEN TEN "@b.c, " TEN " " TEN " " TEN " <x@y.z>",
		"To: " TEN TEN TEN TEN "@b.c,\r\n " TEN " " TEN " " TEN
		" <x@y.z>\r\n" },
};

static void test_fields(void)
{
	struct buf out = BUF_INIT(10000);

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		buf_clear(&out);
		fields[i].put(&out, fields[i].text);
		tap_is_text(buf_text(&out), fields[i].want, fields[i].name);
	}
	buf_free(&out);
}

static const struct {
	const char *path, *name, *ascii;
} names[] = {
	{ "/tmp/report.pdf", "report.pdf", "report.pdf" },
	{ "report.pdf", "report.pdf", "report.pdf" },
	{ "/tmp/", "attachment", "attachment" },
	{ "a\r\nb: c", "a__b: c", "a__b: c" },
	{ "a\x1B[2J", "a_[2J", "a_[2J" },
	{ "a\xC2\x9B"
	  "b",
		"a_b", "a_b" },
	{ "B" OE "r.pdf", "B" OE "r.pdf", "B_r.pdf" },
	{ "J\xF6rg", "J_rg", "J_rg" },
	{ "a\"b\\c?", "a\"b\\c?", "a_b_c_" },
	{ "a\xE2\x80\xAE"
	  "fdp.exe\xC2\xAD",
		"afdp.exe", "afdp.exe" },
	{ "\xE2\x80\x8B\xF3\xA0\x81\x81", "attachment", "attachment" },
	{ TEN TEN TEN TEN TEN TEN TEN ".pdf",
		TEN TEN TEN TEN TEN TEN TEN ".pdf",
		TEN TEN TEN TEN TEN "aaaaaa.pdf" },
	{ TEN TEN TEN TEN TEN TEN TEN ".abcdefghijklmnop",
		TEN TEN TEN TEN TEN TEN TEN ".abcdefghijklmnop",
		TEN TEN TEN TEN TEN TEN },
};

static void test_names(void)
{
	struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *name = field_file_name(arena, names[i].path);

		tap_is_text(name, names[i].name, "a file name");
		tap_is_text(field_ascii_name(arena, name), names[i].ascii,
			"  in ASCII");
	}
	arena_free(arena);
}

int main(void)
{
	test_parameters();
	test_fields();
	test_names();
	return tap_done();
}
