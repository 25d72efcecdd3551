/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines that commands print.  Does not know what a line may say. */
#include <config.h>

#include "config/eval.h"

#include "base/clock.h"
#include "base/command.h"
#include "base/span.h"
#include "base/text.h"

#include <stdio.h>

static bool explain_end(const struct command_result *result, struct diag *why)
{
	char text[80];

	if (result->timed_out) {
		snprintf(text, sizeof text, "%d", EVAL_TIMEOUT_S);
		return diag_set(why, DIAG_CONFIG_EVAL_TIMEOUT, text);
	}
	command_explain(result, EVAL_OUTPUT_LIMIT, text, sizeof text);
	return diag_set(why, DIAG_CONFIG_EVAL, text);
}

static bool take_first_line(
	struct span printed, struct buf *out, struct diag *why)
{
	struct span line = span_cut_line(&printed);

	if (!line.length)
		return diag_set(why, DIAG_CONFIG_EVAL,
			DIAG_WORDS N_("it printed nothing"));
	buf_put_span(out, line);
	return true;
}

bool eval_line(const char *command, struct buf *out, struct diag *why)
{
	struct buf printed = BUF_INIT(EVAL_OUTPUT_LIMIT);
	struct command_result result = { 0 };
	bool is_fine = command_capture(command, false,
		clock_deadline(EVAL_TIMEOUT_S), &printed, &result, why);

	if (is_fine &&
		(result.exit_status || result.timed_out || result.overflowed))
		is_fine = explain_end(&result, why);
	else if (is_fine)
		is_fine = take_first_line(buf_span(&printed), out, why);
	buf_wipe_free(&printed);
	return is_fine;
}
