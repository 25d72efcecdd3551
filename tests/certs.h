/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Throw-away certificates, made when they are needed: nothing that could
 * expire, or be mistaken for a secret, lies in the repository.
 *
 *	struct cert ca = cert_make(&(struct cert_params){ .is_ca = true,
 *		.name = "Test CA" }, NULL);
 *	struct cert leaf = cert_make(&(struct cert_params){
 *		.dns = { "mail.example.org" } }, &ca);
 */
#ifndef TESTS_CERTS_H
#define TESTS_CERTS_H

#include "base/buf.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>

enum { CERT_SANS_MAX = 8, CERT_PEM_LIMIT = 1024 * 1024 };

struct cert {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

struct cert_params {
	const char *name; /* common name; NULL: none */
	const char *dns[CERT_SANS_MAX];
	const char *ip[CERT_SANS_MAX]; /* literals */
	const char *purpose;           /* OID; NULL: serverAuth, but for a CA */
	bool is_ca, has_any_purpose;
	unsigned rsa_bits;          /* 0: ECDSA on P-256 */
	long from_days, until_days; /* from now; 0 and 0: -1 and 2 */
};

/* Exits with a message when the library fails; ISSUER NULL: self-signed. */
struct cert cert_make(
	const struct cert_params *params, const struct cert *issuer);
void cert_free(struct cert *cert);
/* Appends PEM. */
void cert_put(struct buf *out, const struct cert *cert);
void cert_put_key(struct buf *out, const struct cert *cert);
/* The same, encrypted (PKCS#8). */
void cert_put_sealed_key(
	struct buf *out, const struct cert *cert, const char *password);
/* A list of revoked certificates by ISSUER, in PEM, with REVOKED (NULL: an
 * empty one) on it. */
void cert_put_crl(
	struct buf *out, const struct cert *issuer, const struct cert *revoked);
/* Credentials of a server that shows these certificates (its own first), with
 * the key of the first. */
gnutls_certificate_credentials_t cert_credentials(
	const struct cert *const *chain, unsigned count);
/* Writes a file of mode 0600; exits when it cannot. */
void cert_write_file(const char *path, const struct buf *pem);

#endif
