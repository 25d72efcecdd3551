/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reply parser: every kind of reply and of garbage, whole and cut into
 * pieces of every size. */
#include <config.h>

#include "smtp/reply.h"
#include "tap.h"

#include <stdio.h>
#include <sysexits.h>

struct reply_case {
	const char *name;
	struct span input;
	enum reply_progress want;
	unsigned code;
	const char *status, *text;
	size_t rest; /* bytes that are not of this reply */
	enum diag_id diag;
	const char *shown; /* what the diag shows */
	bool skips_noise;
};

#define GOOD(title, in, c, s, t)                                               \
	{                                                                      \
		title, SPAN(in), REPLY_COMPLETE, c, s, t, 0, DIAG_NONE, NULL,  \
			false                                                  \
	}
/* Where all that is no reply is skipped. */
#define NOISY(title, in, c, s, t)                                              \
	{                                                                      \
		title, SPAN(in), REPLY_COMPLETE, c, s, t, 0, DIAG_NONE, NULL,  \
			true                                                   \
	}
#define BAD(title, in, words)                                                  \
	{                                                                      \
		title, SPAN(in), REPLY_BROKEN, 0, NULL, NULL, 0,               \
			DIAG_SMTP_REPLY_MALFORMED, words, false                \
	}
#define MORE(title, in)                                                        \
	{                                                                      \
		title, SPAN(in), REPLY_MORE, 0, NULL, NULL, 0, DIAG_NONE,      \
			NULL, false                                            \
	}

static const struct reply_case cases[] = {
	GOOD("one line", "250 fine\r\n", 250, "", "fine"),
	GOOD("without text", "250\r\n", 250, "", ""),
	GOOD("only a space", "250 \r\n", 250, "", ""),
	GOOD("lone LF", "250 fine\n", 250, "", "fine"),
	GOOD("three lines", "250-a\r\n250-b\r\n250 c\r\n", 250, "", "a\nb\nc"),
	GOOD("empty lines", "250-\r\n250\r\n", 250, "", "\n"),
	GOOD("status", "250 2.1.5 fine\r\n", 250, "2.1.5", "fine"),
	GOOD("status alone", "250 2.1.5\r\n", 250, "2.1.5", ""),
	GOOD("longest status", "550 5.123.456 no\r\n", 550, "5.123.456", "no"),
	GOOD("status too long", "550 5.1234.1 no\r\n", 550, "", "5.1234.1 no"),
	GOOD("status of two parts", "550 5.1 no\r\n", 550, "", "5.1 no"),
	GOOD("status without end", "550 5.1.1no\r\n", 550, "", "5.1.1no"),
	GOOD("status of another class", "550 4.7.1 no\r\n", 550, "",
		"4.7.1 no"),
	GOOD("status of no class", "550 3.7.1 no\r\n", 550, "", "3.7.1 no"),
	GOOD("the same status twice", "550-5.1.1 a\r\n550 5.1.1 b\r\n", 550,
		"5.1.1", "a\nb"),
	GOOD("status on the last line", "550-a\r\n550 5.1.1 b\r\n", 550,
		"5.1.1", "a\nb"),
	GOOD("two statuses", "550-5.1.1 a\r\n550-5.7.1 b\r\n550 5.1.1 c\r\n",
		550, "", "a\n5.7.1 b\n5.1.1 c"),
	GOOD("no status at 334", "334 3.0.0\r\n", 334, "", "3.0.0"),
	GOOD("8-bit text", "554 \xc3\xa9\x80\r\n", 554, "", "\xc3\xa9\x80"),
	GOOD("control bytes", "554 \x1b[31mred\a\r\n", 554, "",
		"\x1b[31mred\a"),
	GOOD("a NUL in the text", "535 a\0b\r\n", 535, "", "a"),
	GOOD("a bare CR", "250 a\rb\r\n", 250, "", "a\rb"),
	GOOD("CR CR LF", "250 a\r\r\n", 250, "", "a"),
	GOOD("a tab behind the code", "250\tx\r\n", 250, "", "x"),
	GOOD("a letter behind the code", "250x\r\n", 250, "", "x"),
	GOOD("a NUL behind the code", "250\0x\r\n", 250, "", ""),
	GOOD("a dot behind the code", "250.\r\n", 250, "", "."),
	GOOD("a status behind a tab", "550\t5.1.1 no\r\n", 550, "5.1.1", "no"),
	GOOD("another code in the last line", "220-2.0.0 a\r\n421 4.3.2 b\r\n",
		421, "4.3.2", "a\nb"),
	GOOD("another code in the middle", "250-a\r\n550-b\r\n250 c\r\n", 250,
		"", "a\nb\nc"),
	GOOD("an empty line before", "\r\n250 a\r\n", 250, "", "a"),
	GOOD("empty lines of all kinds", "\n \r\r\n\t\n250 a\r\n", 250, "",
		"a"),
	GOOD("an empty line within", "250-a\r\n\r\n250 b\r\n", 250, "", "a\nb"),
	NOISY("text before", "queued as 1\r\n250 a\r\n", 250, "", "a"),
	NOISY("text within", "250-a\r\nb\r\n250 c\r\n", 250, "", "a\nc"),
	NOISY("bytes of all kinds before",
		"\0\x15\x03\n\rx\n2500 x\n25\n100 x\n600 x\n"
		"a line that is longer than what is waited for elsewhere, and "
		"is no reply even so\r\n250 a\r\n",
		250, "", "a"),
	NOISY("controls before the code", "\0\x1b \t\r550 a\r\n", 550, "", "a"),
	GOOD("the lowest code", "200 x\r\n", 200, "", "x"),
	GOOD("the highest code", "599 x\r\n", 599, "", "x"),
	GOOD("two spaces", "250  x\r\n", 250, "", " x"),
	{ "what follows stays", SPAN("250 a\r\n250 b\r\n"), REPLY_COMPLETE, 250,
		"", "a", 7, DIAG_NONE, NULL, false },
	{ "a NUL that follows stays", SPAN("250 a\r\n\0"), REPLY_COMPLETE, 250,
		"", "a", 1, DIAG_NONE, NULL, false },
	MORE("nothing", ""),
	MORE("an empty line", "\r\n"),
	MORE("an empty line, LF", "\n"),
	MORE("code alone", "250"),
	MORE("no LF yet", "250 fine\r"),
	MORE("another line follows", "250-fine\r\n"),
	MORE("last line begun", "250-fine\r\n250 "),
	BAD("one digit", "2\r\n", "2"),
	BAD("two digits", "25\r\n", "25"),
	BAD("four digits", "2500 fine\r\n", "2500 fine"),
	BAD("no digits", "SSH-2.0-OpenSSH_9\r\n", "SSH-2.0-OpenSSH_9"),
	BAD("letter in the code", "2x0 fine\r\n", "2x0 fine"),
	BAD("code 100", "100 x\r\n", "100 x"),
	BAD("code 600", "600 x\r\n", "600 x"),
	BAD("code 000", "000 x\r\n", "000 x"),
	BAD("leading space", " 250 x\r\n", "250 x"),
	BAD("no code in the second line", "250-a\r\nb\r\n", "b"),
	BAD("NUL in the code", "2\0", "2\\x00"),
	BAD("bare CR before the code", "\r250 a\r\n", "2"),
	BAD("escape sequence", "\x1b[2J\r\n", "\\x1B[2J"),
	BAD("a TLS alert", "\x15\x03\x01\0\x02\x02\x50",
		"\\x15\\x03\\x01\\x00"),
	/* Never ends its line, but has said enough. */
	BAD("80 bytes of something else",
		"GET / xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxx",
		"GET / xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxx"),
	MORE("79 bytes of something else",
		"GET / xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxx"),
};

