/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words into what was said.  Does not know what it is good for. */
#include <config.h>

#include "cmd/words.h"

#include "base/text.h"
#include "config/habit.h"
#include "config/option.h"

#include <stdio.h>
#include <string.h>

enum {
	COLUMN = 30, /* where the texts of a list begin */
	LEFT_LIMIT = 200,
	WORD_BYTES = 64
};

struct parser {
	const struct words_table *table;
	struct request *request;
	struct arena *arena;
	void *said;
	const char *const *words;
	size_t count, at;
	const struct words_word *word; /* NULL: there is none yet */
	struct words_list operands;
	struct diag *why;
};

void words_list_add(
	struct words_list *list, const char *item, struct arena *arena)
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

/* ---- failing ------------------------------------------------------------- */

/* The verb is the fourth argument, for the hint. */
static bool fail(struct parser *p, enum diag_id id, const char *a,
	const char *b, const char *c)
{
	diag_set_args(
		p->why, (struct diag_args){ id, a, b, c, p->request->verb });
	return diag_add_hint(
		p->why, N_("'mailchute help %4$s' lists what it takes"));
}

/* What --NAME or -N, which is neither the verb's nor a common option, may have
 * meant: another program's, or near to one of these. */
static const char *find_meant(const struct parser *p, const char *option)
{
	struct span name = span_skip(span_of(option), 2);
	struct text_nearest nearest = { .word = name };
	const char *ours = habit_find(p->request->verb, span_of(option));

	if (!ours)
		ours = habit_find("", span_of(option));
	if (ours && ours[0] == '-')
		return ours;
	if (option[1] != '-')
		return NULL;
	if (option_foreign(name))
		return argv_spelling(option_foreign(name), p->arena);
	for (size_t i = 0; i < p->table->option_count; i++)
		text_consider(&nearest, p->table->options[i].name);
	argv_consider_common(&nearest, p->arena);
	return nearest.name ? argv_spelling(nearest.name, p->arena) : NULL;
}

/* WHY tells of WORD, which is no option; what may be a password is not said. */
static bool fail_unknown(
	struct parser *p, const char *word, const struct diag *why)
{
	struct span name = span_of(word);
	const char *option, *meant;

	name.length = span_find(name, '=');
	option = arena_strndup(p->arena, name.at, name.length);
	meant = find_meant(p, option);
	/* Behind a letter that we have not is what it would have taken. */
	if (!meant && name.length > 2 && word[1] != '-')
		option = arena_strndup(p->arena, word, 2);
	if (meant)
		return diag_set(p->why, DIAG_USAGE_VERB_OPTION_NEAR, option,
			p->request->verb, meant);
	if (why->id != DIAG_USAGE_NO_OPTION)
		return diag_set(p->why, DIAG_USAGE_VERB_OPTION, option,
			p->request->verb);
	if (p->why)
		*p->why = *why;
	return false;
}

static bool fail_word(struct parser *p, const char *name)
{
	struct text_nearest nearest = { .word = span_of(name),
		.name = habit_find(p->request->verb, span_of(name)) };

	for (size_t i = 0; i < p->table->word_count; i++)
		text_consider(&nearest, p->table->words[i].name);
	if (!nearest.name)
		nearest.name = habit_nearest(p->request->verb, nearest.word);
	if (!nearest.name)
		return diag_set(
			p->why, DIAG_USAGE_VERB_WORD, p->request->verb, name);
	return diag_set(p->why, DIAG_USAGE_VERB_WORD_NEAR, p->request->verb,
		name, nearest.name);
}

/* ---- options ------------------------------------------------------------- */

static void *field(const struct parser *p, const struct words_option *option)
{
	return (char *)p->said + option->offset;
}

static bool set_number(struct parser *p, const struct words_option *option,
	const char *spelling, const char *value)
{
	char range[WORD_BYTES];
	unsigned long number;

	if (span_number(span_of(value), option->most, &number) &&
		number >= option->least) {
		*(unsigned long *)field(p, option) = number;
		return true;
	}
	snprintf(range, sizeof range, "%lu-%lu", option->least, option->most);
	return fail(p, DIAG_USAGE_BAD_VALUE, spelling, value, range);
}

