/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bodies with long lines: the whole of what goes out, what the header has to
 * say, and the word for the log.  "@" stands for 1000 letters, "%" for the same
 * quoted-printable ("#" behind an escape), "&" in base 64 ("$" with a line
 * end), "~" for 250 words of four letters, and "^" for them folded.
 */
#include <config.h>

#include "base/base64.h"
#include "mail/reshape.h"
#include "pieces.h"
#include "tap.h"

enum { MOST = 100000, LONG = 1000, WORDS = 250, PER_LINE = 75 };

#define MIXED "Content-Type: multipart/mixed; boundary=b\n"
#define HTML  "Content-Type: text/html; charset=utf-8\n"
#define QP    "Content-Transfer-Encoding: quoted-printable\n"
#define B64   "Content-Transfer-Encoding: base64\n"
#define TYPE  "MIME-Version: 1.0\nContent-Type: text/plain; charset="

static const struct {
	const char *name, *head, *body;
	const char *want_fields, *want, *changes;
} cases[] = {
	{ "a text without MIME", "", "@\n", TYPE "us-ascii\n" QP, "%\n",
		"encoded" },
	{ "in UTF-8", "", "\xC3\xB6\n@\n", TYPE "utf-8\n" QP, "=C3=B6\n%\n",
		"encoded" },
	{ "in something else", "", "\xF6\n@\n", TYPE "unknown-8bit\n" QP,
		"=F6\n%\n", "encoded" },
	{ "HTML", "MIME-Version: 1.0\n" HTML, "@\n", QP, "%\n", "encoded" },
	{ "no text", "MIME-Version: 1.0\nContent-Type: application/json\n", "@",
		B64, "$\n", "encoded" },
	{ "a part of several", MIXED,
		"pre\n--b\n" HTML "Content-Transfer-Encoding: 8bit\nA: b\n\n"
		"@\n--b\nB: c\n\nshort\n--b--\n",
		"",
		"pre\n--b\n" HTML "A: b\n" QP "\n%\n--b\nB: c\n\nshort\n"
		"--b--\n",
		"encoded" },
	{ "the last one, whose end is missing", MIXED, "--b\n" HTML "\n@\n", "",
		"--b\n" HTML QP "\n%\n", "encoded" },
	{ "a part that is no text", MIXED,
		"--b\nContent-Type: image/x\n\n@\n--b--\n", "",
		"--b\nContent-Type: image/x\n" B64 "\n&\n\n--b--\n",
		"encoded" },
	{ "a part without a header, not even its end", MIXED, "--b\n@\n--b--\n",
		"", "--b\n" QP "\n%\n--b--\n", "encoded" },
	{ "an attached message", MIXED,
		"--b\nContent-Type: message/rfc822\n\nSubject: s\n\n@\n--b--\n",
		"",
		"--b\nContent-Type: message/rfc822\n\nSubject: s\n" TYPE
		"us-ascii\n" QP "\n%\n--b--\n",
		"encoded" },
	{ "its header", MIXED,
		"--b\nContent-Type: message/rfc822\n\nA: ~\nA: b\n\nx\n"
		"--b--\n",
		"",
		"--b\nContent-Type: message/rfc822\n\n"
		"A: ^\nA: b\n\nx\n--b--\n",
		"folded" },
	{ "the header of a part, and of one with parts", MIXED,
		"--b\nA: ~\nContent-Type: multipart/x; boundary=c\n\n"
		"--c\nA: ~\n\nx\n--c--\n--b--\n",
		"",
		"--b\nA: ^\nContent-Type: multipart/x; boundary=c\n\n"
		"--c\nA: ^\n\nx\n--c--\n--b--\n",
		"folded" },
	{ "a delivery status", MIXED,
		"--b\nContent-Type: message/delivery-status\n\nA: b\n\nC: ~\n"
		"--b--\n",
		"",
		"--b\nContent-Type: message/delivery-status\n\nA: b\n\nC: ^\n"
		"--b--\n",
		"folded" },
	{ "text before and behind the parts", MIXED,
		"X: ~\n--b\n\nx\n--b--\nY: ~\n", "",
		"X: ^\n--b\n\nx\n--b--\nY: ^\n", "folded" },
	{ "quoted-printable that is too long", QP HTML, "=41@\n", "", "=41#\n",
		"rewrapped" },
	{ "both, and a header", MIXED,
		"--b\nA: ~\n" HTML "\n@\n--b\n" QP "\n=41@\n--b--\n", "",
		"--b\nA: ^\n" HTML QP "\n%\n--b\n" QP "\n=41#\n--b--\n",
		"folded,encoded,rewrapped" },
	/* What stays. */
	{ "a part that is signed",
		"Content-Type: multipart/signed; boundary=b\n",
		"--b\nA: ~\n\n@\n--b--\n", "", "--b\nA: ~\n\n@\n--b--\n",
		"long-lines" },
	{ "but not the part beside it", MIXED,
		"--b\nContent-Type: multipart/signed; boundary=c\n\n"
		"--c\n\n@\n--c--\n--b\n\n@\n--b--\n",
		"",
		"--b\nContent-Type: multipart/signed; boundary=c\n\n"
		"--c\n\n@\n--c--\n--b\n" QP "\n%\n--b--\n",
		"encoded,long-lines" },
	{ "a message with DKIM", "DKIM-Signature: v=1\n", "@\n", "", "@\n",
		"long-lines" },
	{ "S/MIME", "Content-Type: application/pkcs7-mime\n", "@\n", "", "@\n",
		"long-lines" },
	{ "an encoding that nobody knows", "Content-Transfer-Encoding: x-uue\n",
		"@\n", "", "@\n", "long-lines" },
	{ "parts that never come", MIXED, "@\n", "", "@\n", "long-lines" },
	{ "a piece of a message", "Content-Type: message/partial\n", "@\n", "",
		"@\n", "long-lines" },
};

