/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The secret of an account, got before anything is connected. */
#ifndef DELIVER_CREDENTIAL_H
#define DELIVER_CREDENTIAL_H

#include "base/diag.h"
#include "base/secret.h"
#include "config/account.h"

#include <stdbool.h>

/* Fills OUT, which stays empty when the account needs no password; the caller
 * wipes it.  MAY_ASK: on the terminal, if there is one.  Fails with
 * DIAG_SECRET_…. */
bool credential_get(const struct account *account, bool may_ask,
	struct secret *out, struct diag *why);

#endif
