/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A failure in JSON: the members that every one has, whichever verb tells it
 * (mailchute-json(7)).
 *
 *	json_begin(&json, "error", '{');
 *	failure_put_diag(&json, why, exit_code);
 *	json_end(&json, '}');
 */
#ifndef BASE_FAILURE_H
#define BASE_FAILURE_H

#include "base/diag.h"
#include "base/json.h"

#include <stdbool.h>

/* NULL is null.  STATUS is RFC 3463's, REPLY the server's words with their
 * code. */
struct failure {
	const char *diag, *text, *status, *reply, *reason, *hint;
	int exit_code;
	bool is_temporary;
};

/* Puts diag, text, exit_code, status, reply, temporary, reason and hint into
 * the object that is open. */
void failure_put(struct json *json, const struct failure *failure);
/* The same of a diag, in English; EXIT_CODE is what the run ends with for it.
 */
void failure_put_diag(struct json *json, const struct diag *why, int exit_code);

#endif
