/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Queues in the homes of other users: root, who is asked why mail does not
 * arrive, is told that there are any.  Their entries are not read.
 */
#ifndef CMD_QUEUE_OTHERS_H
#define CMD_QUEUE_OTHERS_H

#include "base/mem.h"

#include <stddef.h>

struct queue_other {
	const char *user, *folder;
	unsigned long waiting; /* more than 0 */
};

/* Those of the users in place_system.passwd, as *OUT in ARENA, by name; returns
 * how many.  None for whoever is not root.  Each is looked at with its owner's
 * rights; none is told when that takes more than five seconds: homes may be of
 * file systems that never answer. */
size_t queue_others_find(struct arena *arena, struct queue_other **out);

#endif
