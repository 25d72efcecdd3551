/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections through a SOCKS 5 proxy (RFC 1928, 1929). */
#ifndef NET_SOCKS_H
#define NET_SOCKS_H

#include "base/secret.h"
#include "net/stream.h"

struct socks_params {
	const char *proxy; /* "host:1080", for sentences */
	const char *host;  /* a literal, or a name: the proxy looks it up */
	unsigned port;
	const char *user;              /* NULL: without a login */
	const struct secret *password; /* NULL: empty */
};

/* Has the proxy at the other end of STREAM connect to the host; from then on
 * STREAM is the connection to it, and not one byte of that has been read.
 * Fails with DIAG_NET_PROXY, _PROXY_LOGIN, _CONNECT_TIMEOUT, or as the stream
 * does. */
bool socks_connect(struct stream *stream, const struct socks_params *params,
	int64_t deadline_ms, struct diag *why);

#endif
