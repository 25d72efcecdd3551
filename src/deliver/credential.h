/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The secret of an account, got before anything is connected. */
#ifndef DELIVER_CREDENTIAL_H
#define DELIVER_CREDENTIAL_H

#include "base/diag.h"
#include "base/secret.h"
#include "config/account.h"

#include <stdbool.h>

/* Fills OUT, which stays empty when the account needs no password; the caller
 * wipes it.  MAY_ASK: on the terminal, if there is one.  *HAS_MORE (may be
 * NULL): its source had more than a line, of which the first counts.  Fails
 * with DIAG_SECRET_…, or for an access token with DIAG_OAUTH_…. */
bool credential_get(const struct account *account, bool may_ask,
	struct secret *out, bool *has_more, struct diag *why);

/* What became of it, for a store that wants to know: CAME_TO_MAIL, it was
 * good; or FAILURE may say that it is wrong, and says then what HAS_MORE may
 * have to do with that. */
void credential_report(const struct account *account,
	const struct secret *credential, bool has_more, bool came_to_mail,
	struct diag *failure);

/* The server has refused it, as *WHY says: another one, where that can help
 * (deliver/token: once, and not for one that has only just come).  False when
 * there is none; *WHY may say more then. */
bool credential_renew(const struct account *account, struct secret *credential,
	struct diag *why);

/* Whether it can be had again by another process, later: from the profile, a
 * command or a file, not from a person or a desktop. */
bool credential_lasts(const struct account *account);

/* The netrc file whose password for ACCOUNT is read in one way by us and in
 * another by msmtp, in ARENA; NULL when there is none, or none is looked for.
 */
const char *credential_ambiguous_netrc(
	const struct account *account, struct arena *arena);

#endif
