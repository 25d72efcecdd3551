/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a finished message to an outcome.  Knows when, not how. */
#include <config.h>

#include "deliver/submit.h"

#include "auth/password.h"
#include "deliver/attempt.h"

static bool get_secret(const struct submit_params *params,
	struct secret *secret, struct diag *why)
{
	const struct account *account = params->account;
	const struct password_params wanted = {
		.account = account->name,
		.user = account->user,
		.host = account->host,
		.password = &account->password,
		.command = account->passwordeval,
		.may_ask = params->may_ask,
	};

	if (account->auth == OPTION_AUTH_OFF ||
		account->auth == OPTION_AUTH_EXTERNAL)
		return true;
	return password_get(&wanted, secret, why);
}

void submit(const struct submit_params *params, struct arena *arena,
	struct outcome *out)
{
	struct secret password = { NULL, 0 };
	struct attempt_params details = {
		.account = params->account,
		.envelope = params->envelope,
		.edit = params->edit,
		.password = &password,
		.debug = params->debug,
		.progress = params->progress,
		.progress_context = params->progress_context,
	};
	int64_t size_bytes = edit_size(params->edit, &out->failure);

	out->envelope = params->envelope;
	out->message_id = edit_message_id(params->edit);
	if (size_bytes < 0)
		return;
	details.size_bytes = (uint64_t)size_bytes;
	if (get_secret(params, &password, &out->failure))
		attempt(&details, arena, out);
	secret_wipe(&password);
}
