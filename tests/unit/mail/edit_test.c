/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edits: the whole of what goes out for each shape of message and each wish,
 * with the size that was foretold, twice.
 */
#include <config.h>

#include "mail/edit.h"
#include "tap.h"

enum { MOST = 100000 };

#define OE "\xC3\xB6"

/* What the fixed time, random bytes and names give. */
#define FROM     "From: Me Myself <me@x.org>\r\n"
#define DATE     "Date: Sun, 22 Nov 2026 02:10:00 +0100\r\n"
#define ID       "<1ng4g78.00000000000000000000000000@x.org>"
#define ID2      "<1ng4g78.04000000000000000000000000@x.org>"
#define MSGID    "Message-ID: " ID "\r\n"
#define FRONT    FROM DATE MSGID
#define RESENT   "Resent-Date: Sun, 22 Nov 2026 02:10:00 +0100\r\n"
#define RESENTID "Resent-Message-ID: " ID2 "\r\n"

/* A header that lacks nothing. */
#define WHOLE     "From: a@x\nDate: d\nMessage-ID: <i@x>\n"
#define WHOLE_OUT "From: a@x\r\nDate: d\r\nMessage-ID: <i@x>\r\n"

static const struct edit_params defaults = { .set_from = EDIT_FROM_AUTO,
	.set_date = true,
	.set_msgid = true,
	.remove_bcc = true,
	.from_address = "me@x.org",
	.from_name = "Me Myself",
	.local_from = "me@x.org",
	.this_host = "vm.lan.org",
	.now = 1795309800,
	.zone_offset_s = 3600,
	.msgid_domain = "x.org" };

static void describe(const struct edit_params *params,
	const struct message *message, struct buf *out);

static void read_message(const char *text, struct message *message)
{
	struct source *source = source_from_span(span_of(text));
	struct diag why;

	if (!message_read(source, &(struct message_params){ 0 }, message, &why))
		tap_ok(false, "the message is read");
	source_close(source);
}

static void test_one(const struct edit_params *params, const char *input,
	const char *want, const char *name)
{
	struct buf got = BUF_INIT(MOST);
	struct message message;

	read_message(input, &message);
	describe(params, &message, &got);
	tap_is_text(buf_text(&got), want, name);
	message_free(&message);
	buf_free(&got);
}

static bool read_out(struct source *source, struct buf *out)
{
	struct span piece;
	struct diag why;

	for (;;) {
		if (!source_next(source, &piece, &why))
			return false;
		if (!piece.length)
			return true;
		buf_put_span(out, piece);
	}
}

/* What goes out; with a complaint behind it when the size is another, or a
 * second reading is. */
static void describe(const struct edit_params *params,
	const struct message *message, struct buf *out)
{
	struct arena *arena = arena_new();
	struct edit *edit = edit_make(params, message, arena);
	struct source *source = edit_source(edit);
	struct buf again = BUF_INIT(MOST);
	struct diag why;

	if (!read_out(source, out) ||
		edit_size(edit, &why) != (int64_t)out->length)
		buf_puts(out, "(another size)");
	if (!source_rewind(source, &why) || !read_out(source, &again) ||
		!span_starts_with(buf_span(out), buf_span(&again)))
		buf_puts(out, "(another text after rewinding)");
	source_close(source);
	buf_free(&again);
	arena_free(arena);
}

/* ---- with default wishes ------------------------------------------------- */

