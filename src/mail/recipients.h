/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A part of somebody's recipients: those who are due, who are left, who are to
 * be tried again.  It is an envelope, and knows which of the whole each is.
 *
 *	recipients_begin(&part, &envelope, arena);
 *	for (size_t i = 0; i < envelope.recipient_count; i++)
 *		if (is_wanted(i))
 *			recipients_add(&part, &envelope.recipients[i], i);
 *	… what became of part.envelope's i-th is what became of the whole's
 *	  part.place[i] …
 */
#ifndef MAIL_RECIPIENTS_H
#define MAIL_RECIPIENTS_H

#include "base/mem.h"
#include "mail/envelope.h"

#include <stddef.h>

/* Invariant: PLACE has envelope.recipient_count numbers, and rises. */
struct recipients {
	struct envelope envelope; /* of the part alone */
	size_t *place;            /* of each in the whole */
};

/* Nobody yet, with room in ARENA for as many as WHOLE has; sender and wishes
 * are WHOLE's, and SMTPUTF8 is needed if its sender needs it. */
void recipients_begin(struct recipients *part, const struct envelope *whole,
	struct arena *arena);
/* One more, behind those that are there. */
void recipients_add(struct recipients *part,
	const struct envelope_address *address, size_t place);
/* Everybody. */
void recipients_all(struct recipients *part, const struct envelope *whole,
	struct arena *arena);
/* Leaves in PART those of whom IS_LEFT, asked with their place in the whole,
 * says so.  What its envelope's recipients pointed to stays as it was. */
void recipients_keep(struct recipients *part,
	bool (*is_left)(const void *context, size_t place), const void *context,
	struct arena *arena);
/* The verdicts of the part, of those of the whole, in ARENA. */
struct verdict *recipients_verdicts(const struct recipients *part,
	const struct verdict *of_whole, struct arena *arena);

#endif
