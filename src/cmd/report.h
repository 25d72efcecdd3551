/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of every run: log line, sentence, exit code. */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "config/account.h"
#include "config/argv.h"
#include "deliver/lane.h"
#include "deliver/outcome.h"

/* Writes the log line where ACCOUNT wants it (NULL, when there is none yet: to
 * syslog, so that no failure is silent), the sentences to stderr unless the
 * caller asked for quiet (-oeq), and returns the exit code.  A log that cannot
 * be written is a warning and changes nothing. */
int report_outcome(const struct outcome *outcome, const struct account *account,
	const struct request *request);
/* The same for a failure that came before there was anything to deliver. */
int report_failure(const struct diag *why, const struct request *request);

/* Prints the sentence and the hint of something that concerns no message;
 * returns its exit code. */
int report_problem(const struct diag *why);
/* What a queue runner did: a log line. */
void report_lane(void *context, const struct lane_report *report);
/* The same for whoever looks on: what is not tried any more on stderr. */
void report_run(void *context, const struct lane_report *report);

#endif