static const struct {
	const char *name, *input, *want;
} cases[] = {
	{ "nothing is missing: nothing is changed",
		WHOLE "Subject: s\nTo: b@x\n\ntext\n",
		WHOLE_OUT "Subject: s\r\nTo: b@x\r\n\r\ntext\r\n" },
	{ "everything is missing", "Subject: s\n\ntext\n",
		FRONT "Subject: s\r\n\r\ntext\r\n" },
	{ "an empty message", "", FRONT "\r\n" },
	{ "text without a header", "just text\n", FRONT "\r\njust text\r\n" },
	{ "only a Date is missing", "From: a@x\nMessage-ID: <i@x>\n\n",
		DATE "From: a@x\r\nMessage-ID: <i@x>\r\n\r\n" },
	{ "only a Message-ID is missing", "from : a@x\ndate: d\n\n",
		MSGID "from : a@x\r\ndate: d\r\n\r\n" },
	{ "empty ones count as missing, and go",
		"From:\nDate: \nMessage-ID:\n \nSubject:\n\nx\n",
		FRONT "Subject:\r\n\r\nx\r\n" },
	{ "an empty one beside another stays",
		"From: a@x\nDate: d\nMessage-ID: <i@x>\nDate:\n\n",
		WHOLE_OUT "Date:\r\n\r\n" },
	/* The rows of callers.md that are about the header. */
	{ "Bcc goes", WHOLE "Bcc: a@x\nTo: b@x\n\n",
		WHOLE_OUT "To: b@x\r\n\r\n" },
	{ "with a space, in any case, folded, more than once",
		WHOLE "bcc : a@x,\n b@x\nTo: c@x\nBCC: d@x\n\n",
		WHOLE_OUT "To: c@x\r\n\r\n" },
	{ "Resent-Bcc goes from every block",
		"Resent-Bcc: a@x\nResent-Date: d\nResent-Message-ID: i\n"
		"Received: r\nResent-Bcc: b@x\nResent-To: c@x\n" WHOLE "\n",
		"Resent-Date: d\r\nResent-Message-ID: i\r\nReceived: r\r\n"
		"Resent-To: c@x\r\n" WHOLE_OUT "\r\n" },
	{ "nothing but Bcc is taken for Bcc",
		WHOLE "X-Bcc: a\nBcc-X: b\nSubject: Bcc: c\n\nBcc: d\n",
		WHOLE_OUT "X-Bcc: a\r\nBcc-X: b\r\nSubject: Bcc: c\r\n\r\n"
			  "Bcc: d\r\n" },
	{ "Return-Path is dropped", "Return-Path: <a@x>\n" WHOLE "\n",
		WHOLE_OUT "\r\n" },
	{ "Sender stays", WHOLE "Sender: root\n\n",
		WHOLE_OUT "Sender: root\r\n\r\n" },
	{ "X-PHP-Originating-Script stays",
		WHOLE "X-PHP-Originating-Script: 33:a.php\n\n",
		WHOLE_OUT "X-PHP-Originating-Script: 33:a.php\r\n\r\n" },
	{ "8-bit body bytes stay", WHOLE "\n\xF6" OE "\n",
		WHOLE_OUT "\r\n\xF6" OE "\r\n" },
	{ "8-bit header bytes stay", WHOLE "Subject: \xF6" OE "\n\n",
		WHOLE_OUT "Subject: \xF6" OE "\r\n\r\n" },
	{ "a mbox line, and what is missing",
		"From a@x Sat Nov 21 02:10:00 2026\nSubject: s\n\nx\n",
		FRONT "Subject: s\r\n\r\nx\r\n" },
	{ "lone dots are not doubled here", WHOLE "\n.\n..\n",
		WHOLE_OUT "\r\n.\r\n..\r\n" },
	{ "headers with CRLF, body with LF",
		"From: a@x\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n1\n2\n",
		WHOLE_OUT "\r\n1\r\n2\r\n" },
	{ "CR CR LF",
		"From: a@x\r\r\nDate: d\r\r\nMessage-ID: "
		"<i@x>\r\r\n\r\r\n1\r\r\n",
		WHOLE_OUT "\r\n1\r\n" },
	{ "a bare CR", WHOLE "A: b\rBcc: c\n\n1\r2\n",
		WHOLE_OUT "A: b Bcc: c\r\n\r\n1\r\n2\r\n" },
	/* Resent blocks. */
	{ "a Resent block gets what it lacks", "Resent-To: a@x\n" WHOLE "\n",
		RESENT RESENTID "Resent-To: a@x\r\n" WHOLE_OUT "\r\n" },
	{ "in front of the block, not of the trace",
		"Received: r\nResent-To: a@x\n" WHOLE "\n",
		"Received: r\r\n" RESENT RESENTID "Resent-To: a@x\r\n" WHOLE_OUT
		"\r\n" },
	{ "only the latest block",
		"Resent-Message-ID: <1>\nResent-To: a@x\nReceived: r\n"
		"Resent-Date: d\nResent-To: b@x\n" WHOLE "\n",
		RESENT
		"Resent-Message-ID: <1>\r\nResent-To: a@x\r\n"
		"Received: r\r\nResent-Date: d\r\nResent-To: b@x\r\n" WHOLE_OUT
		"\r\n" },
	{ "a Resent block, and an original that lacks all",
		"Resent-To: a@x\n\n",
		FRONT RESENT RESENTID "Resent-To: a@x\r\n\r\n" },
	/* Local authors. */
	{ "a bare From", "From: root\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: me@x.org\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n" },
	{ "cronie's",
		"From: \"(Cron Daemon)\" <root>\nDate: d\nMessage-ID: "
		"<i@x>\n\n",
		"From: \"(Cron Daemon)\" <me@x.org>\r\nDate: d\r\n"
		"Message-ID: <i@x>\r\n\r\n" },
	{ "Debian cron's",
		"From: root (Cron Daemon)\nDate: d\nMessage-ID: "
		"<i@x>\n\n",
		"From: Cron Daemon <me@x.org>\r\nDate: d\r\n"
		"Message-ID: <i@x>\r\n\r\n" },
	{ "of this host",
		"From: R <root@VM.lan.org>\nDate: d\nMessage-ID: "
		"<i@x>\n\n",
		"From: R <me@x.org>\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n" },
	{ "of this host by its short name",
		"From: root@vm\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: me@x.org\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n" },
	{ "of localhost",
		"From: root@LocalHost\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: me@x.org\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n" },
	{ "of localhost.localdomain",
		"From: root@localhost.localdomain\nDate: d\nMessage-ID: "
		"<i@x>\n\n",
		"From: me@x.org\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n" },
	{ "of a host that is not this one",
		"From: root@vm2\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: root@vm2\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n" },
	{ "one of several",
		"From: A <a@x>, root, B\n <b@x>\nDate: d\nMessage-ID: "
		"<i@x>\n\n",
		"From: A <a@x>,\r\n me@x.org,\r\n B <b@x>\r\nDate: d\r\n"
		"Message-ID: <i@x>\r\n\r\n" },
	{ "an encoded name stays encoded",
		"From: =?utf-8?Q?J=C3=B6rg?= <root>\nDate: d\nMessage-ID: "
		"<i@x>\n\n",
		"From: =?utf-8?Q?J=C3=B6rg?= <me@x.org>\r\nDate: d\r\n"
		"Message-ID: <i@x>\r\n\r\n" },
	{ "an 8-bit name is encoded",
		"From: J" OE "rg <root>\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: =?utf-8?B?SsO2cmc=?= <me@x.org>\r\nDate: d\r\n"
		"Message-ID: <i@x>\r\n\r\n" },
	{ "a From that does not parse stays",
		"From: two words\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: two words\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n" },
	{ "a From that names nobody stays",
		"From: nobody:;\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: nobody:;\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n" },
};

