/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading messages: each shape in which callers write them, each cut into
 * pieces of every small size, and sources and stores that fail.
 */
#include <config.h>

#include "mail/message.h"
#include "tap.h"

#define MOST 1000

struct cut_source {
	struct source source;
	struct span rest;
	size_t size;
	size_t fail_after; /* pieces; 0 never */
	bool was_read_to_end;
};

static bool cut_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct cut_source *cut = (struct cut_source *)source;

	if (cut->fail_after && !--cut->fail_after)
		return diag_set(why, DIAG_INPUT_UNREADABLE);
	*piece = span_make(cut->rest.at,
		cut->rest.length < cut->size ? cut->rest.length : cut->size);
	cut->rest = span_skip(cut->rest, piece->length);
	cut->was_read_to_end = !piece->length;
	return true;
}

static const struct source_ops cut_ops = { .next = cut_next };

/* want_found: 8 and b for 8-bit head and body, F and N for had_from_line and
 * had_no_header, then counts of NULs and bare CRs, and the longest line. */
static const struct {
	const char *name;
	struct span input;
	const char *want_head, *want_body, *want_found;
} cases[] = {
	/* The shapes of callers.md section 3, in its order. */
	{ "all CRLF", SPAN("A: b\r\nC: d\r\n\r\ntext\r\n\r\nmore\r\n"),
		"A: b\r\nC: d\r\n", "text\r\n\r\nmore\r\n", "0 0 4" },
	{ "all LF", SPAN("A: b\nC: d\n\ntext\n\nmore\n"), "A: b\r\nC: d\r\n",
		"text\r\n\r\nmore\r\n", "0 0 4" },
	{ "CRLF header, LF body (PHP 8)",
		SPAN("A: b\r\nC: d\r\n\r\nline1\nline2\r\n.\nline4\r\n"),
		"A: b\r\nC: d\r\n", "line1\r\nline2\r\n.\r\nline4\r\n",
		"0 0 5" },
	{ "LF header, CRLF body", SPAN("A: b\nC: d\n\nline1\r\nline2\r\n"),
		"A: b\r\nC: d\r\n", "line1\r\nline2\r\n", "0 0 5" },
	{ "CR CR LF", SPAN("A: b\r\r\n\r\r\ntext\r\r\r\n"), "A: b\r\n",
		"text\r\n", "0 0 4" },
	{ "a bare CR in the head", SPAN("A: b\rBcc: c\n\n"), "A: b Bcc: c\r\n",
		"", "0 1 0" },
	{ "bare CRs in the body", SPAN("\n10%\r20%\r\rdone\r\n"), "",
		"10%\r\n20%\r\n\r\ndone\r\n", "0 3 4" },
	{ "a mbox line",
		SPAN("From root Sat Nov 21 02:10:00 2026\nA: b\n\ntext\n"),
		"A: b\r\n", "text\r\n", "F0 0 4" },
	{ "a quoted mbox line", SPAN(">From root Sat Nov 21\nA: b\n\nx\n"),
		"A: b\r\n", "x\r\n", "F0 0 1" },
	{ "several of them", SPAN(">>From a\nFrom b\nA: b\n\nx\n"), "A: b\r\n",
		"x\r\n", "F0 0 1" },
	{ "a mbox line, then text", SPAN("From a\nFrom-scratch text\n"), "",
		"From-scratch text\r\n", "FN0 0 17" },
	{ "From with a space before its colon is a field",
		SPAN("From : a@x\n\nx\n"), "From : a@x\r\n", "x\r\n", "0 0 1" },
	{ "a mbox line after a field is text", SPAN("A: b\nFrom a\nC: d\n"),
		"A: b\r\n", "From a\r\nC: d\r\n", "0 0 6" },
	{ "a mbox line in the body stays", SPAN("A: b\n\nFrom a\n"), "A: b\r\n",
		"From a\r\n", "0 0 6" },
	{ "no header", SPAN("hello\nworld\n"), "", "hello\r\nworld\r\n",
		"N0 0 5" },
	{ "no header and no line end", SPAN("hello"), "", "hello\r\n",
		"N0 0 5" },
	{ "no empty line after the header", SPAN("A: b\njust text\nC: d\n"),
		"A: b\r\n", "just text\r\nC: d\r\n", "0 0 9" },
	{ "begins with white space", SPAN(" text\nA: b\n"), "",
		" text\r\nA: b\r\n", "N0 0 5" },
	{ "begins with an empty line", SPAN("\nA: b\n"), "", "A: b\r\n",
		"0 0 4" },
	{ "begins with a line of spaces", SPAN("  \nA: b\n"), "",
		"  \r\nA: b\r\n", "N0 0 4" },
	{ "nothing", SPAN(""), "", "", "0 0 0" },
	{ "an empty line", SPAN("\n"), "", "", "0 0 0" },
	{ "a header only", SPAN("A: b\n"), "A: b\r\n", "", "0 0 0" },
	{ "a header without its line end", SPAN("A: b"), "A: b\r\n", "",
		"0 0 0" },
	{ "a header and an empty line", SPAN("A: b\n\n"), "A: b\r\n", "",
		"0 0 0" },
	{ "no trailing newline", SPAN("A: b\n\ntext"), "A: b\r\n", "text\r\n",
		"0 0 4" },
	{ "a trailing CR", SPAN("A: b\n\ntext\r"), "A: b\r\n", "text\r\n",
		"0 0 4" },
	{ "a trailing CR in the head", SPAN("A: b\r"), "A: b\r\n", "",
		"0 0 0" },
	{ "NULs", SPAN("A\0: \0b\n\0\nte\0\0xt\r\0\n\0"), "A: b\r\n",
		"text\r\n", "7 0 4" },
	{ "8-bit header", SPAN("A: \xC3\xB6\n\nx\n"), "A: \xC3\xB6\r\n",
		"x\r\n", "80 0 1" },
	{ "8-bit body", SPAN("A: b\n\n12345678\xF6\n"), "A: b\r\n",
		"12345678\xF6\r\n", "b0 0 9" },
	{ "Return-Path, Sender, X-PHP-Originating-Script are kept here",
		SPAN("Return-Path: <a>\nSender: b\n"
		     "X-PHP-Originating-Script: 33:x.php\n\n"),
		"Return-Path: <a>\r\nSender: b\r\n"
		"X-PHP-Originating-Script: 33:x.php\r\n",
		"", "0 0 0" },
	/* Fields. */
	{ "folded", SPAN("A: b\n c\n\td\nE: f\n\n"),
		"A: b\r\n c\r\n\td\r\nE: f\r\n", "", "0 0 0" },
	{ "a space before the colon", SPAN("Bcc : x\n\n"), "Bcc : x\r\n", "",
		"0 0 0" },
	{ "a continuation line of spaces means nothing",
		SPAN("A: b\n \t\n c\n  \r\n\ntext\n"), "A: b\r\n c\r\n",
		"text\r\n", "0 0 4" },
	{ "nor one of bare CRs", SPAN("A: b\n \r\t\rX\n \r \n\nx\n"),
		"A: b\r\n  \t X\r\n", "x\r\n", "0 3 1" },
	{ "8-bit in a field name", SPAN("\xC3\x84: b\n\nx\n"), "",
		"\xC3\x84: b\r\n\r\nx\r\n", "bN0 0 5" },
	/* Dots. */
	{ "a lone dot is text", SPAN("A: b\n\nx\n.\ny\n"), "A: b\r\n",
		"x\r\n.\r\ny\r\n", "0 0 1" },
	{ "a lone dot in the head is text", SPAN("A: b\n.\ny\n"), "A: b\r\n",
		".\r\ny\r\n", "0 0 1" },
};

