/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which server a domain names for a service: SRV records (RFC 2782), as RFC
 * 6186 and RFC 8314 have them for mail.  Answers of the DNS are not signed:
 * what they say is a proposal, to be looked at by a person.
 */
#ifndef NET_SRV_H
#define NET_SRV_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct srv {
	const char *host; /* in ASCII, without the last dot */
	unsigned port, priority, weight;
};

/* The best server in an answer: least priority, and most weight among those.
 * False when there is none, as in an answer of "." (not offered), or what came
 * is no answer.  A name that is more than letters, digits, "-", "_" and dots
 * counts for nothing.  *OUT lives in ARENA.  Pure; linear in the length. */
bool srv_parse(struct span answer, struct arena *arena, struct srv *out);

/* Asks for SERVICE ("_submissions._tcp") at DOMAIN; *IS_FOUND is false when the
 * domain names no server.  Fails as dns_look_up() does. */
bool srv_look_up(const char *service, const char *domain, int64_t deadline_ms,
	struct arena *arena, struct srv *out, bool *is_found, struct diag *why);

#endif
