/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words into options.  Does not know what they are good for. */
#include <config.h>

#include "cmd/send_options.h"

#include "base/text.h"

#include <string.h>

enum {
	OPTION_NEAR = 2,  /* edits, for "did you mean" */
	HELP_COLUMN = 30, /* where the texts begin */
};

enum kind { KIND_LIST, KIND_VALUE, KIND_FLAG };

struct row {
	const char *name;
	char letter;
	enum kind kind;
	size_t offset; /* of its field */
	const char *value, *text;
};

static const struct row rows[] = {
#define SEND_OPTION(field, kind, letter, name, value, text)                    \
	{ name, letter, KIND_##kind, offsetof(struct send_options, field),     \
		value, text },
#include "cmd/send.def"
#undef SEND_OPTION
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

struct parser {
	struct request *request;
	struct arena *arena;
	struct send_options *out;
	const char *const *words;
	size_t count, at;
	struct send_list operands;
	struct diag *why;
};

static void list_add(
	struct arena *arena, struct send_list *list, const char *item)
{
	/* Grows by doubling, whenever the count is a power of two. */
	if (!(list->count & (list->count - 1))) {
		size_t room = list->count ? list->count * 2 : 1;
		const char **items = arena_alloc(arena, room * sizeof *items);

		if (list->count)
			memcpy(items, list->items, list->count * sizeof *items);
		list->items = items;
	}
	list->items[list->count++] = item;
}

/* ---- options ------------------------------------------------------------- */

static void *field(struct parser *p, const struct row *row)
{
	return (char *)p->out + row->offset;
}

static void set(struct parser *p, const struct row *row, const char *value)
{
	switch (row->kind) {
	case KIND_LIST:
		list_add(p->arena, field(p, row), value);
		break;
	case KIND_VALUE:
		*(const char **)field(p, row) = value;
		break;
	case KIND_FLAG:
		*(bool *)field(p, row) = true;
		break;
	}
}

/* VALUE is what came in the option's own word, or NULL. */
static bool take(struct parser *p, const struct row *row, const char *option,
	const char *value)
{
	if (row->kind == KIND_FLAG && value)
		return diag_set(p->why, DIAG_USAGE_UNWANTED_VALUE, option);
	if (row->kind != KIND_FLAG && !value) {
		if (p->at == p->count)
			return diag_set(p->why, DIAG_USAGE_NO_VALUE, option);
		value = p->words[p->at++];
	}
	set(p, row, value);
	return true;
}

static const char *nearest(struct span name)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (text_distance(name, span_of(rows[i].name), OPTION_NEAR) <=
			OPTION_NEAR)
			return rows[i].name;
	return NULL;
}

/* An option that is not ours may be one that all verbs have. */
static bool take_common(struct parser *p, const char *word)
{
	struct span name = span_of(word);
	size_t taken = 0;
	const char *near;

	p->at--;
	if (argv_take_common(p->request, p->words + p->at, p->count - p->at,
		    p->arena, &taken, p->why)) {
		p->at += taken;
		return true;
	}
	name.length = span_find(name, '=');
	near = word[1] == '-' ? nearest(span_skip(name, 2)) : NULL;
	if (near && p->why && p->why->id == DIAG_USAGE_UNKNOWN_OPTION)
		diag_set(p->why, DIAG_USAGE_DID_YOU_MEAN,
			arena_strndup(p->arena, name.at, name.length),
			arena_printf(p->arena, "--%s", near));
	return false;
}

static bool take_long(struct parser *p, const char *word)
{
	struct span rest = span_of(word + 2);
	struct span name = span_cut(&rest, '=');
	const char *value = strchr(word, '=');

	for (size_t i = 0; i < ROW_COUNT; i++)
		if (span_equal(name, span_of(rows[i].name)))
			return take(p, &rows[i],
				arena_printf(p->arena, "--%s", rows[i].name),
				value ? value + 1 : NULL);
	return take_common(p, word);
}

static bool take_letter(struct parser *p, const char *word)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].letter == word[1])
			return take(p, &rows[i],
				arena_printf(p->arena, "-%c", word[1]),
				word[2] ? word + 2 : NULL);
	return take_common(p, word);
}

/* ---- words --------------------------------------------------------------- */

static bool parse_words(struct parser *p)
{
	bool is_option_allowed = true;

	while (p->at < p->count) {
		const char *word = p->words[p->at++];
		bool is_taken = true;

		if (is_option_allowed && !strcmp(word, "--"))
			is_option_allowed = false;
		else if (!is_option_allowed || word[0] != '-' || !word[1])
			list_add(p->arena, &p->operands, word);
		else if (word[1] == '-')
			is_taken = take_long(p, word);
		else
			is_taken = take_letter(p, word);
		if (!is_taken)
			return false;
	}
	return true;
}

/* Without --to and its like the leading words that contain '@' are
 * recipients; the rest is text. */
static void share_out(struct parser *p)
{
	const struct send_list *operands = &p->operands;
	bool is_named =
		p->out->to.count || p->out->cc.count || p->out->bcc.count;
	size_t i = 0;

	while (!is_named && i < operands->count &&
		strchr(operands->items[i], '@'))
		list_add(p->arena, &p->out->recipients, operands->items[i++]);
	while (i < operands->count)
		list_add(p->arena, &p->out->words, operands->items[i++]);
}

bool send_options_parse(struct request *request, struct arena *arena,
	struct send_options *out, struct diag *why)
{
	struct parser p = { .request = request,
		.arena = arena,
		.out = out,
		.words = request->operands,
		.count = request->operand_count,
		.why = why };

	*out = (struct send_options){ .subject = NULL };
	if (!parse_words(&p))
		return false;
	share_out(&p);
	request->operands = NULL;
	request->operand_count = 0;
	return true;
}

/* ---- help ---------------------------------------------------------------- */

static void put_row(struct buf *out, const struct row *row)
{
	size_t before = out->length;

	if (row->letter)
		buf_printf(out, "  -%c, --%s", row->letter, row->name);
	else
		buf_printf(out, "      --%s", row->name);
	if (row->value[0])
		buf_printf(out, " %s", _(row->value));
	if (out->length - before + 2 > HELP_COLUMN) {
		buf_put_byte(out, '\n');
		before = out->length;
	}
	while (out->length - before < HELP_COLUMN)
		buf_put_byte(out, ' ');
	buf_printf(out, "%s\n", _(row->text));
}

void send_options_help(struct buf *out)
{
	buf_puts(out, _("Usage: mailchute [-a ACCOUNT] send [OPTION]... "
			"[RECIPIENT]... [TEXT]...\n"
			"Sends a message made from its arguments.\n\n"
			"Leading words that contain '@' are recipients, the "
			"others are the text, which\n"
			"comes from standard input (or an editor, on a "
			"terminal) when there is none.\n\n"));
	for (size_t i = 0; i < ROW_COUNT; i++)
		put_row(out, &rows[i]);
	buf_puts(out, _("\nThe options of every verb are taken too, so "
			"--account NAME or --host NAME.\n"
			"The manual: man mailchute-send\n"));
}
