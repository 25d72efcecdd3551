/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message for a server that was not asked for SMTPUTF8 (RFC 6531): in the
 * header fields that hold addresses, domains that are not ASCII become
 * A-labels (RFC 5890), which every program understands.  For a server that has
 * no 8BITMIME either, names, comments and text become encoded words (RFC 2047)
 * where the field allows them.  Nothing else is touched: not a local part, for
 * which there is no other form, and no field that a signature of the message
 * (DKIM-Signature and its like) names.  Pure.
 *
 *	if (!downgrade_open(message, is_7bit, idn_to_ascii, &form, why))
 *		return false;
 *	… form.source ? form.source : message, of size + form.growth bytes …
 *	source_close(form.source);
 */
#ifndef MAIL_DOWNGRADE_H
#define MAIL_DOWNGRADE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/source.h"

#include <stdbool.h>
#include <stdint.h>

struct downgraded {
	struct source *source;
	int64_t growth;   /* bytes more than the message */
	unsigned changes; /* CHANGE_ALABELS, CHANGE_WORDS */
};

/* Reads the header of MESSAGE, which is canonical, and rewinds it.  OUT->source
 * gives the message with its header downgraded, and can be rewound; it is NULL
 * when there is nothing to change.  It reads MESSAGE, which must live longer,
 * and does not close it; only one of them may be read at a time, from its
 * beginning.  IS_7BIT: the server takes ASCII alone.  A domain that TO_ASCII
 * (net/idn) refuses stays.  Memory: the header, twice.  Fails as MESSAGE
 * does. */
bool downgrade_open(struct source *message, bool is_7bit,
	bool (*to_ascii)(const char *domain, struct buf *out, struct diag *why),
	struct downgraded *out, struct diag *why);

#endif
