/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole messages from parts. */
#include <config.h>

#include "mail/compose.h"
#include "tap.h"
#include "unit/mail/pieces.h"

#define B1 "=_1_00112233445566778899aabbccddeeff"
#define B2 "=_2_00112233445566778899aabbccddeeff"
#define B3 "=_3_00112233445566778899aabbccddeeff"
#define OE "\xC3\xB6"

/* A part as a test writes it; text NULL: not there. */
struct wanted {
	struct span text;
	const char *type, *name, *id;
	bool is_inline;
};

struct row {
	const char *name;
	struct span text, html;
	struct wanted files[3];
	const char *want;
};

static const struct row rows[] = {
	{ "text", { "Hello\n", 6 }, { NULL, 0 }, { { { NULL, 0 } } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
		"\r\nHello\r\n" },
	{ "no text", { "", 0 }, { NULL, 0 }, { { { NULL, 0 } } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
		"\r\n" },
	{ "some UTF-8: quoted-printable", { "Hello, my B" OE "r\n", 15 },
		{ NULL, 0 }, { { { NULL, 0 } } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\nHello, my B=C3=B6r\r\n" },
	{ "much UTF-8: base 64, canonical", { OE OE "\n", 5 }, { NULL, 0 },
		{ { { NULL, 0 } } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"\r\nw7bDtg0K\r\n" },
	{ "a charset nobody knows", { "Hello, B\xF6r", 10 }, { NULL, 0 },
		{ { { NULL, 0 } } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=unknown-8bit; "
		"format=flowed\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\nHello, B=F6r\r\n" },
	{ "indented text is not stuffed for nothing", { " a\n", 3 },
		{ NULL, 0 }, { { { NULL, 0 } } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"\r\n a\r\n" },
	{ "HTML", { NULL, 0 }, { "<p>a\n", 5 }, { { { NULL, 0 } } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/html; charset=utf-8\r\n"
		"\r\n<p>a\r\n" },
	{ "both", { "a\n", 2 }, { "<p>a\n", 5 }, { { { NULL, 0 } } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/alternative;\r\n"
		" boundary=\"" B1 "\"\r\n"
		"\r\n\r\n--" B1 "\r\n"
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
		"\r\na\r\n"
		"\r\n--" B1 "\r\n"
		"Content-Type: text/html; charset=utf-8\r\n"
		"\r\n<p>a\r\n"
		"\r\n--" B1 "--\r\n" },
	{ "a file", { "a\n", 2 }, { NULL, 0 },
		{ { { "\0\1", 2 }, "application/pdf", "r.pdf", NULL, false } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed;\r\n boundary=\"" B1 "\"\r\n"
		"\r\n\r\n--" B1 "\r\n"
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
		"\r\na\r\n"
		"\r\n--" B1 "\r\n"
		"Content-Type: application/pdf;\r\n name=r.pdf\r\n"
		"Content-Disposition: attachment;\r\n filename=r.pdf\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"\r\nAAE=\r\n"
		"\r\n--" B1 "--\r\n" },
	{ "only files, one empty", { NULL, 0 }, { NULL, 0 },
		{ { { "", 0 }, "text/plain", "e.txt", NULL, false },
			{ { "a=\n", 3 }, "text/plain", OE ".txt", NULL,
				false } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed;\r\n boundary=\"" B1 "\"\r\n"
		"\r\n\r\n--" B1 "\r\n"
		"Content-Type: text/plain; charset=us-ascii;\r\n name=e.txt\r\n"
		"Content-Disposition: attachment;\r\n filename=e.txt\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"\r\n"
		"\r\n--" B1 "\r\n"
		"Content-Type: text/plain; charset=us-ascii;\r\n name=_.txt\r\n"
		"Content-Disposition: attachment;\r\n"
		" filename*=utf-8''%C3%B6.txt\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\na=3D\r\n"
		"\r\n--" B1 "--\r\n" },
	{ "everything", { "a\n", 2 }, { "b\n", 2 },
		{ { { "\0", 1 }, "image/png", "l.png", "l@x", true },
			{ { "\0", 1 }, "a/b", "f", NULL, false } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed;\r\n boundary=\"" B1 "\"\r\n"
		"\r\n\r\n--" B1 "\r\n"
		"Content-Type: multipart/alternative;\r\n"
		" boundary=\"" B2 "\"\r\n"
		"\r\n\r\n--" B2 "\r\n"
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
		"\r\na\r\n"
		"\r\n--" B2 "\r\n"
		"Content-Type: multipart/related; type=\"text/html\";\r\n"
		" boundary=\"" B3 "\"\r\n"
		"\r\n\r\n--" B3 "\r\n"
		"Content-Type: text/html; charset=utf-8\r\n"
		"\r\nb\r\n"
		"\r\n--" B3 "\r\n"
		"Content-Type: image/png;\r\n name=l.png\r\n"
		"Content-Disposition: inline;\r\n filename=l.png\r\n"
		"Content-ID: <l@x>\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"\r\nAA==\r\n"
		"\r\n--" B3 "--\r\n"
		"\r\n--" B2 "--\r\n"
		"\r\n--" B1 "\r\n"
		"Content-Type: a/b;\r\n name=f\r\n"
		"Content-Disposition: attachment;\r\n filename=f\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"\r\nAA==\r\n"
		"\r\n--" B1 "--\r\n" },
	{ "an inline file without HTML", { "a\n", 2 }, { NULL, 0 },
		{ { { "\0", 1 }, "image/png", "l.png", NULL, true } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed;\r\n boundary=\"" B1 "\"\r\n"
		"\r\n\r\n--" B1 "\r\n"
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
		"\r\na\r\n"
		"\r\n--" B1 "\r\n"
		"Content-Type: image/png;\r\n name=l.png\r\n"
		"Content-Disposition: inline;\r\n filename=l.png\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"\r\nAA==\r\n"
		"\r\n--" B1 "--\r\n" },
	{ "an attached message", { NULL, 0 }, { NULL, 0 },
		{ { { "Subject: y\n\nb\n", 14 }, "message/rfc822", "m.eml",
			  NULL, false },
			{ { "Subject: y\n\n\xF6\n", 14 }, "message/rfc822",
				"8.eml", NULL, false },
			{ { "Subject: y\n\n\0\n", 14 }, "message/rfc822",
				"n.eml", NULL, false } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed;\r\n boundary=\"" B1 "\"\r\n"
		"\r\n\r\n--" B1 "\r\n"
		"Content-Type: message/rfc822;\r\n name=m.eml\r\n"
		"Content-Disposition: attachment;\r\n filename=m.eml\r\n"
		"Content-Transfer-Encoding: 7bit\r\n"
		"\r\nSubject: y\r\n\r\nb\r\n"
		"\r\n--" B1 "\r\n"
		"Content-Type: message/rfc822;\r\n name=8.eml\r\n"
		"Content-Disposition: attachment;\r\n filename=8.eml\r\n"
		"Content-Transfer-Encoding: 8bit\r\n"
		"\r\nSubject: y\r\n\r\n\xF6\r\n"
		"\r\n--" B1 "\r\n"
		"Content-Type: application/octet-stream;\r\n name=n.eml\r\n"
		"Content-Disposition: attachment;\r\n filename=n.eml\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"\r\nU3ViamVjdDogeQoKAAo=\r\n"
		"\r\n--" B1 "--\r\n" },
	{ "a charset of the user's", { NULL, 0 }, { NULL, 0 },
		{ { { "a\n", 2 }, "text/csv; charset=koi8-r", "c.csv", NULL,
			false } },
		"Subject: x\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed;\r\n boundary=\"" B1 "\"\r\n"
		"\r\n\r\n--" B1 "\r\n"
		"Content-Type: text/csv; charset=koi8-r;\r\n name=c.csv\r\n"
		"Content-Disposition: attachment;\r\n filename=c.csv\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\na\r\n"
		"\r\n--" B1 "--\r\n" },
};

static struct compose_part *make_part(
	struct arena *arena, const struct wanted *wanted, size_t size)
{
	struct compose_part *part = arena_alloc(arena, sizeof *part);
	struct diag why;

	part->body = pieces_of(wanted->text, size);
	content_scan(part->body, &part->content, &why);
	source_rewind(part->body, &why);
	part->type = wanted->type;
	part->file_name = wanted->name;
	part->content_id = wanted->id;
	part->is_inline = wanted->is_inline;
	return part;
}

static struct source *make_source(
	struct arena *arena, const struct row *row, size_t size)
{
	const struct compose_part *inlines[3], *attachments[3];
	const struct wanted text = { .text = row->text };
	const struct wanted html = { .text = row->html };
	struct compose_params params = { .head = SPAN("Subject: x\r\n"),
		.inlines = inlines,
		.attachments = attachments };

	for (size_t i = 0; i < 16; i++)
		params.random[i] = (unsigned char)(i * 0x11);
	if (text.text.at)
		params.text = make_part(arena, &text, size);
	if (html.text.at)
		params.html = make_part(arena, &html, size);
	for (size_t i = 0; i < 3 && row->files[i].type; i++) {
		const struct compose_part *part =
			make_part(arena, &row->files[i], size);

		if (part->is_inline)
			inlines[params.inline_count++] = part;
		else
			attachments[params.attachment_count++] = part;
	}
	return compose_source(&params, arena);
}

static void test_rows(void)
{
	struct buf out = BUF_INIT(100000);
	struct diag why;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t size = 1; size < 100; size += 90) {
			struct arena *arena = arena_new();
			struct source *source =
				make_source(arena, &rows[i], size);

			pieces_read(source, &out);
			tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
			source_rewind(source, &why);
			pieces_read(source, &out);
			tap_is_text(buf_text(&out), rows[i].want, "  again");
			source_close(source);
			arena_free(arena);
		}
	buf_free(&out);
}

/* A text with words too long for a line must not go as it is. */
static void test_long_line(void)
{
	char text[2001];
	struct arena *arena = arena_new();
	struct row row = { .text = { text, 2000 } };
	struct buf out = BUF_INIT(100000);
	struct source *source;
	size_t longest = 0;

	memset(text, 'a', sizeof text);
	source = make_source(arena, &row, 1000);
	pieces_read(source, &out);
	for (struct span rest = buf_span(&out); rest.length;) {
		size_t length = span_cut(&rest, '\n').length;

		longest = length > longest ? length : longest;
	}
	tap_ok(longest <= 79, "a word of 2000 bytes: lines of %zu", longest);
	source_close(source);
	buf_free(&out);
	arena_free(arena);
}

static const struct {
	const char *name, *html, *file, *want;
	size_t count;
} references[] = {
	{ "none", "<p>", "a.png", "<p>", 0 },
	{ "one", "<img src=\"cid:a.png\">", "a.png", "<img src=\"cid:ID\">",
		1 },
	{ "two", "cid:a.png CID:a.png", "a.png", "cid:ID cid:ID", 2 },
	{ "percent-encoded", "'cid:a%20b.png'", "a b.png", "'cid:ID'", 1 },
	{ "UTF-8, either way", "'cid:" OE "' 'cid:%c3%B6'", OE,
		"'cid:ID' 'cid:ID'", 2 },
	{ "not the beginning of another", "cid:a.png.gz", "a.png",
		"cid:a.png.gz", 0 },
	{ "nor a shorter one", "'cid:a'", "a.png", "'cid:a'", 0 },
	{ "at the end", "cid:a%2", "a%2", "cid:ID", 1 },
};

static void test_references(void)
{
	struct buf out = BUF_INIT(1000);

	for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
		size_t count;

		buf_clear(&out);
		count = compose_refer(&out, span_of(references[i].html),
			references[i].file, "ID");
		tap_is_text(
			buf_text(&out), references[i].want, references[i].name);
		tap_is_number((int64_t)count, (int64_t)references[i].count,
			"  so many");
	}
	buf_free(&out);
}

static void test_content_ids(void)
{
	static const char *const ids[][2] = {
		{ "logo.png", "logo.png@000102030405060708090a0b0c0d0e0f" },
		{ "a b.png", "a_b.png@000102030405060708090a0b0c0d0e0f" },
		{ ".a..b.", "_a__b_@000102030405060708090a0b0c0d0e0f" },
		{ OE, "__@000102030405060708090a0b0c0d0e0f" },
		{ "a>\r\nX: y", "a___X__y@000102030405060708090a0b0c0d0e0f" },
	};
	struct arena *arena = arena_new();
	unsigned char random[16];

	for (size_t i = 0; i < 16; i++)
		random[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		tap_is_text(compose_content_id(arena, ids[i][0], random),
			ids[i][1], "a content id");
	arena_free(arena);
}

int main(void)
{
	test_rows();
	test_long_line();
	test_references();
	test_content_ids();
	return tap_done();
}