/* ---- with other wishes --------------------------------------------------- */

static void test_wishes(void)
{
	struct edit_params p = defaults;

	p.set_from = EDIT_FROM_OFF;
	p.set_date = p.set_msgid = p.remove_bcc = false;
	test_one(&p, "Bcc: a@x\nResent-To: b@x\n\nx\n",
		"Bcc: a@x\r\nResent-To: b@x\r\n\r\nx\r\n",
		"nothing is wished for");
	test_one(&p, "From: root\n\n", "From: root\r\n\r\n",
		"off: a local author stays");
	test_one(&p, "From:\n\n", "From:\r\n\r\n", "off: an empty From stays");
	test_one(&p, "", "\r\n", "nothing comes of nothing");

	p = defaults;
	p.set_from = EDIT_FROM_ON;
	test_one(&p, WHOLE "\n", FROM "Date: d\r\nMessage-ID: <i@x>\r\n\r\n",
		"on: From is replaced where it stands");
	test_one(&p, "Date: d\nFrom: a@x\nMessage-ID: <i@x>\nfrom: b@x\n\n",
		"Date: d\r\n" FROM "Message-ID: <i@x>\r\n\r\n",
		"on: once, and a second goes");
	test_one(&p, "Subject: s\n\n", FRONT "Subject: s\r\n\r\n",
		"on: made when there is none");
	test_one(&p, "From: <\nDate: d\nMessage-ID: <i@x>\n\n",
		FROM "Date: d\r\nMessage-ID: <i@x>\r\n\r\n",
		"on: also one that does not parse");
	test_one(&p, "Sender: b@x\n" WHOLE "\n",
		FROM "Date: d\r\nMessage-ID: <i@x>\r\n\r\n",
		"on: a Sender goes with the From that it stood for");
	p.from_name = NULL;
	test_one(&p, "From: \"A, B\" <a@x>\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: \"A, B\" <me@x.org>\r\nDate: d\r\n"
		"Message-ID: <i@x>\r\n\r\n",
		"on: without a name of its own it keeps the old one");
	test_one(&p, "From: <\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: me@x.org\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n",
		"on: and has none when the old one has none");
	p.from_name = "";
	test_one(&p, "From: A <a@x>\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: me@x.org\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n",
		"on: an empty name is a name");
	p.from_address = NULL;
	test_one(&p, WHOLE "\n", WHOLE_OUT "\r\n",
		"on: without an address From stays");

	p = defaults;
	p.local_from = NULL;
	test_one(&p, "From: root\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: root\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\n",
		"without local_from a local author stays");

	p = defaults;
	p.this_host = NULL;
	test_one(&p, "From: a@localhost, b@vm\nDate: d\nMessage-ID: <i@x>\n\n",
		"From: me@x.org,\r\n b@vm\r\nDate: d\r\n"
		"Message-ID: <i@x>\r\n\r\n",
		"without this_host only localhost is local");

	p = defaults;
	p.from_address = NULL;
	p.msgid_domain = NULL;
	test_one(&p, "\n",
		DATE
		"Message-ID: <1ng4g78.00000000000000000000000000@localhost>"
		"\r\n\r\n",
		"without an address no From is made");
}