static const struct {
	const char *name;
	struct span input;
	const char *want_head, *want_body;
} dots[] = {
	{ "a lone dot ends", SPAN("A: b\n\nx\n.\ny\n"), "A: b\r\n", "x\r\n" },
	{ "with CRLF", SPAN("A: b\r\n\r\nx\r\n.\r\ny\r\n"), "A: b\r\n",
		"x\r\n" },
	{ "as the first line", SPAN(".\ny\n"), "", "" },
	{ "in the head", SPAN("A: b\n.\ny\n"), "A: b\r\n", "" },
	{ "after the empty line", SPAN("\n.\ny\n"), "", "" },
	{ "without a line end", SPAN("x\n."), "", "x\r\n" },
	{ "two dots do not", SPAN("\n..\ny\n"), "", "..\r\ny\r\n" },
	{ "a dot and text does not", SPAN("\n.a\ny\n"), "", ".a\r\ny\r\n" },
	{ "a dot at the end of a line does not", SPAN("\na.\n"), "", "a.\r\n" },
	{ "a dot and a space does not", SPAN("\n. \n"), "", ". \r\n" },
	{ "a dot before a bare CR does not", SPAN("\n.\ra\n"), "",
		".\r\na\r\n" },
};

static void put_body(struct message *message, struct buf *out)
{
	struct source *source = store_source(message->body);
	struct span piece;
	struct diag why;

	while (source_next(source, &piece, &why) && piece.length)
		buf_put_span(out, piece);
	source_close(source);
}

