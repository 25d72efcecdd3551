/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The processes of a lane's crew: as many as are wanted from the beginning, or
 * more and more, as long as they are asked for.  Knows processes, not what
 * they do.
 *
 *	members_run(&members);      in the first one
 *	  members_more(&members);   in its work
 */
#ifndef DELIVER_MEMBERS_H
#define DELIVER_MEMBERS_H

#include "deliver/crew.h"

#include <stdbool.h>
#include <stddef.h>

struct members {
	struct crew *crew; /* begun */
	size_t count;      /* from the beginning */
	size_t most; /* at once; more than COUNT: when they are asked for */
	/* All that a member does; 0 is in this process, before what the others
	 * leave behind is looked at. */
	void (*work)(void *context, size_t member);
	/* One died: STATUS as of wait(), and what it was at. */
	void (*died)(void *context, size_t member, int status);
	void *context;
	int orders; /* where another one is asked for; -1 */
};

/* Returns when all of them have ended. */
void members_run(struct members *members);
/* Asks for one more, who begins from the state that this process had when
 * members_run() was called.  Nothing in another one than the first, or when
 * there are as many as may be. */
void members_more(const struct members *members);
bool members_may_grow(const struct members *members);

#endif
