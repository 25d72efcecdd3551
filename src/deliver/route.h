/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several relays: when another account may stand in, and what changes then.
 * Knows no network; the order of the accounts is the configuration's.
 */
#ifndef DELIVER_ROUTE_H
#define DELIVER_ROUTE_H

#include "base/mem.h"
#include "config/account.h"
#include "deliver/outcome.h"
#include "mail/envelope.h"

#include <stdbool.h>

/* Whether an attempt that came to OUTCOME may be followed by one through
 * another account: only when what kept everybody concerns the host or the
 * account.  A message that may have arrived, or that a server refused, is not
 * shown to the next one. */
bool route_may_go_on(const struct outcome *outcome);

/* The envelope of FIRST's message, for ACCOUNT: a sender that is FIRST's own
 * becomes ACCOUNT's own, since a relay seldom lets its users send as somebody
 * else; any other stays, unless ACCOUNT's 'allow_from_override' is off.  Lives
 * in ARENA, and as long as ENVELOPE. */
struct envelope route_envelope(const struct account *first,
	const struct account *account, const struct envelope *envelope,
	struct arena *arena);

/* Which of COUNT attempts that all came to nothing decides what becomes of the
 * message: the first that may do later, else the first. */
size_t route_decisive(const struct outcome *tries, size_t count);

#endif