static void put_found(const struct message *message, struct buf *out)
{
	buf_printf(out, "%s%s%s%s%d %d %d", message->head_is_8bit ? "8" : "",
		message->body_is_8bit ? "b" : "",
		message->had_from_line ? "F" : "",
		message->had_no_header ? "N" : "", (int)message->nul_count,
		(int)message->bare_cr_count, (int)message->longest_line);
}

/* "head|body|found" of the input, cut into pieces of SIZE bytes. */
static void describe(struct span input, size_t size, bool lone_dot_ends,
	bool with_found, struct buf *out)
{
	struct cut_source cut = { { &cut_ops }, input, size, 0, false };
	const struct message_params params = { .lone_dot_ends = lone_dot_ends };
	struct message message;
	struct diag why;

	if (!message_read(&cut.source, &params, &message, &why)) {
		buf_puts(out, diag_name(why.id));
		return;
	}
	buf_put_span(out, message.head);
	buf_puts(out, "|");
	put_body(&message, out);
	buf_puts(out, "|");
	if (with_found)
		put_found(&message, out);
	if (message.body_size != store_size(message.body) ||
		!cut.was_read_to_end)
		buf_puts(out, "(size or end is wrong)");
	message_free(&message);
}

static void test_case(struct span input, const char *head, const char *body,
	const char *found, bool lone_dot_ends, const char *name)
{
	static const size_t sizes[] = { 1, 2, 3, 5, 7, 100000 };
	struct buf want = BUF_INIT(MOST);

	buf_printf(&want, "%s|%s|%s", head, body, found);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct buf got = BUF_INIT(MOST);

		describe(input, sizes[i], lone_dot_ends, *found != '\0', &got);
		if (i == 0 || !span_equal(buf_span(&got), buf_span(&want)))
			tap_is_text(buf_text(&got), buf_text(&want), name);
		buf_free(&got);
	}
	buf_free(&want);
}

static void put_times(struct buf *out, const char *text, size_t count)
{
	while (count--)
		buf_puts(out, text);
}

/* Lines around the sizes at which the reader changes its mind. */
static void test_long_lines(void)
{
	static const size_t lengths[] = { 995, 996, 997, 998, 999, 1000, 65535,
		65536, 65537, 200000 };

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct buf input = BUF_INIT(1000000), want = BUF_INIT(1000000),
			   got = BUF_INIT(1000000);

		buf_puts(&input, "A: ");
		put_times(&input, "x", lengths[i]);
		buf_puts(&input, "\n ");
		put_times(&input, "y", lengths[i]);
		buf_puts(&input, "\n\n");
		put_times(&input, "z", lengths[i]);
		describe(buf_span(&input), 4096, false, false, &got);
		buf_puts(&want, "A: ");
		put_times(&want, "x", lengths[i]);
		buf_puts(&want, "\r\n ");
		put_times(&want, "y", lengths[i]);
		buf_puts(&want, "\r\n|");
		put_times(&want, "z", lengths[i]);
		buf_puts(&want, "\r\n|");
		tap_ok(span_equal(buf_span(&got), buf_span(&want)),
			"a header, a continuation and a body of lines of %d",
			(int)lengths[i]);
		buf_clear(&input);
		buf_clear(&got);
		buf_clear(&want);
		put_times(&input, "x", lengths[i]);
		describe(buf_span(&input), 4096, false, false, &got);
		buf_puts(&want, "|");
		put_times(&want, "x", lengths[i]);
		buf_puts(&want, "\r\n|");
		tap_ok(span_equal(buf_span(&got), buf_span(&want)),
			"text without a header or end of %d bytes",
			(int)lengths[i]);
		buf_free(&input);
		buf_free(&got);
		buf_free(&want);
	}
}

