/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words into options.  Opens nothing. */
#include <config.h>

#include "cmd/serve_options.h"

#include "base/rate.h"
#include "base/span.h"
#include "base/text.h"
#include "cmd/reception_door.h"

#include <stdio.h>
#include <string.h>

enum { WORD_BYTES = 64, HELP_COLUMN = 30 };

static const struct row {
	const char *name;
	size_t offset; /* of its field */
	unsigned long usual, least, most;
	const char *text;
} rows[] = {
#define SERVE_OPTION(field, kind, letter, name, value, text)
#define SERVE_LIMIT(field, name, usual, least, most, text)                     \
	{ name, offsetof(struct serve_options, field), usual, least, most,     \
		text },
#include "cmd/serve.def"
#undef SERVE_LIMIT
#undef SERVE_OPTION
};

/* Where it listens. */
static const struct place {
	const char *name, *value, *text;
} places[] = {
#define SERVE_OPTION(field, kind, letter, name, value, text)                   \
	{ name, value, text },
#define SERVE_LIMIT(field, name, usual, least, most, text)
#include "cmd/serve.def"
#undef SERVE_LIMIT
#undef SERVE_OPTION
};

enum {
	ROW_COUNT = sizeof rows / sizeof rows[0],
	PLACE_COUNT = sizeof places / sizeof places[0]
};

static unsigned long *field(
	struct serve_options *options, const struct row *row)
{
	return (unsigned long *)(void *)((char *)options + row->offset);
}

static bool take_limit(struct serve_options *out, const struct row *row,
	const char *value, struct diag *why)
{
	char option[WORD_BYTES], range[WORD_BYTES];
	unsigned long number;

	if (span_number(span_of(value), row->most, &number) &&
		number >= row->least) {
		*field(out, row) = number;
		return true;
	}
	snprintf(option, sizeof option, "--%s", row->name);
	snprintf(range, sizeof range, "%lu-%lu", row->least, row->most);
	return diag_set(why, DIAG_USAGE_BAD_VALUE, option, value, range);
}

static bool add_listener(struct serve_options *out, bool is_socket,
	const char *name, struct diag *why)
{
	if (out->listener_count == SERVE_LISTENERS_MAX)
		return diag_set(why, DIAG_USAGE_BAD_VALUE,
			is_socket ? "--socket" : "--listen", name, "too many");
	out->listeners[out->listener_count++] =
		(struct serve_listener){ is_socket, name };
	return true;
}

static bool take(struct serve_options *out, struct span name, const char *value,
	struct diag *why)
{
	bool is_socket = span_equal(name, SPAN("socket"));

	for (size_t i = 0; i < ROW_COUNT; i++)
		if (span_equal(name, span_of(rows[i].name)))
			return take_limit(out, &rows[i], value, why);
	return add_listener(out, is_socket, value, why);
}

static bool is_known(struct span name)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (span_equal(name, span_of(rows[i].name)))
			return true;
	for (size_t i = 0; i < PLACE_COUNT; i++)
		if (span_equal(name, span_of(places[i].name)))
			return true;
	return false;
}

/* One option of ours, with its value, of which *TAKEN words are. */
static bool take_words(struct serve_options *out, const char *const *words,
	size_t count, size_t *taken, struct diag *why)
{
	const char *value = strchr(words[0], '=');
	struct span name = span_skip(span_of(words[0]), 2);

	name.length = span_find(name, '=');
	*taken = value ? 1 : 2;
	if (*taken > count)
		return diag_set(why, DIAG_USAGE_NO_VALUE, words[0]);
	return take(out, name, value ? value + 1 : words[1], why);
}

static bool is_ours(const char *word)
{
	struct span name = span_of(word);

	name.length = span_find(name, '=');
	return span_starts_with(name, SPAN("--")) &&
	       is_known(span_skip(name, 2));
}

bool serve_options_parse(struct request *request, struct arena *arena,
	struct serve_options *out, struct diag *why)
{
	const char *const *words = request->operands;
	size_t count = request->operand_count, taken = 0;

	*out = (struct serve_options){ .listener_count = 0 };
	for (size_t i = 0; i < ROW_COUNT; i++)
		*field(out, &rows[i]) = rows[i].usual;
	request->operands = NULL;
	request->operand_count = 0;
	for (size_t i = 0; i < count; i += taken) {
		if (words[i][0] != '-')
			return diag_set(why, DIAG_USAGE_UNWANTED_WORD, "serve",
				words[i]);
		if (is_ours(words[i]) ? !take_words(out, words + i, count - i,
						&taken, why)
				      : !argv_take_common(request, words + i,
						count - i, arena, &taken, why))
			return false;
	}
	return true;
}

/* ---- help ---------------------------------------------------------------- */

static void put_row(
	struct buf *out, const char *name, const char *value, const char *text)
{
	size_t before = out->length;

	buf_printf(out, "  --%s %s", name, value);
	while (out->length - before < HELP_COLUMN)
		buf_put_byte(out, ' ');
	buf_printf(out, "%s\n", text);
}

void serve_options_help(struct buf *out)
{
	buf_puts(out, _("Usage: mailchute [-C FILE] serve [OPTION]...\n"
			"Takes mail from the programs of this machine and "
			"keeps the password to itself.\n\n"));
	for (size_t i = 0; i < PLACE_COUNT; i++)
		put_row(out, places[i].name, _(places[i].value),
			_(places[i].text));
	for (size_t i = 0; i < ROW_COUNT; i++)
		put_row(out, rows[i].name, _("N"), _(rows[i].text));
}
