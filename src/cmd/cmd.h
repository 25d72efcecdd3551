/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doors.  Each takes what the command line said, prints for people, and
 * returns the exit code; which door is open is decided by cmd.def alone.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "config/argv.h"

#include <stdbool.h>

/* What every door may want to know of the process. */
struct cmd_context {
	const struct request *request;
	bool stdin_was_closed; /* there was no descriptor 0 */
};

/* Finds the door for the request and goes through it. */
int cmd_run(const struct cmd_context *context);
/* The verbs, for argv_parse(): NULL-terminated. */
const char *const *cmd_verbs(void);
/* The one line of text of a verb, untranslated, by its place in cmd_verbs(). */
const char *cmd_verb_text(size_t index);

int cmd_sendmail(const struct cmd_context *context);
int cmd_send(const struct cmd_context *context);
int cmd_smtp(const struct cmd_context *context);
int cmd_list_queue(const struct cmd_context *context);
int cmd_run_queue(const struct cmd_context *context);
int cmd_serve(const struct cmd_context *context);
int cmd_queue(const struct cmd_context *context);
int cmd_newaliases(const struct cmd_context *context);
int cmd_server_info(const struct cmd_context *context);
int cmd_etrn(const struct cmd_context *context);
int cmd_nothing(const struct cmd_context *context);
int cmd_configure(const struct cmd_context *context);
int cmd_config(const struct cmd_context *context);
int cmd_help(const struct cmd_context *context);
int cmd_version(const struct cmd_context *context);

/* Reads stdin to its end and forgets it, so that whoever writes a message that
 * will not be sent learns it from our exit code and not from SIGPIPE.  A
 * terminal is not read. */
void cmd_drain_stdin(void);

#endif
