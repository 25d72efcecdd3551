/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message on its way: made once, from the edit or from the queue's record,
 * and passed by pointer down to smtp.  Whoever sends a part of it, or another
 * form, says so in one of the same type.
 */
#ifndef MAIL_DELIVERY_H
#define MAIL_DELIVERY_H

#include "base/diag.h"
#include "base/source.h"
#include "mail/envelope.h"

#include <stdbool.h>
#include <stdint.h>

struct delivery {
	const struct envelope *envelope;
	/* As it goes out; read to its end, and again if it must be. */
	struct source *message;
	uint64_t size_bytes; /* what MESSAGE gives, RFC 1870 */
	/* The same of its form for a transaction without SMTPUTF8; 0: the
	 * same. */
	uint64_t ascii_size_bytes;
	/* And of that for a server that has no 8BITMIME either; 0: the same as
	 * the one above. */
	uint64_t words_size_bytes;
	bool is_8bit; /* the message has bytes over 127 */
	/* Raw UTF-8 in the header goes out as it is: SMTPUTF8 is only asked for
	 * when an address needs it, since the next hop may not have it. */
	bool header_is_8bit;
	const char *message_id; /* or "" */
	bool is_last;           /* QUIT goes out with it */
	/* No message (NULL): only asks whether sender and recipients would be
	 * taken, and takes it all back (RSET); VERDICT_DELIVERED says yes. */
	bool is_question;
	/* Told from time to time how much of the message has gone, of
	 * size_bytes; NULL for nobody. */
	void (*progress)(void *context, uint64_t sent, uint64_t total);
	/* Called before the end of the message is sent; false keeps it from
	 * being sent (*WHY says why), and breaks the connection.  NULL for
	 * none. */
	bool (*before_end)(void *context, struct diag *why);
	void *context; /* of both */
};

#endif
