/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A call of the system's that cannot be told when to give up, made where it can
 * be left behind.  Does not know what it asks.
 *
 *	struct lookup *lookup = …;
 *
 *	switch (aside_run(look_up, forget, lookup, deadline_ms, &error)) {
 *	case ASIDE_DONE:
 *		… the answer is in *lookup …
 *		forget(lookup);
 */
#ifndef NET_ASIDE_H
#define NET_ASIDE_H

#include "base/diag.h"

#include <stdbool.h>
#include <stdint.h>

enum aside_end {
	ASIDE_DONE, /* STATE is the caller's again */
	/* STATE is the call's, which forgets it whenever it comes home: */
	ASIDE_LATE,
	ASIDE_INTERRUPTED,
	ASIDE_FAILED /* nothing began, *ERROR is an errno; STATE is gone */
};

/* Calls run(STATE) in a thread of its own, in which no signal arrives, and
 * waits for it until the deadline or base/interrupt.  A process may end while
 * a call is left behind.  STATE must be memory of its own (mem_alloc()), which
 * nobody else touches until ASIDE_DONE; forget(STATE) frees it. */
enum aside_end aside_run(void (*run)(void *state), void (*forget)(void *state),
	void *state, int64_t deadline_ms, int *error);

/* False, and DIAG_NET_NAME_TIMEOUT: what was asked of NAME since BEGIN_MS (by
 * clock_now_ms()) was left behind. */
bool aside_time_out(const char *name, int64_t begin_ms, struct diag *why);

#endif
