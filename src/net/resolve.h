/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Host names to addresses, in a look-up that can be abandoned. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct resolve_address {
	struct sockaddr_storage address;
	socklen_t length;
};

struct resolve_list {
	struct resolve_address *items;
	size_t count;
};

/* All addresses of HOST (a name, or an IPv4 or IPv6 literal, with or without
 * brackets), in the order of getaddrinfo(3).  An internationalised name is
 * turned into A-labels first.  "localhost" is this machine (RFC 6761 6.3).
 * Fails with DIAG_NET_NO_SUCH_HOST, DIAG_NET_NAME_SERVER or
 * DIAG_NET_NAME_TIMEOUT; no look-up outlives the deadline by holding us up. */
bool resolve_host(const char *host, unsigned port, int64_t deadline_ms,
	struct arena *arena, struct resolve_list *out, struct diag *why);
/* The same for the addresses of FAMILY (AF_INET, AF_INET6, or AF_UNSPEC for
 * both) alone: the name server is not asked for the others, since some never
 * answer that.  Fails with DIAG_NET_NO_ADDRESS, too. */
struct resolve_question {
	const char *host;
	unsigned port;
	int family;
	int64_t deadline_ms;
};
bool resolve_family(const struct resolve_question *asked, struct arena *arena,
	struct resolve_list *out, struct diag *why);
/* Replaces getaddrinfo(3), for tests; NULL brings it back. */
struct addrinfo;
void resolve_set_lookup_for_test(
	int (*function)(const char *host, const char *port,
		const struct addrinfo *hints, struct addrinfo **found));
/* Whether ADDRESS is this machine: 127.0.0.0/8 or ::1. */
bool resolve_is_loopback(const struct resolve_address *address);
/* Appends "192.0.2.1" or "[2001:db8::1]". */
void resolve_put_address(
	const struct resolve_address *address, struct buf *out);

#endif
