/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The secret of an account.  Knows which one, not where it is kept. */
#include <config.h>

#include "deliver/credential.h"

#include "auth/password.h"
#include "base/mem.h"
#include "base/place.h"
#include "base/process.h"
#include "deliver/token.h"

/* NETRC takes two and the NULL. */
static void netrc_paths(struct arena *arena, const char **netrc)
{
	const char *home = process_home(arena);

	if (home)
		*netrc++ = arena_printf(arena, "%s/.netrc", home);
	*netrc++ = place_system.netrc;
	*netrc = NULL;
}

bool credential_lasts(const struct account *account)
{
	struct arena *arena = arena_new();
	const char *netrc[3];
	struct password_params wanted = { .account = account->name,
		.user = account->user,
		.host = account->host,
		.netrc = netrc };
	struct secret found = { NULL, 0 };
	bool lasts = account->password.length || account->passwordeval ||
		     (account_uses_login(account) && token_lasts(account));

	netrc_paths(arena, netrc);
	lasts = lasts || (!account_uses_login(account) &&
				 password_get(&wanted, &found, NULL));
	secret_wipe(&found);
	arena_free(arena);
	return lasts;
}

/* Without a login it may still open the client's key; nobody is asked for that,
 * since most keys need none. */
static bool needs_password(const struct account *account)
{
	if (account_needs_password(account))
		return true;
	return account->tls_key_file &&
	       (account->password.length || account->passwordeval);
}

bool credential_renew(const struct account *account, struct secret *credential,
	struct diag *why)
{
	return account_uses_login(account) &&
	       why->id == DIAG_SMTP_TOKEN_REFUSED &&
	       token_renew(account, credential, why);
}

bool credential_get(const struct account *account, bool may_ask,
	struct secret *out, struct diag *why)
{
	struct arena *arena;
	const char *netrc[3];
	const struct password_params wanted = {
		.account = account->name,
		.user = account->user,
		.host = account->host,
		.password = &account->password,
		.command = account->passwordeval,
		.use_keyring = true,
		.netrc = netrc,
		.may_ask = may_ask,
	};
	bool is_fine;

	if (!needs_password(account))
		return true;
	if (account_uses_login(account))
		return token_get(account, out, why);
	arena = arena_new();
	netrc_paths(arena, netrc);
	is_fine = password_get(&wanted, out, why);
	arena_free(arena);
	return is_fine;
}
