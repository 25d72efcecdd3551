/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front: a sane process, the user's language, the command line, a door. */
#include <config.h>

#include "base/mem.h"
#include "base/process.h"
#include "base/secret.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "config/argv.h"

#include <locale.h>

static int run(int argc, char **argv, struct arena *arena)
{
	struct request request = { .mode = REQUEST_SUBMIT };
	struct cmd_context context = { .request = &request };
	struct diag why;

	process_normalise(&context.stdin_was_closed);
	/* Of everything that it may do, a caller would have the choice. */
	if (process_is_privileged()) {
		if (!context.stdin_was_closed)
			cmd_drain_stdin();
		diag_set(&why, DIAG_PRIVILEGED);
		return report_failure(&why, &request);
	}
	if (argv_parse(argc, argv, cmd_verbs(), arena, &request, &why))
		return cmd_run(&context);
	if (!context.stdin_was_closed)
		cmd_drain_stdin();
	return report_failure(&why, &request);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	int exit_code;

	secret_protect_process();
	/* What a locale has for dates and numbers is not for mail. */
	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
#ifdef ENABLE_NLS
	bindtextdomain(PACKAGE, LOCALEDIR);
	textdomain(PACKAGE);
#endif
	exit_code = run(argc, argv, arena);
	arena_free(arena);
	return exit_code;
}
