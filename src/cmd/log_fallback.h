/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the log goes that nobody takes: 'syslog on' on a machine without one, a
 * container above all.  A file of a bounded size in the user's state folder, or
 * standard error for whoever stays there.
 */
#ifndef CMD_LOG_FALLBACK_H
#define CMD_LOG_FALLBACK_H

#include "base/mem.h"

#include <stdbool.h>

/* When the file is larger, it becomes FILE.1, in the place of the one before.
 */
enum { LOG_FALLBACK_BYTES = 1024 * 1024 };

/* From here on the lines go to standard error, unless that is /dev/null: its
 * reader is the log of a service in a container. */
void log_fallback_to_stderr(void);
/* Writes LINE, with the time in front in the file; what cannot be written is
 * lost, as it was before. */
void log_fallback_put(const char *line);
/* $XDG_STATE_HOME/mailchute/log or ~/.local/state/mailchute/log, where $HOME is
 * ours; else that of the machine. */
const char *log_fallback_path(struct arena *arena);

#endif
