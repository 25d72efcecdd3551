/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The connections of 'mailchute serve': who is being served, who waits for it,
 * and what a caller may have.  Forks nothing, and says nothing to anybody.
 *
 *	calls_add(calls, fd, &peer)      after accept()
 *	while ((call = calls_next(calls)))
 *		call->pid = fork() …     served from now on
 *	while ((call = calls_late(calls, now)))
 *		calls_forget(call)       after turning it away
 *	calls_end(calls, pid)            after waitpid()
 *
 * A caller is a user (uid); all who come over TCP and whose uid the system does
 * not tell are one caller.
 */
#ifndef CMD_SERVE_CALLS_H
#define CMD_SERVE_CALLS_H

#include "net/listen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	CALLS_MAX = 200,            /* served or waiting */
	CALLS_PER_CALLER_MAX = 150, /* so that one leaves room for others */
	CALLS_KEPT_NEW = 40,        /* of all, for callers who have none */
	CALLS_KEPT_ROOT = 5, /* of those, for root, whatever the others do */
	CALLS_WAIT_MS = 60 * 1000,
	CALLERS_MAX = 1024 /* whose rates are told apart */
};

/* Invariant: fd is open while the call waits, and -1 when it is served; pid is
 * 0 unless it is served. */
struct call {
	bool is_taken;
	pid_t pid;
	int fd;
	struct listen_peer peer;
	int64_t since_ms;
	uint64_t number; /* in the order of arrival */
};

struct calls {
	struct call places[CALLS_MAX];
	uint64_t count;           /* of all that ever came */
	unsigned long served_max; /* of one caller at a time */
};

/* Takes FD over and returns true, or leaves it: too many. */
bool calls_add(struct calls *calls, int fd, const struct listen_peer *peer,
	int64_t now_ms);
/* The one that has waited longest of those whose callers may have another
 * connection; NULL for none. */
struct call *calls_next(struct calls *calls);
/* One that has waited too long; NULL for none. */
struct call *calls_late(struct calls *calls, int64_t now_ms);
/* Closes its descriptor, if it is open, and frees the place. */
void calls_forget(struct call *call);
/* The process PID has ended. */
void calls_end(struct calls *calls, pid_t pid);
size_t calls_count_served(const struct calls *calls);
bool calls_is_anybody_waiting(const struct calls *calls);
/* For a child: closes what waits. */
void calls_close_waiting(struct calls *calls);

/* PEER's number, below CALLERS_MAX, for the rates. */
size_t calls_caller(const struct listen_peer *peer);

#endif
