/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process died over an entry: it is noted there, and waits, so that the
 * others get their turn.
 */
#ifndef DELIVER_BLAME_H
#define DELIVER_BLAME_H

#include "spool/store.h"

enum {
	/* After the first death, and the most after many. */
	BLAME_FIRST_S = 15,
	BLAME_MAX_S = 10 * 60
};

/* Whether a child with this wait(2) status died of what it was at; an exit code
 * of 0 or 1 is its own word for how it went. */
bool blame_is_due(int status);
/* Notes it in ID, unless somebody else has the entry. */
void blame(struct spool *spool, const char *id, int status);

#endif
