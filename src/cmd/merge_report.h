/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of merges: 'mailchute send --report JOB' and '--jobs'. */
#ifndef CMD_MERGE_REPORT_H
#define CMD_MERGE_REPORT_H

#include "cmd/cmd.h"
#include "cmd/send_options.h"

/* A line for each recipient of the job, in no order: CSV, or JSON lines. */
int merge_report(
	const struct cmd_context *context, const struct send_options *options);
/* A line for each job of the queue: CSV, or JSON lines. */
int merge_jobs(
	const struct cmd_context *context, const struct send_options *options);

#endif
