/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Groups of fields for programs: a delivery status (RFC 3464, RFC 6533) and a
 * complaint (RFC 5965).  Knows no messages and no prose.  Pure.
 */
#ifndef BOUNCE_FIELDS_H
#define BOUNCE_FIELDS_H

#include "base/mem.h"
#include "base/span.h"
#include "bounce/bounce.h"

/* Reads what stands in TEXT, a delivery status in lines of any end; adds its
 * recipients to *OUT, and what it says of the message. */
void fields_read_status(
	struct span text, struct arena *arena, struct bounce *out);
/* The same for a complaint: one recipient for each that is named.  One of
 * another type ("not-spam", a report on signatures) adds nothing. */
void fields_read_complaint(
	struct span text, struct arena *arena, struct bounce *out);

/* Adds one, all of it empty; NULL when there are too many. */
struct bounce_recipient *fields_add_recipient(
	struct arena *arena, struct bounce *out);
/* What RECIPIENT's status, code and reason are by the words TEXT, when nothing
 * says it better; keeps a printable form of them. */
void fields_set_text(struct bounce_recipient *recipient, struct span text,
	struct arena *arena);
/* The one address in TEXT ("<a@x>", "a@x", with what is around it), or "". */
const char *fields_address(struct span text, struct arena *arena);
/* TEXT as people may see it, at most LIMIT bytes of it. */
const char *fields_printable(
	struct span text, size_t limit, struct arena *arena);

#endif
