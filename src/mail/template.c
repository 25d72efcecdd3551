/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Placeholders.  Knows no message. */
#include <config.h>

#include "mail/template.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_BYTES = 60, COLUMNS_BYTES = 400 };

/* ---- parsing ------------------------------------------------------------- */

static void add_piece(
	struct template *out, struct template_piece piece, struct arena *arena)
{
	/* Grows by doubling, whenever the count is a power of two. */
	if (!(out->count & (out->count - 1))) {
		size_t room = out->count ? out->count * 2 : 1;
		struct template_piece *pieces =
			arena_alloc(arena, room * sizeof *pieces);

		if (out->count)
			memcpy(pieces, out->pieces,
				out->count * sizeof *pieces);
		out->pieces = pieces;
	}
	out->pieces[out->count++] = piece;
}

/* The position of MARK, two equal bytes; the length when there is none. */
static size_t find_pair(struct span text, char mark)
{
	for (size_t i = 0; i + 1 < text.length; i++)
		if (text.at[i] == mark && text.at[i + 1] == mark)
			return i;
	return text.length;
}

static const char *shown(struct arena *arena, struct span text)
{
	size_t length = text.length < SHOWN_BYTES ? text.length : SHOWN_BYTES;

	return arena_strndup(arena, text.at, length);
}

static bool refuse(const struct template *template, struct span text,
	const char *reason, struct arena *arena, struct diag *why)
{
	return diag_set(why, DIAG_TEMPLATE_PLACEHOLDER, template->what,
		shown(arena, text), reason);
}

/* What stands between the braces. */
static bool parse_inside(struct span inside, struct template_piece *out)
{
	out->has_instead = span_find(inside, '|') < inside.length;
	out->name = span_trim(span_cut(&inside, '|'));
	out->instead = inside;
	return out->name.length &&
	       span_find(out->name, '\n') == out->name.length &&
	       span_find(out->name, '{') == out->name.length;
}

/* At "{{": two braces that were meant, a brace before a placeholder, or a
 * placeholder.  *LENGTH of it. */
static bool parse_braces(struct template *out, struct span text,
	struct arena *arena, size_t *length, struct diag *why)
{
	struct template_piece piece = { .text = span_make(text.at, 0) };
	size_t end;

	if (span_starts_with(text, SPAN("{{{"))) {
		bool is_pair = span_starts_with(text, SPAN("{{{{"));

		piece.text.length = is_pair ? 2 : 1;
		*length = is_pair ? 4 : 1;
		add_piece(out, piece, arena);
		return true;
	}
	end = find_pair(text, '}');
	if (end == text.length)
		return refuse(
			out, text, DIAG_WORDS N_("it has no end"), arena, why);
	*length = end + 2;
	if (!parse_inside(span_make(text.at + 2, end - 2), &piece))
		return refuse(out, span_make(text.at, *length),
			DIAG_WORDS N_("that is no name for a column"), arena,
			why);
	add_piece(out, piece, arena);
	return true;
}

bool template_parse(struct span text, const char *what,
	enum template_place place, struct arena *arena, struct template *out,
	struct diag *why)
{
	*out = (struct template){ .what = what, .place = place };
	while (text.length) {
		size_t length = find_pair(text, '{');

		if (length)
			add_piece(out,
				(struct template_piece){
					.text = span_make(text.at, length) },
				arena);
		text = span_skip(text, length);
		if (!text.length)
			break;
		if (!parse_braces(out, text, arena, &length, why))
			return false;
		text = span_skip(text, length);
	}
	return true;
}

/* ---- columns ------------------------------------------------------------- */

static bool refuse_column(const struct template *template, struct span name,
	const struct table_cell *columns, size_t count, struct diag *why)
{
	struct arena *arena = arena_new();
	struct text_nearest nearest = { .word = name };
	struct buf list = BUF_INIT(COLUMNS_BYTES);

	for (size_t i = 0; i < count; i++) {
		const char *column = shown(arena, columns[i].name);

		if (!*column)
			continue;
		text_consider(&nearest, column);
		buf_printf(&list, list.length ? ", %s" : "%s", column);
	}
	if (nearest.name)
		diag_set(why, DIAG_TEMPLATE_COLUMN_NEAR, template->what,
			shown(arena, name), nearest.name);
	else
		diag_set(why, DIAG_TEMPLATE_COLUMN, template->what,
			shown(arena, name), buf_text(&list));
	buf_free(&list);
	arena_free(arena);
	return false;
}

bool template_check(const struct template *template,
	const struct table_cell *columns, size_t count, struct diag *why)
{
	for (size_t i = 0; i < template->count; i++) {
		struct span name = template->pieces[i].name;

		if (name.length && !table_find(columns, count, name))
			return refuse_column(
				template, name, columns, count, why);
	}
	return true;
}

bool template_uses(const struct template *template, struct span name)
{
	for (size_t i = 0; i < template->count; i++)
		if (template->pieces[i].name.length &&
			span_equal_nocase(template->pieces[i].name, name))
			return true;
	return false;
}

/* ---- values -------------------------------------------------------------- */

struct filling {
	const struct template *template;
	struct buf *out;
	bool is_quoted, is_in_angle; /* where an address list has come to */
};