/* Arguments that try to add a field or a recipient. */
static void test_injection(void)
{
	static const char *const texts[] = { "a\r\nBcc: b@x", "a\nBcc: b@x",
		"a\rBcc: b@x", "a\r\n\r\nbody", "a>\r\nBcc: b@x",
		"a@x.org\r\nBcc: b@x", "a@x.org>, <b@x", "a@x.org, b@x.org",
		"a@x.org\n b@x.org", "\"a\r\nBcc: b\"@x.org",
		"(\r\nBcc: b@x) a@x.org", "G: a@x;", "\x1B[2J", OE "\r\nBcc: b",
		"\xF6\r\n\r\n", "<>", "", " " };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct arena *arena = arena_new();
		struct edit_params p = defaults;
		struct buf out = BUF_INIT(MOST);
		struct message message, back;

		p.from_address = p.local_from = p.msgid_domain = texts[i];
		p.from_name = p.this_host = texts[i];
		read_message("From: root\nResent-To: c@x\n\ntext\n", &message);
		describe(&p, &message, &out);
		read_message(buf_text(&out), &back);
		tap_ok(back.header.count == 6 && back.body_size == 6 &&
				!back.bare_cr_count &&
				!header_find(&back.header, "Bcc"),
			"as every argument: %s", texts[i]);
		message_free(&message);
		message_free(&back);
		buf_clear(&out);
		p.set_from = EDIT_FROM_ON;
		p.from_address = "me@x.org";
		read_message("From: root\nResent-To: c@x\n\ntext\n", &message);
		describe(&p, &message, &out);
		read_message(buf_text(&out), &back);
		tap_ok(back.header.count == 6 && back.body_size == 6,
			"as a name: %s", texts[i]);
		message_free(&message);
		message_free(&back);
		buf_free(&out);
		arena_free(arena);
	}
}

/* A made From, folded. */
static void test_from(void)
{
	struct edit_params p = defaults;

	p.set_date = p.set_msgid = false;
	p.from_name = NULL;
	test_one(&p, "\n", "From: me@x.org\r\n\r\n", "an address alone");
	p.from_name = "J" OE "rg (B.)";
	test_one(&p, "\n",
		"From: =?utf-8?B?SsO2cmcgKEIuKQ==?= <me@x.org>\r\n\r\n",
		"an 8-bit name");
	p.from_name = "A name of some length that fills the line up to its "
		      "seventy-eighth";
	test_one(&p, "\n",
		"From: A name of some length that fills the line up to its "
		"seventy-eighth\r\n <me@x.org>\r\n\r\n",
		"a long name: the address goes to the next line");
	p.from_name = "Doe, \"John\" \\";
	test_one(&p, "\n",
		"From: \"Doe, \\\"John\\\" \\\\\" <me@x.org>\r\n\r\n",
		"a name with specials");
	p.from_address = "\"john doe\"@x.org";
	p.from_name = NULL;
	test_one(&p, "\n", "From: \"john doe\"@x.org\r\n\r\n",
		"a quoted local part");
	p.from_address = "Old <old@x.org>";
	test_one(&p, "\n", "From: old@x.org\r\n\r\n",
		"the address of from_address alone counts");
}

