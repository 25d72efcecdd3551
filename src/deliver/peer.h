/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server at the other end: reached as its account says, over TCP, by way of
 * a proxy or through a socket, in clear or under TLS.
 *
 *	struct peer peer = { .account = account, .arena = arena, … };
 *
 *	peer_init(&peer);
 *	if (peer_connect(&peer, why))
 *		… peer.stream …
 *	peer_free(&peer);
 */
#ifndef DELIVER_PEER_H
#define DELIVER_PEER_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "config/account.h"
#include "net/resolve.h"
#include "net/stream.h"

#include <stdbool.h>
#include <stdint.h>

/* The first five are the caller's, who fills them in; all else begins as zero.
 * Invariant: TLS_VERSION is NULL while the stream is in clear. */
struct peer {
	const struct account *account;
	const struct secret *key_password; /* of our own certificate's key */
	struct arena *arena;               /* for addresses */
	bool is_traced; /* TLS and certificate are told on stderr */
	/* Called once, before a byte is read from anybody; NULL for nobody. */
	void (*confine)(const struct account *account, bool is_traced);
	/* Where to, and from where, for whoever is confined. */
	struct resolve_list to, from;
	struct buf name;      /* "host:587" or the socket's path */
	struct buf helo_name; /* ours, for this end of the stream */
	struct stream *stream;
	bool is_local;           /* on this machine, and no proxy */
	const char *tls_version; /* static */
};

void peer_init(struct peer *peer);
/* Opens the stream, with TLS from the start if the account says so, within 30 s
 * for all addresses and 60 s for TLS, or what 'timeout' caps.  Fails with
 * DIAG_NET_…, DIAG_TLS_…, DIAG_CONFIG_…. */
bool peer_connect(struct peer *peer, struct diag *why);
/* TLS over the stream there is; nothing may be buffered in it.  Fails as
 * tls_start(). */
bool peer_start_tls(struct peer *peer, struct diag *why);
/* Whether the server wants TLS from the first byte: one where STARTTLS is
 * expected then waits like the client, for minutes.  Asked over a connection of
 * its own, until LATEST_MS at most: a slow greeter is not disturbed, and waited
 * for no longer than without the question. */
bool peer_speaks_tls_first(struct peer *peer, int64_t latest_ms);
/* SECONDS, or 'timeout' where that is set. */
long peer_capped_s(const struct peer *peer, long seconds);
/* Closes the stream, so that peer_connect() may make another. */
void peer_hang_up(struct peer *peer);
void peer_free(struct peer *peer);

#endif
