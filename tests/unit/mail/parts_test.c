/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each part of a body, in a line: kind, type, header and body as they stand. */
#include <config.h>

#include "base/buf.h"
#include "mail/parts.h"
#include "pieces.h"
#include "tap.h"

enum { MOST = 10000 };

#define MIXED  "Content-Type: multipart/mixed; boundary=b\n"
#define SIGNED "Content-Type: multipart/signed; boundary=b\n"

static const struct {
	const char *name, *head, *body, *want;
} cases[] = {
	{ "a text", "", "text\n", "leaf text/plain top message {}[text|]\n" },
	{ "nothing", "", "", "leaf text/plain top message {}[]\n" },
	{ "two parts", MIXED,
		"pre\n--b\nA: b\n\none\n\n--b  \n\ntwo\n--b--\npost\n",
		"outer multipart/mixed top message {}\n"
		"between [pre]\n"
		"leaf text/plain {A: b|}[one|]\n"
		"leaf text/plain {}[two]\n"
		"between [post|]\n" },
	{ "a part without a body, one without anything", MIXED,
		"--b\nA: b\n--b\n--b\n\n--b--\n",
		"outer multipart/mixed top message {}\n"
		"between []\n"
		"leaf text/plain {A: b|}[]\n"
		"leaf text/plain {}[]\n"
		"leaf text/plain {}[]\n"
		"between []\n" },
	{ "no boundary is like another", MIXED,
		"--b\n\n--bb\n --b\n--b-\n--b--\n",
		"outer multipart/mixed top message {}\n"
		"between []\n"
		"leaf text/plain {}[--bb| --b|--b-]\n"
		"between []\n" },
	{ "no end", MIXED, "--b\n\none\n",
		"outer multipart/mixed top message {}\n"
		"between []\n"
		"leaf text/plain {}[one|]\n" },
	{ "no part ever", MIXED, "text\n",
		"outer multipart/mixed top message {}\n"
		"between sealed [text|]\n" },
	{ "the outer boundary ends the inner parts", MIXED,
		"--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\none\n"
		"--b\n\ntwo\n--b--\n",
		"outer multipart/mixed top message {}\n"
		"between []\n"
		"outer multipart/x {Content-Type: multipart/x; boundary=c|}\n"
		"between []\n"
		"leaf text/plain {}[one]\n"
		"leaf text/plain {}[two]\n"
		"between []\n" },
	{ "a closed boundary is none any more", MIXED,
		"--b\n\none\n--b--\n--b\n\ntwo\n",
		"outer multipart/mixed top message {}\n"
		"between []\n"
		"leaf text/plain {}[one]\n"
		"between [--b||two|]\n" },
	{ "a header that text ends", MIXED, "--b\nA: b\nno field\nx\n--b--\n",
		"outer multipart/mixed top message {}\n"
		"between []\n"
		"leaf text/plain {A: b|}[no field|x]\n"
		"between []\n" },
	{ "an attached message", MIXED,
		"--b\nContent-Type: message/rfc822\n\nSubject: "
		"s\n\none\n--b--\n",
		"outer multipart/mixed top message {}\n"
		"between []\n"
		"outer message/rfc822 {Content-Type: message/rfc822|}\n"
		"leaf text/plain message {Subject: s|}[one]\n"
		"between []\n" },
	{ "one in another, with parts", "Content-Type: message/rfc822\n",
		"Content-Type: message/rfc822\n\n" MIXED "\n--b\n\none\n",
		"outer message/rfc822 top message {}\n"
		"outer message/rfc822 message {Content-Type: message/rfc822|}\n"
		"outer multipart/mixed message {" MIXED "}\n"
		"between []\n"
		"leaf text/plain {}[one|]\n" },
	{ "an attached mailbox", "Content-Type: message/rfc822\n",
		"From x\nSubject: s\n\none\n",
		"outer message/rfc822 top message {}\n"
		"leaf text/plain message {From x|Subject: s|}[one|]\n" },
	{ "one that is encoded is a leaf",
		"Content-Type: message/rfc822\n"
		"Content-Transfer-Encoding: base64\n",
		"Zg==\n", "leaf message/rfc822 top message {}[Zg==|]\n" },
	{ "a digest holds messages",
		"Content-Type: multipart/digest; boundary=b\n",
		"--b\n\nSubject: s\n\none\n--b--\n",
		"outer multipart/digest top message {}\n"
		"between []\n"
		"outer message/rfc822 {}\n"
		"leaf text/plain message {Subject: s|}[one]\n"
		"between []\n" },
	{ "signed parts are sealed", SIGNED, "--b\nA: b\n\none\n--b--\n",
		"outer multipart/signed top message {}\n"
		"between sealed []\n"
		"leaf text/plain sealed {A: b|}[one]\n"
		"between sealed []\n" },
	{ "with all that is in them", SIGNED,
		"--b\nContent-Type: message/rfc822\n\nA: b\n\none\n--b--\n",
		"outer multipart/signed top message {}\n"
		"between sealed []\n"
		"outer message/rfc822 sealed {Content-Type: message/rfc822|}\n"
		"leaf text/plain message sealed {A: b|}[one]\n"
		"between sealed []\n" },
	{ "so are messages with DKIM", "DKIM-Signature: v=1\n" MIXED,
		"--b\n\none\n--b--\n",
		"outer multipart/mixed top message sealed {}\n"
		"between sealed []\n"
		"leaf text/plain sealed {}[one]\n"
		"between sealed []\n" },
	{ "but not what holds one", MIXED,
		"--b\nContent-Type: message/rfc822\n\nARC-Message-Signature: "
		"i\n"
		"\none\n--b\nDKIM-Signature: v\n\ntwo\n--b--\n",
		"outer multipart/mixed top message {}\n"
		"between []\n"
		"outer message/rfc822 {Content-Type: message/rfc822|}\n"
		"leaf text/plain message sealed "
		"{ARC-Message-Signature: i|}[one]\n"
		"leaf text/plain {DKIM-Signature: v|}[two]\n"
		"between []\n" },
};