/* ---- long lines ---------------------------------------------------------- */

static void put_times(struct buf *out, const char *text, size_t count)
{
	while (count--)
		buf_puts(out, text);
}

#define PLAIN "Content-Type: text/plain; charset="
#define CTE   "Content-Transfer-Encoding: quoted-printable\r\n"

/* The head, then a body line of COUNT times UNIT; want is what comes before
 * the body. */
static const struct {
	const char *name, *head, *unit;
	size_t count;
	const char *want_head, *want_first_line;
} bodies[] = {
	{ "998 bytes stay", WHOLE, "x", 998, WHOLE_OUT, NULL },
	{ "998 bytes of UTF-8 stay", WHOLE, OE, 499, WHOLE_OUT, NULL },
	{ "999 bytes of ASCII", WHOLE, "x", 999,
		WHOLE_OUT "MIME-Version: 1.0\r\n" PLAIN "us-ascii\r\n" CTE,
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxx=\r\n" },
	{ "999 bytes without a header", "", "x", 999,
		FRONT "MIME-Version: 1.0\r\n" PLAIN "us-ascii\r\n" CTE,
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxx=\r\n" },
	{ "1000 bytes of UTF-8", WHOLE, OE, 500,
		WHOLE_OUT "MIME-Version: 1.0\r\n" PLAIN "utf-8\r\n" CTE,
		"=C3=B6=C3=B6=C3=B6=C3=B6=C3=B6=C3=B6=C3=B6=C3=B6=C3=B6=C3=B6"
		"=C3=B6=C3=B6=C3=\r\n" },
	{ "a large one", WHOLE, "a" OE "\xF0\x9F\x93\xAE", 100000,
		WHOLE_OUT "MIME-Version: 1.0\r\n" PLAIN "utf-8\r\n" CTE, NULL },
	{ "999 bytes of Latin-1", WHOLE, "\xF6", 999,
		WHOLE_OUT "MIME-Version: 1.0\r\n" PLAIN "unknown-8bit\r\n" CTE,
		"=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6=F6"
		"=F6=F6=F6=F6=F6=\r\n" },
	{ "half a character at the end", WHOLE, OE OE "\xC3", 500,
		WHOLE_OUT "MIME-Version: 1.0\r\n" PLAIN "unknown-8bit\r\n" CTE,
		NULL },
	{ "with MIME-Version it is text", WHOLE "mime-version: 1.0\n", "x", 999,
		WHOLE_OUT "mime-version: 1.0\r\n" PLAIN "us-ascii\r\n" CTE,
		NULL },
	{ "with Content-Type it is that", WHOLE "Content-type: text/html\n",
		"x", 999,
		WHOLE_OUT "Content-type: text/html\r\n"
			  "MIME-Version: 1.0\r\n" CTE,
		NULL },
	{ "another Content-Transfer-Encoding goes",
		WHOLE "Content-Transfer-Encoding : 8bit\nA: b\n", OE, 500,
		WHOLE_OUT "A: b\r\nMIME-Version: 1.0\r\n" PLAIN "utf-8\r\n" CTE,
		NULL },
};

static size_t longest_line(struct span text)
{
	size_t longest = 0;

	while (text.length) {
		struct span line = span_cut(&text, '\n');

		if (line.length > longest + 1)
			longest = line.length - 1;
	}
	return longest;
}

static void test_body(size_t row)
{
	struct buf input = BUF_INIT(1000000), got = BUF_INIT(4000000),
		   want = BUF_INIT(4000000);
	struct message message;

	buf_puts(&input, bodies[row].head);
	buf_puts(&input, "\n");
	put_times(&input, bodies[row].unit, bodies[row].count);
	read_message(buf_text(&input), &message);
	describe(&defaults, &message, &got);
	buf_puts(&want, bodies[row].want_head);
	buf_puts(&want, "\r\n");
	if (bodies[row].want_first_line)
		buf_puts(&want, bodies[row].want_first_line);
	else if (message.longest_line <= MESSAGE_LINE_LIMIT)
		put_times(&want, bodies[row].unit, bodies[row].count);
	got.length = got.length < want.length ? got.length : want.length;
	tap_is_span(buf_span(&got), buf_span(&want), bodies[row].name);
	buf_clear(&got);
	describe(&defaults, &message, &got);
	tap_ok(longest_line(buf_span(&got)) <= MESSAGE_LINE_LIMIT &&
			got.data[got.length - 1] == '\n',
		"  and no line is over 998 bytes");
	message_free(&message);
	buf_free(&input);
	buf_free(&got);
	buf_free(&want);
}

/* The last bytes of the body decide about its charset. */
static void test_charset_of_the_end(void)
{
	struct buf input = BUF_INIT(MOST), got = BUF_INIT(MOST);
	struct message message;

	put_times(&input, OE, 500);
	buf_puts(&input, "\n\xC3\n");
	read_message(buf_text(&input), &message);
	describe(&defaults, &message, &got);
	tap_ok(strstr(buf_text(&got), PLAIN "unknown-8bit\r\n") != NULL,
		"half a character before the last line end is no UTF-8");
	message_free(&message);
	buf_free(&input);
	buf_free(&got);
}

static void test_long_header(void)
{
	struct buf input = BUF_INIT(MOST), want = BUF_INIT(MOST);

	buf_puts(&input, WHOLE "To:");
	buf_puts(&want, WHOLE_OUT "To:");
	put_times(&input, " somebody@example.org,", 50);
	put_times(&want, " somebody@example.org,", 45);
	buf_puts(&want, "\r\n");
	put_times(&want, " somebody@example.org,", 5);
	buf_puts(&input, "\nSubject: s\n\n");
	buf_puts(&want, "\r\nSubject: s\r\n\r\n");
	test_one(&defaults, buf_text(&input), buf_text(&want),
		"a long header line is folded");
	buf_free(&input);
	buf_free(&want);
}

/* An address that is nearly as long as a line may be. */
static void test_long_from(void)
{
	struct buf address = BUF_INIT(MOST), out = BUF_INIT(MOST);
	struct edit_params p = defaults;
	struct message message;

	put_times(&address, "a", 512);
	buf_puts(&address, "@");
	put_times(&address, "b", 512);
	p.from_address = buf_text(&address);
	p.from_name = buf_text(&address) + 500;
	read_message("", &message);
	describe(&p, &message, &out);
	tap_ok(longest_line(buf_span(&out)) <= MESSAGE_LINE_LIMIT,
		"a made From is folded too");
	message_free(&message);
	buf_free(&address);
	buf_free(&out);
}

/* ---- what is known before it goes out ------------------------------------ */

static const struct {
	const char *name, *input, *want_id;
	bool is_8bit, header_is_8bit;
} known[] = {
	{ "ASCII", WHOLE "\nx\n", "<i@x>", false, false },
	{ "8-bit body", WHOLE "\n" OE "\n", "<i@x>", true, false },
	{ "8-bit header", WHOLE "A: " OE "\n\nx\n", "<i@x>", true, true },
	{ "8-bit in a Bcc that goes", WHOLE "Bcc: " OE "@x\n\nx\n", "<i@x>",
		false, false },
	{ "8-bit in a From that is replaced",
		"From: " OE " <root>\nDate: d\nMessage-ID: <i@x>\n\n", "<i@x>",
		false, false },
	{ "a made Message-ID", "\n", ID, false, false },
	{ "an empty Message-ID", "Message-ID:\n\n", ID, false, false },
	{ "a folded Message-ID", "Message-ID:\n <i@x>\n\n", "<i@x>", false,
		false },
	{ "a Message-ID with a comment", "Message-ID: (c) <i@x> (d)\n\n",
		"<i@x>", false, false },
	{ "a Message-ID without brackets", "Message-ID: i@x\n\n", "", false,
		false },
	{ "a Message-ID with half a bracket", "Message-ID: <i@x\n\n", "", false,
		false },
	{ "a Message-ID inside out", "Message-ID: >i@x<\n\n", "", false,
		false },
	{ "a Resent-Message-ID is another",
		"Resent-To: a@x\nMessage-ID: <i@x>\n\n", "<i@x>", false,
		false },
};

static void test_known(void)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct arena *arena = arena_new();
		struct message message;
		struct edit *edit;

		read_message(known[i].input, &message);
		edit = edit_make(&defaults, &message, arena);
		tap_is_text(
			edit_message_id(edit), known[i].want_id, known[i].name);
		tap_ok(edit_is_8bit(edit) == known[i].is_8bit &&
				edit_header_is_8bit(edit) ==
					known[i].header_is_8bit,
			"  and whether it is 8-bit");
		message_free(&message);
		arena_free(arena);
	}
}

