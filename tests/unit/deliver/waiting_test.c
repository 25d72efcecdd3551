/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits in a queue. */
#include <config.h>

#include "base/buf.h"
#include "deliver/waiting.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

enum { NOW = 1000000 };

static struct waiting waiting;

/* Entry NUMBER of ACCOUNT, with these lines of the journal. */
static void put(
	int number, const char *account, const char *journal, time_t now)
{
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT(1000);
	struct record record;
	struct diag why;

	buf_printf(&text,
		"mailchute-queue 1\nid 00000000000%04d\ncreated 900000\n"
		"account %s\nsize 1\nsender a@x.example\n"
		"recipient b@x.example\nend\n%s",
		number, account, journal);
	if (!record_parse(buf_span(&text), arena, &record, &why) ||
		!waiting_put(&waiting, record.id, &record, now))
		abort();
	buf_free(&text);
	arena_free(arena);
}

static struct waiting_item *item(int number)
{
	char id[RECORD_ID_LENGTH + 10];

	snprintf(id, sizeof id, "00000000000%04d", number);
	return waiting_find(&waiting, id);
}

/* The numbers of the batch, which then counts as not gone. */
static void is_batch(size_t lane, const char *want, const char *name)
{
	struct buf got = BUF_INIT(10000);

	waiting_fill(&waiting, waiting.lanes[lane]);
	for (size_t i = 0; i < waiting.lanes[lane]->batch_count; i++)
		buf_printf(&got, "%s%ld", i ? " " : "",
			strtol(waiting.lanes[lane]->batch[i]->id, NULL, 10));
	tap_is_text(buf_text(&got), want, name);
	waiting_empty(&waiting, waiting.lanes[lane]);
	buf_free(&got);
}

static void is_next(size_t lane, int64_t want, const char *name)
{
	time_t next = -1;

	if (!waiting_next(waiting.lanes[lane], waiting.now, &next))
		next = 0;
	tap_is_number((int64_t)next, want, name);
}

static void begin(void)
{
	waiting = (struct waiting){ .now = 0 };
	waiting_tick(&waiting, NOW);
}

#define SOON  "deferred 999990 1000060 1 * - 450 4.2.0 later\n"
#define LATE  "deferred 999990 1000900 1 * - 450 4.2.0 later\n"
#define HOST  "deferred 999990 1000300 1 * net.refused 0 4.4.1 down\n"
#define PAST  "deferred 999000 999900 1 * - 450 4.2.0 later\n"
#define AHEAD "deferred 2000000 2000300 1 * - 450 4.2.0 later\n"
#define BROKE "deferred 999000 999900 1 * smtp.broken-off 0 4.4.2 gone\n"

static void test_order(void)
{
	begin();
	put(3, "one", "", NOW);
	put(1, "one", "", NOW);
	put(4, "one", BROKE, NOW);
	put(9, "one", PAST, NOW);
	put(2, "two", "", NOW);
	tap_is_number((int64_t)waiting.lane_count, 2, "a lane an account");
	is_batch(0, "1 3 9 4", "first in, first out, and offenders last");
	is_batch(1, "2", "the other lane's");
	tap_is_text(waiting_first(waiting.lanes[0])->id, "000000000000001",
		"who goes first");
	tap_is_number((int64_t)waiting.active, 5, "all of them wait");
	put(1, "one", BROKE, NOW);
	is_batch(0, "3 9 1 4", "a record that was read again counts");
	waiting_forget(&waiting, item(3));
	is_batch(0, "9 1 4", "what is forgotten is gone");
	tap_ok(!item(3) && item(9), "by its id, too");
	put(9, "two", PAST, NOW);
	is_batch(1, "2 9", "an entry can change its account");
	waiting_free(&waiting);
}

static void test_times(void)
{
	begin();
	put(1, "one", LATE, NOW);
	put(2, "one", SOON, NOW);
	is_batch(0, "", "nothing is due");
	tap_ok(!waiting_first(waiting.lanes[0]), "so nobody goes first");
	is_next(0, 1000060, "the earliest is next");
	waiting_tick(&waiting, 1000060);
	is_batch(0, "2", "and due at its time");
	is_next(0, 1000060, "which is now");
	waiting_delay(&waiting, item(2), 1000060, 1000070);
	is_next(0, 1000070, "unless it is delayed");
	waiting_tick(&waiting, 1001000);
	is_batch(0, "1 2", "after a long sleep all are");
	waiting_free(&waiting);
}

