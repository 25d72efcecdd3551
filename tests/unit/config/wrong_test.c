/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every keyword with every kind of wrong value, made from the table: a new row
 * of options.def is tested by being there.  A value is refused, with its place
 * and the keyword in the sentence and the right exit code, unless it stands
 * here that its kind takes it.
 */
#include <config.h>

#include "config/account.h"
#include "config/argv.h"
#include "config/environment.h"
#include "config/syntax.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { LONG_BYTES = 60000, TEXT_BYTES = 100000 };

/* The forms whose values are any text. */
#define TEXTS "TEXT FILE SECRET"
#define WORDS TEXTS " HOST" /* of one word */

static const struct {
	const char *name, *value; /* NULL: none at all */
	const char *taken_by;     /* forms */
} wrongs[] = {
	{ "nothing", NULL, WORDS " off|NUMBER/TIME" },
	{ "empty", "\"\"", WORDS " off|NUMBER/TIME" },
	{ "a word", "frobnicate", WORDS },
	{ "a number below zero", "-1", WORDS },
	{ "a number no machine has", "99999999999999999999", WORDS },
	{ "a number in hexadecimal", "0x24b", WORDS },
	{ "a number with a comma", "1,5", TEXTS " TIMES" },
	{ "a word behind the value", "on on", TEXTS },
	{ "yes", "yes", WORDS },
	{ "a control byte", "a\001b", "SECRET" },
	{ "an escape sequence", "\033[2J", "SECRET" },
	{ "a delete", "a\177", "SECRET" },
	{ "bytes that are not UTF-8", "\377\376\200", WORDS },
	{ "an open quote", "\"on", "" },
	{ "a bidirectional override", "\342\200\256gro.elpmaxe", WORDS },
};

static bool is_one_of(const char *list, const char *word)
{
	struct span rest = span_of(list), one;

	while ((one = span_cut_word(&rest)).length)
		if (span_equal(one, span_of(word)))
			return true;
	return false;
}

/* Without a value some are on, and others are not set. */
static bool may_be_alone(enum option_id id)
{
	return option_flags(id) & (OPTION_ALONE | OPTION_UNSET);
}

static const char *form_of(enum option_id id, struct buf *form)
{
	buf_clear(form);
	option_put_form(form, id);
	return buf_text(form);
}

static bool is_printable(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7F)
			return false;
	return true;
}

/* ---- in a file ----------------------------------------------------------- */

static bool parse(struct span text, struct buf *sentence, int *exit_code)
{
	const struct config_text source = { .text = text, .name = "f" };
	struct arena *arena = arena_new();
	struct account_list list;
	struct diag why = { .id = DIAG_NONE };
	bool is_fine = config_parse(&source, arena, &list, &why);

	buf_clear(sentence);
	*exit_code = is_fine ? EX_OK : why.exit_code;
	if (!is_fine)
		diag_sentence(&why, false, sentence);
	config_wipe_list(&list);
	arena_free(arena);
	return is_fine;
}

/* The sentence about KEYWORD on line 2. */
static void check_refusal(const char *keyword, const char *name,
	const char *beginning, const struct buf *sentence, int exit_code,
	int want_code)
{
	const char *text = buf_text(sentence);

	tap_ok(exit_code == want_code &&
			strncmp(text, beginning, strlen(beginning)) == 0 &&
			is_printable(text),
		"%s, %s: exit %d, %s", keyword, name, exit_code, text);
}

static void test_line(enum option_id id, const char *name, struct span line,
	bool is_taken, struct buf *sentence)
{
	struct buf text = BUF_INIT(TEXT_BYTES), beginning = BUF_INIT(100);
	const char *keyword = option_keyword(id);
	int exit_code;

	buf_printf(&text, "# a comment\n%s ", keyword);
	buf_put_span(&text, line);
	buf_puts(&text, "\nhost mx.example\n");
	/* A line that is no line is nobody's. */
	buf_printf(&beginning, "f:2: %s",
		memchr(line.at, '\0', line.length) ||
				line.length >= CONFIG_LINE_LIMIT
			? "a "
		: !strcmp(name, "an open quote") ? "the value of "
						 : keyword);
	if (parse(buf_span(&text), sentence, &exit_code) || is_taken)
		tap_ok(exit_code == EX_OK && is_taken, "%s, %s: %s %s", keyword,
			name, is_taken ? "taken" : "not refused",
			buf_text(sentence));
	else
		check_refusal(keyword, name, buf_text(&beginning), sentence,
			exit_code, EX_CONFIG);
	buf_free(&text);
	buf_free(&beginning);
}

