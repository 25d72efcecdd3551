/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What 'provider NAME' means to an account: defaults that any keyword
 * overrides. */
#ifndef CONFIG_PRESET_H
#define CONFIG_PRESET_H

#include "config/account.h"
#include "config/provider.h"

/* The folders that providers are read from: what is installed, the machine's,
 * and for an account that stands in no file of the machine the user's own
 * ($XDG_CONFIG_HOME/mailchute/providers.d).  NULL behind the last. */
const char *const *preset_folders(
	const struct account *account, struct arena *arena);

/* Fills in what ACCOUNT does not say itself, with the provider as origin, and
 * sets account->known.  Without 'provider' only that, by the host.  Fails with
 * DIAG_PROVIDER_UNKNOWN, DIAG_PROVIDER_REGION, DIAG_PROVIDER_IMPOSSIBLE, or
 * with what is wrong in a file of that provider. */
bool preset_apply(
	struct account *account, struct arena *arena, struct diag *why);

#endif
