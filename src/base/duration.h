/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lengths of time as people write them: "90s", "5m", "4h", "5d". */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* A number and perhaps a unit (seconds without one), at most ten years.  False
 * when it is none. */
bool duration_parse(struct span text, long *seconds);
/* A list, separated by spaces or commas, of 1 to MAX durations of at least a
 * second each.  False when it is none, *COUNT is undefined then. */
bool duration_parse_list(
	struct span text, long *seconds, size_t max, size_t *count);
/* "30/m", "100/h", "2/10m": so many in so long, both at least 1. */
bool duration_parse_rate(struct span text, long *number, long *seconds);
/* Appends the shortest form that duration_parse() takes: "90s", "2m", "5d". */
void duration_put(struct buf *out, long seconds);
/* Appends it for people, cut to its largest unit: "4d", "59m", "0s". */
void duration_put_rough(struct buf *out, long seconds);

#endif
