/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a summary of the log needs of the rest of the house: whose a host is,
 * what a cause means, what waits in the queues; and where a page goes.
 */
#ifndef CMD_LOG_REPORT_H
#define CMD_LOG_REPORT_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/argv.h"
#include "log/report.h"

#include <stddef.h>

/* The provider of a host, by its name; CONTEXT is a struct providers. */
const char *log_report_provider(void *context, struct span host);
/* By the tables of known replies and of diagnostics. */
struct log_advice log_report_advise(const struct log_cause *cause);
/* What waits, is held and was given up, by account, in every queue of the
 * request; *OUT lives in ARENA. */
size_t log_report_waiting(const struct request *request, struct arena *arena,
	struct log_waiting **out);
/* Puts CONTENT in the place of the file PATH, in one step, readable by its
 * owner; "-" is standard output.  Fails with DIAG_FILE_FAILED. */
bool log_report_write(const char *path, struct span content, struct diag *why);

#endif
