/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doors.  Each takes what the command line said, prints for people, and
 * returns the exit code; which door is open is decided by cmd.def alone.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "cmd/words.h"
#include "config/argv.h"

#include <stdbool.h>

struct cmd_context;
typedef int cmd_door(const struct cmd_context *context);

struct cmd_verb {
	const char *name; /* NULL behind the last */
	cmd_door *run;
	const struct words_table *words;
	const char *text; /* one line, untranslated */
};

/* What every door may want to know of the process. */
struct cmd_context {
	const struct request *request; /* a verb's operands are in it */
	bool stdin_was_closed;         /* there was no descriptor 0 */
	const struct cmd_verb *verbs;  /* all of them; by cmd_run() */
	/* A verb's, by its table: the struct that its options fill, the index
	 * of its first word, and the arena that both lie in. */
	const void *said;
	size_t word;
	struct arena *arena;
};

/* Finds the door for the request and goes through it. */
int cmd_run(const struct cmd_context *context);
/* The verbs, for argv_parse(): NULL-terminated. */
const char *const *cmd_verbs(void);

#define MODE(mode, function) int function(const struct cmd_context *context);
#define VERB(name, text)                                                       \
	int cmd_##name(const struct cmd_context *context);                     \
	extern const struct words_table cmd_##name##_words;
#include "cmd/cmd.def"
#undef MODE
#undef VERB

/* Reads stdin to its end and forgets it, so that whoever writes a message that
 * will not be sent learns it from our exit code and not from SIGPIPE.  A
 * terminal is not read. */
void cmd_drain_stdin(void);
/* Prints TEXT on stdout and frees it; returns EX_OK: that it could not be
 * written is seen by cmd_run(). */
int cmd_print(struct buf *text);

#endif