static void put_times(struct buf *out, const char *text, size_t count)
{
	while (count--)
		buf_puts(out, text);
}

/* COUNT letters in soft lines, of which the first has room for FIRST. */
static void put_soft(struct buf *out, size_t count, size_t first)
{
	while (count > first) {
		put_times(out, "z", first);
		buf_puts(out, "=\r\n");
		count -= first;
		first = PER_LINE;
	}
	put_times(out, "z", count);
}

static void put_base64(struct buf *out, const char *end)
{
	struct buf letters = BUF_INIT(MOST), encoded = BUF_INIT(2 * LONG);
	struct span rest;

	put_times(&letters, "z", LONG);
	buf_puts(&letters, end);
	(void)base64_encode(buf_span(&letters), &encoded);
	for (rest = buf_span(&encoded); rest.length;
		rest = span_skip(rest, PER_LINE + 1)) {
		if (rest.at != encoded.data)
			buf_puts(out, "\r\n");
		buf_put(out, rest.at,
			rest.length > PER_LINE ? PER_LINE + 1 : rest.length);
	}
	buf_free(&letters);
	buf_free(&encoded);
}

static void expand(const char *picture, struct buf *out)
{
	for (; *picture; picture++)
		switch (*picture) {
		case '@':
			put_times(out, "z", LONG);
			break;
		case '%':
			put_soft(out, LONG, PER_LINE);
			break;
		case '#': /* behind an escape */
			put_soft(out, LONG, PER_LINE - 3);
			break;
		case '&':
			put_base64(out, "");
			break;
		case '$':
			put_base64(out, "\r\n");
			break;
		case '~':
			put_times(out, "abcd ", WORDS);
			buf_puts(out, "e");
			break;
		case '^': /* the same, folded */
			put_times(out, "abcd ", 198);
			buf_puts(out, "abcd\r\n ");
			put_times(out, "abcd ", WORDS - 199);
			buf_puts(out, "e");
			break;
		case '\n':
			buf_puts(out, "\r\n");
			break;
		default:
			buf_put_byte(out, *picture);
		}
}

static void test_one(size_t row)
{
	struct buf input = BUF_INIT(MOST), want = BUF_INIT(MOST),
		   fields = BUF_INIT(MOST), got = BUF_INIT(MOST);
	struct arena *arena = arena_new();
	struct message message;
	struct source *source;
	struct reshape *reshape;
	struct diag why;

	expand(cases[row].head, &input);
	buf_puts(&input, "\r\n");
	expand(cases[row].body, &input);
	source = source_from_span(buf_span(&input));
	tap_ok(message_read(
		       source, &(struct message_params){ 0 }, &message, &why),
		"%s", cases[row].name);
	source_close(source);
	reshape = reshape_plan(&message, arena, &why);

	expand(cases[row].want_fields, &fields);
	reshape_header_put(&got, reshape_header(reshape));
	tap_is_text(buf_text(&got), buf_text(&fields), "  its header");
	buf_clear(&got);
	change_put(&got, reshape_changes(reshape));
	tap_is_text(buf_text(&got), cases[row].changes, "  its words");
	expand(cases[row].want, &want);
	source = reshape_source(reshape, message.body);
	pieces_read(source, &got);
	tap_is_text(buf_text(&got), buf_text(&want), "  its body");
	tap_ok(source_rewind(source, &why), "  rewinds");
	pieces_read(source, &got);
	tap_is_text(buf_text(&got), buf_text(&want), "  to the same");
	source_close(source);
	message_free(&message);
	arena_free(arena);
	buf_free(&input);
	buf_free(&want);
	buf_free(&fields);
	buf_free(&got);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		test_one(i);
	return tap_done();
}
