/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands, with a shell or without, that print a secret or take one, and one
 * that has the terminal.  base/program.h is for what the system's own programs
 * print while we read.
 */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include "base/buf.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a command said.  Invariant: exit_status is 0..255, or 128 + signal. */
struct command_result {
	int exit_status;
	bool timed_out;
	bool overflowed;
};

/* 0..255, or 128 + signal, of what waitpid(2) says. */
int command_exit_status(int status);
/* Writes what ended a command badly, DIAG_WORDS to be an argument: more output
 * than LIMIT bytes, a signal, or else its exit status. */
void command_explain(const struct command_result *result, size_t limit,
	char *text, size_t size);

/* Runs COMMAND with /bin/sh -c: stdin is /dev/null (or the terminal, when
 * there is one and WITH_TERMINAL), stderr is ours, stdout goes to OUT up to
 * its limit, no other descriptor is inherited.  The command is killed when
 * DEADLINE_MS passes or OUT overflows, and with it everything it started:
 * it runs in a session of its own.  Not so with the terminal, which belongs to
 * our process group: there the shell alone is killed.  Waits for the end of
 * the output, as `...` does in a shell.  Needs descriptors 0 to 2 open
 * (process_normalise).  Fails only when the command cannot be started
 * (DIAG_SYSTEM_FAILED), or we are told to end (DIAG_INTERRUPTED).  The caller
 * wipes OUT. */
bool command_capture(const char *command, bool with_terminal,
	int64_t deadline_ms, struct buf *out, struct command_result *result,
	struct diag *why);

/* The same the other way: COMMAND gets INPUT on standard input, and what it
 * prints is not looked at.  INPUT is what a pipe holds at once: a secret of
 * some kilobytes.  Fails with DIAG_SYSTEM_FAILED when it is more, too. */
bool command_feed(const char *command, struct span input, int64_t deadline_ms,
	struct command_result *result, struct diag *why);

/* A program and its words without a shell, NULL behind the last; one without a
 * slash is looked for in $PATH.  One that is not there ends with the exit
 * status 127, as a shell would have it, and one that cannot be run with 126.
 * With an INPUT, which is what a pipe holds at once, that is its standard
 * input; WITH_TERMINAL it may still open the terminal itself.  The rest as
 * command_capture(). */
bool command_capture_words(const char *const *words, struct span input,
	bool with_terminal, int64_t deadline_ms, struct buf *out,
	struct command_result *result, struct diag *why);

/* Runs COMMAND ARGUMENT with /bin/sh on our own terminal and waits for its end;
 * the keys that interrupt are the command's meanwhile.  Whether it ended well.
 */
bool command_run(const char *command, const char *argument);

#endif
