/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System libraries that are loaded when they are first needed: starting with
 * GnuTLS and what it needs costs five times what queueing a message does.
 * Knows none of them; each has one door, and that includes
 * base/library_calls.h.
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>

/* NAME is what the system finds it by.  Invariant: CALLS, COUNT pointers for
 * SYMBOLS in their order, is filled when it is loaded, and else all NULL. */
struct library {
	const char *name;
	const char *const *symbols;
	void *calls;
	size_t count;
	bool is_loaded;
};

/* Loads it, unless it is; it stays for the rest of the run.  Fails with
 * DIAG_LIBRARY_NOT_LOADED. */
bool library_load(struct library *library, struct diag *why);

#endif
