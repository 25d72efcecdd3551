/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailchute config: the settings in force.  Knows only how to print them. */
#include <config.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "config/show.h"

#include <stdio.h>
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

static bool parse_words(
	struct request *request, struct arena *arena, struct diag *why)
{
	return argv_parse_common(request, arena, why) &&
	       (!request->operand_count ||
		       diag_set(why, DIAG_USAGE_UNWANTED_WORD, request->verb,
			       request->operands[0]));
}

static bool print_settings(
	const struct request *request, struct arena *arena, struct diag *why)
{
	struct config config;
	struct buf text = BUF_INIT(CONFIG_SHOW_LIMIT);
	bool is_fine = config_load(request, arena, &config, why);

	if (is_fine) {
		is_fine = config_show(&config, request, arena, &text, why);
		config_wipe(&config);
	}
	fputs(buf_text(&text), stdout);
	fflush(stdout);
	buf_free(&text);
	return is_fine;
}

int cmd_config(const struct cmd_context *context)
{
	struct request request = *context->request;
	struct cmd_context help = { .request = &request };
	struct arena *arena = arena_new();
	struct diag why = { .exit_code = EX_OK };

	if (!parse_words(&request, arena, &why))
		print_failure(&why);
	else if (request.mode == REQUEST_HELP)
		cmd_help(&help);
	else if (request.mode == REQUEST_VERSION)
		cmd_version(&help);
	else if (!print_settings(&request, arena, &why))
		print_failure(&why);
	arena_free(arena);
	return why.exit_code;
}
