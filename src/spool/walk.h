/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Going through a queue that is a folder: what its table of functions says
 * (spool/store_ops.h). */
#ifndef SPOOL_WALK_H
#define SPOOL_WALK_H

#include "spool/store_ops.h"

struct spool_walk *walk_new(
	struct spool *spool, enum spool_place place, struct diag *why);
bool walk_next(struct spool_walk *walk, struct spool_item *item);
bool walk_next_name(struct spool_walk *walk, struct spool_item *item);
void walk_look(
	struct spool_walk *walk, const char *id, struct spool_item *item);
void walk_free(struct spool_walk *walk);
void walk_each_damaged(struct spool *spool,
	void (*tell)(void *context, const char *id, const char *reason),
	void *context);

#endif
