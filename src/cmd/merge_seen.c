/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of hashes.  Does not know what becomes of an address. */
#include <config.h>

#include "cmd/merge_seen.h"

#include "base/mem.h"
#include "base/span.h"

#include <string.h>

enum { ROOM_FIRST = 1024 };

/* FNV-1a, of 64 bits: of a million addresses two are the same to it once in
 * some ten million tables. */
static uint64_t add_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)ascii_lower(*text)) *
		       0x100000001b3;
	return hash;
}

static uint64_t hash_of(const struct mailbox_list *addresses)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < addresses->count; i++) {
		hash = add_text(hash, addresses->items[i].local);
		hash = add_text(hash, "@");
		hash = add_text(hash, addresses->items[i].domain);
		hash = add_text(hash, ",");
	}
	return hash ? hash : 1;
}

/* The slot that has HASH, or would. */
static uint64_t *find(const struct merge_seen *seen, uint64_t hash)
{
	size_t at = (size_t)(hash ^ hash >> 32) & (seen->room - 1);

	while (seen->slots[at] && seen->slots[at] != hash)
		at = (at + 1) & (seen->room - 1);
	return &seen->slots[at];
}

static void grow(struct merge_seen *seen)
{
	struct merge_seen larger = { .room = seen->room ? seen->room * 2
							: ROOM_FIRST,
		.count = seen->count };

	larger.slots = mem_array(NULL, larger.room, sizeof *larger.slots);
	memset(larger.slots, 0, larger.room * sizeof *larger.slots);
	for (size_t i = 0; i < seen->room; i++)
		if (seen->slots[i])
			*find(&larger, seen->slots[i]) = seen->slots[i];
	mem_free(seen->slots);
	*seen = larger;
}

bool merge_seen_add(
	struct merge_seen *seen, const struct mailbox_list *addresses)
{
	uint64_t hash = hash_of(addresses), *slot;

	if (seen->count * 3 >= seen->room * 2)
		grow(seen);
	slot = find(seen, hash);
	if (*slot)
		return false;
	*slot = hash;
	seen->count++;
	return true;
}

void merge_seen_free(struct merge_seen *seen)
{
	mem_free(seen->slots);
	*seen = (struct merge_seen){ .count = 0 };
}