static enum reply_progress feed(struct reply_parser *parser, struct span input,
	size_t step, size_t *rest, struct diag *why)
{
	enum reply_progress progress = REPLY_MORE;

	while (input.length && progress == REPLY_MORE) {
		struct span piece = input;

		if (piece.length > step)
			piece.length = step;
		input = span_skip(input, piece.length);
		do
			progress = reply_parse(parser, &piece, why);
		while (progress == REPLY_SKIPPED);
		*rest = input.length + piece.length;
	}
	return progress;
}

static void check(const struct reply_case *test)
{
	struct reply_parser parser;
	char want[2000], got[2000];

	reply_parser_init(&parser);
	parser.skips_noise = test->skips_noise;
	snprintf(want, sizeof want, "%d %u %s|%s|%zu|%s|%s", (int)test->want,
		test->code, test->status ? test->status : "",
		test->text ? test->text : "", test->rest, diag_name(test->diag),
		test->shown ? test->shown : "");
	for (size_t step = 1; step <= test->input.length + 1; step++) {
		struct diag why = { 0 };
		size_t rest = 0;
		enum reply_progress progress =
			feed(&parser, test->input, step, &rest, &why);
		bool is_done = progress == REPLY_COMPLETE;

		if (progress != REPLY_COMPLETE)
			rest = 0;
		snprintf(got, sizeof got, "%d %u %s|%s|%zu|%s|%s",
			(int)progress, is_done ? parser.reply.code : 0,
			is_done ? parser.reply.status : "",
			is_done ? buf_text(&parser.reply.text) : "", rest,
			diag_name(why.id), why.id ? why.text : "");
		reply_parser_reset(&parser);
		if (strcmp(got, want) != 0)
			break;
	}
	tap_is_text(got, want, test->name);
	reply_parser_free(&parser);
}

