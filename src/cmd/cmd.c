/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which door is open.  Knows them all, and what is behind none of them. */
#include <config.h>

#include "cmd/cmd.h"

#include "base/source.h"
#include "base/terminal.h"
#include "base/text.h"

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

int cmd_run(const struct cmd_context *context)
{
	const struct request *request = context->request;

	if (request->mode != REQUEST_VERB)
		return modes[request->mode](context);
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (!strcmp(request->verb, verbs[i].name))
			return verbs[i].run(context);
	return EX_SOFTWARE;
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
