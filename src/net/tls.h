/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS over a stream.  Always verified, unless the profile says otherwise by
 * name; TLS 1.2 or newer with forward secrecy; never a fall-back.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/buf.h"
#include "base/secret.h"
#include "net/stream.h"

struct tls_params {
	const char *host;       /* verified against the SANs, and sent as SNI */
	const char *trust_file; /* PEM; NULL: the system's store */
	bool verify;            /* false only by 'tls_certcheck off' */
	const char *priorities; /* GnuTLS priority string; NULL: ours */
	/* Fingerprints (net/pin.h), of which the server's certificate must have
	 * one: then nothing else is asked of it.  NULL: none. */
	const char *fingerprint;
	const char *crl_file; /* PEM; NULL: none */
	/* Our own certificate and key: PEM files or PKCS#11 URIs (RFC 7512);
	 * both or neither.  The password is the key's, or the token's PIN; NULL
	 * or empty: none. */
	const char *cert_file, *key_file;
	const struct secret *key_password;
	unsigned min_dh_bits; /* of a DHE group's prime; 0: ours */
	long timeout_s;       /* for the sentence of a time-out */
};

/* Does the handshake over UNDER and returns the stream that replaces it (UNDER
 * belongs to it then; on failure UNDER is still the caller's).  Nothing may be
 * buffered in UNDER.  Fails with DIAG_TLS_…, DIAG_CONFIG_TRUST_FILE, _CRL_FILE
 * or _CLIENT_CERTIFICATE. */
struct stream *tls_start(struct stream *under, const struct tls_params *params,
	int64_t deadline_ms, struct diag *why);

/* The data for SASL channel binding; appends it and returns "tls-exporter"
 * (RFC 9266), or "tls-unique" (RFC 5929, only TLS 1.2 with extended master
 * secret); NULL, with OUT as it was, when there is none.  STREAM is one made
 * by tls_start(). */
const char *tls_channel_binding(struct stream *stream, struct buf *out);
/* PBKDF2 (RFC 8018 5.2) with the HMAC of the hash whose size OUT_SIZE is (20:
 * SHA-1, 32: SHA-256), for SASL; false when the library cannot. */
bool tls_derive_key(struct span password, struct span salt,
	unsigned long iterations, unsigned char *out, size_t out_size);
/* HMAC-MD5 (RFC 2104) to the 16 bytes at OUT, for CRAM-MD5; false when the
 * library does not do it (FIPS 140). */
bool tls_hmac_md5(struct span key, struct span data, unsigned char *out);
/* Appends "TLS1.3 …": protocol and cipher suite. */
void tls_describe(struct stream *stream, struct buf *out);
/* Appends what the server's certificate says of itself, a line each, printable:
 * subject, hosts, issuer, dates, fingerprint, the key's fingerprint. */
void tls_put_certificate(struct stream *stream, struct buf *out);
/* "TLS1.3": the protocol alone; static. */
const char *tls_version(struct stream *stream);
/* The version of the library that this was built with; with IS_LOADED that of
 * the one at run time, and NULL when it cannot be loaded. */
const char *tls_library_version(bool is_loaded);

#endif
