/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyword 'eval': a line of the configuration that a command prints. */
#ifndef CONFIG_EVAL_H
#define CONFIG_EVAL_H

#include "base/buf.h"
#include "base/diag.h"

#include <stdbool.h>

enum { EVAL_OUTPUT_LIMIT = 64 * 1024, EVAL_TIMEOUT_S = 30 };

/* Runs COMMAND with the shell, without our stdin, and appends the first line of
 * what it prints to OUT, which the caller wipes: it may be a password.  Fails
 * with DIAG_CONFIG_EVAL (an exit status other than 0, an empty line, too much
 * output), DIAG_CONFIG_EVAL_TIMEOUT or DIAG_SYSTEM_FAILED. */
bool eval_line(const char *command, struct buf *out, struct diag *why);

#endif
