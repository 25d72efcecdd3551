/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private keys by GnuTLS.  Knows no message, and not whose key it is. */
#include <config.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/secret.h"
#include "base/text.h"
#include "net/keys.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <unistd.h>

#define LIBRARY              gnutls
#define LIBRARY_SYMBOL(name) gnutls_##name
#define LIBRARY_NAME         GNUTLS_SONAME
#define LIBRARY_TABLE        "net/gnutls_keys.def"
#include "base/library_calls.h"

enum { FILE_LIMIT = 64 * 1024, NAME_LIMIT = 4 * 1024 };

struct signing_key {
	gnutls_privkey_t key;
	enum key_kind kind;
	unsigned bits;
	char *name; /* for sentences */
};

static bool fail(const char *name, const char *reason, struct diag *why)
{
	struct buf shown = BUF_INIT(NAME_LIMIT);

	text_put_uri(&shown, span_of(name));
	diag_set(why, DIAG_KEY_UNUSABLE, buf_text(&shown), reason);
	buf_free(&shown);
	return false;
}

static gnutls_datum_t datum_of(struct span bytes)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)bytes.at,
		(unsigned)bytes.length };
}

/* Appends what GnuTLS has allocated, wipes and frees it. */
static void take(gnutls_datum_t *data, struct buf *out)
{
	if (out)
		buf_put(out, (const char *)data->data, data->size);
	if (data->data)
		secret_erase(data->data, data->size);
	(*gnutls.free)(data->data);
	*data = (gnutls_datum_t){ NULL, 0 };
}

/* ---- loading and making -------------------------------------------------- */

/* One's own is for nobody else; root's may be read by a group. */
static bool is_closed(const struct stat *status)
{
	mode_t open_to = S_IRWXG | S_IRWXO;

	if (process_is_roots(status))
		open_to = S_IWGRP | S_IRWXO;
	return !(status->st_mode & open_to) &&
	       (process_is_roots(status) || status->st_uid == geteuid() ||
		       geteuid() == 0);
}

bool key_read(const char *path, struct buf *out, struct diag *why)
{
	struct stat status;

	switch (file_read(path, out, &status, why)) {
	case FILE_MISSING:
		return fail(path, DIAG_WORDS N_("there is no such file"), why);
	case FILE_FAILED:
		return false;
	case FILE_READ:
		break;
	}
	return is_closed(&status) ||
	       diag_set(why, DIAG_CONFIG_KEY_READABLE, path);
}

static bool import_pem(
	struct signing_key *key, struct span pem, struct diag *why)
{
	gnutls_datum_t data = datum_of(pem);
	int error = gnutls.privkey_import_x509_raw(
		key->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);

	return error >= 0 || fail(key->name, gnutls.strerror(error), why);
}

static bool import_file(
	struct signing_key *key, const char *path, struct diag *why)
{
	struct buf pem = BUF_INIT(FILE_LIMIT);
	bool is_fine = key_read(path, &pem, why) &&
		       import_pem(key, buf_span(&pem), why);

	buf_wipe_free(&pem);
	return is_fine;
}

static bool import_url(
	struct signing_key *key, const char *url, struct diag *why)
{
	int error = gnutls.privkey_import_url(key->key, url, 0);

	return error >= 0 || fail(url, gnutls.strerror(error), why);
}

static bool examine(struct signing_key *key, struct diag *why)
{
	int kind = gnutls.privkey_get_pk_algorithm(key->key, &key->bits);

	key->kind = kind == GNUTLS_PK_EDDSA_ED25519 ? KEY_ED25519 : KEY_RSA;
	if (kind != GNUTLS_PK_EDDSA_ED25519 && kind != GNUTLS_PK_RSA)
		return fail(key->name,
			DIAG_WORDS N_("it is neither RSA nor Ed25519"), why);
	return key->kind != KEY_RSA || key->bits >= KEY_RSA_BITS_MIN ||
	       fail(key->name,
		       DIAG_WORDS N_("it is too short: RSA keys have 2048 "
				     "bits"),
		       why);
}

static struct signing_key *key_new(const char *name, struct diag *why)
{
	struct signing_key *key;

	if (!load(why))
		return NULL;
	key = mem_zalloc(sizeof *key);
	key->name = mem_strdup(name);
	if (gnutls.privkey_init(&key->key) < 0)
		key->key = NULL;
	return key;
}

struct signing_key *key_load(const char *name, struct diag *why)
{
	struct signing_key *key = key_new(name, why);
	bool is_url = span_starts_with(span_of(name), SPAN("pkcs11:"));

	if (key &&
		(is_url ? import_url(key, name, why)
			: import_file(key, name, why)) &&
		examine(key, why))
		return key;
	key_free(key);
	return NULL;
}

struct signing_key *key_take(
	const char *name, struct span pem, struct diag *why)
{
	struct signing_key *key = key_new(name, why);

	if (key && import_pem(key, pem, why) && examine(key, why))
		return key;
	key_free(key);
	return NULL;
}

