/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times in cells.  Does not know what took so long. */
#include <config.h>

#include "log/spread.h"

#include <stddef.h>

/* The first SPREAD_STEPS cells are a millisecond each; then each doubling has
 * as many. */
static size_t cell_of(int64_t ms)
{
	size_t doubling = 0, cell;

	while (ms >> doubling >= 2 * SPREAD_STEPS)
		doubling++;
	cell = doubling * SPREAD_STEPS + (size_t)(ms >> doubling);
	return cell < SPREAD_CELLS ? cell : SPREAD_CELLS - 1;
}

/* The largest time of a cell. */
static int64_t end_of(size_t cell)
{
	size_t doubling = cell < 2 * SPREAD_STEPS ? 0 : cell / SPREAD_STEPS - 1;
	int64_t step = (int64_t)(cell - doubling * SPREAD_STEPS);

	return ((step + 1) << doubling) - 1;
}

void spread_add(struct spread *spread, int64_t ms)
{
	spread->count++;
	spread->sum_ms += ms;
	spread->cells[cell_of(ms)]++;
}

int64_t spread_quantile(const struct spread *spread, unsigned percent)
{
	uint64_t wanted = (spread->count * percent + 99) / 100, seen = 0;

	if (!spread->count)
		return -1;
	for (size_t i = 0; i < SPREAD_CELLS; i++) {
		seen += spread->cells[i];
		if (seen && seen >= wanted)
			return end_of(i);
	}
	return end_of(SPREAD_CELLS - 1);
}

uint64_t spread_up_to(const struct spread *spread, int64_t ms)
{
	uint64_t seen = 0;

	for (size_t i = 0, last = cell_of(ms); i <= last; i++)
		seen += spread->cells[i];
	return seen;
}
