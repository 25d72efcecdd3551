/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailchute config: the settings in force.  Knows only how to print them. */
#include <config.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "config/check.h"
#include "config/show.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void print_failure(const struct diag *why)
{
	struct buf text = BUF_INIT(4 * DIAG_TEXT_BYTES);

	diag_sentence(why, true, &text);
	fprintf(stderr, "mailchute: %s\n", buf_text(&text));
	buf_clear(&text);
	if (diag_hint(why, &text))
		fprintf(stderr, "mailchute: %s\n", buf_text(&text));
	buf_free(&text);
}

/* Its own options. */
struct words {
#define CONFIG_OPTION(field, kind, letter, name, value, text) bool field;
#include "cmd/config.def"
#undef CONFIG_OPTION
};

static const struct {
	const char *name;
	size_t offset;
} own_options[] = {
#define CONFIG_OPTION(field, kind, letter, name, value, text)                  \
	{ "--" name, offsetof(struct words, field) },
#include "cmd/config.def"
#undef CONFIG_OPTION
};

static bool take_own(struct words *words, const char *word)
{
	for (size_t i = 0; i < sizeof own_options / sizeof *own_options; i++)
		if (strcmp(word, own_options[i].name) == 0) {
			*(bool *)((char *)words + own_options[i].offset) = true;
			return true;
		}
	return false;
}

static bool parse_words(struct request *request, struct words *words,
	struct arena *arena, struct diag *why)
{
	const char **others = arena_alloc(
		arena, (request->operand_count + 1) * sizeof *others);
	size_t count = 0;

	for (size_t i = 0; i < request->operand_count; i++)
		if (!take_own(words, request->operands[i]))
			others[count++] = request->operands[i];
	request->operands = others;
	request->operand_count = count;
	return argv_parse_common(request, arena, why) &&
	       (!request->operand_count ||
		       diag_set(why, DIAG_USAGE_UNWANTED_WORD, request->verb,
			       request->operands[0]));
}

static void print(struct buf *text)
{
	fputs(buf_text(text), stdout);
	buf_free(text);
}

static bool print_settings(const struct request *request, bool is_json,
	struct arena *arena, struct diag *why)
{
	struct config config;
	struct buf text = BUF_INIT(CONFIG_SHOW_LIMIT);
	bool is_fine = config_load(request, arena, &config, why);

	if (is_fine) {
		is_fine = (is_json ? config_show_json : config_show)(
			&config, request, arena, &text, why);
		config_wipe(&config);
	}
	print(&text);
	return is_fine;
}

/* Everything that is wrong, and not the first of it alone. */
static bool print_check(const struct request *request, bool is_json,
	struct arena *arena, struct diag *why)
{
	struct config config;
	struct config_notes notes = { .arena = arena };
	struct buf text = BUF_INIT(CONFIG_SHOW_LIMIT);

	if (!config_load_noting(request, &notes, arena, &config, why))
		return false;
	if (!config.account_count && !notes.count) {
		config_wipe(&config);
		return diag_set(why, DIAG_CONFIG_NONE, config.looked_for);
	}
	config_check(&config, request, &notes);
	config_check_put(&config, &notes, is_json, &text);
	config_wipe(&config);
	print(&text);
	if (notes.error_count)
		why->exit_code = EX_CONFIG;
	return true;
}

int cmd_config(const struct cmd_context *context)
{
	struct request request = *context->request;
	struct cmd_context help = { .request = &request };
	struct words words = { .is_check = false };
	struct arena *arena = arena_new();
	struct diag why = { .exit_code = EX_OK };

	if (!parse_words(&request, &words, arena, &why))
		print_failure(&why);
	else if (request.mode == REQUEST_HELP)
		cmd_help(&help);
	else if (request.mode == REQUEST_VERSION)
		cmd_version(&help);
	else if (!(words.is_check ? print_check : print_settings)(
			 &request, words.is_json, arena, &why))
		print_failure(&why);
	arena_free(arena);
	return why.exit_code;
}
