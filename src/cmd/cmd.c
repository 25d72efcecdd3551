/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which door is open.  Knows them all, and what is behind none of them. */
#include <config.h>

#include "cmd/cmd.h"

#include "base/text.h"
#include "cmd/report.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { HELP_LIMIT = 64 * 1024, OUTPUT_BYTES = 32 * 1024 };

static cmd_door *const modes[] = {
#define MODE(mode, function) [REQUEST_##mode] = (function),
#define VERB(name, text)
#include "cmd/cmd.def"
#undef MODE
#undef VERB
};

static const struct cmd_verb verbs[] = {
#define MODE(mode, function)
#define VERB(name, text) { #name, cmd_##name, &cmd_##name##_words, text },
#include "cmd/cmd.def"
#undef MODE
#undef VERB
	{ .name = NULL },
};

enum { VERB_COUNT = sizeof verbs / sizeof verbs[0] - 1 };

const char *const *cmd_verbs(void)
{
	static const char *names[VERB_COUNT + 1];

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i].name;
	return names;
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

static const struct cmd_verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (!strcmp(name, verbs[i].name))
			return &verbs[i];
	return NULL;
}

static int put_verb_help(const struct cmd_verb *verb)
{
	struct buf help = BUF_INIT(HELP_LIMIT);

	words_put_help(verb->name, verb->words, &help);
	return cmd_print(&help);
}

static int run_verb(const struct cmd_verb *verb, struct cmd_context *context,
	struct request *request)
{
	void *said = arena_alloc(context->arena, verb->words->said_bytes + 1);
	struct diag why;

	context->request = request;
	context->said = said;
	if (!words_parse(verb->words, request, context->arena, said,
		    &context->word, &why)) {
		if (verb->words->reads_stdin && !context->stdin_was_closed)
			cmd_drain_stdin();
		return verb->words->reads_stdin ? report_failure(&why, request)
						: report_problem(&why);
	}
	if (request->mode == REQUEST_HELP)
		return put_verb_help(verb);
	if (request->mode != REQUEST_VERB)
		return modes[request->mode](context);
	return verb->run(context);
}

static int run_door(const struct cmd_context *context)
{
	struct request request = *context->request;
	struct cmd_context own = *context;
	const struct cmd_verb *verb;
	int exit_code;

	own.verbs = verbs;
	if (request.mode != REQUEST_VERB)
		return modes[request.mode](&own);
	verb = find_verb(request.verb);
	if (!verb)
		return EX_SOFTWARE;
	own.arena = arena_new();
	exit_code = run_verb(verb, &own, &request);
	arena_free(own.arena);
	return exit_code;
}

int cmd_run(const struct cmd_context *context)
{
	/* Most of what is printed goes out in one piece, then, of whose failure
	 * the reason is known. */
	static char pieces[OUTPUT_BYTES];

	if (!isatty(STDOUT_FILENO))
		(void)setvbuf(stdout, pieces, _IOFBF, sizeof pieces);
	return end_output(run_door(context));
}

int cmd_nothing(const struct cmd_context *context)
{
	(void)context;
	return EX_OK;
}