static void test_server(void)
{
	begin();
	put(1, "one", HOST, NOW);
	put(2, "one", LATE, NOW);
	put(3, "one", HOST, NOW);
	is_batch(0, "1 3", "whoever waits for the server would go");
	tap_is_number((int64_t)waiting.lanes[0]->due, 0, "but is not due");
	is_next(0, 1000300, "before its time");
	put(4, "one", "", NOW);
	tap_is_number(
		(int64_t)waiting.lanes[0]->due, 1, "with one that is due");
	is_batch(0, "1 3 4", "it goes, in its place");
	waiting_free(&waiting);
}

static void test_network(void)
{
	begin();
	put(1, "one", HOST, NOW);
	put(2, "one", LATE, NOW);
	put(3, "two", LATE, NOW);
	tap_ok(waiting_hurry(&waiting, waiting.lanes[0], NOW),
		"a network has come for some");
	tap_is_number((int64_t)waiting.lanes[0]->due, 1, "who are due now");
	is_batch(0, "1", "and go, the others wait for their time");
	tap_ok(!waiting_hurry(&waiting, waiting.lanes[0], NOW), "said once");
	tap_ok(!waiting_hurry(&waiting, waiting.lanes[1], NOW),
		"who waits for a server's sake does not");
	is_batch(1, "", "nor goes");
	waiting_free(&waiting);
}

static void test_clock(void)
{
	begin();
	put(1, "one", AHEAD, NOW);
	is_batch(0, "1", "what was told in the future is due");
	put(2, "one", SOON, NOW);
	waiting_tick(&waiting, 1000);
	is_batch(0, "1 2", "a clock that is set back delays nobody");
	waiting_free(&waiting);
}

static void test_held(void)
{
	begin();
	put(1, "one", "held 999000 0 1 * - 0 - \n", NOW);
	put(2, "one", "", NOW);
	is_batch(0, "2", "what is held does not go");
	tap_is_number((int64_t)waiting.active, 1, "nor is it waited for");
	put(1, "one",
		"held 999000 0 1 * - 0 - \nreleased 999001 0 1 * - 0 - \n",
		NOW);
	is_batch(0, "1 2", "until it is released");
	tap_is_number((int64_t)waiting.active, 2, "then it is");
	put(2, "one", "held 999000 0 1 * - 0 - \n", NOW);
	waiting_forget(&waiting, item(2));
	waiting_forget(&waiting, item(1));
	tap_is_number((int64_t)waiting.active, 0, "until nothing is left");
	waiting_free(&waiting);
}

static void test_manners(void)
{
	begin();
	waiting.is_forced = waiting.is_once = true;
	put(1, "one", LATE, NOW);
	put(2, "one", "", NOW);
	is_batch(0, "1 2", "forced: whatever the schedule says");
	item(1)->was_tried = true;
	put(1, "one", LATE, NOW);
	is_batch(0, "2", "once: not what was tried");
	waiting_free(&waiting);
}

static void test_many(void)
{
	struct waiting_lane *lane;

	begin();
	for (int i = 0; i < 1200; i++)
		put((i * 7) % 1200, "one", "", NOW);
	lane = waiting.lanes[0];
	waiting_fill(&waiting, lane);
	tap_is_number((int64_t)lane->batch_count, WAITING_BATCH,
		"a batch is no larger");
	tap_is_text(lane->batch[WAITING_BATCH - 1]->id, "000000000000499",
		"and in order");
	tap_is_number((int64_t)lane->due, 1200 - WAITING_BATCH,
		"the others are still due");
	tap_is_text(waiting_first(lane)->id, "000000000000500",
		"beginning with the next");
	waiting_empty(&waiting, lane);
	tap_is_number((int64_t)lane->due, 1200, "a batch that did not go is");
	waiting_free(&waiting);
}

static void test_lanes(void)
{
	begin();
	put(1, "one", "", NOW);
	put(2, "two", "", NOW);
	put(3, "three", "", NOW);
	put(4, "four", "", NOW);
	for (int i = 2; i <= 4; i++)
		waiting_forget(&waiting, item(i));
	waiting.lanes[1]->child = 7;
	waiting.lanes[2]->not_before_ms = 501;
	waiting_forget_lanes(&waiting, 500);
	tap_is_number((int64_t)waiting.lane_count, 3,
		"an empty lane is forgotten, but with a child or a rest");
	waiting_forget_lanes(&waiting, 501);
	tap_is_number((int64_t)waiting.lane_count, 2, "until that is over");
	waiting_free(&waiting);
}

int main(void)
{
	test_order();
	test_times();
	test_server();
	test_network();
	test_clock();
	test_held();
	test_manners();
	test_many();
	test_lanes();
	return tap_done();
}
