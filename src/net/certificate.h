/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The certificate that a server shows: whether it is to be trusted, why not,
 * and what it says of itself.  For net/tls.h, which has the session.
 */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"
#include "net/tls.h"

#include <stdbool.h>
#include <stddef.h>

/* A server that sends more of them is not believed. */
enum { CERTIFICATE_CHAIN_MAX = 16 };

/* Whom we want, and what was shown.  Everything is borrowed. */
struct certificate_peer {
	const struct tls_params *params;
	const char *host; /* A-labels, or a literal without brackets */
	unsigned char address[16];
	unsigned address_length;  /* 4 or 16 for a literal, else 0 */
	const struct span *chain; /* as DER, the server's own first */
	size_t count;
};

/* Whether the chain is good for the host, by the fingerprints of the params, or
 * else by their trust and CRL files.  Fails with DIAG_TLS_CERTIFICATE,
 * _FINGERPRINT, DIAG_CONFIG_TRUST_FILE or _CRL_FILE, or when the library cannot
 * be loaded.  RFC 9525, RFC 5280. */
bool certificate_check(const struct certificate_peer *peer, struct diag *why);
/* Appends what the server's own certificate says of itself, a line each,
 * printable: owner, hosts, issuer, dates, fingerprint, the key's fingerprint.
 * Nothing when it cannot be read.  Only the chain of PEER is looked at. */
void certificate_put(const struct certificate_peer *peer, struct buf *out);

#endif
