/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times in cells: quantiles right to 3 %, whatever the time. */
#include <config.h>

#include "log/spread.h"
#include "tap.h"

static void test_precision(void)
{
	bool is_fine = true;

	for (int64_t ms = 0; ms < (int64_t)1 << 37; ms += 1 + ms / 7) {
		struct spread spread = { .count = 0 };
		int64_t got;

		spread_add(&spread, ms);
		got = spread_quantile(&spread, 50);
		is_fine = is_fine && got >= ms && got <= ms + ms / 30;
	}
	tap_ok(is_fine, "a time alone is its quantile, to 3 %%");
}

int main(void)
{
	static struct spread spread;

	tap_is_number(spread_quantile(&spread, 50), -1, "nothing");
	for (int64_t ms = 1; ms <= 1000; ms++)
		spread_add(&spread, ms);
	tap_is_number(spread_quantile(&spread, 50), 503, "the median");
	tap_is_number(spread_quantile(&spread, 95), 959, "95 percent");
	tap_is_number(spread_quantile(&spread, 100), 1007, "all");
	tap_is_number((int64_t)spread_up_to(&spread, 63), 63, "up to 63 ms");
	tap_is_number(
		(int64_t)spread_up_to(&spread, 100000), 1000, "up to 100 s");
	tap_is_number(spread.sum_ms, 500500, "the sum");
	spread_add(&spread, INT64_MAX / 2000);
	tap_is_number((int64_t)spread.count, 1001, "beyond the last cell");
	test_precision();
	return tap_done();
}
