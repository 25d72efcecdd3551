/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header fields on their way out.  Does not know which there are. */
#include <config.h>

#include "mail/field.h"

#include "base/text.h"
#include "mail/encode.h"

enum {
	UNIT_LIMIT = 16,         /* one character, percent-encoded */
	ASCII_NAME_COLUMNS = 60, /* fits a line with " name=" around it */
	EXTENSION_COLUMNS = 12,
};

/* ---- lines --------------------------------------------------------------- */

static size_t column(const struct buf *out)
{
	size_t at = out->length;

	while (at > 0 && out->data[at - 1] != '\n')
		at--;
	return out->length - at;
}

/* A word after a space, on a line of its own when this one is full. */
static void put_word(struct buf *out, struct span word)
{
	bool is_full = column(out) + 1 + word.length > FIELD_COLUMNS;

	buf_puts(out, is_full ? "\r\n " : " ");
	buf_put_span(out, word);
}

static void put_name(struct buf *out, const char *name)
{
	buf_puts(out, name);
	buf_put_byte(out, ':');
}

void field_put_text(struct buf *out, const char *name, struct span text)
{
	put_name(out, name);
	buf_put_byte(out, ' ');
	encode_text(out, text, column(out));
	buf_puts(out, "\r\n");
}

static bool is_space(char c)
{
	return ascii_is_wsp(c) || c == '\r' || c == '\n';
}

void field_put_words(struct buf *out, const char *name, struct span words)
{
	put_name(out, name);
	for (size_t at = 0; at < words.length;) {
		size_t start = at;

		while (at < words.length && !is_space(words.at[at]))
			at++;
		if (at > start)
			put_word(out, span_make(words.at + start, at - start));
		else
			at++;
	}
	buf_puts(out, "\r\n");
}

/* A phrase folds itself, but it neither begins a line nor is it folded if
 * another line has room for all of it: not every reader joins the encoded
 * words of a name without a space (Python before 3.13). */
static void put_phrase(struct buf *out, struct span name)
{
	struct buf here = BUF_INIT(out->limit), there = BUF_INIT(out->limit);
	bool is_folded;

	encode_phrase(&here, name, column(out) + 1);
	encode_phrase(&there, name, 1);
	is_folded = span_find(buf_span(&here), '\n') < here.length ||
		    column(out) + 1 + here.length > FIELD_COLUMNS;
	buf_puts(out, is_folded ? "\r\n " : " ");
	buf_put_span(out, buf_span(is_folded ? &there : &here));
	buf_free(&here);
	buf_free(&there);
}

static void put_mailbox(
	struct buf *out, const struct mailbox *mailbox, bool is_last)
{
	struct buf address =
		BUF_INIT(ADDRESS_LOCAL_LIMIT + ADDRESS_DOMAIN_LIMIT + 16);
	bool has_name = mailbox->name && mailbox->name[0];

	if (has_name) {
		put_phrase(out, span_of(mailbox->name));
		buf_put_byte(&address, '<');
	}
	address_put(&address, mailbox);
	if (has_name)
		buf_put_byte(&address, '>');
	if (!is_last)
		buf_put_byte(&address, ',');
	put_word(out, buf_span(&address));
	buf_free(&address);
}

void field_put_mailboxes(
	struct buf *out, const char *name, const struct mailbox_list *list)
{
	put_name(out, name);
	for (size_t i = 0; i < list->count; i++)
		put_mailbox(out, &list->items[i], i + 1 == list->count);
	if (!list->count)
		buf_puts(out, " undisclosed-recipients:;");
	buf_puts(out, "\r\n");
}

/* ---- parameters ---------------------------------------------------------- */

/* attribute-char of RFC 2231, kept to what no parser stumbles over. */
static bool is_plain(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) ||
	       (c && strchr("-._+", c));
}

static bool is_token(struct span value)
{
	for (size_t i = 0; i < value.length; i++)
		if (!is_plain(value.at[i]))
			return false;
	return value.length > 0;
}

/* Cuts one character off *REST and gives it as it stands in the value. */
static void cut_unit(struct span *rest, bool is_extended, struct buf *unit)
{
	size_t length = text_utf8_length(*rest);

	if (!length)
		length = 1;
	buf_clear(unit);
	for (size_t i = 0; i < length; i++) {
		char c = rest->at[i];

		if (!is_extended && (c == '"' || c == '\\'))
			buf_put_byte(unit, '\\');
		if (is_extended && !is_plain(c))
			buf_printf(unit, "%%%02X", (unsigned)(unsigned char)c);
		else
			buf_put_byte(unit, c);
	}
	*rest = span_skip(*rest, length);
}

