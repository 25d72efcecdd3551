/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sockets to be called on, for programs of this machine only: unix sockets and
 * loopback addresses.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include "base/buf.h"
#include "base/diag.h"

#include <stdbool.h>
#include <sys/types.h>

/* Listens on a unix socket that everybody may write to, in a folder that is
 * made (0755) when it alone is missing.  A socket that nobody listens on any
 * more is replaced; anything else that stands there is left. The descriptor is
 * the caller's; -1 on failure (DIAG_NET_LISTEN). */
int listen_unix(const char *path, struct diag *why);
/* Listens on "127.0.0.1:25", "[::1]:25"; no other address is taken
 * (DIAG_NET_NOT_LOOPBACK, DIAG_NET_LISTEN). */
int listen_loopback(const char *address, struct diag *why);

/* Whether the inherited descriptor FD is a stream socket that listens where
 * only this machine can call (DIAG_NET_NOT_A_LISTENER, DIAG_NET_NOT_LOOPBACK).
 */
bool listen_check(int fd, struct diag *why);

/* Who is at the other end of an accepted connection. */
struct listen_peer {
	bool has_uid; /* the system knows who it is */
	uid_t uid;
	pid_t pid; /* or 0 */
};

/* Fills *OUT from the kernel's own knowledge (SO_PEERCRED, getpeereid; of TCP
 * as net/owner.h has it). */
void listen_identify(int fd, struct listen_peer *out);
/* Whether the one who listens on the unix socket PATH, to which FD is
 * connected, may be trusted with mail: root, ourselves, or the owner of the
 * folder that PATH is in (who can put there what they like anyway). */
bool listen_is_trusted(int fd, const char *path);

#endif
