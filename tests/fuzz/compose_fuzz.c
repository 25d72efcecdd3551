/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message composed of anything: fit for the wire, whatever is in it.  The
 * input is text, HTML, file name, type and file, separated by bytes 0x1E;
 * parts that are missing are not there.
 */
#include <config.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "mail/compose.h"
#include "mail/field.h"
#include "mail/htmltext.h"
#include "mail/mimetype.h"

static void check_wire(struct span text, bool may_be_8bit)
{
	size_t line = 0;

	for (size_t i = 0; i < text.length; i++) {
		char c = text.at[i];

		fuzz_check(c != '\0');
		fuzz_check(may_be_8bit || (unsigned char)c < 128);
		fuzz_check(c != '\r' ||
			   (i + 1 < text.length && text.at[i + 1] == '\n'));
		fuzz_check(c != '\n' || (i && text.at[i - 1] == '\r'));
		line = c == '\n' ? 0 : line + 1;
		fuzz_check(line <= 998 + 1);
	}
}

/* Nothing but our fields, each with its folds. */
static void check_field(struct span text, const char *start)
{
	fuzz_check(span_starts_with(text, span_of(start)));
	check_wire(text, false);
	for (size_t i = 0; i + 2 < text.length; i++)
		fuzz_check(text.at[i] != '\n' || text.at[i + 1] == ' ');
}

static void check_names(struct arena *arena, struct span bytes)
{
	char *path = arena_strndup(arena, bytes.at, bytes.length);
	char *name = field_file_name(arena, path);
	struct buf out = BUF_INIT(32 * bytes.length + 1000);

	fuzz_check(text_is_utf8(span_of(name)));
	buf_puts(&out, "X: y");
	field_put_parameter(&out, "filename", name);
	check_field(buf_span(&out), "X: y;\r\n filename");
	buf_clear(&out);
	field_put_text(&out, "Subject", bytes);
	check_field(buf_span(&out), "Subject: ");
	fuzz_check(!out.overflowed);
	buf_free(&out);
}

static void check_html(struct span html)
{
	struct buf out = BUF_INIT(20 * html.length + 1000);

	htmltext_put(&out, html);
	if (text_is_utf8(html))
		fuzz_check(text_is_utf8(buf_span(&out)));
	buf_free(&out);
}

static struct compose_part *make_part(struct arena *arena, struct span text)
{
	struct compose_part *part = arena_alloc(arena, sizeof *part);

	part->body = source_from_span(text);
	content_init(&part->content);
	content_feed(&part->content, text);
	content_end(&part->content);
	return part;
}

static void check_message(struct arena *arena,
	const struct compose_params *params, bool may_be_8bit)
{
	struct source *source = compose_source(params, arena);
	struct buf once = BUF_INIT(16 * 1024 * 1024);
	struct buf twice = BUF_INIT(16 * 1024 * 1024);
	struct span piece;

	while (source_next(source, &piece, NULL) && piece.length)
		buf_put_span(&once, piece);
	source_rewind(source, NULL);
	while (source_next(source, &piece, NULL) && piece.length)
		buf_put_span(&twice, piece);
	check_wire(buf_span(&once), may_be_8bit);
	fuzz_check(span_equal(buf_span(&once), buf_span(&twice)));
	source_close(source);
	buf_free(&once);
	buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct span rest = fuzz_span(data, size);
	struct span text = span_cut(&rest, 0x1E), html = span_cut(&rest, 0x1E);
	struct span name = span_cut(&rest, 0x1E), type = span_cut(&rest, 0x1E);
	struct compose_part *file = make_part(arena, rest);
	const struct compose_part *files[] = { file };
	struct compose_params params = { .head = SPAN("Subject: x\r\n"),
		.text = make_part(arena, text) };

	file->file_name = field_file_name(
		arena, arena_strndup(arena, name.at, name.length));
	file->type = mimetype_is_valid(type)
			     ? arena_strndup(arena, type.at, type.length)
			     : mimetype_of(file->file_name, &file->content);
	if (html.length)
		params.html = make_part(arena, html);
	if (size % 2 && html.length) {
		file->content_id = compose_content_id(
			arena, file->file_name, params.random);
		params.inlines = files;
		params.inline_count = 1;
	} else {
		params.attachments = files;
		params.attachment_count = 1;
	}
	check_message(arena, &params,
		span_starts_with_nocase(
			span_of(file->type), SPAN("message/rfc822")));
	check_names(arena, name);
	check_html(html);
	arena_free(arena);
	return 0;
}