struct told {
	struct span body;
	struct buf text;
};

/* TEXT with "|" for line ends. */
static void put_lines(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] != '\r')
			buf_put_byte(
				out, text.at[i] == '\n' ? '|' : text.at[i]);
}

static struct span between(
	const struct told *told, uint64_t begin, uint64_t end)
{
	return span_make(told->body.at + begin, (size_t)(end - begin));
}

static void take(void *context, const struct part *part)
{
	static const char *const kinds[] = { [PART_LEAF] = "leaf ",
		[PART_OUTER] = "outer ",
		[PART_BETWEEN] = "between" };
	struct told *told = context;
	struct buf *out = &told->text;

	buf_puts(out, kinds[part->kind]);
	if (part->kind != PART_BETWEEN)
		buf_printf(out, "%s%s%s%s", part->mime.type,
			part->is_top ? " top" : "",
			part->is_message ? " message" : "",
			part->is_readable ? "" : " unreadable");
	buf_puts(out, part->is_sealed ? " sealed " : " ");
	if (part->kind != PART_BETWEEN) {
		buf_puts(out, "{");
		put_lines(out, part->head);
		buf_puts(out, "}");
		if (!span_starts_with(
			    between(told, part->head_begin, part->body_begin),
			    part->head))
			buf_puts(out, "(elsewhere)");
	}
	if (part->kind != PART_OUTER) {
		buf_puts(out, "[");
		put_lines(out, between(told, part->body_begin, part->body_end));
		buf_puts(out, "]");
	}
	buf_puts(out, "\n");
}

static void canonical(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_puts(out,
			*text == '\n' ? "\r\n" : (const char[]){ *text, '\0' });
}

/* What is wanted has its headers as they are written in C. */
static void want_lines(struct buf *out, const char *want)
{
	for (; *want; want++)
		buf_put_byte(
			out, *want == '\n' && want[1] == '}' ? '|' : *want);
}

static void test_one(size_t row, size_t size)
{
	struct arena *arena = arena_new();
	struct buf head = BUF_INIT(MOST), body = BUF_INIT(MOST),
		   want = BUF_INIT(MOST);
	struct told told = { .text = BUF_INIT(MOST) };
	struct header header;
	struct source *source;
	struct diag why;

	canonical(&head, cases[row].head);
	canonical(&body, cases[row].body);
	want_lines(&want, cases[row].want);
	header_split(span_of(buf_text(&head)), arena, &header);
	told.body = span_of(buf_text(&body));
	source = pieces_of(told.body, size);
	if (!parts_walk(&header, source, take, &told, &why))
		buf_puts(&told.text, "(failed)");
	source_close(source);
	tap_is_text(buf_text(&told.text), buf_text(&want), cases[row].name);
	buf_free(&head);
	buf_free(&body);
	buf_free(&want);
	buf_free(&told.text);
	arena_free(arena);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		test_one(i, MOST);
		test_one(i, 1);
	}
	return tap_done();
}
