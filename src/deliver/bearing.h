/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was found out of a server: whether it takes several messages in one
 * flight, and after how many it ends a connection.  It stands in one file of
 * the queue's folder, "servers", a line a server, which a person may delete:
 *
 *	mail.example.net:587 together 0 1795313402
 *	127.0.0.1:2525 one-by-one 10 1795313402
 *
 * It is known for a month, and never more than a hint: the session's EHLO
 * decides (smtp/dialogue.h).
 */
#ifndef DELIVER_BEARING_H
#define DELIVER_BEARING_H

#include "base/buf.h"
#include "base/json.h"
#include "config/account.h"
#include "smtp/dialogue.h"
#include "spool/store.h"

enum { BEARING_FILE_LIMIT = 64 * 1024 };

struct bearing {
	/* SMTP_SHARING_OPEN, _REFUSED, or _OFF: it is not known. */
	enum smtp_sharing sharing;
	long messages_max; /* 0: not known */
};

/* Nothing is known when the file cannot be read. */
void bearing_read(const struct spool *spool, const struct account *account,
	struct bearing *out);
/* A file that cannot be written is no failure: it is found out again. */
void bearing_write(const struct spool *spool, const struct account *account,
	const struct bearing *bearing);
/* Appends the file as it is, each line behind BEFORE; false when nothing is
 * known any more. */
bool bearing_put(
	const struct spool *spool, const char *before, struct buf *out);
/* The same as {"folder","server","flight","messages_max","found"}, one for each
 * server; null is what is not known. */
void bearing_put_json(const struct spool *spool, struct json *json);

#endif