static void test_in_file(enum option_id id)
{
	struct buf sentence = BUF_INIT(TEXT_BYTES), form = BUF_INIT(1000);
	struct buf text = BUF_INIT(TEXT_BYTES);
	const char *type = form_of(id, &form);
	static char many[LONG_BYTES + 1];

	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		const char *value = wrongs[i].value;
		bool is_taken = is_one_of(wrongs[i].taken_by, type) ||
				((!value || !strcmp(value, "\"\"")) &&
					may_be_alone(id));

		test_line(id, wrongs[i].name, span_of(value ? value : ""),
			is_taken, &sentence);
	}
	memset(many, 'a', LONG_BYTES);
	test_line(id, "60000 letters", span_of(many), is_one_of(TEXTS, type),
		&sentence);
	memset(many, '1', LONG_BYTES);
	test_line(id, "60000 digits", span_of(many), is_one_of(TEXTS, type),
		&sentence);
	buf_puts(&text, many);
	buf_puts(&text, many);
	test_line(id, "a line over the limit",
		span_make(buf_text(&text), CONFIG_LINE_LIMIT), false,
		&sentence);
	test_line(id, "a NUL", SPAN("on\0off"), false, &sentence);
	buf_free(&text);
	buf_free(&form);
	buf_free(&sentence);
}

/* ---- on the command line ------------------------------------------------- */

static const char *dashed(const char *keyword, char *out)
{
	size_t i;

	for (i = 0; keyword[i]; i++)
		out[i] = keyword[i] == '_' ? '-' : keyword[i];
	out[i] = '\0';
	return out;
}

static void test_word(
	enum option_id id, const char *name, char *word, bool is_taken)
{
	char *argv[] = { (char[]){ "mailchute" }, word,
		(char[]){ "a@example.org" }, NULL };
	struct buf sentence = BUF_INIT(TEXT_BYTES);
	struct arena *arena = arena_new();
	struct diag why = { .id = DIAG_NONE };
	struct request request;
	char option[100];
	bool is_fine = argv_parse(3, argv, NULL, arena, &request, &why);
	bool is_secret = option_flags(id) & OPTION_NOT_ON_COMMAND_LINE;

	dashed(option_keyword(id), option);
	if (!is_fine)
		diag_sentence(&why, false, &sentence);
	if (is_secret || !is_taken)
		tap_ok(!is_fine && why.exit_code == EX_USAGE &&
				strstr(buf_text(&sentence), option) &&
				is_printable(buf_text(&sentence)),
			"--%s, %s: exit %d, %s", option, name, why.exit_code,
			buf_text(&sentence));
	else
		tap_ok(is_fine, "--%s, %s: %s", option, name,
			buf_text(&sentence));
	buf_free(&sentence);
	arena_free(arena);
}

static void test_on_command_line(enum option_id id)
{
	struct buf form = BUF_INIT(1000), word = BUF_INIT(TEXT_BYTES);
	const char *type = form_of(id, &form);
	char option[100];

	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		const char *value = wrongs[i].value;
		bool is_empty = value && !strcmp(value, "\"\"");
		bool is_taken = is_one_of(wrongs[i].taken_by, type) ||
				(is_empty && may_be_alone(id));

		/* Without a value the next word would be it; and a quote is a
		 * quote here. */
		if (id == OPTION_from)
			break; /* --from is -f: the envelope looks at it */
		if (!value || value[0] == '"') {
			if (!is_empty)
				continue;
			value = "";
		}
		buf_clear(&word);
		buf_printf(&word, "--%s=%s", dashed(option_keyword(id), option),
			value);
		test_word(id, wrongs[i].name, word.data, is_taken);
	}
	buf_free(&word);
	buf_free(&form);
}

/* ---- in the environment -------------------------------------------------- */

