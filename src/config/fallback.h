/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The accounts that an account names to stand in for it ('fallback').
 */
#ifndef CONFIG_FALLBACK_H
#define CONFIG_FALLBACK_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"
#include "config/account.h"

#include <stdbool.h>

/* Cuts the first name off *LIST ("a, b") into ARENA; false at its end. */
bool fallback_next(struct span *list, struct arena *arena, const char **name);
/* A backup that is none is found out now, not on the day it is needed.  Fails
 * with DIAG_CONFIG_CONFLICT (the account itself, or one twice) or
 * DIAG_CONFIG_ACCOUNT_UNKNOWN, at its line. */
bool fallback_check(const struct config *config, const struct account *account,
	struct arena *arena, struct diag *why);

#endif