/* RFC 5322 3.2.4. */
static void put_quoted(struct buf *out, struct span value)
{
	for (size_t i = 0; i < value.length; i++) {
		if (value.at[i] == '"' || value.at[i] == '\\')
			buf_put_byte(out, '\\');
		buf_put_byte(out, value.at[i]);
	}
}

/* Keeps track of quotes and angle brackets. */
static void follow_address(struct filling *filling, struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.at[i];

		if (filling->is_quoted && c == '\\')
			i++;
		else if (c == '"')
			filling->is_quoted = !filling->is_quoted;
		else if (!filling->is_quoted && (c == '<' || c == '>'))
			filling->is_in_angle = c == '<';
	}
}

/* Whether an address in angle brackets follows piece AT, so that what stands
 * there is a name. */
static bool is_name(const struct template *template, size_t at)
{
	for (size_t i = at + 1; i < template->count; i++) {
		struct span text = template->pieces[i].text;

		for (size_t k = 0; k < text.length; k++)
			if (text.at[k] == '<' || text.at[k] == ',')
				return text.at[k] == '<';
	}
	return false;
}

static void put_address(struct filling *filling, struct span value, size_t at)
{
	struct buf *out = filling->out;

	if (filling->is_quoted) {
		put_quoted(out, value);
	} else if (!filling->is_in_angle && is_name(filling->template, at)) {
		if (!value.length)
			return;
		buf_put_byte(out, '"');
		put_quoted(out, value);
		buf_put_byte(out, '"');
	} else {
		buf_put_span(out, value);
	}
}

/* RFC 3986 2.3: what may stand for itself anywhere in a link. */
static void put_link(struct buf *out, struct span value)
{
	for (size_t i = 0; i < value.length; i++) {
		char c = value.at[i];

		if (ascii_is_alnum(c) || (c && strchr("-._~", c)))
			buf_put_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

static const char *fault_of_file(
	const struct template *template, struct span value)
{
	if (!value.length)
		return DIAG_WORDS N_("is empty, and a file's name cannot be");
	if (template->count == 1)
		return NULL;
	if (span_find(value, '/') < value.length)
		return DIAG_WORDS N_(
			"has a '/', and may not choose the folder");
	if (span_equal(value, SPAN("..")) || span_equal(value, SPAN(".")))
		return DIAG_WORDS N_("is a folder's name");
	return NULL;
}

static const char *fault_of(const struct template *template, struct span value)
{
	if (template->place == TEMPLATE_TEXT ||
		template->place == TEMPLATE_HTML)
		return NULL;
	for (size_t i = 0; i < value.length; i++) {
		if (value.at[i] == '\n' || value.at[i] == '\r')
			return DIAG_WORDS N_(
				"has a line end, and a header has none");
		if (ascii_is_control(value.at[i]) && value.at[i] != '\t')
			return DIAG_WORDS N_("has a control character");
	}
	return template->place == TEMPLATE_FILE ? fault_of_file(template, value)
						: NULL;
}

static bool refuse_value(const struct template *template, struct span name,
	const char *fault, struct diag *why)
{
	char column[SHOWN_BYTES];

	snprintf(column, sizeof column, "%.*s",
		(int)(name.length < sizeof column ? name.length
						  : sizeof column - 1),
		name.at);
	diag_set(why, DIAG_TEMPLATE_VALUE, template->what, column, fault);
	return false;
}

static bool put_value(struct filling *filling, size_t at,
	const struct table_cell *cell, struct diag *why)
{
	const struct template *template = filling->template;
	const struct template_piece *piece = &template->pieces[at];
	struct span value = cell ? span_trim(cell->value) : SPAN("");
	const char *fault;

	if (!cell && !piece->has_instead)
		return refuse_value(template, piece->name,
			DIAG_WORDS N_("is not in this row"), why);
	if (!value.length && piece->has_instead)
		value = piece->instead;
	fault = fault_of(template, value);
	if (fault)
		return refuse_value(template, piece->name, fault, why);
	if (template->place == TEMPLATE_HTML)
		text_put_html(filling->out, value);
	else if (template->place == TEMPLATE_LINK)
		put_link(filling->out, value);
	else if (template->place == TEMPLATE_ADDRESS)
		put_address(filling, value, at);
	else
		buf_put_span(filling->out, value);
	if (filling->out->overflowed)
		return refuse_value(template, piece->name,
			DIAG_WORDS N_("is too long"), why);
	return true;
}

bool template_fill(const struct template *template,
	const struct table_cell *cells, size_t count, struct buf *out,
	struct diag *why)
{
	struct filling filling = { .template = template, .out = out };

	for (size_t i = 0; i < template->count; i++) {
		const struct template_piece *piece = &template->pieces[i];

		if (!piece->name.length) {
			if (!buf_put_span(out, piece->text))
				return refuse_value(template, piece->text,
					DIAG_WORDS N_("is too long"), why);
			follow_address(&filling, piece->text);
		} else if (!put_value(&filling, i,
				   table_find(cells, count, piece->name),
				   why)) {
			return false;
		}
	}
	return true;
}
