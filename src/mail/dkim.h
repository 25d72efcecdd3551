/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DKIM signatures, RFC 6376 and 8463: which fields, in which form, and the
 * field that comes of it.  Pure: hashing and signing are arguments, and so is
 * the time.
 *
 *	struct buf fields = BUF_INIT(DKIM_FIELDS_LIMIT);
 *	if (!dkim_sign(&params, message, &fields, why))
 *		return false;
 *	… the fields go out in front of the message …
 */
#ifndef MAIL_DKIM_H
#define MAIL_DKIM_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum {
	DKIM_HASH_BYTES = 32,            /* SHA-256 */
	DKIM_SIGNATURE_LIMIT = 4 * 1024, /* bytes: RSA with 32,768 bits */
	DKIM_KEYS_LIMIT = 4,
	DKIM_FIELDS_LIMIT = 64 * 1024,
	/* Fields of one name that are signed; a message has one, or a few. */
	DKIM_REPEATED_LIMIT = 16
};

/* SHA-256 of somebody else.  end() frees, is always called, and says false when
 * there is no hash. */
struct dkim_hash {
	void *(*begin)(void);
	void (*put)(void *hash, struct span bytes);
	bool (*end)(void *hash, unsigned char out[static DKIM_HASH_BYTES]);
};

struct dkim_key {
	const char *selector;  /* "s=" */
	const char *algorithm; /* "a=": "rsa-sha256", "ed25519-sha256" */
	/* Appends the signature of HASH, raw. */
	bool (*sign)(void *context, struct span hash, struct buf *out,
		struct diag *why);
	void *context;
};

struct dkim_params {
	const char *domain; /* "d=": A-labels */
	const struct dkim_key *keys;
	size_t key_count;
	/* The names of the fields to sign, separated by ':', ',' or blanks;
	 * NULL for the usual ones.  From is signed in any case, and, where
	 * List-Unsubscribe-Post is, that and List-Unsubscribe. */
	const char *headers;
	/* An author's domain as A-labels (net/idn); NULL: it stays. */
	bool (*to_ascii)(const char *domain, struct buf *out, struct diag *why);
	struct dkim_hash hash;
	time_t now; /* "t=" */
};

/* Whether all authors in the value of a From are of the domain or of one below
 * it.  Nobody's is one that does not parse, or is empty. */
bool dkim_is_ours(const struct dkim_params *params, struct span from_value);

/* Reads MESSAGE (canonical) to its end, and appends a DKIM-Signature field for
 * each key, each ending in CRLF; none when the message is not by an author of
 * that domain.  Relaxed in header and body.  Each name is signed once more than
 * it occurs, so that nobody can add such a field (RFC 6376 8.15).  The length
 * of what is appended depends on header, keys and time alone.  Memory: the
 * header, and a constant.  Fails as MESSAGE and the keys' sign() do, and with
 * DIAG_MESSAGE_HEAD_TOO_LARGE. */
bool dkim_sign(const struct dkim_params *params, struct source *message,
	struct buf *fields, struct diag *why);

#endif
