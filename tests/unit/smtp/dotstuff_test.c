/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dots out and in, whole and cut into pieces of every size. */
#include <config.h>

#include "smtp/dotstuff.h"
#include "tap.h"

static const struct {
	const char *name;
	struct span input;
	const char *want;
} outgoing[] = {
	{ "nothing", SPAN(""), "" },
	{ "a line", SPAN("a\r\n"), "a\r\n" },
	{ "two lines", SPAN("a\r\nb\r\n"), "a\r\nb\r\n" },
	{ "a dot", SPAN(".\r\n"), "..\r\n" },
	{ "two dots", SPAN("..\r\n"), "...\r\n" },
	{ "a dot and text", SPAN(".a\r\n"), "..a\r\n" },
	{ "a dot in the line", SPAN("a.\r\n.b.c\r\n"), "a.\r\n..b.c\r\n" },
	{ "dots in each line", SPAN(".\r\n.\r\n.\r\n"), "..\r\n..\r\n..\r\n" },
	{ "an empty line", SPAN("\r\n.\r\n"), "\r\n..\r\n" },
	{ "no last line end", SPAN("a"), "a\r\n" },
	{ "a lone dot at the end", SPAN("a\r\n."), "a\r\n..\r\n" },
	{ "a CR at the end", SPAN("a\r"), "a\r\n" },
	/* Not canonical: nobody should send this here. */
	{ "bare LF", SPAN("a\nb\n"), "a\r\nb\r\n" },
	{ "bare CR", SPAN("a\rb"), "a\r\nb\r\n" },
	{ "CR CR LF", SPAN("a\r\r\nb"), "a\r\n\r\nb\r\n" },
	{ "smuggling by LF", SPAN("a\n.\nMAIL"), "a\r\n..\r\nMAIL\r\n" },
	{ "smuggling by LF and CRLF", SPAN("a\n.\r\nMAIL"),
		"a\r\n..\r\nMAIL\r\n" },
	{ "smuggling by CR", SPAN("a\r.\rMAIL"), "a\r\n..\r\nMAIL\r\n" },
	{ "smuggling by CRLF and CR", SPAN("a\r\n.\rMAIL"),
		"a\r\n..\r\nMAIL\r\n" },
	{ "smuggling by NUL", SPAN("a\r\n\0.\r\nMAIL"), "a\r\n..\r\nMAIL\r\n" },
	{ "NUL in the text", SPAN("a\0b\r\n"), "ab\r\n" },
};

static const struct {
	const char *name;
	struct span input;
	const char *want;
	int rest; /* bytes behind the final dot; -1: it never came */
} incoming[] = {
	{ "nothing but the dot", SPAN(".\r\n"), "", 0 },
	{ "a line", SPAN("a\r\n.\r\n"), "a\r\n", 0 },
	{ "what follows stays", SPAN("a\r\n.\r\nQUIT\r\n"), "a\r\n", 6 },
	{ "a doubled dot", SPAN("..\r\n.\r\n"), ".\r\n", 0 },
	{ "a doubled dot and text", SPAN("..a\r\n.\r\n"), ".a\r\n", 0 },
	{ "a dot that was not doubled", SPAN(".a\r\n.\r\n"), "a\r\n", 0 },
	{ "a dot in the line", SPAN("a.\r\n.\r\n"), "a.\r\n", 0 },
	{ "no end", SPAN("a\r\n"), "a\r\n", -1 },
	{ "half an end", SPAN("a\r\n."), "a\r\n", -1 },
	{ "most of an end", SPAN("a\r\n.\r"), "a\r\n", -1 },
	{ "LF . LF", SPAN("a\n.\nb\r\n.\r\n"), "a\n.\nb\r\n", 0 },
	{ "LF . CRLF", SPAN("a\n.\r\nb\r\n.\r\n"), "a\n.\r\nb\r\n", 0 },
	{ "CRLF . LF", SPAN("a\r\n.\nb\r\n.\r\n"), "a\r\n\nb\r\n", 0 },
	{ "CRLF . CR", SPAN("a\r\n.\rb\r\n.\r\n"), "a\r\n\rb\r\n", 0 },
	{ "CR . CR", SPAN("a\r.\rb\r\n.\r\n"), "a\r.\rb\r\n", 0 },
	{ "CR . CRLF", SPAN("a\r.\r\nb\r\n.\r\n"), "a\r.\r\nb\r\n", 0 },
	{ "CRLF . CR CRLF", SPAN("a\r\n.\r\r\nb\r\n.\r\n"), "a\r\n\r\r\nb\r\n",
		0 },
	{ "CR CRLF . CRLF", SPAN("a\r\r\n.\r\nb"), "a\r\r\n", 1 },
	{ "CRLF . CR . CRLF", SPAN("\r\n.\r.\r\n.\r\n"), "\r\n\r.\r\n", 0 },
};