/* Everything that still fits a line of COLUMNS. */
static void put_section(
	struct buf *out, struct span *rest, bool is_extended, size_t columns)
{
	struct buf unit = BUF_INIT(UNIT_LIMIT);
	size_t used = 0;

	if (!is_extended)
		buf_put_byte(out, '"');
	while (rest->length) {
		struct span before = *rest;

		cut_unit(rest, is_extended, &unit);
		if (used && used + unit.length > columns) {
			*rest = before;
			break;
		}
		buf_put_span(out, buf_span(&unit));
		used += unit.length;
	}
	if (!is_extended)
		buf_put_byte(out, '"');
	buf_free(&unit);
}

/* "name*0*=utf-8''…" and so on; one section needs no number. */
static void put_sections(struct buf *out, const char *name, struct span value,
	bool is_extended, bool is_numbered)
{
	const char *star = is_extended ? "*" : "";

	for (unsigned number = 0; value.length || !number; number++) {
		const char *charset = is_extended && !number ? "utf-8''" : "";

		buf_puts(out, ";\r\n ");
		if (is_numbered)
			buf_printf(
				out, "%s*%u%s=%s", name, number, star, charset);
		else
			buf_printf(out, "%s%s=%s", name, star, charset);
		put_section(out, &value, is_extended,
			FIELD_COLUMNS - 3 - column(out));
	}
}

static size_t length_of(struct span value, bool is_extended)
{
	struct buf unit = BUF_INIT(UNIT_LIMIT);
	size_t length = is_extended ? strlen("utf-8''") + 1 : 2;

	while (value.length) {
		cut_unit(&value, is_extended, &unit);
		length += unit.length;
	}
	buf_free(&unit);
	return length;
}

void field_put_parameter(struct buf *out, const char *name, const char *value)
{
	struct span text = span_of(value);
	/* "=?" is no encoded word here, but not everybody knows. */
	bool is_extended = !text_is_ascii(text) || strstr(value, "=?");
	size_t length = strlen(name) + strlen(" =;");

	if (is_token(text) && length + text.length <= FIELD_COLUMNS) {
		buf_printf(out, ";\r\n %s=%s", name, value);
		return;
	}
	length += length_of(text, is_extended);
	put_sections(out, name, text, is_extended, length > FIELD_COLUMNS);
}

/* ---- file names ---------------------------------------------------------- */

static bool is_control(const char *at, size_t length)
{
	unsigned char first = (unsigned char)at[0];

	/* C1 in UTF-8 is C2 80 to C2 9F. */
	return first < 32 || first == 127 ||
	       (length == 2 && first == 0xC2 && (unsigned char)at[1] < 0xA0);
}

/* A copy of NAME with "_" for what is_unwanted() finds, and without what nobody
 * sees: "invoice<U+202E>fdp.exe" looks like a PDF. */
static char *replace(struct arena *arena, struct span name,
	bool (*is_unwanted)(const char *at, size_t length))
{
	char *copy = arena_alloc(arena, name.length + 1);
	size_t at = 0;

	while (name.length) {
		size_t length = text_utf8_length(name);

		if (!length || is_unwanted(name.at, length)) {
			copy[at++] = '_';
		} else if (!text_invisible_length(name)) {
			memcpy(copy + at, name.at, length);
			at += length;
		}
		name = span_skip(name, length ? length : 1);
	}
	return copy;
}

char *field_file_name(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct span name = span_of(slash ? slash + 1 : path);

	char *shown = replace(arena, name, is_control);

	return *shown ? shown : arena_strdup(arena, "attachment");
}

static bool is_not_ascii(const char *at, size_t length)
{
	return length > 1 || is_control(at, length) || strchr("\"\\?", *at);
}

char *field_ascii_name(struct arena *arena, const char *name)
{
	char *ascii = replace(arena, span_of(name), is_not_ascii);
	size_t length = strlen(ascii);
	const char *dot = strrchr(ascii, '.');
	size_t tail = dot ? strlen(dot) : 0;

	if (length <= ASCII_NAME_COLUMNS)
		return ascii;
	if (tail > EXTENSION_COLUMNS)
		tail = 0;
	memmove(ascii + ASCII_NAME_COLUMNS - tail, ascii + length - tail,
		tail + 1);
	ascii[ASCII_NAME_COLUMNS] = '\0';
	return ascii;
}
