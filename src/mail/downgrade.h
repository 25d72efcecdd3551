/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message for a server that was not asked for SMTPUTF8 (RFC 6531): in the
 * header fields that hold addresses, domains that are not ASCII become
 * A-labels (RFC 5890), which every program understands.  Nothing else is
 * touched: not a local part, for which there is no other form, and no text.
 * Pure.
 *
 *	if (!downgrade_open(message, idn_to_ascii, &ascii, &growth, why))
 *		return false;
 *	… ascii ? ascii : message, of size + growth bytes …
 *	source_close(ascii);
 */
#ifndef MAIL_DOWNGRADE_H
#define MAIL_DOWNGRADE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/source.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads the header of MESSAGE, which is canonical, and rewinds it.  *OUT gives
 * the message with its domains replaced, and can be rewound; it is NULL when
 * there is nothing to replace.  It reads MESSAGE, which must live longer, and
 * does not close it; only one of them may be read at a time, from its
 * beginning.  *GROWTH: how many bytes more than MESSAGE it has.  A domain that
 * TO_ASCII (net/idn) refuses stays.  Memory: the header, twice.  Fails as
 * MESSAGE does. */
bool downgrade_open(struct source *message,
	bool (*to_ascii)(const char *domain, struct buf *out, struct diag *why),
	struct source **out, int64_t *growth, struct diag *why);

#endif
