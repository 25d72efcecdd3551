/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message identifiers, RFC 5322 3.6.4. */
#ifndef MAIL_MSGID_H
#define MAIL_MSGID_H

#include "base/buf.h"

#include <time.h>

/* Appends "<…@domain>": time, then randomness, so that it is unique without
 * telling who sent it. */
void msgid_put(struct buf *out, time_t at, const unsigned char random[static 16],
	const char *domain);

#endif
