/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Domains in a header, from U-labels to A-labels, in place: what surrounds them
 * stays byte for byte.  Knows no server.
 */
#include <config.h>

#include "mail/downgrade.h"

#include "base/mem.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/wrap.h"

/* With its folds. */
enum { HEADER_LIMIT = 2 * MESSAGE_HEAD_LIMIT };

typedef bool to_ascii_function(
	const char *domain, struct buf *out, struct diag *why);

struct downgrade {
	struct source source;
	struct source *message;
	struct buf header;     /* as it goes out, with the empty line */
	uint64_t header_bytes; /* as MESSAGE has it */
	uint64_t skipped;      /* of them, while reading */
	bool is_header_given;
};

/* ---- a field ------------------------------------------------------------- */

static bool has_addresses(const struct header_field *field)
{
	static const char *const names[] = { "From", "Sender", "Reply-To", "To",
		"Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-Reply-To",
		"Resent-To", "Resent-Cc", "Resent-Bcc",
		"Disposition-Notification-To", "Return-Receipt-To", "Errors-To",
		"Mail-Followup-To", "Mail-Reply-To", "X-Original-To" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (header_field_is(field, names[i]))
			return true;
	return false;
}

/* The length of the quoted string or comment at the front (RFC 5322 3.2), 0
 * when there is none; one that is not closed has no end. */
static size_t opaque_length(struct span text)
{
	unsigned depth = 0;
	bool is_quoted = text.at[0] == '"';
	size_t i = is_quoted;

	if (!is_quoted && text.at[0] != '(')
		return 0;
	for (; i < text.length; i++) {
		if (text.at[i] == '\\')
			i++;
		else if (is_quoted && text.at[i] == '"')
			return i + 1;
		else if (!is_quoted && text.at[i] == '(')
			depth++;
		else if (!is_quoted && text.at[i] == ')' && --depth == 0)
			return i + 1;
	}
	return text.length;
}

static size_t domain_length(struct span text)
{
	size_t i = 0;

	while (i < text.length && ((unsigned char)text.at[i] >= 0x80 ||
					  ascii_is_alpha(text.at[i]) ||
					  ascii_is_digit(text.at[i]) ||
					  strchr("-._", text.at[i])))
		i++;
	return i;
}

/* Appends DOMAIN as A-labels, or as it is. */
static void put_domain(
	struct buf *out, struct span domain, to_ascii_function *to_ascii)
{
	char text[ADDRESS_DOMAIN_LIMIT + 1];
	struct buf ascii = BUF_INIT(ADDRESS_DOMAIN_LIMIT);

	if (text_is_ascii(domain) || domain.length >= sizeof text ||
		!text_is_utf8(domain)) {
		buf_put_span(out, domain);
		return;
	}
	memcpy(text, domain.at, domain.length);
	text[domain.length] = '\0';
	if (to_ascii(text, &ascii, NULL))
		buf_put_span(out, buf_span(&ascii));
	else
		buf_put_span(out, domain);
	buf_free(&ascii);
}

static void put_value(
	struct buf *out, struct span value, to_ascii_function *to_ascii)
{
	while (value.length) {
		size_t length = opaque_length(value);
		bool is_at = !length && value.at[0] == '@';

		if (!length)
			length = 1;
		buf_put(out, value.at, length);
		value = span_skip(value, length);
		if (!is_at)
			continue;
		length = domain_length(value);
		put_domain(out, span_make(value.at, length), to_ascii);
		value = span_skip(value, length);
	}
}

/* Appends FIELD, folded where it has become too long. */
static void put_field(struct buf *out, const struct header_field *field,
	to_ascii_function *to_ascii)
{
	struct buf made = BUF_INIT(HEADER_LIMIT);
	struct span whole;

	if (!has_addresses(field) || text_is_ascii(field->value)) {
		buf_put_span(out, field->whole);
		return;
	}
	buf_put(&made, field->whole.at,
		(size_t)(field->value.at - field->whole.at));
	put_value(&made, field->value, to_ascii);
	buf_puts(&made, "\r\n");
	whole = buf_span(&made);
	if (made.overflowed)
		out->overflowed = true;
	else if (wrap_is_needed(whole) && !wrap_is_needed(field->whole))
		wrap_field(out, whole);
	else
		buf_put_span(out, whole);
	buf_free(&made);
}

/* ---- the header ---------------------------------------------------------- */

/* The length of the header in TEXT, without the empty line; TEXT.length when
 * that has not come yet. */
static size_t header_length(struct span text, size_t from)
{
	size_t at = from;

	if (span_starts_with(text, SPAN("\r\n")))
		return 0;
	while (at + 4 <= text.length) {
		at += span_find(span_skip(text, at), '\n') + 1;
		if (at + 2 <= text.length && text.at[at] == '\r' &&
			text.at[at + 1] == '\n')
			return at;
	}
	return text.length;
}

/* Appends the header of MESSAGE, without the empty line. */
static bool read_header(
	struct source *message, struct buf *out, struct diag *why)
{
	size_t length = 0, from = 0;
	struct span piece;

	do {
		if (!source_next(message, &piece, why))
			return false;
		if (!piece.length)
			break;
		buf_put_span(out, piece);
		length = header_length(buf_span(out), from);
		from = out->length > 3 ? out->length - 3 : 0;
		/* Back to the beginning of what may be the empty line. */
		while (from && out->data[from - 1] != '\n')
			from--;
	} while (length == out->length && !out->overflowed);
	if (out->length > length)
		out->length = length;
	return source_rewind(message, why);
}

static void make_header(struct downgrade *downgrade, struct span head,
	to_ascii_function *to_ascii)
{
	struct arena *arena = arena_new();
	struct header header;

	header_split(head, arena, &header);
	for (size_t i = 0; i < header.count; i++)
		put_field(&downgrade->header, &header.fields[i], to_ascii);
	arena_free(arena);
}

/* ---- the source ---------------------------------------------------------- */

static bool downgrade_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct downgrade *downgrade = (struct downgrade *)source;
	uint64_t left;

	if (!downgrade->is_header_given) {
		downgrade->is_header_given = true;
		*piece = buf_span(&downgrade->header);
		return true;
	}
	do {
		if (!source_next(downgrade->message, piece, why))
			return false;
		left = downgrade->header_bytes - downgrade->skipped;
		if (left > piece->length)
			left = piece->length;
		downgrade->skipped += left;
		if (!piece->length)
			break;
		*piece = span_skip(*piece, (size_t)left);
	} while (!piece->length);
	return true;
}

