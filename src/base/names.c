/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and what they stand for: a hash table with open addresses.  Does not
 * know what the values are. */
#include <config.h>

#include "base/names.h"

#include <stdint.h>

/* FNV-1a.  Names come from files that their owner trusts, or are few: nobody
 * gains by two that meet. */
static uint64_t hash(struct span name)
{
	uint64_t sum = 14695981039346656037u;

	for (size_t i = 0; i < name.length; i++)
		sum = (sum ^ (unsigned char)name.at[i]) * 1099511628211u;
	return sum ^ sum >> 32;
}

/* Where NAME is, or would be. */
static struct names_slot *find(const struct names *names, struct span name)
{
	size_t mask = names->slot_count - 1;
	size_t i = (size_t)hash(name) & mask;

	while (names->slots[i].name &&
		!span_equal(span_of(names->slots[i].name), name))
		i = (i + 1) & mask;
	return &names->slots[i];
}

static void grow(struct names *names)
{
	struct names old = *names;

	names->slot_count = old.slot_count ? 2 * old.slot_count : 16;
	names->slots = arena_alloc(
		names->arena, names->slot_count * sizeof *names->slots);
	for (size_t i = 0; i < old.slot_count; i++)
		if (old.slots[i].name)
			*find(names, span_of(old.slots[i].name)) = old.slots[i];
}

void names_put(struct names *names, const char *name, void *value)
{
	struct names_slot *slot;

	if (2 * (names->count + 1) > names->slot_count)
		grow(names);
	slot = find(names, span_of(name));
	if (slot->name)
		return;
	*slot = (struct names_slot){ name, value };
	names->count++;
}

void *names_get(const struct names *names, struct span name)
{
	return names->slot_count ? find(names, name)->value : NULL;
}
