/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts bytes.  Knows no encoding but the form of UTF-8. */
#include <config.h>

#include "mail/content.h"

#include "mail/message.h"

void content_init(struct content *content)
{
	*content = (struct content){ .is_utf8 = true };
}

/* RFC 3629 section 4: what may follow each first byte.  NEED is how many
 * continuation bytes are still to come, LOW and HIGH bound the next one. */
static void begin_sequence(struct content *content, unsigned char byte)
{
	content->low = 0x80;
	content->high = 0xBF;
	if (byte >= 0xC2 && byte <= 0xDF) {
		content->need = 1;
	} else if (byte >= 0xE0 && byte <= 0xEF) {
		content->need = 2;
		if (byte == 0xE0)
			content->low = 0xA0;
		if (byte == 0xED)
			content->high = 0x9F;
	} else if (byte >= 0xF0 && byte <= 0xF4) {
		content->need = 3;
		if (byte == 0xF0)
			content->low = 0x90;
		if (byte == 0xF4)
			content->high = 0x8F;
	} else {
		content->is_utf8 = false;
	}
}

static void check_utf8(struct content *content, unsigned char byte)
{
	if (!content->need) {
		if (byte > 127)
			begin_sequence(content, byte);
		return;
	}
	if (byte < content->low || byte > content->high) {
		content->is_utf8 = false;
		content->need = 0;
		return;
	}
	content->need--;
	content->low = 0x80;
	content->high = 0xBF;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void end_word(struct content *content)
{
	content->longest_word = larger(content->longest_word, content->word);
	content->word = 0;
}

static bool line_starts_with(const struct content *content, const char *text)
{
	size_t length = strlen(text);

	return content->line >= length &&
	       !memcmp(content->line_start, text, length);
}

static void end_line(struct content *content)
{
	bool is_signature =
		content->line == 3 && line_starts_with(content, "-- ");

	if (line_starts_with(content, " "))
		content->has_leading_space = true;
	if (line_starts_with(content, "From "))
		content->has_from_line = true;
	if (content->line && content->last == ' ' && !is_signature)
		content->has_trailing_space = true;
	content->longest_line = larger(content->longest_line, content->line);
	content->longest_columns =
		larger(content->longest_columns, content->columns);
	end_word(content);
	content->line = content->columns = 0;
}

static void count_line_byte(struct content *content, unsigned char byte)
{
	if (content->line < sizeof content->line_start)
		content->line_start[content->line] = byte;
	content->line++;
	content->columns += (byte & 0xC0) != 0x80;
	content->word++;
	if (byte == ' ')
		end_word(content);
}

static void count_byte(struct content *content, unsigned char byte)
{
	bool is_line_end = byte == '\r' || byte == '\n';

	if (content->size < CONTENT_FIRST_BYTES)
		content->first[content->size] = byte;
	content->size++;
	content->high_count += byte > 127;
	content->nul_count += byte == 0;
	content->cr_count += byte == '\r';
	content->lf_count += byte == '\n';
	content->crlf_count += byte == '\n' && content->last == '\r';
	content->control_count +=
		byte == 127 || (byte < 32 && byte != '\t' && !is_line_end);
	check_utf8(content, byte);
	if (is_line_end)
		end_line(content);
	else
		count_line_byte(content, byte);
	content->last = byte;
}

void content_feed(struct content *content, struct span bytes)
{
	for (size_t i = 0; i < bytes.length; i++)
		count_byte(content, (unsigned char)bytes.at[i]);
}

void content_end(struct content *content)
{
	end_line(content);
	if (content->need)
		content->is_utf8 = false;
}

bool content_scan(
	struct source *source, struct content *content, struct diag *why)
{
	struct span piece;

	content_init(content);
	for (;;) {
		if (!source_next(source, &piece, why))
			return false;
		if (!piece.length)
			break;
		content_feed(content, piece);
	}
	content_end(content);
	return true;
}

bool content_is_text(const struct content *content)
{
	/* Logs hold an escape sequence now and then; programs hold NULs. */
	return !content->nul_count &&
	       content->control_count * 100 <= content->size;
}

bool content_is_7bit(const struct content *content)
{
	return !content->high_count && !content->control_count &&
	       content->longest_line <= MESSAGE_LINE_LIMIT;
}
