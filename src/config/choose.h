/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which account a message goes through, const from then on.
 */
#ifndef CONFIG_CHOOSE_H
#define CONFIG_CHOOSE_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/account.h"
#include "config/argv.h"

#include <stdbool.h>

/* The one profile this message goes through: --host, -a, the sender given with
 * -f or (with -t) the From address against each account's 'from' patterns,
 * then 'default'.  FROM_HEADER may be NULL.  Command-line settings are applied
 * and what follows from others is filled in (port, tls, from …), so that the
 * rest of the program never asks for a default again.  'from' is an address or
 * NULL then, never a pattern.  Secrets are borrowed from CONFIG.  Fails with
 * DIAG_CONFIG_…, or DIAG_USAGE_… for what the command line said. */
bool account_choose(const struct config *config, const struct request *request,
	const char *from_header, struct arena *arena,
	const struct account **out, struct diag *why);
/* The same without asking whether the profile makes sense: for
 * 'mailchute config'. */
bool account_find(const struct config *config, const struct request *request,
	const char *from_header, struct arena *arena, struct account **out,
	struct diag *why);
/* The accounts that stand in for FIRST ('fallback'), in their order, with NULL
 * behind the last: each as its file has it, since the environment and the
 * command line speak of the first.  Their own fallback does not count, so that
 * two accounts can stand in for each other.  Fails as account_choose() does. */
bool account_fallbacks(const struct config *config,
	const struct request *request, const struct account *first,
	struct arena *arena, const struct account *const **out,
	struct diag *why);
/* Whether it makes sense.  Fails with DIAG_CONFIG_NO_HOST, _CONFLICT; and with
 * DIAG_CONFIG_KEY_READABLE, but not in msmtp's dialect. */
bool account_check(const struct account *account, struct diag *why);
/* Whether password and key are closed to others; else
 * DIAG_CONFIG_SECRET_READABLE or _KEY_READABLE. */
bool account_is_closed(const struct account *account, struct diag *why);

/* The envelope sender before the envelope is made: -f if it was given and may
 * be used ("" is the null sender), but a bare or this-host one (cron's "root")
 * gives way to 'from' if there is one; else 'from'; NULL without any. */
const char *account_sender(const struct account *account,
	const struct request *request, struct arena *arena);

#endif
