/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A secret: bytes that are wiped on every path and never printed.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/span.h"

#include <stddef.h>

/* Bytes are NUL-terminated too; an empty secret has bytes == NULL. */
struct secret {
	char *bytes;
	size_t length;
};

/* Overwrites memory in a way the compiler may not leave out. */
void secret_erase(void *memory, size_t size_bytes);
/* Replaces the secret by a copy of BYTES; the old one is wiped.  The caller
 * still wipes its own copy. */
void secret_set(struct secret *secret, const char *bytes, size_t length);
static inline struct span secret_span(const struct secret *secret)
{
	return span_make(secret->bytes, secret->length);
}
/* Wipes and frees; the secret is empty afterwards. */
void secret_wipe(struct secret *secret);
/* No core dumps, not readable by a debugger of the same user: called once, at
 * the start of main().  A developer build stays readable (configure's
 * PROCESS_DUMPABLE), because the leak checker reads its own process. */
void secret_protect_process(void);

#endif
