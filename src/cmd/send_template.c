/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options with placeholders.  Does not know what is sent. */
#include <config.h>

#include "cmd/send_template.h"

#include "base/text.h"
#include "cmd/send_parts.h"
#include "mail/address.h"
#include "mail/message.h"

#include <string.h>

/* The options that may have placeholders. */
static const struct field {
	const char *what;
	size_t offset; /* in struct send_options */
	enum template_place place;
	bool is_list;
} fields[] = {
#define VALUE(name, field, place)                                              \
	{                                                                      \
		name, offsetof(struct send_options, field), TEMPLATE_##place,  \
			false                                                  \
	}
#define LIST(name, field, place)                                               \
	{                                                                      \
		name, offsetof(struct send_options, field), TEMPLATE_##place,  \
			true                                                   \
	}
	LIST("--to", to, ADDRESS),
	LIST("--cc", cc, ADDRESS),
	LIST("--bcc", bcc, ADDRESS),
	VALUE("--subject", subject, HEADER),
	LIST("--attach", attach, FILE),
	LIST("--inline", inlined, FILE),
	VALUE("--from", from, ADDRESS),
	LIST("--reply-to", reply_to, ADDRESS),
	LIST("--header", header, HEADER),
	VALUE("--in-reply-to", in_reply_to, HEADER),
	VALUE("--date", date, HEADER),
#undef VALUE
#undef LIST
};
enum { FIELDS = sizeof fields / sizeof *fields };

static const char **value_of(struct send_options *options, size_t offset)
{
	return (const char **)(void *)((char *)options + offset);
}

static struct words_list *list_of(struct send_options *options, size_t offset)
{
	return (struct words_list *)(void *)((char *)options + offset);
}

/* The words of FIELD, of which there may be none. */
static size_t words_of(struct send_options *options, const struct field *field,
	const char ***words)
{
	if (field->is_list) {
		struct words_list *list = list_of(options, field->offset);

		*words = list->items;
		return list->count;
	}
	*words = value_of(options, field->offset);
	return **words != NULL;
}

/* ---- reading ------------------------------------------------------------- */

static void read_text(struct template *out, struct span text, const char *what,
	enum template_place place, struct arena *arena,
	struct problems *problems)
{
	struct diag why;

	if (!template_parse(text, what, place, arena, out, &why))
		problems_add(problems, &why);
}

static size_t count_words(struct send_options *options)
{
	size_t count = 0;
	const char **words;

	for (size_t i = 0; i < FIELDS; i++)
		count += words_of(options, &fields[i], &words);
	return count;
}

void send_template_read(struct send_template *template,
	const struct send_options *options, const struct span *text,
	const struct span *page, struct arena *arena, struct problems *problems)
{
	struct send_options copy = *options;
	const char **words;

	*template = (struct send_template){ .options = options,
		.has_text = text != NULL,
		.has_page = page != NULL };
	template->fields = arena_alloc(
		arena, (count_words(&copy) + 1) * sizeof *template->fields);
	for (size_t i = 0; i < FIELDS; i++) {
		size_t count = words_of(&copy, &fields[i], &words);

		for (size_t k = 0; k < count; k++)
			read_text(&template->fields[template->field_count++],
				span_of(words[k]), fields[i].what,
				fields[i].place, arena, problems);
	}
	if (text)
		read_text(&template->text, *text, N_("the text"), TEMPLATE_TEXT,
			arena, problems);
	if (page)
		read_text(&template->page, *page, "--html", TEMPLATE_HTML,
			arena, problems);
}

/* ---- columns ------------------------------------------------------------- */

/* Each text with placeholders, by its number; NULL behind the last. */
static const struct template *text_at(
	const struct send_template *template, size_t index)
{
	if (index < template->field_count)
		return &template->fields[index];
	index -= template->field_count;
	if (template->has_text && index-- == 0)
		return &template->text;
	return template->has_page && index == 0 ? &template->page : NULL;
}

void send_template_check(const struct send_template *template,
	const struct table_cell *columns, size_t count,
	struct problems *problems)
{
	const struct template *text;
	struct diag why;

