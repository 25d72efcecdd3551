/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailq, -bp and -q for a mailchute that keeps no queue: nothing waits, and
 * there is nothing to run.  Scripts of other MTAs call them and expect a 0.
 */
#include <config.h>

#include "base/text.h"
#include "cmd/cmd.h"

#include <stdio.h>
#include <sysexits.h>

int cmd_list_queue(const struct cmd_context *context)
{
	(void)context;
	puts(_("Mail queue is empty"));
	return EX_OK;
}

int cmd_run_queue(const struct cmd_context *context)
{
	(void)context;
	return EX_OK;
}
