/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys of an account for seals (mail/seal): a file of lines, one a key, the
 * first makes and all are known.
 *
 *	path = sealing_path(account->unsubscribe_key, account->suppress, arena);
 *	sealing_open(path, SEALING_MADE, &sealing, why) &&
 *		sealing_put(sealing, SEAL_UNSUBSCRIBE, "news.example.org",
 *			"ann@example.org", &out, why)
 *	…
 *	sealing_close(sealing);
 */
#ifndef DELIVER_SEALING_H
#define DELIVER_SEALING_H

#include "base/diag.h"
#include "base/mem.h"
#include "mail/seal.h"

#include <stdbool.h>

struct sealing;

/* What becomes of a file that is not there: no sealing; a failure; it is made,
 * for nobody else. */
enum sealing_need { SEALING_IF_THERE, SEALING_THERE, SEALING_MADE };

/* NAMED, or what lies beside LIST; NULL when both are. */
const char *sealing_path(
	const char *named, const char *list, struct arena *arena);
/* *OUT is NULL with SEALING_IF_THERE, where there is none.  Fails with
 * DIAG_SEAL_KEY, DIAG_CONFIG_KEY_READABLE, DIAG_FILE_FAILED, and as key_hmac()
 * does. */
bool sealing_open(const char *path, enum sealing_need need,
	struct sealing **out, struct diag *why);
/* As seal_put() and seal_find() with these keys. */
bool sealing_put(const struct sealing *sealing, enum seal_kind kind,
	const char *about, const char *address, struct buf *out,
	struct diag *why);
bool sealing_find(const struct sealing *sealing, enum seal_kind kind,
	struct span text, struct arena *arena, struct seal_opened *out);
/* Wipes them; NULL is allowed. */
void sealing_close(struct sealing *sealing);

#endif
