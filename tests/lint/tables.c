/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the tables that the manual must agree with, one row a line, for
 * man.sh. */
#include <config.h>

#include "config/account.h"
#include "mail/change.h"

#include <stdio.h>

static const char *none_if_empty(const char *text)
{
	return text[0] ? text : "none";
}

static void print_keywords(void)
{
	const char *keyword;

	for (int i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = (enum option_id)i;

		printf("keyword\t%s\t%s\t%s\n", option_keyword(id),
			none_if_empty(option_default(id, DIALECT_MAILCHUTE)),
			none_if_empty(option_default(id, DIALECT_MSMTP)));
	}
	for (size_t i = 0; (keyword = option_old_spelling(i)); i++)
		printf("old\t%s\n", keyword);
}

static void print_options(void)
{
	struct argv_letter letter;
	const char *name, *form, *text;

	for (size_t i = 0; argv_letter(i, &letter); i++)
		printf("option\t%c\n", letter.letter);
	for (size_t i = 0; argv_mode(i, &letter); i++)
		printf("option\tb%c\n", letter.letter);
	for (size_t i = 0; (name = argv_long_option(i, &form, &text)); i++)
		printf("option\t-%s\n", name);
}

static void print_diagnostics(void)
{
	printf("exit\t0\n");
	for (int id = DIAG_NONE + 1; id < DIAG_COUNT; id++) {
		struct diag why;

		diag_set(&why, (enum diag_id)id);
		printf("exit\t%d\n", why.exit_code);
		printf("diag\t%s\n", diag_name((enum diag_id)id));
	}
}

static void print_changes(void)
{
	const char *word;

	for (size_t i = 0; (word = change_word(i)); i++)
		printf("change\t%s\n", word);
}

int main(void)
{
	print_changes();
	print_keywords();
	print_options();
	print_diagnostics();
	return 0;
}
