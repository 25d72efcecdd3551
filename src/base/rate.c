/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A rate in one number: the time by which all that was taken would be used up
 * (GCRA).  A number alone needs no lock.
 */
#include <config.h>

#include "base/rate.h"

#include <stdatomic.h>
#include <sys/mman.h>

enum { MINUTE_US = 60 * 1000 * 1000 };

struct rates {
	size_t bytes;
	int64_t interval_us;
	_Atomic int64_t used_up_us[];
};

struct rates *rates_new(size_t count, unsigned long per_minute)
{
	size_t bytes = sizeof(struct rates) + count * sizeof(int64_t);
	struct rates *rates = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (rates == MAP_FAILED)
		return NULL;
	rates->bytes = bytes;
	rates->interval_us = MINUTE_US / (int64_t)per_minute;
	return rates;
}

void rates_free(struct rates *rates)
{
	if (rates)
		(void)munmap(rates, rates->bytes);
}

bool rates_take(struct rates *rates, size_t who, int64_t now_ms)
{
	_Atomic int64_t *place = &rates->used_up_us[who];
	int64_t now_us = now_ms * 1000, seen = atomic_load(place), next;

	do {
		next = (seen > now_us ? seen : now_us) + rates->interval_us;
		if (next - now_us > MINUTE_US)
			return false;
	} while (!atomic_compare_exchange_weak(place, &seen, next));
	return true;
}
