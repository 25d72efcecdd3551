/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A failure in JSON.  Does not know who tells it. */
#include <config.h>

#include "base/failure.h"

enum { FAILURE_TEXT_LIMIT = 8 * DIAG_TEXT_BYTES };

void failure_put(struct json *json, const struct failure *failure)
{
	json_text(json, "diag", failure->diag);
	json_text(json, "text", failure->text);
	json_number(json, "exit_code", failure->exit_code);
	json_text(json, "status", failure->status);
	json_text(json, "reply", failure->reply);
	json_bool(json, "temporary", failure->is_temporary);
	json_text(json, "reason", failure->reason);
	json_text(json, "hint", failure->hint);
}

void failure_put_diag(struct json *json, const struct diag *why, int exit_code)
{
	struct buf text = BUF_INIT(FAILURE_TEXT_LIMIT);
	struct buf hint = BUF_INIT(FAILURE_TEXT_LIMIT);
	struct failure failure = { .diag = diag_name(why->id),
		.exit_code = exit_code,
		.status = why->status,
		.reply = why->reply[0] ? why->reply : NULL,
		.is_temporary = diag_is_temporary(why),
		.reason = why->reason };

	diag_sentence(why, false, &text);
	failure.text = buf_text(&text);
	if (diag_hint_in_english(why, &hint))
		failure.hint = buf_text(&hint);
	failure_put(json, &failure);
	buf_free(&hint);
	buf_free(&text);
}
