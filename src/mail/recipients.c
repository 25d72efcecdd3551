/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Part and whole.  Does not know why somebody is in it. */
#include <config.h>

#include "mail/recipients.h"

static void make_room(
	struct recipients *part, size_t count, struct arena *arena)
{
	struct envelope *envelope = &part->envelope;

	envelope->recipients =
		arena_alloc(arena, (count + 1) * sizeof *envelope->recipients);
	envelope->recipient_count = 0;
	envelope->needs_smtputf8 = !envelope->sender.ascii;
	part->place = arena_alloc(arena, (count + 1) * sizeof *part->place);
}

void recipients_begin(struct recipients *part, const struct envelope *whole,
	struct arena *arena)
{
	part->envelope = *whole;
	make_room(part, whole->recipient_count, arena);
}

void recipients_add(struct recipients *part,
	const struct envelope_address *address, size_t place)
{
	struct envelope *envelope = &part->envelope;

	if (!address->ascii)
		envelope->needs_smtputf8 = true;
	part->place[envelope->recipient_count] = place;
	envelope->recipients[envelope->recipient_count++] = *address;
}

void recipients_all(struct recipients *part, const struct envelope *whole,
	struct arena *arena)
{
	recipients_begin(part, whole, arena);
	for (size_t i = 0; i < whole->recipient_count; i++)
		recipients_add(part, &whole->recipients[i], i);
}

void recipients_keep(struct recipients *part,
	bool (*is_left)(const void *context, size_t place), const void *context,
	struct arena *arena)
{
	const struct recipients before = *part;
	size_t count = before.envelope.recipient_count;

	make_room(part, count, arena);
	for (size_t i = 0; i < count; i++)
		if (is_left(context, before.place[i]))
			recipients_add(part, &before.envelope.recipients[i],
				before.place[i]);
}

struct verdict *recipients_verdicts(const struct recipients *part,
	const struct verdict *of_whole, struct arena *arena)
{
	size_t count = part->envelope.recipient_count;
	struct verdict *verdicts =
		arena_alloc(arena, (count + 1) * sizeof *verdicts);

	for (size_t i = 0; i < count; i++)
		verdicts[i] = of_whole[part->place[i]];
	return verdicts;
}