static void variable_of(enum option_id id, char *out, size_t size)
{
	snprintf(out, size, "MAILCHUTE_%s", option_keyword(id));
	for (char *c = out; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
}

static void test_in_environment(enum option_id id)
{
	struct buf form = BUF_INIT(1000);
	const char *type = form_of(id, &form);
	char variable[100];

	variable_of(id, variable, sizeof variable);
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		struct arena *arena = arena_new();
		struct buf sentence = BUF_INIT(TEXT_BYTES);
		struct config config = { .environment = account_new("e",
						 DIALECT_MAILCHUTE, arena) };
		struct diag why = { .exit_code = EX_OK };
		const char *value = wrongs[i].value;
		/* This file is read at once, and is not there. */
		bool is_taken = id != OPTION_password_file &&
				is_one_of(wrongs[i].taken_by, type);
		bool is_fine;

		/* Nothing is not set; and a quote is a quote. */
		if (value && value[0] != '"') {
			setenv(variable, value, 1);
			is_fine = environment_read(
				&config, ENVIRONMENT_KEYWORDS, arena, &why);
			if (!is_fine)
				diag_sentence(&why, false, &sentence);
			tap_ok(is_taken ? is_fine
					: why.exit_code == EX_CONFIG &&
						  strstr(buf_text(&sentence),
							  variable) &&
						  is_printable(
							  buf_text(&sentence)),
				"%s, %s: exit %d, %s", variable, wrongs[i].name,
				why.exit_code, buf_text(&sentence));
			unsetenv(variable);
		}
		config_wipe(&config);
		buf_free(&sentence);
		arena_free(arena);
	}
	buf_free(&form);
}

/* ---- numbers, at their ends ---------------------------------------------- */

static bool takes(enum option_id id, long long number, struct buf *sentence)
{
	struct buf text = BUF_INIT(1000);
	int exit_code;
	bool is_fine;

	buf_printf(&text, "%s %lld\n", option_keyword(id), number);
	is_fine = parse(buf_span(&text), sentence, &exit_code);
	buf_free(&text);
	return is_fine;
}

/* What the sentence promises is what counts. */
static void test_range(enum option_id id)
{
	struct buf sentence = BUF_INIT(TEXT_BYTES);
	const char *keyword = option_keyword(id), *from;
	long long least, most;

	if (!takes(id, -1, &sentence) &&
		(from = strstr(buf_text(&sentence), "from ")) &&
		sscanf(from, "from %lld to %lld", &least, &most) == 2 &&
		!strstr(buf_text(&sentence), "90s")) {
		tap_ok(takes(id, least, &sentence), "%s takes its least",
			keyword);
		tap_ok(takes(id, most, &sentence), "%s takes its most",
			keyword);
		tap_ok(!takes(id, least - 1, &sentence), "%s: less than least",
			keyword);
		tap_ok(!takes(id, most + 1, &sentence), "%s: more than most",
			keyword);
	}
	buf_free(&sentence);
}

/* ---- names that are nearly right ------------------------------------------
 */

/* The word that was meant is named; a nearer one may be there as well. */
static void test_misspelt(const char *keyword)
{
	struct buf text = BUF_INIT(1000), sentence = BUF_INIT(TEXT_BYTES);
	int exit_code;

	buf_printf(&text, "%sx on\n", keyword);
	tap_ok(!parse(buf_span(&text), &sentence, &exit_code) &&
			exit_code == EX_CONFIG &&
			strstr(buf_text(&sentence), "f:1: unknown keyword '") &&
			strstr(buf_text(&sentence), keyword) &&
			strstr(buf_text(&sentence), "did you mean"),
		"%sx: %s", keyword, buf_text(&sentence));
	buf_free(&text);
	buf_free(&sentence);
}

static void test_twice(enum option_id id)
{
	struct buf text = BUF_INIT(1000);
	struct buf sentence = BUF_INIT(TEXT_BYTES);
	struct arena *arena = arena_new();
	struct account *account = account_new("a", DIALECT_MAILCHUTE, arena);
	int exit_code;

	/* As in msmtp the last one counts, and none is an error. */
	option_put(&text, account, id);
	if (text.length && !(option_flags(id) & OPTION_DERIVED)) {
		struct span value =
			span_of(arena_strdup(arena, buf_text(&text)));

		buf_clear(&text);
		for (int i = 0; i < 2; i++)
			buf_printf(&text, "%s %.*s\n", option_keyword(id),
				(int)value.length, value.at);
		tap_ok(parse(buf_span(&text), &sentence, &exit_code),
			"%s twice: %s", option_keyword(id),
			buf_text(&sentence));
	}
	buf_free(&text);
	buf_free(&sentence);
	arena_free(arena);
}

int main(void)
{
	const char *keyword;

	for (int i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = (enum option_id)i;

		test_in_file(id);
		test_on_command_line(id);
		test_in_environment(id);
		test_range(id);
		test_misspelt(option_keyword(id));
		test_twice(id);
	}
	for (size_t i = 0; (keyword = option_old_spelling(i)); i++)
		test_misspelt(keyword);
	return tap_done();
}