static void test_8bit_gone(void)
{
	struct buf input = BUF_INIT(MOST);
	struct arena *arena = arena_new();
	struct message message;

	buf_puts(&input, WHOLE "\n");
	put_times(&input, OE, 1000);
	read_message(buf_text(&input), &message);
	tap_ok(!edit_is_8bit(edit_make(&defaults, &message, arena)),
		"what is made quoted-printable is not 8-bit any more");
	message_free(&message);
	buf_free(&input);
	arena_free(arena);
}

/* The header in one piece and the body in the store's: nothing is copied. */
static void test_pieces(void)
{
	struct arena *arena = arena_new();
	struct message message;
	struct source *source;
	struct span piece;
	struct diag why;

	read_message(WHOLE "A: b\nC: d\n\ntext\n", &message);
	source = edit_source(edit_make(&defaults, &message, arena));
	tap_ok(source_next(source, &piece, &why) &&
			piece.at == message.head.at &&
			piece.length == message.head.length,
		"a header that stays is one piece, the message's own");
	source_close(source);
	message_free(&message);
	arena_free(arena);
}

static void test_no_msgid(void)
{
	struct edit_params p = defaults;
	struct arena *arena = arena_new();
	struct message message;

	p.set_msgid = false;
	read_message("\n", &message);
	tap_is_text(edit_message_id(edit_make(&p, &message, arena)), "",
		"no Message-ID at all");
	message_free(&message);
	arena_free(arena);
}

