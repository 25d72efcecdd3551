/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a header says of its body, good and odd. */
#include <config.h>

#include "base/buf.h"
#include "mail/mime.h"
#include "tap.h"

static const struct {
	const char *name, *head, *want;
} cases[] = {
	{ "nothing", "Subject: s\r\n", "text/plain text" },
	{ "only a version", "MIME-Version: 1.0\r\n", "text/plain text mime" },
	{ "in any case, with parameters",
		"content-TYPE: TEXT/Html; charset=\"x\"\r\n",
		"text/html text mime typed" },
	{ "comments and folds",
		"Content-Type: (a\r\n ;b) text/x (c(d)) ; a=b\r\n",
		"text/x text mime typed" },
	{ "no type at all", "Content-Type:\r\n", "text/plain text mime typed" },
	{ "half a type", "Content-Type: text\r\n",
		"text/plain text mime typed" },
	{ "two slashes", "Content-Type: a/b/c\r\n",
		"text/plain text mime typed" },
	{ "the first of two",
		"Content-Type: image/png\r\nContent-Type: text/x\r\n",
		"image/png data mime typed" },
	{ "a multipart", "Content-Type: multipart/mixed; boundary=a-b\r\n",
		"multipart/mixed multipart mime typed <a-b>" },
	{ "a quoted boundary",
		"Content-Type: multipart/mixed;\r\n Charset=x ;\r\n"
		" BOUNDARY = \"a; \\\"b\"; c=d\r\n",
		"multipart/mixed multipart mime typed <a; \"b>" },
	{ "the first boundary that stands alone",
		"Content-Type: multipart/mixed; xboundary=x; q=\";boundary=y\""
		"; boundary=z\r\n",
		"multipart/mixed multipart mime typed <z>" },
	{ "text behind a value",
		"Content-Type: multipart/mixed; a=b c; boundary=z\r\n",
		"multipart/mixed multipart mime typed <z>" },
	{ "no boundary", "Content-Type: multipart/mixed; boundary=\r\n",
		"multipart/mixed multipart mime typed" },
	{ "a quote without its end",
		"Content-Type: multipart/mixed; boundary=\"z\r\n",
		"multipart/mixed multipart mime typed <z>" },
	{ "a message", "Content-Type: message/RFC822\r\n",
		"message/rfc822 message mime typed" },
	{ "a report", "Content-Type: message/delivery-status\r\n",
		"message/delivery-status fields mime typed" },
	{ "a piece of a message", "Content-Type: message/partial\r\n",
		"message/partial opaque mime typed" },
	{ "S/MIME", "Content-Type: application/x-pkcs7-mime\r\n",
		"application/x-pkcs7-mime opaque mime typed" },
	{ "quoted-printable",
		"Content-Transfer-Encoding: Quoted-Printable (x)\r\n",
		"text/plain text mime quoted-printable" },
	{ "base 64", "Content-Transfer-Encoding: base64;\r\n",
		"text/plain text mime base64" },
	{ "8bit", "Content-Transfer-Encoding: 8BIT\r\n",
		"text/plain text mime" },
	{ "none that anybody knows", "Content-Transfer-Encoding: 8bits\r\n",
		"text/plain text mime" },
	{ "one of its own", "Content-Transfer-Encoding: x-uuencode\r\n",
		"text/plain text mime unknown" },
};

static void describe(const struct mime *mime, struct buf *out)
{
	static const char *const kinds[] = { [MIME_TEXT] = "text",
		[MIME_DATA] = "data",
		[MIME_MULTIPART] = "multipart",
		[MIME_MESSAGE] = "message",
		[MIME_FIELDS] = "fields",
		[MIME_OPAQUE] = "opaque" };
	static const char *const encodings[] = { [MIME_IDENTITY] = "",
		[MIME_QUOTED_PRINTABLE] = " quoted-printable",
		[MIME_BASE64] = " base64",
		[MIME_UNKNOWN] = " unknown" };

	buf_printf(out, "%s %s%s%s%s", mime->type, kinds[mime->kind],
		mime->is_mime ? " mime" : "", mime->has_type ? " typed" : "",
		encodings[mime->encoding]);
	if (mime->boundary)
		buf_printf(out, " <%s>", mime->boundary);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(1000);
		struct header header;
		struct mime mime;

		header_split(span_of(cases[i].head), arena, &header);
		mime_read(&header, "text/plain", arena, &mime);
		describe(&mime, &got);
		tap_is_text(buf_text(&got), cases[i].want, cases[i].name);
		buf_free(&got);
		arena_free(arena);
	}
	return tap_done();
}
