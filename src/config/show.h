/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings in force, for people: 'mailchute config'. */
#ifndef CONFIG_SHOW_H
#define CONFIG_SHOW_H

#include "base/json.h"
#include "config/account.h"

/* The largest text that config_show() makes. */
enum { CONFIG_SHOW_LIMIT = 1024 * 1024 };

/* Appends which files were read, hidden or closed, which accounts there are,
 * and each setting of the account that REQUEST chooses with its origin.
 * Secrets are "********"; a passwordeval is shown, it is no secret.  What was
 * appended is worth showing also on failure: then *WHY is what keeps the
 * account from being used (account_choose()). */
bool config_show(const struct config *config, const struct request *request,
	struct arena *arena, struct buf *out, struct diag *why);
/* The same as JSON: {"files":[…],"hidden":[…],"unreadable":[…],"accounts":[…],
 * "account":"…","msmtp":false,"settings":[{"keyword","value","origin"}]; the
 * object is ended by the caller.  Nothing is appended when no account is found.
 */
bool config_begin_json(const struct config *config,
	const struct request *request, struct arena *arena, struct json *json,
	struct diag *why);
/* The settings alone, of an account that was chosen already. */
void config_show_account(const struct account *account, struct buf *out);

#endif
