/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a folder into a shared store.  Knows no SQL, and sends nothing. */
#include <config.h>

#include "deliver/handover.h"

#include "deliver/queue.h"

#include <string.h>

static const char folder_name[] = "handover";

bool handover_is_wanted(const struct account *account, const struct diag *why)
{
	return account->queue_store &&
	       account->queue_store_fallback == OPTION_STORE_FALLBACK_FOLDER &&
	       (why->id == DIAG_STORE_AWAY || why->id == DIAG_STORE_SILENT ||
		       why->id == DIAG_STORE_IN_DOUBT ||
		       why->id == DIAG_STORE_REFUSED ||
		       why->id == DIAG_STORE_TIMELINE ||
		       why->id == DIAG_STORE_HELPER);
}

struct spool *handover_open(
	const struct account *account, bool may_create, struct diag *why)
{
	struct arena *arena = arena_new();
	struct folder_params params;
	struct spool *spool = NULL;

	if (queue_place(account, arena, &params, why)) {
		params.rest = arena_printf(arena, "%s%s%s", params.rest,
			params.rest[0] ? "/" : "", folder_name);
		params.may_create = may_create;
		spool = spool_open(&params, why);
	}
	arena_free(arena);
	return spool;
}

/* What is there durably is taken away here; a crash between the two hands it
 * over once more, under the same id. */
static bool hand_over(struct spool *from, struct spool *into, const char *id,
	struct diag *why)
{
	struct spool_entry *entry = NULL;
	struct source *message;
	struct diag ignored;
	struct record record;
	bool is_there;

	if (spool_entry_open(from, SPOOL_QUEUED, id, &entry, &ignored) !=
		SPOOL_OK)
		return true;
	record = *spool_entry_record(entry);
	message = spool_entry_message(entry);
	is_there = spool_commit(into, &record, message, why);
	source_close(message);
	if (is_there)
		(void)spool_entry_remove(entry, &ignored);
	spool_entry_close(entry);
	return is_there;
}

bool handover_run(struct spool *from, struct spool *into, struct diag *why)
{
	struct spool_walk *walk = spool_walk_new(from, SPOOL_QUEUED, why);
	struct spool_item item;
	bool is_fine = walk != NULL;

	while (is_fine && spool_walk_next_name(walk, &item)) {
		char id[RECORD_ID_LENGTH + 1];

		memcpy(id, item.id, RECORD_ID_LENGTH);
		id[RECORD_ID_LENGTH] = '\0';
		is_fine = hand_over(from, into, id, why);
	}
	spool_walk_free(walk);
	return is_fine;
}