/* A continuation line of blanks, longer than what is kept to decide. */
static void test_long_blanks(void)
{
	struct buf input = BUF_INIT(10000), got = BUF_INIT(10000);

	buf_puts(&input, "A: b\n");
	put_times(&input, " ", 5000);
	buf_puts(&input, "\n c\n\nx");
	describe(buf_span(&input), 100, false, false, &got);
	tap_is_text(buf_text(&got), "A: b\r\n c\r\n|x\r\n|",
		"a long continuation line of spaces means nothing either");
	buf_free(&input);
	buf_free(&got);
}

static bool read_piece(
	struct span input, struct message *message, struct diag *why)
{
	struct cut_source cut = { { &cut_ops }, input, SIZE_MAX, 0, false };
	const struct message_params params = { 0 };
	bool is_ok = message_read(&cut.source, &params, message, why);

	tap_ok(cut.was_read_to_end, "the source is read to its end");
	return is_ok;
}

static void test_limits(void)
{
	struct buf input = BUF_INIT(MESSAGE_HEAD_LIMIT + 100);
	struct message message;
	struct diag why;

	buf_puts(&input, "A: ");
	put_times(&input, "x", MESSAGE_HEAD_LIMIT - 5);
	buf_puts(&input, "\n");
	tap_ok(read_piece(buf_span(&input), &message, &why),
		"a head as large as the limit");
	message_free(&message);
	input.data[input.length - 1] = 'x';
	buf_puts(&input, "\n\ntext\n");
	tap_ok(!read_piece(buf_span(&input), &message, &why),
		"a head larger by one byte");
	tap_is_diag(&why, DIAG_MESSAGE_HEAD_TOO_LARGE, "  is refused");
	buf_clear(&input);
	put_times(&input, "A:\n", MESSAGE_FIELDS_LIMIT);
	tap_ok(read_piece(buf_span(&input), &message, &why),
		"as many fields as the limit says");
	tap_is_number((int64_t)message.header.count, MESSAGE_FIELDS_LIMIT,
		"  and all of them are there");
	message_free(&message);
	buf_puts(&input, "B:\n");
	tap_ok(!read_piece(buf_span(&input), &message, &why), "one more");
	tap_is_diag(&why, DIAG_MESSAGE_TOO_MANY_FIELDS, "  is refused");
	buf_free(&input);
}

static void test_failures(void)
{
	for (size_t after = 1; after < 5; after++) {
		struct cut_source cut = { { &cut_ops }, SPAN("A: b\n\ntext\n"),
			4, after, false };
		const struct message_params params = { 0 };
		struct message message;
		struct diag why = { 0 };

		tap_ok(!message_read(&cut.source, &params, &message, &why),
			"a source that fails at piece %d", (int)after);
		tap_is_diag(&why, DIAG_INPUT_UNREADABLE, "  is no short mail");
	}
}

/* A body over the memory limit goes to a file and comes back the same. */
static void test_large_body(void)
{
	const struct message_params params = { .memory_limit = 1000 };
	struct buf input = BUF_INIT(1000000), want = BUF_INIT(1000000),
		   got = BUF_INIT(1000000);
	struct cut_source cut = { { &cut_ops }, { 0 }, 777, 0, false };
	struct message message;
	struct diag why;

	buf_puts(&input, "A: b\n\n");
	for (size_t i = 0; i < 5000; i++) {
		buf_printf(&input, "line %d of many\r", (int)i);
		buf_puts(&input, i % 3 ? "\n" : "\r\n");
		buf_printf(&want, "line %d of many\r\n", (int)i);
	}
	cut.rest = buf_span(&input);
	tap_ok(message_read(&cut.source, &params, &message, &why),
		"a body over the memory limit");
	put_body(&message, &got);
	tap_ok(span_equal(buf_span(&got), buf_span(&want)), "  is the same");
	tap_is_number((int64_t)message.body_size, (int64_t)want.length,
		"  and its size is known");
	message_free(&message);
	buf_free(&input);
	buf_free(&want);
	buf_free(&got);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		test_case(cases[i].input, cases[i].want_head,
			cases[i].want_body, cases[i].want_found, false,
			cases[i].name);
	for (size_t i = 0; i < sizeof dots / sizeof *dots; i++)
		test_case(dots[i].input, dots[i].want_head, dots[i].want_body,
			"", true, dots[i].name);
	test_long_lines();
	test_long_blanks();
	test_limits();
	test_failures();
	test_large_body();
	return tap_done();
}