static void check_outgoing(size_t index)
{
	struct buf out = BUF_INIT(1000);
	struct span input = outgoing[index].input;

	for (size_t step = 1; step <= input.length + 1; step++) {
		struct dotstuff dots = { 0 };

		buf_clear(&out);
		for (size_t at = 0; at < input.length; at += step) {
			struct span piece = span_skip(input, at);

			if (piece.length > step)
				piece.length = step;
			dotstuff_put(&dots, piece, &out);
		}
		dotstuff_finish(&dots, &out);
		if (strcmp(buf_text(&out), outgoing[index].want) != 0)
			break;
	}
	tap_is_text(buf_text(&out), outgoing[index].want, outgoing[index].name);
	buf_free(&out);
}

/* For BDAT: the same text, but no dot is doubled. */
static void check_kept(void)
{
	struct dotstuff dots = { .keeps_dots = true };
	struct buf out = BUF_INIT(1000);

	dotstuff_put(&dots, SPAN(".\r\n..\r\na\n.\nb\r.c\r\n."), &out);
	dotstuff_finish(&dots, &out);
	tap_is_text(buf_text(&out), ".\r\n..\r\na\r\n.\r\nb\r\n.c\r\n.\r\n",
		"dots are kept");
	buf_free(&out);
}

static int undo(struct span input, size_t step, struct buf *out)
{
	struct dotstuff dots = { 0 };

	while (input.length)
		if (dotstuff_undo(&dots, &input, step, out))
			return (int)input.length;
	return -1;
}

static void check_incoming(size_t index)
{
	struct buf out = BUF_INIT(1000);
	struct span input = incoming[index].input;
	int rest = 0;

	for (size_t step = 1; step <= input.length; step++) {
		buf_clear(&out);
		rest = undo(input, step, &out);
		if (rest != incoming[index].rest ||
			strcmp(buf_text(&out), incoming[index].want) != 0)
			break;
	}
	tap_is_text(buf_text(&out), incoming[index].want, incoming[index].name);
	tap_is_number(rest, incoming[index].rest, "and its end");
	buf_free(&out);
}

/* Out and in again, over every text of five letters. */
static void check_round_trip(void)
{
	static const char letters[] = "a.\r\n";
	size_t failed = 0, tried = 0;

	for (unsigned n = 0; n < 4 * 4 * 4 * 4 * 4 * 4; n++) {
		char text[6];
		struct dotstuff out_dots = { 0 }, in_dots = { 0 };
		struct buf wire = BUF_INIT(100), once = BUF_INIT(100);
		struct buf again = BUF_INIT(100);
		struct span input;

		for (unsigned i = 0, k = n; i < 6; i++, k /= 4)
			text[i] = letters[k % 4];
		dotstuff_put(&out_dots, span_make(text, 6), &wire);
		dotstuff_finish(&out_dots, &wire);
		buf_puts(&wire, DOTSTUFF_FINAL_DOT "QUIT");
		input = buf_span(&wire);
		failed += !dotstuff_undo(&in_dots, &input, 100, &once) ||
			  !span_equal(input, SPAN("QUIT"));
		/* What arrived is canonical: it goes out the same again. */
		out_dots = (struct dotstuff){ 0 };
		dotstuff_put(&out_dots, buf_span(&once), &again);
		dotstuff_finish(&out_dots, &again);
		buf_puts(&again, DOTSTUFF_FINAL_DOT "QUIT");
		failed += !span_equal(buf_span(&again), buf_span(&wire));
		tried++;
		buf_free(&wire);
		buf_free(&once);
		buf_free(&again);
	}
	tap_is_number((int64_t)failed, 0, "no text ends the message early");
	tap_is_number((int64_t)tried, 4096, "of all the texts");
}

static void check_full(void)
{
	struct dotstuff dots = { 0 };
	struct buf out = BUF_INIT(4);

	tap_ok(!dotstuff_put(&dots, SPAN("abc\r\n"), &out),
		"a full buffer is told");
	buf_free(&out);
}

int main(void)
{
	for (size_t i = 0; i < sizeof outgoing / sizeof outgoing[0]; i++)
		check_outgoing(i);
	check_kept();
	for (size_t i = 0; i < sizeof incoming / sizeof incoming[0]; i++)
		check_incoming(i);
	check_round_trip();
	check_full();
	return tap_done();
}
