/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message that arrived, and what its receiver wrote of SPF, DKIM and DMARC
 * into its head: one table (arrived.def) of what that means.  Pure.
 *
 *	if (arrived_find(text, &found))
 *		… found.row->cause …
 */
#ifndef DELIVER_ARRIVED_H
#define DELIVER_ARRIVED_H

#include "base/span.h"
#include "mail/authres.h"

#include <stdbool.h>
#include <stddef.h>

/* What a method came to; a set. */
enum arrived_state {
	ARRIVED_ALIGNED = 1, /* passed, in the name of From's domain */
	ARRIVED_OTHER = 2,   /* passed, in another's */
	ARRIVED_PASS = 4,    /* passed; DMARC's, and where From is unknown */
	ARRIVED_FAIL = 8,
	ARRIVED_BROKEN = 16,
	ARRIVED_TEMPORARY = 32,
	ARRIVED_ABSENT = 64
};
enum { ARRIVED_FAIL_BROKEN = ARRIVED_FAIL | ARRIVED_BROKEN, ARRIVED_ANY = 127 };

/* A row of arrived.def, which says what the fields are. */
struct arrived_row {
	const char *id;
	unsigned dmarc, spf, dkim;
	const char *words;
	const char *cause, *next; /* untranslated msgids */
};

/* Of several signatures the one that helps most. */
struct arrived_mark {
	enum arrived_state state;
	enum authres_result result;
};

struct arrived {
	const struct arrived_row *row;
	struct arrived_mark marks[AUTHRES_OTHER]; /* by enum authres_method */
	size_t set_aside; /* fields of ARC, and of other servers */
	bool is_report;   /* it tells of another message, which matters more */
};

/* Reads the fields of TEXT, a message or a piece of its head, in any state of
 * its line ends: Authentication-Results of the server that wrote the first one,
 * Received-SPF where that says nothing of SPF, and "SPF: PASS …" as web mailers
 * show it.  False when nothing is there.  Linear in the length. */
bool arrived_find(struct span text, struct arrived *out);
const struct arrived_row *arrived_row(size_t index);
size_t arrived_count(void);

#endif
