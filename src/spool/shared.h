/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A queue that hosts share: a store whose entries are rows elsewhere
 * (postgres/postgres.h).  The states are those of spool/store.h: S2 is a row
 * that waits, S3 one that is on its way, S5 and S7 are rows as well; there is
 * no S1, and no S6.
 */
#ifndef SPOOL_SHARED_H
#define SPOOL_SHARED_H

#include "postgres/postgres.h"
#include "spool/store.h"

#include <stdbool.h>

struct shared_params {
	const char *url;  /* 'queue_store'; may hold a password */
	const char *name; /* for people: without one */
	long limit_s;     /* for an answer, and a connection; 0: as usual */
};

/* Whether this program has it; DIAG_LIBRARY_NOT_BUILT. */
bool shared_is_built(struct diag *why);
/* Opens it; nobody is asked yet.  Fails as postgres_open() does. */
struct spool *shared_open(const struct shared_params *params, struct diag *why);
/* The tables of the store, and how it does (postgres_init(), postgres_check()).
 */
bool shared_init(struct spool *spool, int *from, struct diag *why);
bool shared_check(
	struct spool *spool, struct postgres_health *out, struct diag *why);
/* SPOOL, which is one of these, is asked for what is due of this account as
 * well; whose are none, of none. */
void shared_serve_account(struct spool *spool, const char *account);

#endif
