/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which door is open.  Knows them all, and what is behind none of them. */
#include <config.h>

#include "cmd/cmd.h"

#include "base/source.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/report.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

typedef int door(const struct cmd_context *context);

static door *const modes[] = {
#define MODE(mode, function) [REQUEST_##mode] = (function),
#define VERB(name, function, text)
#include "cmd/cmd.def"
#undef MODE
#undef VERB
};

static const struct {
	const char *name;
	door *run;
	const char *text;
} verbs[] = {
#define MODE(mode, function)
#define VERB(name, function, text) { (name), (function), (text) },
#include "cmd/cmd.def"
#undef MODE
#undef VERB
};

enum { VERB_COUNT = sizeof verbs / sizeof verbs[0] };

const char *const *cmd_verbs(void)
{
	static const char *names[VERB_COUNT + 1];

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i].name;
	return names;
}

const char *cmd_verb_text(size_t index)
{
	return verbs[index].text;
}

/* Whoever reads has read enough. */
static bool is_left_alone(void)
{
	struct pollfd end = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&end, 1, 0) == 1 && end.revents & POLLERR;
}

/* Output that could not be written is a failure: a script may go by what is in
 * the file. */
static int end_output(int exit_code)
{
	struct diag why;

	errno = 0; /* that of an earlier piece is not known any more */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return exit_code;
	diag_set(&why, DIAG_OUTPUT_FAILED);
	diag_add_errno(&why, errno);
	if (!is_left_alone())
		(void)report_problem(&why);
	return exit_code ? exit_code : why.exit_code;
}

static int run_door(const struct cmd_context *context)
{
	const struct request *request = context->request;

	if (request->mode != REQUEST_VERB)
		return modes[request->mode](context);
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (!strcmp(request->verb, verbs[i].name))
			return verbs[i].run(context);
	return EX_SOFTWARE;
}

int cmd_run(const struct cmd_context *context)
{
	return end_output(run_door(context));
}

int cmd_nothing(const struct cmd_context *context)
{
	(void)context;
	return EX_OK;
}

void cmd_drain_stdin(void)
{
	struct source *source;
	struct span piece;

	if (terminal_is(STDIN_FILENO))
		return;
	source = source_from_fd(STDIN_FILENO);
	while (source_next(source, &piece, NULL) && piece.length)
		;
	source_close(source);
}
