/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often, over processes. */
#include <config.h>

#include "base/rate.h"
#include "tap.h"

#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 1000000, PROCESSES = 4, EACH = 500 };

static unsigned take_many(struct rates *rates, size_t who, int64_t now_ms)
{
	unsigned taken = 0;

	while (taken < 10000 && rates_take(rates, who, now_ms))
		taken++;
	return taken;
}

static void test_time(void)
{
	struct rates *rates = rates_new(2, 60);

	tap_is_number(take_many(rates, 1, START_MS), 60,
		"a minute's may come at once");
	tap_is_number(take_many(rates, 1, START_MS + 999), 0,
		"and then none for a second");
	tap_is_number(
		take_many(rates, 1, START_MS + 1000), 1, "then one a second");
	tap_is_number(
		take_many(rates, 1, START_MS + 11000), 10, "or ten after ten");
	tap_is_number(take_many(rates, 1, START_MS + 3600 * 1000), 60,
		"and after an hour no more than a minute's");
	tap_is_number(
		take_many(rates, 0, START_MS), 60, "another's is another");
	rates_free(rates);
	rates = rates_new(1, RATE_MAX);
	tap_ok(take_many(rates, 0, START_MS) == 10000, "the largest rate");
	rates_free(rates);
	rates_free(NULL);
}

static void test_processes(void)
{
	struct rates *rates = rates_new(1, PROCESSES * EACH / 2);
	int status, taken = 0;

	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			int count = 0;

			for (int j = 0; j < EACH; j++)
				count += rates_take(rates, 0, START_MS);
			/* What a status can tell. */
			_exit(count / 8 + (count % 8 ? 128 : 0));
		}
	while (wait(&status) > 0)
		taken += WEXITSTATUS(status) & 127;
	tap_ok(taken * 8 <= PROCESSES * EACH / 2 &&
			taken * 8 > PROCESSES * EACH / 2 - 8 * PROCESSES,
		"processes share it: %d of %d", taken * 8,
		PROCESSES * EACH / 2);
	tap_ok(!rates_take(rates, 0, START_MS), "and have used it up");
	rates_free(rates);
}

int main(void)
{
	test_time();
	test_processes();
	return tap_done();
}
