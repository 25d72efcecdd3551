/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 'mailchute send --merge': a message for each row of a table, by way of the
 * queue.
 */
#ifndef CMD_MERGE_H
#define CMD_MERGE_H

#include "cmd/cmd.h"
#include "cmd/send_options.h"

/* The merge that OPTIONS ask for, or with --resume the job's; the exit code. */
int merge_run(
	const struct cmd_context *context, const struct send_options *options);

#endif
