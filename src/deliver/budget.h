/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much a server takes from one user: 'rate'.  A limit a second or a minute
 * spaces the mail; one an hour or a day is a budget, a bucket of that size that
 * fills again.  It is kept in the queue's folder, in a file for each server and
 * user, so that it holds whatever process sends, and over restarts.  Of a queue
 * that hosts share it is a bucket of the store's, from which each draws what it
 * needs for a second or two; what it has then not sent is forgotten.
 *
 *	budget_init(&budget, spool, account);
 *	while (!budget_take(&budget, &wait_ms))
 *		wait …
 */
#ifndef DELIVER_BUDGET_H
#define DELIVER_BUDGET_H

#include "config/account.h"
#include "spool/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BUDGET_LIMITS = KIND_RATES, BUDGET_NAME_BYTES = 17 };

/* "so many in so long", by the microsecond. */
struct budget_limit {
	long number, seconds;
	int64_t step_us;  /* what one message takes */
	int64_t ahead_us; /* that may be taken before its time */
	int64_t until_us; /* of the wall clock: all before is taken */
	unsigned drawn;   /* of what hosts share, and not yet taken */
};

struct budget {
	const struct spool *spool; /* NULL: in memory alone */
	char name[BUDGET_NAME_BYTES];
	struct budget_limit limits[BUDGET_LIMITS];
	size_t count;    /* 0: no limit */
	bool is_used_up; /* what is waited for is a budget, not the next second
			  */
};

/* SPOOL is borrowed; NULL is allowed. */
void budget_init(struct budget *budget, const struct spool *spool,
	const struct account *account);
/* Takes one message; else *WAIT_MS says how long to wait before the next
 * question.  A file that cannot be written is no reason not to send: then it is
 * remembered here. */
bool budget_take(struct budget *budget, int64_t *wait_ms);
/* One message has gone, allowed or not. */
void budget_spend(struct budget *budget);
/* One that was taken has not gone. */
void budget_give_back(struct budget *budget);

#endif
