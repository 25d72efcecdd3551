/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How times are spread, without keeping each: cells whose width grows with the
 * time, so that a quantile is right to 3 %.  Of a fixed size.  Pure.
 */
#ifndef LOG_SPREAD_H
#define LOG_SPREAD_H

#include <stdint.h>

/* 32 cells a doubling, up to ten years in milliseconds. */
enum { SPREAD_STEPS = 32, SPREAD_CELLS = SPREAD_STEPS * 35 };

/* Zeroed is empty. */
struct spread {
	uint64_t count;
	int64_t sum_ms;
	uint32_t cells[SPREAD_CELLS];
};

/* MS is not negative; what is beyond the last cell is in it. */
void spread_add(struct spread *spread, int64_t ms);
/* The time that PERCENT of them do not exceed, in ms; -1 when there are none.
 */
int64_t spread_quantile(const struct spread *spread, unsigned percent);
/* How many do not exceed MS, to the precision of a cell. */
uint64_t spread_up_to(const struct spread *spread, int64_t ms);

#endif
