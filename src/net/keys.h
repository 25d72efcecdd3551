/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Private keys, for signing messages: loaded, made, used.  What a signature
 * is over is somebody else's.
 *
 *	struct signing_key *key = key_load("/etc/mailchute/dkim.pem", why);
 *	… key_sign(key, hash, &signature, why) …
 *	key_free(key);
 */
#ifndef NET_KEYS_H
#define NET_KEYS_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>

enum key_kind { KEY_RSA, KEY_ED25519 };

/* RFC 8301 3.2: verifiers need not take less; signers should not use less. */
enum { KEY_RSA_BITS_MIN = 1024, KEY_RSA_BITS = 2048 };

struct signing_key;

/* NAME is a PEM file (PKCS#8, PKCS#1 or SEC 1, without a password) or a
 * "pkcs11:" URI (RFC 7512).  Fails with DIAG_KEY_UNUSABLE: unreadable, not a
 * private key, another kind than RSA and Ed25519, RSA below KEY_RSA_BITS_MIN;
 * with DIAG_CONFIG_KEY_READABLE: a file that others can read or write, or of
 * another user (root's may be shared with a group); and with
 * DIAG_LIBRARY_NOT_LOADED. */
struct signing_key *key_load(const char *name, struct diag *why);
/* The same in two steps, for a file in which more than a key stands: appends
 * what is in it, after the check of owner and mode, and takes the key of a PEM
 * text, of which NAME is for sentences.  The caller wipes OUT. */
bool key_read(const char *path, struct buf *out, struct diag *why);
struct signing_key *key_take(
	const char *name, struct span pem, struct diag *why);
/* A new one; BITS only counts for RSA. */
struct signing_key *key_make(
	enum key_kind kind, unsigned bits, struct diag *why);
/* NULL is allowed. */
void key_free(struct signing_key *key);

enum key_kind key_kind(const struct signing_key *key);
unsigned key_bits(const struct signing_key *key);
/* Appends the signature of HASH, a SHA-256: RSA with PKCS#1 1.5 (RFC 8017 8.2),
 * or Ed25519 over its 32 bytes (RFC 8463 3).  KEY is a struct signing_key.
 * Fails with DIAG_KEY_UNUSABLE. */
bool key_sign(void *key, struct span hash, struct buf *out, struct diag *why);
/* The same with PSS (RFC 8017 8.1), which has RSA alone. */
bool key_sign_pss(
	void *key, struct span hash, struct buf *out, struct diag *why);
/* Appends the public key as DKIM's "p=" has it before base 64: RSA as
 * SubjectPublicKeyInfo (RFC 6376 3.6.1), Ed25519 as 32 bytes (RFC 8463 4). */
bool key_put_public(
	const struct signing_key *key, struct buf *out, struct diag *why);
/* Appends the private key as PKCS#8 in PEM; the caller wipes OUT. */
bool key_put_private(
	const struct signing_key *key, struct buf *out, struct diag *why);

/* SHA-256 of BYTES.  Fails with DIAG_LIBRARY_NOT_LOADED, DIAG_KEY_UNUSABLE. */
bool key_hash(
	struct span bytes, unsigned char out[static 32], struct diag *why);
/* SHA-256 in pieces; the library must be there already (a key is loaded).
 * key_hash_end() frees; false: the library could not. */
void *key_hash_begin(void);
void key_hash_put(void *hash, struct span bytes);
bool key_hash_end(void *hash, unsigned char out[static 32]);
/* HMAC (RFC 2104) with SHA-256; loads the library.  Fails with
 * DIAG_LIBRARY_NOT_LOADED. */
bool key_hmac(struct span key, struct span text, unsigned char out[static 32],
	struct diag *why);

#endif
