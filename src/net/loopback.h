/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A port of this machine to which a browser is led once (RFC 8252 7.3): it
 * reads the heads of HTTP requests, and says "done" to the one that is awaited
 * and 404 to all else.  Knows not what is in them.
 */
#ifndef NET_LOOPBACK_H
#define NET_LOOPBACK_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { LOOPBACK_LISTENERS = 2 };

struct loopback {
	int fds[LOOPBACK_LISTENERS]; /* -1: none */
	unsigned port;
};

/* For URI, "http://HOST:PORT/…": HOST is 127.0.0.1, [::1] or localhost (both,
 * as far as there are both), PORT a number, or "%p" for a free one.  Fails with
 * DIAG_NET_NOT_LOOPBACK, DIAG_NET_LISTEN. */
bool loopback_open(
	struct loopback *loopback, const char *uri, struct diag *why);
/* Until IS_AWAITED says so of a request's head, or the deadline, which is
 * false.  No connection keeps the others waiting. */
bool loopback_wait(const struct loopback *loopback, int64_t deadline_ms,
	bool (*is_awaited)(void *context, struct span head), void *context);
void loopback_close(struct loopback *loopback);

#endif
