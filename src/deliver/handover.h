/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail that a store which hosts share did not take: it waits in a folder of its
 * own below this host's queue ('queue_store_fallback folder'), is never sent
 * from there, and is handed over when the store is back.  The id is the one of
 * the first try, so that within an hour the store knows what it has.
 */
#ifndef DELIVER_HANDOVER_H
#define DELIVER_HANDOVER_H

#include "base/diag.h"
#include "config/account.h"
#include "spool/store.h"

#include <stdbool.h>

/* Whether ACCOUNT wants that, and WHY (of the store's refusal) is a reason. */
bool handover_is_wanted(const struct account *account, const struct diag *why);
/* Opens the folder; NULL as spool_open(). */
struct spool *handover_open(
	const struct account *account, bool may_create, struct diag *why);
/* Puts all of FROM into INTO, the oldest first or not, and takes away what is
 * there.  False at the first that INTO does not take. */
bool handover_run(struct spool *from, struct spool *into, struct diag *why);

#endif
