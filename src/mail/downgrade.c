/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Domains in a header, from U-labels to A-labels, and text to encoded words, in
 * place: what surrounds them stays byte for byte.  Knows no server.
 */
#include <config.h>

#include "mail/downgrade.h"

#include "base/mem.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/change.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/spell.h"
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
		size_t length = header_opaque_length(value);
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
	to_ascii_function *to_ascii, unsigned *changes)
{
	struct buf made = BUF_INIT(HEADER_LIMIT);
	struct span whole;

	if (!header_field_has_addresses(field) || text_is_ascii(field->value)) {
		buf_put_span(out, field->whole);
		return;
	}
	buf_put(&made, field->whole.at,
		(size_t)(field->value.at - field->whole.at));
	put_value(&made, field->value, to_ascii);
	buf_puts(&made, "\r\n");
	whole = buf_span(&made);
	if (!span_equal(whole, field->whole))
		*changes |= CHANGE_ALABELS;
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

/* ---- what is signed ------------------------------------------------------ */

/* Whether the list of tags (RFC 6376 3.2) in VALUE has one "h=" with NAME. */
static bool names_field(struct span value, struct span name)
{
	while (value.length) {
		struct span list = span_cut(&value, ';');
		struct span tag = span_trim(span_cut(&list, '='));

		while (span_equal(tag, SPAN("h")) && list.length)
			if (span_equal_nocase(
				    span_trim(span_cut(&list, ':')), name))
				return true;
	}
	return false;
}

/* Who wrote a signature over a field would not know it again. */
static bool is_signed(
	const struct header *header, const struct header_field *field)
{
	static const char *const names[] = { "DKIM-Signature",
		"ARC-Message-Signature", "DomainKey-Signature" };
	const struct header_field *at;
	bool is_named = false;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (at = header_find(header, names[i]); at && !is_named;
			at = header_find_next(header, at, names[i]))
			is_named = names_field(at->value, field->name);
	return is_named;
}

/* ---- the header, in its other form --------------------------------------- */

/* Appends FIELD with what can be encoded words as some. */
static void put_spelled(struct buf *out, const struct header_field *field,
	to_ascii_function *to_ascii, unsigned *changes)
{
	struct arena *arena = arena_new();
	struct buf spelled = BUF_INIT(HEADER_LIMIT);
	struct header header;

	spell_field(&spelled, field);
	if (!span_equal(buf_span(&spelled), field->whole))
		*changes |= CHANGE_WORDS;
	header_split(buf_span(&spelled), arena, &header);
	for (size_t i = 0; i < header.count; i++)
		put_field(out, &header.fields[i], to_ascii, changes);
	out->overflowed |= spelled.overflowed;
	buf_free(&spelled);
	arena_free(arena);
}

static void make_header(struct buf *out, struct span head, bool is_7bit,
	to_ascii_function *to_ascii, unsigned *changes)
{
	struct arena *arena = arena_new();
	struct header header;

	header_split(head, arena, &header);
	for (size_t i = 0; i < header.count; i++) {
		const struct header_field *field = &header.fields[i];

		if (text_is_ascii(field->value) || is_signed(&header, field))
			buf_put_span(out, field->whole);
		else if (is_7bit)
			put_spelled(out, field, to_ascii, changes);
		else
			put_field(out, field, to_ascii, changes);
	}
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

bool downgrade_open(struct source *message, bool is_7bit,
	to_ascii_function *to_ascii, struct downgraded *out, struct diag *why)
{
	static const struct source_ops ops = { .next = downgrade_next,
		.rewind = downgrade_rewind,
		.close = downgrade_close };
	struct downgrade *downgrade = mem_alloc(sizeof *downgrade);
	struct buf head = BUF_INIT(HEADER_LIMIT);
	bool is_read = read_header(message, &head, why);
	unsigned changes = 0;

	*out = (struct downgraded){ NULL };
	*downgrade = (struct downgrade){ .source.ops = &ops,
		.message = message,
		.header = BUF_INIT(HEADER_LIMIT),
		.header_bytes = head.length };
	if (is_read && !head.overflowed)
		make_header(&downgrade->header, buf_span(&head), is_7bit,
			to_ascii, &changes);
	if (changes && !downgrade->header.overflowed)
		*out = (struct downgraded){ &downgrade->source,
			(int64_t)downgrade->header.length -
				(int64_t)head.length,
			changes };
	else
		downgrade_close(&downgrade->source);
	buf_free(&head);
	return is_read;
}
