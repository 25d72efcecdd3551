/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * -bs: SMTP on standard input and output, as Symfony Mailer, Laravel, alpine
 * and nmh call a sendmail.  Replies are what the caller reads; stderr gets a
 * word only when the session broke off.
 */
#include <config.h>

#include "base/interrupt.h"
#include "base/process.h"
#include "cmd/cmd.h"
#include "cmd/reception_door.h"
#include "cmd/report.h"
#include "config/load.h"

#include <unistd.h>

/* A session that ends badly has an exit code, too: PHP's mail(), to which
 * somebody has added -bs, must not take silence for success. */
static int run_session(const struct request *request,
	const struct config *config, const struct diag *config_failure,
	struct arena *arena)
{
	const char *name = process_host_name(arena);
	const struct reception_door_params params = {
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.request = request,
		.config = config,
		.config_failure = config_failure,
		.host_name = name && *name ? name : "localhost",
		.idle_limit_ms = -1,
		.stop_fd = interrupt_fd(),
	};

	return reception_door_run(&params);
}

int cmd_smtp(const struct cmd_context *context)
{
	struct arena *arena = arena_new();
	struct config config = { .account_count = 0 };
	struct diag why;
	int exit_code;

	interrupt_hear();
	if (context->stdin_was_closed) {
		diag_set(&why, DIAG_INPUT_CLOSED);
		exit_code = report_failure(&why, context->request);
	} else if (config_load(context->request, arena, &config, &why)) {
		exit_code = run_session(context->request, &config, NULL, arena);
	} else {
		exit_code = run_session(context->request, NULL, &why, arena);
	}
	config_wipe(&config);
	arena_free(arena);
	interrupt_end();
	return exit_code;
}
