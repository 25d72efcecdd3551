/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message identifiers, RFC 5322 3.6.4.  Pure: time and randomness are
 * arguments. */
#ifndef MAIL_MSGID_H
#define MAIL_MSGID_H

#include "base/buf.h"

#include <time.h>

/* Appends "<…@domain>": the time, then all 128 random bits, so that it is
 * unique without telling who sent it.  Every byte of DOMAIN that a domain
 * cannot have becomes "-": whatever it is, it cannot end the line; an empty
 * one becomes "localhost". */
void msgid_put(struct buf *out, time_t at,
	const unsigned char random[static 16], const char *domain);

/* The same of a text that is unique already, and a dot-atom. */
void msgid_put_left(struct buf *out, const char *left, const char *domain);

#endif
