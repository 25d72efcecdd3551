/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reply parser.  Knows nothing of which command a reply answers. */
#include <config.h>

#include "smtp/reply.h"

#include "base/text.h"

#include <stdio.h>

/* So much of a line that is no reply is waited for and shown: enough to
 * recognise an SSH or HTTP server, which may never end its line. */
enum { BAD_LINE_SHOWN = 80 };

void reply_parser_init(struct reply_parser *parser)
{
	*parser = (struct reply_parser){
		.reply.text = BUF_INIT(REPLY_LIMIT),
		.line = BUF_INIT(REPLY_LIMIT),
	};
}

void reply_parser_reset(struct reply_parser *parser)
{
	parser->reply.code = 0;
	parser->reply.status[0] = '\0';
	buf_clear(&parser->reply.text);
	buf_clear(&parser->line);
	parser->size_bytes = 0;
	parser->has_first_line = false;
	parser->has_mixed_status = false;
}

void reply_parser_free(struct reply_parser *parser)
{
	buf_free(&parser->reply.text);
	buf_free(&parser->line);
}

static enum reply_progress too_long(struct diag *why)
{
	char limit[24];

	snprintf(limit, sizeof limit, "%d", REPLY_LIMIT);
	diag_set(why, DIAG_SMTP_REPLY_TOO_LONG, limit);
	return REPLY_BROKEN;
}

static enum reply_progress malformed(
	struct reply_parser *parser, struct diag *why)
{
	struct span line = span_trim(buf_span(&parser->line));
	struct buf shown = BUF_INIT(DIAG_TEXT_BYTES);

	if (parser->on_line)
		parser->on_line(parser->context, line);
	if (line.length > BAD_LINE_SHOWN)
		line.length = BAD_LINE_SHOWN;
	text_put_printable(&shown, line);
	diag_set(why, DIAG_SMTP_REPLY_MALFORMED, buf_text(&shown));
	buf_free(&shown);
	return REPLY_BROKEN;
}

/* Whether LINE, which may still grow, can begin a reply line. */
static bool may_be_reply(struct span line)
{
	for (size_t i = 0; i < line.length && i < 3; i++)
		if (!ascii_is_digit(line.at[i]))
			return false;
	if (line.length && (line.at[0] < '2' || line.at[0] > '5'))
		return false;
	return line.length <= 3 || line.at[3] == ' ' || line.at[3] == '-';
}

static unsigned digit_at(struct span line, size_t index)
{
	return (unsigned)(line.at[index] - '0');
}

/* The length of the RFC 3463 code at the front of TEXT, 0 when there is none:
 * class "." subject "." detail, then a space or the end. */
static size_t status_length(struct span text)
{
	size_t at = 1;

	if (!text.length || !strchr("245", text.at[0]))
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t digits = 0;

		if (at >= text.length || text.at[at++] != '.')
			return 0;
		while (at < text.length && ascii_is_digit(text.at[at])) {
			at++;
			digits++;
		}
		if (!digits || digits > 3)
			return 0;
	}
	return at == text.length || text.at[at] == ' ' ? at : 0;
}

/* Takes the status off the front of *TEXT.  One whose class contradicts the
 * code, or another than the line before had, stays among the words: better no
 * status than a wrong one. */
static void take_status(struct reply_parser *parser, struct span *text)
{
	struct smtp_reply *reply = &parser->reply;
	struct span status = span_make(text->at, status_length(*text));

	if (!status.length || digit_at(status, 0) != reply->code / 100)
		return;
	if (!reply->status[0] && !parser->has_mixed_status) {
		memcpy(reply->status, status.at, status.length);
		reply->status[status.length] = '\0';
	} else if (!span_equal(status, span_of(reply->status))) {
		parser->has_mixed_status = true;
		reply->status[0] = '\0';
		return;
	}
	*text = span_skip(*text, status.length);
	if (text->length)
		*text = span_skip(*text, 1);
}

static enum reply_progress take_line(
	struct reply_parser *parser, struct diag *why)
{
	struct span line = buf_span(&parser->line), text;
	bool is_last;
	unsigned code;

	line.length--;
	if (line.length && line.at[line.length - 1] == '\r')
		line.length--;
	if (line.length < 3 || !may_be_reply(line))
		return malformed(parser, why);
	code = digit_at(line, 0) * 100 + digit_at(line, 1) * 10 +
	       digit_at(line, 2);
	if (parser->has_first_line && code != parser->reply.code)
		return malformed(parser, why);
	if (parser->on_line)
		parser->on_line(parser->context, line);
	is_last = line.length == 3 || line.at[3] == ' ';
	text = span_skip(line, 4);
	parser->reply.code = code;
	take_status(parser, &text);
	if (parser->has_first_line)
		buf_put_byte(&parser->reply.text, '\n');
	buf_put_span(&parser->reply.text, text);
	parser->has_first_line = true;
	buf_clear(&parser->line);
	return is_last ? REPLY_COMPLETE : REPLY_MORE;
}

static enum reply_progress take_byte(
	struct reply_parser *parser, char byte, struct diag *why)
{
	struct buf *line = &parser->line;
	bool is_after_cr = line->length && line->data[line->length - 1] == '\r';

	if (++parser->size_bytes > REPLY_LIMIT)
		return too_long(why);
	buf_put_byte(line, byte);
	if (byte == '\0' || (is_after_cr && byte != '\n'))
		return malformed(parser, why);
	if (byte == '\n')
		return take_line(parser, why);
	if (line->length >= BAD_LINE_SHOWN && !may_be_reply(buf_span(line)))
		return malformed(parser, why);
	return REPLY_MORE;
}

enum reply_progress reply_parse(
	struct reply_parser *parser, struct span *input, struct diag *why)
{
	enum reply_progress progress = REPLY_MORE;

	while (progress == REPLY_MORE && input->length) {
		char byte = input->at[0];

		*input = span_skip(*input, 1);
		progress = take_byte(parser, byte, why);
	}
	return progress;
}

bool reply_explain(const struct smtp_reply *reply, struct diag *why)
{
	return diag_add_reply(why, reply->code, span_of(reply->status),
		buf_span(&reply->text));
}
