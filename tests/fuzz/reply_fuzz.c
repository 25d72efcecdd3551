/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies: the same however they are cut, bounded, and what the header says of
 * a complete one is true. */
#include <config.h>

#include "fuzz/fuzz.h"
#include "smtp/ehlo.h"
#include "smtp/reply.h"

/* Appends what became of INPUT, read in pieces of STEP bytes. */
static void read_replies(struct span input, size_t step, struct buf *out)
{
	struct reply_parser parser;
	enum reply_progress progress = REPLY_MORE;
	struct diag why;

	reply_parser_init(&parser);
	while (input.length && progress != REPLY_BROKEN) {
		struct span piece = input;

		if (piece.length > step)
			piece.length = step;
		input = span_skip(input, piece.length);
		progress = reply_parse(&parser, &piece, &why);
		input.at -= piece.length;
		input.length += piece.length;
		if (progress != REPLY_COMPLETE)
			continue;
		buf_printf(
			out, "%u %s ", parser.reply.code, parser.reply.status);
		buf_put_span(out, buf_span(&parser.reply.text));
		reply_parser_reset(&parser);
	}
	if (progress == REPLY_BROKEN)
		buf_printf(out, "%s: %s", diag_name(why.id), why.text);
	reply_parser_free(&parser);
}

static void check_reply(const struct smtp_reply *reply)
{
	struct ehlo ehlo;
	struct span text = buf_span(&reply->text);

	fuzz_check(reply->code >= 200 && reply->code <= 599);
	fuzz_check(!reply->status[0] ||
		   (unsigned)(reply->status[0] - '0') == reply->code / 100);
	fuzz_check(text.length <= REPLY_LIMIT);
	/* Other bytes it may have: who shows it makes them printable. */
	fuzz_check(!text.length || text.at[text.length - 1] != '\r');
	ehlo_init(&ehlo);
	ehlo_read(&ehlo, reply);
	fuzz_check(!ehlo.mechanisms.length || ehlo.has[EHLO_AUTH]);
	ehlo_free(&ehlo);
}

static void check_replies(struct span input)
{
	struct reply_parser parser;
	enum reply_progress progress;
	struct diag why = { 0 };

	reply_parser_init(&parser);
	while ((progress = reply_parse(&parser, &input, &why)) ==
		REPLY_COMPLETE) {
		check_reply(&parser.reply);
		reply_explain(&parser.reply, &why);
		reply_parser_reset(&parser);
	}
	fuzz_check(progress == REPLY_BROKEN || !input.length);
	reply_parser_free(&parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = fuzz_span(data, size);
	struct buf whole = BUF_INIT(200000), cut = BUF_INIT(200000);

	check_replies(input);
	read_replies(input, size + 1, &whole);
	read_replies(input, 1, &cut);
	fuzz_check(span_equal(buf_span(&whole), buf_span(&cut)));
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}
