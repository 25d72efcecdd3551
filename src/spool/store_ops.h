/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a store is made of: a table of functions, and what all stores have in
 * common.  For those who write one, and nobody above spool/; each function does
 * what that of its name does in spool/store.h.
 *
 * A store's own queue, entry and walk begin with these.
 */
#ifndef SPOOL_STORE_OPS_H
#define SPOOL_STORE_OPS_H

#include "spool/store.h"

struct store_ops {
	void (*close)(struct spool *spool);
	bool (*check_lasting)(const struct spool *spool, struct diag *why);
	bool (*commit)(struct spool *spool, struct record *record,
		struct source *message, struct diag *why);
	bool (*sync)(struct spool *spool);
	bool (*note_ends)(struct spool_entry *const *entries, size_t count,
		const struct spool_end *end, struct diag *why);
	void (*cancel_end)(struct spool_entry *entry);

	/* ID is valid. */
	enum spool_result (*open)(struct spool *spool, enum spool_place place,
		const char *id, struct spool_entry **out, struct diag *why);
	void (*close_entry)(struct spool_entry *entry);
	struct source *(*message)(struct spool_entry *entry);
	bool (*note)(struct spool_entry *entry,
		const struct record_event *events, size_t count,
		enum spool_durability durability, struct diag *why);
	bool (*finish)(struct spool_entry *entry, struct diag *why);
	bool (*remove)(struct spool_entry *entry, struct diag *why);
	bool (*requeue)(struct spool_entry *entry, struct diag *why);

	bool (*set_aside)(
		struct spool *spool, const char *id, const struct diag *reason);
	bool (*take_back)(
		struct spool *spool, const char *id, struct diag *why);
	bool (*remove_damaged)(struct spool *spool, const char *id);
	void (*sweep_draft)(struct spool *spool, const char *id);
	size_t (*sweep)(struct spool *spool, time_t now);
	/* NULL: nobody else puts anything in unheard. */
	int (*sleep)(struct spool *spool, bool is_asleep);
	void (*woken)(struct spool *spool);
	/* NULL: what is not open is nobody's. */
	void (*let_go)(struct spool *spool);
	/* NULL: hosts share no limits by it. */
	bool (*draw)(const struct spool *spool, struct spool_lot *lot);
	void (*overdraw)(
		const struct spool *spool, const char *bucket, unsigned number);
	bool (*knows)(struct spool *spool, const char *id);
	bool (*find_in_history)(struct spool *spool, const char *id,
		struct buf *out, struct buf *head);

	struct spool_walk *(*walk)(
		struct spool *spool, enum spool_place place, struct diag *why);
	bool (*walk_next)(struct spool_walk *walk, struct spool_item *item);
	bool (*walk_next_name)(
		struct spool_walk *walk, struct spool_item *item);
	void (*walk_look)(struct spool_walk *walk, const char *id,
		struct spool_item *item);
	void (*walk_free)(struct spool_walk *walk);
	void (*each_damaged)(struct spool *spool,
		void (*tell)(void *context, const char *id, const char *reason),
		void *context);
};

struct spool {
	const struct store_ops *ops;
	char *path; /* what people call it; no secret; owned */
	int fd;     /* of its folder, or -1 */
	uid_t owner;
};

/* The record and all that events brought lives in ARENA. */
struct spool_entry {
	struct spool *spool;
	struct arena *arena;
	struct record record;
	enum spool_place place;
	char id[RECORD_ID_LENGTH + 1];
	bool is_end_noted; /* durably, by us, and nothing since */
};

struct spool_walk {
	struct spool *spool;
};

/* Applies the events to the record, as spool_entry_note() does; what they point
 * to is copied. */
void store_apply(struct spool_entry *entry, const struct record_event *events,
	size_t count);
/* DIAG_QUEUE_NOT_NOTED with errno; false. */
bool store_not_noted(const struct spool_entry *entry, struct diag *why);

#endif
