/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The secret of an account.  Knows which one, not where it is kept. */
#include <config.h>

#include "deliver/credential.h"

#include "auth/password.h"

bool credential_get(const struct account *account, bool may_ask,
	struct secret *out, struct diag *why)
{
	const struct password_params wanted = {
		.account = account->name,
		.user = account->user,
		.host = account->host,
		.password = &account->password,
		.command = account->passwordeval,
		.may_ask = may_ask,
	};

	if (account->auth == OPTION_AUTH_OFF ||
		account->auth == OPTION_AUTH_EXTERNAL)
		return true;
	return password_get(&wanted, out, why);
}
