/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Going through a queue: every entry once, in no order, cheaply, without
 * locking any.  Entries may come and go meanwhile.
 *
 *	walk = spool_walk_new(spool, SPOOL_QUEUED, why);
 *	while (spool_walk_next(walk, &item))
 *		item.record …
 *	spool_walk_free(walk);
 */
#ifndef SPOOL_WALK_H
#define SPOOL_WALK_H

#include "base/diag.h"
#include "spool/entry.h"
#include "spool/record.h"

#include <stdbool.h>

struct spool_walk;

/* Lives until the next call. */
struct spool_item {
	const char *id;
	const struct record *record; /* NULL: it could not be read */
	struct diag problem;         /* then: why */
	bool is_damaged;             /* then: for good, see spool_set_aside() */
};

/* A place that is not there is empty.  NULL on failure (DIAG_QUEUE_FOLDER). */
struct spool_walk *spool_walk_new(
	struct spool *spool, enum spool_place place, struct diag *why);
bool spool_walk_next(struct spool_walk *walk, struct spool_item *item);
/* The same, but only the names: record is always NULL and nothing is read. */
bool spool_walk_next_name(struct spool_walk *walk, struct spool_item *item);
/* Reads the one entry ID; item.id is NULL when there is none. */
void spool_walk_look(
	struct spool_walk *walk, const char *id, struct spool_item *item);
void spool_walk_free(struct spool_walk *walk);

/* What was set aside: calls TELL with each id and the reason that stands beside
 * it. */
void spool_each_damaged(struct spool *spool,
	void (*tell)(void *context, const char *id, const char *reason),
	void *context);

#endif