	for (size_t i = 0; (text = text_at(template, i)); i++)
		if (!template_check(text, columns, count, &why))
			problems_add(problems, &why);
}

bool send_template_uses(const struct send_template *template, struct span name)
{
	const struct template *text;

	for (size_t i = 0; (text = text_at(template, i)); i++)
		if (template_uses(text, name))
			return true;
	return false;
}

/* ---- filling ------------------------------------------------------------- */

/* How many addresses are written there: what stands for a value is one. */
static size_t count_addresses(const struct template *template)
{
	size_t count = 1;
	bool is_quoted = false;

	for (size_t i = 0; i < template->count; i++) {
		struct span text = template->pieces[i].text;

		for (size_t k = 0; k < text.length; k++) {
			is_quoted ^= text.at[k] == '"';
			count += text.at[k] == ',' && !is_quoted;
		}
	}
	return count;
}

/* A cell with a comma in it is not a second recipient. */
static bool check_addresses(const struct template *template, const char *text,
	struct arena *arena, struct diag *why)
{
	struct mailbox_list list;
	struct span offending;
	const char *reason;

	if (!address_list_parse(
		    span_of(text), arena, &list, &offending, &reason) ||
		list.count <= count_addresses(template))
		return true;
	diag_set(why, DIAG_ADDRESS_INVALID, text,
		DIAG_WORDS N_("a cell holds more than one address"));
	return diag_add_where(why, template->what);
}

static bool fill_word(const struct template *template,
	const struct table_row *row, struct arena *arena, const char **out,
	struct diag *why)
{
	struct buf text = BUF_INIT(MESSAGE_HEAD_LIMIT / 4);
	bool is_filled =
		template_fill(template, row->cells, row->count, &text, why);

	if (is_filled)
		*out = arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return is_filled &&
	       (template->place != TEMPLATE_ADDRESS ||
		       check_addresses(template, *out, arena, why));
}

static bool fill_field(const struct send_template *template, size_t *at,
	const struct field *field, const struct table_row *row,
	struct arena *arena, struct send_options *out, struct diag *why)
{
	const char **words;
	size_t count = words_of(out, field, &words);
	const char **filled = arena_alloc(arena, (count + 1) * sizeof *filled);

	for (size_t i = 0; i < count; i++)
		if (!fill_word(&template->fields[(*at)++], row, arena,
			    &filled[i], why))
			return false;
	if (field->is_list)
		list_of(out, field->offset)->items = filled;
	else if (count)
		*value_of(out, field->offset) = filled[0];
	return true;
}

static bool fill_text(const struct template *template,
	const struct table_row *row, struct arena *arena, struct span *out,
	struct diag *why)
{
	struct buf text = BUF_INIT(SEND_HTML_LIMIT);
	bool is_filled =
		template_fill(template, row->cells, row->count, &text, why);

	if (is_filled)
		*out = span_make(
			arena_strndup(arena, buf_text(&text), text.length),
			text.length);
	buf_free(&text);
	return is_filled;
}

bool send_template_fill(const struct send_template *template,
	const struct table_row *row, struct arena *arena,
	struct send_filled *out, struct diag *why)
{
	size_t at = 0;

	*out = (struct send_filled){ .options = *template->options };
	for (size_t i = 0; i < FIELDS; i++)
		if (!fill_field(template, &at, &fields[i], row, arena,
			    &out->options, why))
			return false;
	return true;
}

bool send_template_fill_texts(const struct send_template *template,
	const struct table_row *row, const char *link, struct arena *arena,
	struct send_filled *out, struct diag *why)
{
	struct table_row with = *row;
	struct table_cell *cells =
		arena_alloc(arena, (row->count + 1) * sizeof *cells);

	if (link) {
		cells[0] = (struct table_cell){ SPAN(SEND_TEMPLATE_LINK),
			span_of(link) };
		memcpy(cells + 1, row->cells, row->count * sizeof *cells);
		with.cells = cells;
		with.count++;
	}
	return (!template->has_text || fill_text(&template->text, &with, arena,
					       &out->text, why)) &&
	       (!template->has_page || fill_text(&template->page, &with, arena,
					       &out->page, why));
}
