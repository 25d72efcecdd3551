/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often something may happen, counted over processes: the numbers lie in
 * memory that a process shares with its children, and one that dies in the
 * middle of it leaves nothing locked.
 *
 *	rates = rates_new(count, 60)            before the children
 *	rates_take(rates, who, clock_now_ms())  in each of them
 */
#ifndef BASE_RATE_H
#define BASE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rates;

/* For COUNT parties with PER_MINUTE each (1 to RATE_MAX), all of which may
 * come at once.  Freed with rates_free(); NULL, with errno, without memory. */
struct rates *rates_new(size_t count, unsigned long per_minute);
enum { RATE_MAX = 1000000 };
/* NULL is allowed. */
void rates_free(struct rates *rates);
/* Whether WHO, a number below COUNT, may at NOW_MS; it is counted then. */
bool rates_take(struct rates *rates, size_t who, int64_t now_ms);

#endif