/* So many local authors that a header of them all would eat the memory. */
static void test_many_authors(void)
{
	struct edit_params p = defaults;
	struct buf input = BUF_INIT(MOST), want = BUF_INIT(MOST);

	p.set_date = p.set_msgid = false;
	buf_puts(&input, "From:");
	buf_puts(&want, "From:");
	for (int i = 0; i < 1001; i++) {
		buf_puts(&input, " root,\n");
		buf_puts(&want, " root,\r\n");
	}
	buf_puts(&input, "\n");
	buf_puts(&want, "\r\n");
	test_one(&p, buf_text(&input), buf_text(&want),
		"more than a thousand authors stay");
	buf_free(&input);
	buf_free(&want);
}

static void test_to(void)
{
	static const char *const to[] = { "ann@example.org",
		"bob.with.a.long.name@a.long.domain.example.org",
		"cee@example.org" };
	struct edit_params p = defaults;

	p.set_to = true;
	test_one(&p, WHOLE "To: root\nCc: b@x\nBcc: c@x\nto: d@x\n\n",
		"To: undisclosed-recipients:;\r\n" WHOLE_OUT "\r\n",
		"set_to: nobody");
	p.remove_bcc = false;
	test_one(&p, WHOLE "Bcc: c@x\n\n",
		"To: undisclosed-recipients:;\r\n" WHOLE_OUT "\r\n",
		"set_to: never with a Bcc beside it");
	p.to = to;
	p.to_count = 3;
	test_one(&p, WHOLE "To: root\nReply-To: r@x\n\n",
		"To: ann@example.org, "
		"bob.with.a.long.name@a.long.domain.example.org,\r\n"
		" cee@example.org\r\n" WHOLE_OUT "Reply-To: r@x\r\n\r\n",
		"set_to: in lines");
	p = defaults;
	p.original_to = to;
	p.original_count = 1;
	test_one(&p, WHOLE "X-Original-To: y@x\nTo: b@x\n\n",
		"X-Original-To: ann@example.org\r\n" WHOLE_OUT
		"To: b@x\r\n\r\n",
		"original_to");
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		test_one(&defaults, cases[i].input, cases[i].want,
			cases[i].name);
	test_wishes();
	test_injection();
	test_from();
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		test_body(i);
	test_charset_of_the_end();
	test_long_header();
	test_long_from();
	test_known();
	test_to();
	test_8bit_gone();
	test_pieces();
	test_no_msgid();
	test_many_authors();
	return tap_done();
}
