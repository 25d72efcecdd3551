/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The secret of an account.  Knows which one, not where it is kept. */
#include <config.h>

#include "deliver/credential.h"

#include "auth/password.h"
#include "base/mem.h"
#include "base/place.h"
#include "base/process.h"
#include "deliver/known.h"
#include "deliver/token.h"

#include <string.h>

/* NETRC takes two and the NULL. */
static void netrc_paths(struct arena *arena, const char **netrc)
{
	const char *home = process_home(arena);

	if (home)
		*netrc++ = arena_printf(arena, "%s/.netrc", home);
	*netrc++ = place_system.netrc;
	*netrc = NULL;
}

static struct password_params params_of(
	const struct account *account, const char *const *netrc)
{
	return (struct password_params){
		.account = account->name,
		.user = account->user,
		.host = account->host,
		.port = account->port,
		.password = &account->password,
		.command = account->passwordeval,
		.words = account->password_command,
		.file = account->password_file,
		.store = account->password_store,
		.netrc = netrc,
		.netrc_dialect = account->dialect == DIALECT_MSMTP ? NETRC_MSMTP
								   : NETRC_OURS,
	};
}

bool credential_lasts(const struct account *account)
{
	struct arena *arena = arena_new();
	const char *netrc[3];
	const struct password_params wanted = params_of(account, netrc);
	struct secret found = { NULL, 0 };
	bool lasts = account_names_secret(account) ||
		     (account_uses_login(account) && token_lasts(account));

	netrc_paths(arena, netrc);
	lasts = lasts || (!account_uses_login(account) &&
				 password_get(&wanted, &found, NULL, NULL));
	secret_wipe(&found);
	arena_free(arena);
	return lasts;
}

const char *credential_ambiguous_netrc(
	const struct account *account, struct arena *arena)
{
	const char *netrc[3];
	const struct password_params wanted = params_of(account, netrc);

	if (!account->host || !account->user || account_names_secret(account) ||
		account_uses_login(account))
		return NULL;
	netrc_paths(arena, netrc);
	return password_ambiguous_netrc(&wanted);
}

/* Without a login it may still open the client's key; nobody is asked for that,
 * since most keys need none. */
static bool needs_password(const struct account *account)
{
	if (account_needs_password(account))
		return true;
	return account->tls_key_file && account_names_secret(account);
}

bool credential_renew(const struct account *account, struct secret *credential,
	struct diag *why)
{
	return account_uses_login(account) &&
	       why->id == DIAG_SMTP_TOKEN_REFUSED &&
	       token_renew(account, credential, why);
}

/* The refusal is about user and password, and waiting does not mend it. */
static bool is_wrong(const struct diag *why)
{
	return why->id == DIAG_SMTP_AUTH_REFUSED && why->reply_code == 535 &&
	       !diag_is_temporary(why) &&
	       (!why->reason ||
		       strcmp(why->reason,
			       known_reason_name(KNOWN_REASON_CREDENTIALS)) ==
			       0);
}

void credential_report(const struct account *account,
	const struct secret *credential, bool has_more, bool came_to_mail,
	struct diag *failure)
{
	const char *none = NULL;
	const struct password_params used = params_of(account, &none);

	if (has_more && is_wrong(failure))
		diag_add_hint(failure,
			N_("where the password comes from there is more than "
			   "a line, and the first one counts: is it that?"));
	if (needs_password(account) && credential->length &&
		(came_to_mail || is_wrong(failure)))
		password_report(&used, credential, came_to_mail);
}

bool credential_get(const struct account *account, bool may_ask,
	struct secret *out, bool *has_more, struct diag *why)
{
	struct arena *arena;
	const char *netrc[3];
	struct password_params wanted = params_of(account, netrc);
	bool is_fine;

	if (has_more)
		*has_more = false;
	if (!needs_password(account))
		return true;
	if (account_uses_login(account))
		return token_get(account, out, why);
	wanted.use_keyring = true;
	wanted.may_ask = may_ask;
	arena = arena_new();
	netrc_paths(arena, netrc);
	is_fine = password_get(&wanted, out, has_more, why);
	arena_free(arena);
	return is_fine;
}