struct signing_key *key_make(
	enum key_kind kind, unsigned bits, struct diag *why)
{
	struct signing_key *key = key_new("new", why);
	int error;

	if (!key)
		return NULL;
	error = gnutls.privkey_generate(key->key,
		kind == KEY_RSA ? GNUTLS_PK_RSA : GNUTLS_PK_EDDSA_ED25519,
		kind == KEY_RSA ? bits : 256, 0);
	if (error >= 0 && examine(key, why))
		return key;
	if (error < 0)
		fail(key->name, gnutls.strerror(error), why);
	key_free(key);
	return NULL;
}

void key_free(struct signing_key *key)
{
	if (!key)
		return;
	if (key->key)
		gnutls.privkey_deinit(key->key);
	mem_free(key->name);
	mem_free(key);
}

enum key_kind key_kind(const struct signing_key *key)
{
	return key->kind;
}

unsigned key_bits(const struct signing_key *key)
{
	return key->bits;
}

/* ---- using --------------------------------------------------------------- */

bool key_sign(
	void *context, struct span hash, struct buf *out, struct diag *why)
{
	const struct signing_key *key = context;
	gnutls_datum_t data = datum_of(hash), signature = { NULL, 0 };
	int error = key->kind == KEY_RSA ? gnutls.privkey_sign_hash2(key->key,
						   GNUTLS_SIGN_RSA_SHA256, 0,
						   &data, &signature)
					 : gnutls.privkey_sign_data2(key->key,
						   GNUTLS_SIGN_EDDSA_ED25519, 0,
						   &data, &signature);

	if (error < 0)
		return fail(key->name, gnutls.strerror(error), why);
	take(&signature, out);
	return true;
}

bool key_sign_pss(
	void *context, struct span hash, struct buf *out, struct diag *why)
{
	const struct signing_key *key = context;
	gnutls_datum_t data = datum_of(hash), signature = { NULL, 0 };
	int error = gnutls.privkey_sign_hash2(key->key,
		GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, 0, &data, &signature);

	if (error < 0)
		return fail(key->name, gnutls.strerror(error), why);
	take(&signature, out);
	return true;
}

static int export_public(
	const struct signing_key *key, gnutls_pubkey_t public, struct buf *out)
{
	gnutls_datum_t data = { NULL, 0 };
	int error = gnutls.pubkey_import_privkey(public, key->key, 0, 0);

	if (error >= 0)
		error = key->kind == KEY_RSA
				? gnutls.pubkey_export2(
					  public, GNUTLS_X509_FMT_DER, &data)
				: gnutls.pubkey_export_ecc_raw2(
					  public, NULL, &data, NULL, 0);
	if (error >= 0)
		take(&data, out);
	return error;
}

bool key_put_public(
	const struct signing_key *key, struct buf *out, struct diag *why)
{
	gnutls_pubkey_t public = NULL;
	int error = gnutls.pubkey_init(&public);

	if (error >= 0)
		error = export_public(key, public, out);
	if (public)
		gnutls.pubkey_deinit(public);
	return error >= 0 || fail(key->name, gnutls.strerror(error), why);
}

bool key_put_private(
	const struct signing_key *key, struct buf *out, struct diag *why)
{
	gnutls_x509_privkey_t private = NULL;
	gnutls_datum_t data = { NULL, 0 };
	int error = gnutls.privkey_export_x509(key->key, &private);

	if (error >= 0)
		error = gnutls.x509_privkey_export2_pkcs8(private,
			GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &data);
	if (private)
		gnutls.x509_privkey_deinit(private);
	if (error < 0)
		return fail(key->name, gnutls.strerror(error), why);
	take(&data, out);
	return true;
}

/* ---- hashing ------------------------------------------------------------- */

void *key_hash_begin(void)
{
	gnutls_hash_hd_t hash = NULL;

	if (gnutls.hash_init(&hash, GNUTLS_DIG_SHA256) < 0)
		return NULL;
	return hash;
}

void key_hash_put(void *hash, struct span bytes)
{
	if (hash)
		gnutls.hash(hash, bytes.at, bytes.length);
}

bool key_hash_end(void *hash, unsigned char out[static 32])
{
	memset(out, 0, 32);
	if (hash)
		gnutls.hash_deinit(hash, out);
	return hash != NULL;
}

bool key_hmac(struct span key, struct span text, unsigned char out[static 32],
	struct diag *why)
{
	int error;

	if (!load(why))
		return false;
	error = gnutls.hmac_fast(GNUTLS_MAC_SHA256, key.at, key.length, text.at,
		text.length, out);
	return error >= 0 || fail("HMAC", gnutls.strerror(error), why);
}

bool key_hash(struct span bytes, unsigned char out[static 32], struct diag *why)
{
	void *hash;

	if (!load(why))
		return false;
	hash = key_hash_begin();
	if (hash)
		key_hash_put(hash, bytes);
	return (hash && key_hash_end(hash, out)) ||
	       fail("SHA-256", DIAG_WORDS N_("the TLS library has none"), why);
}
