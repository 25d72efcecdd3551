/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections over TCP and unix sockets, as streams. */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "base/buf.h"
#include "net/resolve.h"
#include "net/stream.h"

/* Connects to the first address that answers: attempts are started 250 ms
 * apart, address families alternating, and the first to complete wins (RFC 8305
 * section 5).  TCP_NODELAY is set.  NAME ("host:587") is for diagnostics:
 * DIAG_NET_REFUSED, _UNREACHABLE, _CONNECT_TIMEOUT, _SYSTEM. */
struct stream *tcp_connect(const struct resolve_list *addresses,
	const char *name, int64_t deadline_ms, struct diag *why);
/* The same, from SOURCE, one of our own addresses; its family alone is tried.
 * DIAG_NET_SOURCE when that cannot be, too. */
struct stream *tcp_connect_from(const struct resolve_list *addresses,
	const struct resolve_address *source, const char *name,
	int64_t deadline_ms, struct diag *why);
/* Connects to a unix socket, whose listener must be root, ourselves or the
 * owner of the folder it is in (DIAG_NET_NOT_TRUSTED). */
struct stream *tcp_connect_unix(
	const char *path, int64_t deadline_ms, struct diag *why);
/* Takes over a connected descriptor (made non-blocking, closed with the
 * stream). */
struct stream *tcp_from_fd(int fd);
/* Our own end of the connection as an SMTP address literal,
 * "[127.0.0.1]" or "[IPv6:…]" (RFC 5321 4.1.3); "[127.0.0.1]" for a unix
 * socket.  STREAM is one made here. */
void tcp_put_own_literal(struct stream *stream, struct buf *out);
/* Which of our own addresses a connection to TO would come from; nothing is
 * sent.  False when there is no way to it. */
bool tcp_source(const struct resolve_address *to, struct resolve_address *from);
/* Whether the peer is this machine: a loopback address or a unix socket. */
bool tcp_peer_is_local(struct stream *stream);

#endif
