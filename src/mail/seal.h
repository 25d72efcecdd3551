/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Seals: words that stand for an address, and for what it was sent, which only
 * who has the key can make and read.  An unsubscribe link and the Message-ID of
 * what may bounce have one, so that a link that leaks tells no address, and
 * nobody can take another off a list.
 *
 *	kind letter, then base 64 (RFC 4648 5) of
 *		2 bytes    which key
 *		16 bytes   HMAC-SHA-256 of kind and text, cut
 *		the rest   the text, "about\0address", with a stream from that
 *HMAC and the key (a synthetic IV, as RFC 5297 has it: the same text has the
 *same seal, and no other)
 *
 * Pure: the HMAC is somebody else's.
 *
 *	seal_key_set(&key, secret, hmac, why) &&
 *		seal_put(&key, SEAL_UNSUBSCRIBE, "news.example.org",
 *			"ann@example.org", &out, why)
 *	…
 *	if (seal_find(&keys, SEAL_UNSUBSCRIBE, text, arena, &opened)) …
 */
#ifndef MAIL_SEAL_H
#define MAIL_SEAL_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	SEAL_KEY_BYTES = 32,
	SEAL_KEYS_LIMIT = 16,
	SEAL_TEXT_LIMIT = 1024, /* both texts together */
	SEAL_LENGTH_MAX = 1500  /* of a seal */
};

/* What one kind says counts for nothing as another. */
enum seal_kind {
	SEAL_UNSUBSCRIBE = 'u', /* about: the list */
	SEAL_MESSAGE = 'm'      /* about: the message's id */
};

typedef bool seal_hmac(struct span key, struct span text,
	unsigned char out[static 32], struct diag *why);

/* What is made of one secret.  Whoever has it wipes it. */
struct seal_key {
	seal_hmac *hmac;
	unsigned char id[2], check[32], cipher[32];
};

/* The first makes, all are known. */
struct seal_keys {
	struct seal_key items[SEAL_KEYS_LIMIT];
	size_t count;
};

struct seal_opened {
	const char *about, *address;
};

/* SECRET has SEAL_KEY_BYTES.  Fails as HMAC does. */
bool seal_key_set(struct seal_key *key, struct span secret, seal_hmac *hmac,
	struct diag *why);
/* Appends a seal: letters, digits, '-' and '_'.  False, with OUT as it was,
 * when the texts are too long, or as HMAC does. */
bool seal_put(const struct seal_key *key, enum seal_kind kind,
	const char *about, const char *address, struct buf *out,
	struct diag *why);
/* Whether SEAL, whole, is one of ours; *OUT lies in ARENA. */
bool seal_open(const struct seal_keys *keys, enum seal_kind kind,
	struct span seal, struct arena *arena, struct seal_opened *out);
/* The first of ours in TEXT, where anything but its letters may stand around
 * it.  Takes time in proportion to TEXT. */
bool seal_find(const struct seal_keys *keys, enum seal_kind kind,
	struct span text, struct arena *arena, struct seal_opened *out);

#endif
