/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where log lines go.  The lines themselves are made by deliver/outcome; they
 * are never translated.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/diag.h"

#include <stdbool.h>

/* Writes one line to syslog; IDENT (NULL: "mailchute") is cut to 64 letters,
 * digits and "-_./"; FACILITY is a LOG_…
 * facility, IS_ERROR chooses LOG_ERR or LOG_INFO.  Cannot fail visibly. */
void log_syslog(
	const char *ident, int facility, bool is_error, const char *line);
/* Whether somebody takes what goes there, at PATH ("/dev/log"). */
bool log_syslog_is_there(const char *path);
/* Appends one line to a file, with the time in front (strftime FORMAT; empty
 * for none); "-" is standard output.  Fails with DIAG_LOG_FAILED. */
bool log_file(const char *path, const char *time_format, const char *line,
	struct diag *why);

#endif
