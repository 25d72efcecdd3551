/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's editor, for a text that nobody has written yet. */
#ifndef CMD_EDITOR_H
#define CMD_EDITOR_H

#include "base/buf.h"
#include "base/diag.h"

#include <stdbool.h>

/* $VISUAL, else $EDITOR; NULL without either, and for a privileged process. */
const char *editor_command(void);
/* Runs COMMAND on an empty temporary file that nobody else can read, on our
 * terminal, and appends to OUT what was written.  The file is gone afterwards.
 * Fails with DIAG_SEND_EDITOR, DIAG_SEND_NO_TEXT (nothing but white space),
 * DIAG_INPUT_NOT_KEPT or DIAG_FILE_FAILED. */
bool editor_write(const char *command, struct buf *out, struct diag *why);

#endif
