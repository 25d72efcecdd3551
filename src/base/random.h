/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unpredictable bytes from the kernel. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

/* Fills INTO; never fails (falls back to /dev/urandom, then to clock and pid
 * where a name only has to be unique). */
void random_bytes(void *into, size_t length);

#endif