static bool set(struct parser *p, const struct words_option *option,
	const char *spelling, const char *value)
{
	switch (option->kind) {
	case WORDS_FLAG:
		*(bool *)field(p, option) = true;
		break;
	case WORDS_VALUE:
		*(const char **)field(p, option) = value;
		break;
	case WORDS_LIST:
		words_list_add(field(p, option), value, p->arena);
		break;
	case WORDS_NUMBER:
		return set_number(p, option, spelling, value);
	}
	return true;
}

/* VALUE is what came in the option's own word, or NULL. */
static bool take(struct parser *p, const struct words_option *option,
	const char *spelling, const char *value)
{
	if (option->kind == WORDS_FLAG && value)
		return fail(p, DIAG_USAGE_UNWANTED_VALUE, spelling, NULL, NULL);
	if (option->kind != WORDS_FLAG && !value) {
		if (p->at == p->count)
			return fail(
				p, DIAG_USAGE_NO_VALUE, spelling, NULL, NULL);
		value = p->words[p->at++];
	}
	return set(p, option, spelling, value);
}

/* WORD, the last that was read, or a part of it that is an option by itself,
 * may be one that all verbs have. */
static bool take_common(struct parser *p, const char *word)
{
	const char *words[2] = { word,
		p->at < p->count ? p->words[p->at] : NULL };
	size_t taken = 0;
	struct diag why;

	if (argv_take_common(p->request, words, words[1] ? 2 : 1, p->arena,
		    &taken, &why)) {
		p->at += taken - 1;
		return true;
	}
	if (argv_is_unknown(&why))
		return fail_unknown(p, word, &why);
	if (p->why)
		*p->why = why;
	return false;
}

static bool take_long(struct parser *p, const char *word)
{
	const struct words_table *table = p->table;
	struct span rest = span_of(word + 2);
	struct span name = span_cut(&rest, '=');
	const char *value = strchr(word, '=');

	for (size_t i = 0; i < table->option_count; i++)
		if (span_equal(name, span_of(table->options[i].name)))
			return take(p, &table->options[i],
				arena_printf(p->arena, "--%s",
					table->options[i].name),
				value ? value + 1 : NULL);
	return take_common(p, word);
}

static const struct words_option *find_letter(
	const struct words_table *table, char letter)
{
	for (size_t i = 0; i < table->option_count; i++)
		if (table->options[i].letter == letter)
			return &table->options[i];
	return NULL;
}

/* "-a", "-afile", and "-va file" where v takes no value. */
static bool take_letters(struct parser *p, const char *word)
{
	for (const char *at = word + 1; *at; at++) {
		const struct words_option *option = find_letter(p->table, *at);
		const char *spelling = arena_printf(p->arena, "-%c", *at);

		if (!option && *at == 'h') {
			p->request->mode = REQUEST_HELP;
			return true;
		}
		if (!option)
			return take_common(
				p, arena_printf(p->arena, "-%s", at));
		if (option->kind != WORDS_FLAG)
			return take(p, option, spelling, at[1] ? at + 1 : NULL);
		if (!take(p, option, spelling, NULL))
			return false;
	}
	return true;
}

/* ---- operands ------------------------------------------------------------ */

static bool take_operand(struct parser *p, const char *word)
{
	const struct words_table *table = p->table;

	if (!table->word_count || p->word) {
		words_list_add(&p->operands, word, p->arena);
		return true;
	}
	for (size_t i = 0; i < table->word_count; i++)
		if (strcmp(table->words[i].name, word) == 0) {
			p->word = &table->words[i];
			return true;
		}
	return fail_word(p, word);
}

static bool check_count(struct parser *p)
{
	const struct words_table *table = p->table;
	enum words_operands operands = table->operands;
	const char *taker = p->request->verb;

	if (table->word_count && !p->word && table->needs_word)
		return fail(p, DIAG_USAGE_VERB_NEEDS, taker, NULL, NULL);
	if (table->word_count && !p->word)
		p->word = &table->words[0];
	if (p->word) {
		operands = p->word->operands;
		taker = arena_printf(p->arena, "%s %s", taker, p->word->name);
	}
	if (operands == WORDS_NEEDED && !p->operands.count)
		return fail(p, DIAG_USAGE_VERB_NEEDS, taker, NULL, NULL);
	if (operands == WORDS_NONE && p->operands.count && !p->word &&
		(habit_find(taker, span_of(p->operands.items[0])) ||
			habit_nearest(taker, span_of(p->operands.items[0]))))
		return fail_word(p, p->operands.items[0]);
	if (operands == WORDS_NONE && p->operands.count)
		return fail(p, DIAG_USAGE_UNWANTED_WORD, taker,
			p->operands.items[0], NULL);
	return true;
}

