/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 'notify': a refusal in the background, when nobody is there to be told, is
 * told to an address by a mail of its own.  It goes into the same queue for the
 * same account; nobody is ever told of its own refusal.
 */
#ifndef DELIVER_NOTICE_H
#define DELIVER_NOTICE_H

#include "base/buf.h"
#include "base/diag.h"
#include "config/account.h"
#include "spool/store.h"

#include <stdbool.h>

struct notice {
	struct spool *spool;
	const struct account *account;
	struct spool_entry *entry; /* what was refused */
};

/* Sees to it that there is a report of every recipient that was refused, once:
 * the id of the report is noted in the entry before the report is committed,
 * and whoever finds it noted but the report nowhere commits it then.  To be
 * called before the entry is finished.  ID is that of a new report, or empty.
 * Fails as spool_commit() and spool_entry_note() do: then the entry must not be
 * finished yet. */
bool notice_put(const struct notice *notice,
	char id[static RECORD_ID_LENGTH + 1], struct diag *why);

#endif
