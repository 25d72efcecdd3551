/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The person at the terminal, if there is one. */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/secret.h"

#include <stdbool.h>

/* Whether descriptor FD is a terminal. */
bool terminal_is(int fd);
/* Whether it is one that shows colours, and its user wants them ($NO_COLOR,
 * $TERM). */
bool terminal_has_colour(int fd);
/* Whether /dev/tty can be opened. */
bool terminal_exists(void);
/* Asks PROMPT on /dev/tty and reads a line without echo; the terminal's state
 * comes back on every path, a signal included.  False when there is no
 * terminal or the line is empty (no diag: the caller knows the account). */
bool terminal_ask_secret(const char *prompt, struct secret *answer);
/* The same with echo, into ANSWER, which is emptied before; an empty line is an
 * answer.  False when there is no terminal, or it was closed (Ctrl-D). */
bool terminal_ask_line(const char *prompt, struct buf *answer);

#endif
