/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message from its bytes to what goes out: read, taken into an envelope,
 * edited.  Whatever comes in, canonical lines of at most 998 bytes go out, as
 * many as was foretold; and editing what went out changes nothing more.  For a
 * server without SMTPUTF8 the same holds once more.
 * The first byte of the input chooses the wishes, the second the size of the
 * pieces it comes in.
 */
#include <config.h>

#include "fuzz/fuzz.h"
#include "mail/downgrade.h"
#include "mail/edit.h"
#include "mail/envelope.h"
#include "unit/mail/pieces.h"

static bool read_message(struct span text, size_t size, bool lone_dot_ends,
	struct message *message)
{
	struct source *source = pieces_once_of(text, size);
	const struct message_params params = { .lone_dot_ends = lone_dot_ends };
	struct diag why;
	bool is_read = message_read(source, &params, message, &why);

	source_close(source);
	return is_read;
}

static void check_lines(struct span text)
{
	fuzz_check(span_find(text, '\0') == text.length);
	while (text.length) {
		size_t length = span_find(text, '\n');

		fuzz_check(length < text.length && length > 0);
		fuzz_check(span_find(text, '\r') == length - 1);
		fuzz_check(length - 1 <= MESSAGE_LINE_LIMIT);
		text = span_skip(text, length + 1);
	}
}

static void check_head(const struct message *message)
{
	struct span head = message->head;

	for (size_t i = 0; i < message->header.count; i++) {
		const struct header_field *field = &message->header.fields[i];

		fuzz_check(field->whole.at == head.at);
		fuzz_check(header_line_is_field(field->whole));
		head = span_skip(head, field->whole.length);
	}
	fuzz_check(!head.length);
}

static bool has_8bit(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return true;
	return false;
}

/* Reads what goes out into OUT. */
static void edit(const struct edit_params *params,
	const struct message *message, struct buf *out)
{
	struct arena *arena = arena_new();
	struct edit *made = edit_make(params, message, arena);
	struct source *source = edit_source(made);
	struct span piece;
	struct diag why;

	while (source_next(source, &piece, &why) && piece.length)
		buf_put_span(out, piece);
	fuzz_check(!out->overflowed);
	fuzz_check(edit_size(made, &why) == (int64_t)out->length);
	fuzz_check(edit_is_8bit(made) == has_8bit(buf_span(out)));
	source_close(source);
	arena_free(arena);
}

static void check_out(const struct edit_params *params, struct span out)
{
	struct buf again = BUF_INIT(out.length * 4 + 1000);
	struct message message;

	check_lines(out);
	fuzz_check(read_message(out, out.length, false, &message));
	check_head(&message);
	if (params->remove_bcc)
		fuzz_check(!header_find(&message.header, "Bcc") &&
			   !header_find(&message.header, "Resent-Bcc"));
	fuzz_check(!header_find(&message.header, "Return-Path"));
	if (params->set_date)
		fuzz_check(header_find(&message.header, "Date") != NULL);
	if (params->set_msgid)
		fuzz_check(header_find(&message.header, "Message-ID") != NULL);
	if (params->set_from != EDIT_FROM_OFF)
		fuzz_check(header_find(&message.header, "From") != NULL);
	edit(params, &message, &again);
	fuzz_check(span_equal(out, buf_span(&again)));
	buf_free(&again);
	message_free(&message);
}

/* Much longer than what it stands for; or none. */
static bool to_ascii(const char *domain, struct buf *out, struct diag *why)
{
	if (strlen(domain) % 4 == 0)
		return diag_set(why, DIAG_ADDRESS_DOMAIN_INVALID, domain, "no");
	return buf_printf(out, "xn--%060zu.example", strlen(domain));
}

static void check_downgrade(struct span text, bool is_7bit)
{
	struct source *message = source_from_span(text);
	struct buf got = BUF_INIT(text.length * 40 + 1000);
	struct downgraded out;
	struct span piece;
	struct diag why;

	fuzz_check(downgrade_open(message, is_7bit, to_ascii, &out, &why));
	while (out.source && source_next(out.source, &piece, &why) &&
		piece.length)
		buf_put_span(&got, piece);
	fuzz_check(!got.overflowed);
	if (out.source) {
		check_lines(buf_span(&got));
		fuzz_check((int64_t)got.length ==
			   (int64_t)text.length + out.growth);
		fuzz_check(out.changes && !span_equal(buf_span(&got), text));
	}
	source_close(out.source);
	source_close(message);
	buf_free(&got);
}

static void check_envelope(const struct message *message)
{
	const struct envelope_params params = {
		.from_header = true, .sender = "a@x.org", .maildomain = "x.org"
	};
	struct arena *arena = arena_new();
	struct envelope envelope;
	struct diag why = { .id = DIAG_NONE };

	if (envelope_make(&params, message, arena, &envelope, &why))
		fuzz_check(envelope.recipient_count > 0);
	else
		fuzz_check(why.id != DIAG_NONE);
	arena_free(arena);
}

/* "root" is somebody, names with an "a" in front are two, others nobody. */
static size_t map_local(void *context, const char *name, struct arena *arena,
	const char *const **addresses)
{
	static const char *const list[] = { "one@x.org", "two@x.org" };

	(void)context, (void)arena;
	*addresses = list;
	return name[0] == 'a' ? 2 : span_equal(span_of(name), SPAN("root"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t wishes = size ? data[0] : 0;
	struct edit_params params = {
		.set_from = wishes & 1   ? EDIT_FROM_ON
			    : wishes & 2 ? EDIT_FROM_OFF
					 : EDIT_FROM_AUTO,
		.set_date = !(wishes & 4),
		.set_msgid = !(wishes & 8),
		.remove_bcc = !(wishes & 16),
		.from_address = "me@x.org",
		.from_name = wishes & 32 ? NULL : "J\xC3\xB6rg",
		.local_from = "me@x.org",
		.this_host = "vm.x.net",
		.msgid_domain = "x.org",
		.map_local = wishes & 128 ? map_local : NULL,
	};
	size_t piece = size > 1 ? data[1] + 1u : 1;
	struct buf out = BUF_INIT(size * 8 + 200000);
	struct message message;

	if (size < 2 || !read_message(fuzz_span(data + 2, size - 2), piece,
				(wishes & 64) != 0, &message))
		return 0;
	check_head(&message);
	check_envelope(&message);
	edit(&params, &message, &out);
	check_out(&params, buf_span(&out));
	check_downgrade(buf_span(&out), false);
	check_downgrade(buf_span(&out), true);
	message_free(&message);
	buf_free(&out);
	return 0;
}