static bool downgrade_rewind(struct source *source, struct diag *why)
{
	struct downgrade *downgrade = (struct downgrade *)source;

	downgrade->skipped = 0;
	downgrade->is_header_given = false;
	return source_rewind(downgrade->message, why);
}

static void downgrade_close(struct source *source)
{
	buf_free(&((struct downgrade *)source)->header);
	mem_free(source);
}

bool downgrade_open(struct source *message, to_ascii_function *to_ascii,
	struct source **out, int64_t *growth, struct diag *why)
{
	static const struct source_ops ops = { .next = downgrade_next,
		.rewind = downgrade_rewind,
		.close = downgrade_close };
	struct downgrade *downgrade = mem_alloc(sizeof *downgrade);
	struct buf head = BUF_INIT(HEADER_LIMIT);
	bool is_read = read_header(message, &head, why);

	*downgrade = (struct downgrade){ .source.ops = &ops,
		.message = message,
		.header = BUF_INIT(HEADER_LIMIT),
		.header_bytes = head.length };
	if (is_read && !head.overflowed)
		make_header(downgrade, buf_span(&head), to_ascii);
	*growth = (int64_t)downgrade->header.length - (int64_t)head.length;
	if (is_read && !head.overflowed && !downgrade->header.overflowed &&
		!span_equal(buf_span(&downgrade->header), buf_span(&head))) {
		*out = &downgrade->source;
	} else {
		downgrade_close(&downgrade->source);
		*out = NULL;
		*growth = 0;
	}
	buf_free(&head);
	return is_read;
}