/* ---- all of it ----------------------------------------------------------- */

static bool parse_words(struct parser *p)
{
	bool is_option_allowed = true;

	while (p->at < p->count && p->request->mode == REQUEST_VERB) {
		const char *word = p->words[p->at++];
		bool is_taken = true;

		if (is_option_allowed && !strcmp(word, "--"))
			is_option_allowed = false;
		else if (!is_option_allowed || word[0] != '-' || !word[1])
			is_taken = take_operand(p, word);
		else if (word[1] == '-')
			is_taken = take_long(p, word);
		else
			is_taken = take_letters(p, word);
		if (!is_taken)
			return false;
	}
	return p->request->mode != REQUEST_VERB || check_count(p);
}

static void set_usual(struct parser *p)
{
	const struct words_table *table = p->table;

	if (table->said_bytes)
		memset(p->said, 0, table->said_bytes);
	for (size_t i = 0; i < table->option_count; i++)
		if (table->options[i].kind == WORDS_NUMBER)
			*(unsigned long *)field(p, &table->options[i]) =
				table->options[i].usual;
}

bool words_parse(const struct words_table *table, struct request *request,
	struct arena *arena, void *said, size_t *word, struct diag *why)
{
	struct parser p = { .table = table,
		.request = request,
		.arena = arena,
		.said = said,
		.words = request->operands,
		.count = request->operand_count,
		.why = why };

	set_usual(&p);
	if (!parse_words(&p))
		return false;
	request->operands = p.operands.items;
	request->operand_count = p.operands.count;
	*word = p.word ? (size_t)(p.word - table->words) : 0;
	return true;
}

/* ---- help ---------------------------------------------------------------- */

void words_put_row(struct buf *out, const char *left, const char *text)
{
	if (strlen(left) > COLUMN) {
		buf_printf(out, "  %s\n", left);
		left = "";
	}
	buf_printf(out, "  %-*s %s\n", text_field_width(left, COLUMN), left,
		*text ? _(text) : "");
}

static void put_words(const struct words_table *table, struct buf *out)
{
	char left[LEFT_LIMIT];

	for (size_t i = 0; i < table->word_count; i++) {
		const struct words_word *word = &table->words[i];
		const char *operand = table->operand ? _(table->operand) : "";

		snprintf(left, sizeof left,
			word->operands == WORDS_NONE   ? "%s"
			: word->operands == WORDS_SOME ? "%s [%s]..."
						       : "%s %s...",
			word->name, operand);
		words_put_row(out, left, word->text);
	}
	if (table->word_count)
		buf_put_byte(out, '\n');
}

static void put_option(const struct words_option *option, struct buf *out)
{
	char letter[] = "    ", left[LEFT_LIMIT];

	if (option->letter)
		snprintf(letter, sizeof letter, "-%c, ", option->letter);
	snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name,
		*option->value ? " " : "",
		*option->value ? _(option->value) : "");
	words_put_row(out, left, option->text);
}

void words_put_help(
	const char *verb, const struct words_table *table, struct buf *out)
{
	static const struct words_option help = { .name = "help",
		.letter = 'h',
		.value = "",
		.text = N_("print this") };

	buf_printf(out, _("Usage: mailchute [-C FILE] [-a ACCOUNT] %s %s\n"),
		verb, *table->usage ? _(table->usage) : "");
	buf_printf(out, "%s\n", _(table->about));
	put_words(table, out);
	for (size_t i = 0; i < table->option_count; i++)
		put_option(&table->options[i], out);
	put_option(&help, out);
	buf_puts(out,
		_("\nThe options of every verb and the settings are taken too, "
		  "so --account NAME\nor --host NAME: see 'mailchute "
		  "help'.\n"));
	buf_printf(out, _("The manual: man %s\n"),
		table->page ? table->page : "mailchute");
}
