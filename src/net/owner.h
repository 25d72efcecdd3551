/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose the other end of a TCP connection within this machine is.  Linux tells
 * it in /proc/net/tcp; elsewhere nobody does.
 */
#ifndef NET_OWNER_H
#define NET_OWNER_H

#include "base/span.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The uid of the process at the other end of FD, an accepted connection; false
 * when the system does not tell, or the other end is closed already. */
bool owner_of_peer(int fd, uid_t *uid);
/* The same out of TABLE, /proc/net/tcp or tcp6, for the socket that has LOCAL
 * for its own end and REMOTE for the other.  Pure. */
bool owner_find(struct span table, const struct sockaddr *local,
	const struct sockaddr *remote, uid_t *uid);

#endif
