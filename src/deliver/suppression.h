/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who gets no more mail: a list that a profile names with 'suppress'.
 *
 * A file of lines, sorted by address as bytes, whose cells tabs separate:
 *
 *	ann@example.org	2026-11-30T21:00:00Z	asked for it
 *	@example.net	2026-11-30T21:00:00Z	closed
 *
 * An address has no capital letters; "@example.net" is everybody there.  It is
 * searched where it lies, and changed by a new file that takes its place, one
 * writer at a time (FILE.lock).
 *
 *	if (suppression_find(path, "Ann@Example.org", arena, &entry, why) &&
 *		entry.address)
 *		… she has been on it since entry.since …
 */
#ifndef DELIVER_SUPPRESSION_H
#define DELIVER_SUPPRESSION_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/account.h"
#include "deliver/outcome.h"
#include "mail/envelope.h"
#include "mail/recipients.h"

#include <stdbool.h>
#include <stddef.h>

enum { SUPPRESSION_LINE_BYTES = 2048 };

/* SINCE NULL, in a change: it is taken off the list. */
struct suppression {
	const char *address, *since, *reason;
};

/* Looks for ADDRESS, then for its domain; OUT->address is NULL when it has
 * neither, or there is no such file.  OUT lies in ARENA.  Fails with
 * DIAG_SUPPRESS_FILE. */
bool suppression_find(const char *path, const char *address,
	struct arena *arena, struct suppression *out, struct diag *why);
/* Calls TELL for each, in order.  No such file is an empty list. */
bool suppression_each(const char *path,
	void (*tell)(void *context, const struct suppression *entry),
	void *context, struct diag *why);
/* Puts COUNT changes, which are sorted here, into the list at once.  What is on
 * it already keeps its date and reason.  *CHANGED is how many changed it. */
bool suppression_change(const char *path, struct suppression *changes,
	size_t count, size_t *changed, struct diag *why);
/* SINCE of what is added now, in ARENA. */
const char *suppression_now(struct arena *arena);
/* The form that an address has on the list, in ARENA. */
const char *suppression_key(struct arena *arena, const char *address);

/* Takes who is on the account's list out of ENVELOPE, as a fault each
 * (DIAG_SUPPRESSED, 67).  False when nobody is left, or the list cannot be
 * read. */
bool suppression_apply(const struct account *account, struct envelope *envelope,
	struct arena *arena, struct diag *why);
/* The same for a message that is queued already: those of DUE who are on the
 * list, and the refusal of each, in ARENA. */
bool suppression_part(const struct account *account,
	const struct recipients *due, struct arena *arena,
	struct recipients *off, struct verdict **verdicts, struct diag *why);
/* With 'suppress_refused on', puts those on the list of whom OUTCOME says that
 * nobody has that address.  False when the list cannot be changed. */
bool suppression_learn(const struct account *account,
	const struct outcome *outcome, struct diag *why);

#endif
