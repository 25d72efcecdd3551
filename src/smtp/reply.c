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
	parser->size_bytes = parser->skipped_bytes = 0;
	parser->has_first_line = false;
	parser->has_mixed_status = false;
	parser->has_skipped = false;
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
	struct buf masked = BUF_INIT(2 * REPLY_LIMIT);
	struct buf shown = BUF_INIT(DIAG_TEXT_BYTES);

	if (parser->on_line)
		parser->on_line(parser->context, line);
	/* Hidden before it is cut: half a secret is one, too. */
	mask_put(parser->reply.mask, line, &masked);
	line = buf_span(&masked);
	if (line.length > BAD_LINE_SHOWN)
		line.length = BAD_LINE_SHOWN;
	text_put_printable(&shown, line);
	diag_set(why, DIAG_SMTP_REPLY_MALFORMED, buf_text(&shown));
	buf_free(&masked);
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
	return line.length <= 3 || !ascii_is_digit(line.at[3]);
}

/* Without blanks and control characters at its beginning. */
static struct span skip_controls(struct span line)
{
	while (line.length &&
		((unsigned char)line.at[0] <= ' ' || line.at[0] == 0x7f))
		line = span_skip(line, 1);
	return line;
}

static enum reply_progress skip(
	struct reply_parser *parser, struct span line, struct diag *why)
{
	parser->skipped_bytes += parser->line.length;
	if (parser->skipped_bytes > REPLY_LIMIT)
		return too_long(why);
	if (!parser->has_first_line)
		parser->size_bytes = 0;
	if (parser->on_line)
		parser->on_line(parser->context, line);
	parser->line.length = line.length;
	parser->has_skipped = true;
	return REPLY_SKIPPED;
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

bool reply_says(const struct smtp_reply *reply, struct span words)
{
	struct span text = buf_span(&reply->text);

	for (; text.length; text = span_skip(text, 1))
		if (span_starts_with_nocase(text, words))
			return true;
	return false;
}

bool reply_is_doubtful(const struct smtp_reply *reply)
{
	struct span text = buf_span(&reply->text);

	if (!reply_is_class(reply, 2))
		return false;
	return (status_length(text) && text.at[0] != '2') ||
	       reply_says(reply, SPAN("suppress"));
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

/* What stands behind the code of a line, and what parts them. */
static struct span text_of(struct span line)
{
	bool has_separator = line.length > 3 &&
			     (ascii_is_wsp(line.at[3]) || line.at[3] == '-');

	return span_skip(line, has_separator ? 4 : 3);
}

static void add_line(
	struct reply_parser *parser, unsigned code, struct span text)
{
	struct smtp_reply *reply = &parser->reply;

	if (parser->has_first_line) {
		buf_put_byte(&reply->text, '\n');
		if (code != reply->code) {
			reply->status[0] = '\0';
			parser->has_mixed_status = false;
		}
	}
	reply->code = code;
	take_status(parser, &text);
	buf_put_span(&reply->text, text);
	parser->has_first_line = true;
}

static enum reply_progress take_line(
	struct reply_parser *parser, struct diag *why)
{
	struct span whole = buf_span(&parser->line), line;

	whole.length--;
	while (whole.length && whole.at[whole.length - 1] == '\r')
		whole.length--;
	line = parser->skips_noise ? skip_controls(whole) : whole;
	if (!skip_controls(line).length)
		return skip(parser, whole, why);
	if (line.length < 3 || !may_be_reply(line))
		return parser->skips_noise ? skip(parser, whole, why)
					   : malformed(parser, why);
	if (parser->on_line)
		parser->on_line(parser->context, line);
	add_line(parser,
		digit_at(line, 0) * 100 + digit_at(line, 1) * 10 +
			digit_at(line, 2),
		text_of(line));
	buf_clear(&parser->line);
	return line.length > 3 && line.at[3] == '-' ? REPLY_MORE
						    : REPLY_COMPLETE;
}

/* A server of another kind says so in its first bytes, and may never end its
 * line: a NUL or a bare CR is enough, or many bytes. */
static bool is_of_another_kind(
	const struct reply_parser *parser, bool is_after_cr)
{
	const struct buf *line = &parser->line;
	char byte = line->data[line->length - 1];

	return !parser->skips_noise && !may_be_reply(buf_span(line)) &&
	       (byte == '\0' || line->length >= BAD_LINE_SHOWN ||
		       (is_after_cr && byte != '\r'));
}

static enum reply_progress take_byte(
	struct reply_parser *parser, char byte, struct diag *why)
{
	struct buf *line = &parser->line;
	bool is_after_cr = line->length && line->data[line->length - 1] == '\r';

	if (++parser->size_bytes > REPLY_LIMIT)
		return too_long(why);
	buf_put_byte(line, byte);
	if (byte == '\n')
		return take_line(parser, why);
	return is_of_another_kind(parser, is_after_cr) ? malformed(parser, why)
						       : REPLY_MORE;
}

enum reply_progress reply_parse(
	struct reply_parser *parser, struct span *input, struct diag *why)
{
	enum reply_progress progress = REPLY_MORE;

	if (parser->has_skipped)
		buf_clear(&parser->line);
	parser->has_skipped = false;
	while (progress == REPLY_MORE && input->length) {
		char byte = input->at[0];

		*input = span_skip(*input, 1);
		progress = take_byte(parser, byte, why);
	}
	return progress;
}

bool reply_explain(const struct smtp_reply *reply, struct diag *why)
{
	struct buf shown = BUF_INIT(2 * REPLY_LIMIT);

	mask_put(reply->mask, buf_span(&reply->text), &shown);
	diag_add_reply(
		why, reply->code, span_of(reply->status), buf_span(&shown));
	buf_free(&shown);
	return false;
}