static void check_limit(void)
{
	static char line[REPLY_LIMIT + 2];
	struct reply_parser parser;
	struct diag why = { 0 };
	struct span input = span_make(line, REPLY_LIMIT);

	memset(line, 'x', sizeof line);
	memcpy(line, "250 ", 4);
	line[REPLY_LIMIT - 1] = '\n';
	reply_parser_init(&parser);
	tap_is_number((int)reply_parse(&parser, &input, &why), REPLY_COMPLETE,
		"a line of 64 KiB is a reply");
	tap_is_number((int64_t)parser.reply.text.length, REPLY_LIMIT - 5,
		"and keeps its text");
	reply_parser_reset(&parser);
	line[REPLY_LIMIT - 1] = 'x';
	input = span_make(line, REPLY_LIMIT + 1);
	tap_is_number((int)reply_parse(&parser, &input, &why), REPLY_BROKEN,
		"a longer one is not");
	tap_is_diag(&why, DIAG_SMTP_REPLY_TOO_LONG, "and says so");
	tap_is_text(why.text, "65536", "with the limit");
	reply_parser_free(&parser);
}

static void check_many_lines(void)
{
	struct reply_parser parser;
	struct diag why = { 0 };
	enum reply_progress progress = REPLY_MORE;
	size_t lines = 0;

	reply_parser_init(&parser);
	while (progress == REPLY_MORE) {
		struct span line = SPAN("250-x\r\n");

		progress = reply_parse(&parser, &line, &why);
		lines++;
	}
	tap_is_diag(&why, DIAG_SMTP_REPLY_TOO_LONG, "endless lines end");
	tap_is_number((int64_t)lines, REPLY_LIMIT / 7 + 1, "at 64 KiB");
	reply_parser_free(&parser);
}

/* Endless lines that are no reply are none either; each is told. */
static void check_skipped(void)
{
	struct reply_parser parser;
	struct diag why = { 0 };
	enum reply_progress progress;
	struct span line = SPAN("\r\n");
	size_t lines = 0;

	reply_parser_init(&parser);
	tap_is_number((int)reply_parse(&parser, &line, &why), REPLY_SKIPPED,
		"an empty line is told");
	parser.skips_noise = true;
	line = SPAN("hello\r\r\n");
	tap_is_number((int)reply_parse(&parser, &line, &why), REPLY_SKIPPED,
		"so is noise");
	tap_is_span(buf_span(&parser.line), SPAN("hello"), "with its words");
	tap_is_number((int64_t)parser.size_bytes, 0, "no reply has begun");
	do {
		line = SPAN("hello\r\n");
		progress = reply_parse(&parser, &line, &why);
		lines++;
	} while (progress == REPLY_SKIPPED);
	tap_is_diag(&why, DIAG_SMTP_REPLY_TOO_LONG, "endless noise ends");
	tap_ok(lines <= REPLY_LIMIT / 7 + 1, "at 64 KiB");
	reply_parser_free(&parser);
}

static void collect(void *context, struct span line)
{
	struct buf *seen = context;

	buf_put_byte(seen, '[');
	buf_put_span(seen, line);
	buf_put_byte(seen, ']');
}

static void check_lines(void)
{
	struct reply_parser parser;
	struct buf seen = BUF_INIT(1000);
	struct diag why;
	struct span input = SPAN("250-2.0.0 a\r\n250 2.0.0 b\r\n25x c\r\n");

	reply_parser_init(&parser);
	parser.on_line = collect;
	parser.context = &seen;
	reply_parse(&parser, &input, &why);
	reply_parser_reset(&parser);
	reply_parse(&parser, &input, &why);
	tap_is_text(buf_text(&seen), "[250-2.0.0 a][250 2.0.0 b][25x c]",
		"each line is shown as it came, the broken one too");
	reply_parser_free(&parser);
	buf_free(&seen);
}

static void check_explain(void)
{
	struct reply_parser parser;
	struct diag why;
	struct span input = SPAN("450-4.2.1 a\x1b\r\n450 4.2.1 b\r\n");

	reply_parser_init(&parser);
	reply_parse(&parser, &input, &why);
	diag_set(&why, DIAG_SMTP_RCPT_REFUSED, "a@b");
	tap_ok(!reply_explain(&parser.reply, &why), "reply_explain is false");
	tap_is_text(why.status, "4.2.1", "the status is the server's");
	tap_is_number(why.reply_code, 450, "so is the code");
	tap_is_number(why.exit_code, EX_TEMPFAIL, "4yz may be tried again");
	tap_is_text(why.reply, "450 4.2.1 a\\x1B b", "words are printable");
	reply_parser_free(&parser);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(&cases[i]);
	check_limit();
	check_many_lines();
	check_skipped();
	check_lines();
	check_explain();
	return tap_done();
}
