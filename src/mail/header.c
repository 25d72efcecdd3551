/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header fields as spans.  Knows of no field more than whether it has
 * addresses. */
#include <config.h>

#include "mail/header.h"

bool header_line_is_field(struct span line)
{
	size_t at = 0;

	if (line.length > HEADER_NAME_LIMIT + 1)
		line.length = HEADER_NAME_LIMIT + 1;
	while (at < line.length && line.at[at] > ' ' && line.at[at] < 0x7F &&
		line.at[at] != ':')
		at++;
	if (!at)
		return false;
	while (at < line.length && ascii_is_wsp(line.at[at]))
		at++;
	return at < line.length && line.at[at] == ':';
}

/* The length of the field at the front: up to the first line end that no
 * white space follows. */
static size_t field_length(struct span head)
{
	size_t length = 0;

	do
		length += span_find(span_skip(head, length), '\n') + 1;
	while (length < head.length && ascii_is_wsp(head.at[length]));
	return length < head.length ? length : head.length;
}

static struct span without_line_end(struct span text)
{
	if (text.length && text.at[text.length - 1] == '\n')
		text.length--;
	if (text.length && text.at[text.length - 1] == '\r')
		text.length--;
	return text;
}

static struct header_field field_make(struct span whole)
{
	struct span value = without_line_end(whole);
	struct span name = span_cut(&value, ':');

	return (struct header_field){ whole, span_trim(name), value };
}

void header_split(struct span head, struct arena *arena, struct header *out)
{
	size_t count = 0;

	for (struct span rest = head; rest.length; count++)
		rest = span_skip(rest, field_length(rest));
	*out = (struct header){ arena_alloc(arena, count * sizeof *out->fields),
		count };
	for (size_t i = 0; i < count; i++) {
		size_t length = field_length(head);

		out->fields[i] = field_make(span_make(head.at, length));
		head = span_skip(head, length);
	}
}

static const struct header_field *find_from(
	const struct header *header, size_t index, const char *name)
{
	for (; index < header->count; index++)
		if (header_field_is(&header->fields[index], name))
			return &header->fields[index];
	return NULL;
}

bool header_field_is(const struct header_field *field, const char *name)
{
	return span_equal_nocase(field->name, span_of(name));
}

bool header_field_has_addresses(const struct header_field *field)
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

size_t header_opaque_length(struct span text)
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

const struct header_field *header_find(
	const struct header *header, const char *name)
{
	return find_from(header, 0, name);
}

const struct header_field *header_find_next(const struct header *header,
	const struct header_field *field, const char *name)
{
	return find_from(header, (size_t)(field - header->fields) + 1, name);
}

void header_unfold(struct span value, struct buf *out)
{
	value = span_trim(value);
	while (value.length) {
		struct span line = span_cut(&value, '\n');

		buf_put_span(out, without_line_end(line));
	}
}
