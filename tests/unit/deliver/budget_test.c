/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server takes, by a clock that stands. */
#include <config.h>

#include "base/clock.h"
#include "deliver/budget.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

enum { BEGAN = 1800000000, MANY = 1000000, DAY = 24 * 3600 };

/* How many go at once, and how long the next one waits. */
static const struct row {
	const char *rate;
	int want;
	int64_t wait_ms;
} rows[] = {
	{ NULL, MANY, 0 },
	{ "off", MANY, 0 },
	{ "60/m", 1, 995 },
	{ "1/s", 1, 995 },
	{ "5000/s", 26, 1 },
	{ "1000000/s", 5001, 1 },
	{ "2/10m", 1, 299995 },
	{ "100/h", 100, 36000 },
	{ "500/d", 500, 172800 },
	{ "1/30d", 1, INT64_C(30) * DAY * 1000 },
	{ "1/3650d", 1, INT64_C(3650) * DAY * 1000 },
	{ "3/h 10/d", 3, 1200000 },
	{ "10/h 2/d", 2, DAY / 2 * 1000 },
	{ "30/m 500/d", 1, 1995 },
};

static int take_all(struct budget *budget, int64_t *wait_ms)
{
	int taken = 0;

	while (taken < MANY && budget_take(budget, wait_ms))
		taken++;
	return taken;
}

static void check_row(const struct row *row)
{
	char rate[64];
	struct account account = { .rate = rate };
	struct budget budget;
	int64_t wait_ms = -1;

	snprintf(rate, sizeof rate, "%s", row->rate ? row->rate : "");
	if (!row->rate)
		account.rate = NULL;
	clock_set_for_test(0, BEGAN);
	budget_init(&budget, NULL, &account);
	tap_is_number(take_all(&budget, &wait_ms), row->want, rate);
	tap_is_number(wait_ms, row->wait_ms, "and then in so long");
	(void)clock_wait(NULL, 0, (int)(wait_ms > 1000000 ? 0 : wait_ms));
	if (wait_ms && wait_ms <= 1000000)
		tap_ok(budget_take(&budget, &wait_ms), "indeed");
}

static struct spool *open_spool(const char *folder)
{
	struct folder_params place = {
		.base = folder, .rest = "q", .may_create = true
	};
	struct diag why;

	return spool_open(&place, &why);
}

/* A process after the other, over days. */
static void check_kept(const char *folder)
{
	struct spool *spool = open_spool(folder);
	struct account ann = { .rate = "4/d", .host = "a", .user = "ann" };
	struct account bob = { .rate = "4/d", .host = "a", .user = "bob" };
	struct budget budget;
	int64_t wait_ms;

	clock_set_for_test(0, BEGAN);
	budget_init(&budget, spool, &ann);
	tap_ok(budget_take(&budget, &wait_ms), "one of four");
	budget_init(&budget, spool, &ann);
	tap_is_number(take_all(&budget, &wait_ms), 3, "another process: three");
	budget_init(&budget, spool, &bob);
	tap_is_number(take_all(&budget, &wait_ms), 4, "another user: four");
	clock_set_for_test(0, BEGAN + DAY / 2);
	budget_init(&budget, spool, &ann);
	tap_is_number(take_all(&budget, &wait_ms), 2, "half a day later: two");
	budget_give_back(&budget);
	tap_is_number(take_all(&budget, &wait_ms), 1, "one that has not gone");
	clock_set_for_test(0, BEGAN + 10 * DAY);
	budget_spend(&budget);
	tap_is_number(take_all(&budget, &wait_ms), 3, "one went by itself");
	clock_set_for_test(0, BEGAN);
	tap_is_number(take_all(&budget, &wait_ms), 0, "a clock set back");
	tap_is_number(
		wait_ms, DAY / 4 * 1000, "forgets nothing, and is no end");
	ann.rate = "5/d";
	budget_init(&budget, spool, &ann);
	tap_is_number(take_all(&budget, &wait_ms), 5, "another limit is new");
	spool_close(spool);
}

int main(void)
{
	char folder[] = "/tmp/budget.XXXXXX", command[60];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&rows[i]);
	if (!mkdtemp(folder))
		return 1;
	check_kept(folder);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) ? 1 : tap_done();
}
