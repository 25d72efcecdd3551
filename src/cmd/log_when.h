/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A moment as a person names it. */
#ifndef CMD_LOG_WHEN_H
#define CMD_LOG_WHEN_H

#include "base/span.h"
#include "log/stamp.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads "2d", "12h", "30m" (ago; a number alone is none), "now", "today",
 * "yesterday" (00:00), or what mail/date reads, by CLOCK's zone without one.
 * Seconds since the epoch; false for anything else. */
bool log_when_read(
	struct span text, const struct log_clock *clock, int64_t *out);

#endif
