/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows of a shared queue on a real server, an empty database: what is put,
 * taken, changed, looked at, and what comes of the limits.
 *
 *	rows_test URL
 */
#include <config.h>

#include "base/clock.h"
#include "base/mem.h"
#include "postgres/postgres.h"
#include "tap.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *url;

static struct postgres *open_as(const char *name)
{
	const struct postgres_params params = {
		.url = url, .name = name, .limit_s = 5
	};
	struct diag why = { 0 };
	struct postgres *postgres = postgres_open(&params, &why);

	tap_is_diag(&why, DIAG_NONE, "the helper starts");
	return postgres;
}

static bool put_record(void *context, uint64_t size_bytes, struct buf *record,
	struct diag *why)
{
	(void)why;
	return buf_printf(record, "%s %lu%c", (const char *)context,
		(unsigned long)size_bytes, 0);
}

static enum postgres_kept put(struct postgres *postgres, const char *id,
	struct span body, bool is_repeated)
{
	struct diag why = { 0 };
	struct source *source = source_from_span(body);
	char record[] = "record";
	const struct postgres_message message = { .id = id,
		.account = "work",
		.put_record = put_record,
		.context = record,
		.journal = SPAN("begun\n"),
		.is_repeated = is_repeated };
	enum postgres_kept kept =
		postgres_put(postgres, &message, source, &why);

	source_close(source);
	if (kept != POSTGRES_KEPT)
		tap_note("%s: %s", id, why.text);
	return kept;
}

static size_t take(struct postgres *postgres, size_t limit, long lease_s,
	struct arena *arena, struct postgres_rows *rows)
{
	const struct postgres_take order = {
		.account = "work", .limit = limit, .lease_s = lease_s
	};
	struct diag why = { 0 };

	if (!postgres_take(postgres, &order, arena, rows, &why))
		tap_is_diag(&why, DIAG_NONE, "a take has an answer");
	return rows->count;
}

static bool change(struct postgres *postgres, enum postgres_change_kind kind,
	const struct postgres_row *row, const char *journal, long delay_s)
{
	struct postgres_change one = { .kind = kind,
		.id = row->id,
		.fence = row->fence,
		.delay_s = delay_s,
		.journal = span_of(journal) };
	struct diag why = { 0 };

	postgres_change(postgres, &one, 1, &why);
	if (why.id != DIAG_NONE)
		tap_is_diag(&why, DIAG_NONE, "a change has an answer");
	return one.is_done;
}

static void read_whole(struct postgres *postgres, const char *id,
	uint64_t size_bytes, struct buf *out, struct diag *why)
{
	struct source *source = postgres_message(postgres, id, size_bytes);
	struct span piece;

	while (source_next(source, &piece, why) && piece.length)
		buf_put_span(out, piece);
	source_close(source);
}

static void test_schema(struct postgres *postgres)
{
	struct postgres_health health;
	struct postgres_rows rows;
	struct arena *arena = arena_new();
	struct diag why = { 0 };
	int from = -1;

	tap_ok(!postgres_find(postgres, "x", arena, &rows, &why),
		"without a schema nothing is found");
	tap_is_diag(&why, DIAG_STORE_VERSION, "… and it is said why");
	why = (struct diag){ 0 };
	tap_ok(postgres_init(postgres, &from, &why) && from == 0,
		"the schema is made");
	tap_is_diag(&why, DIAG_NONE, "… without a word");
	tap_ok(postgres_init(postgres, &from, &why) && from == 1,
		"… and is there");
	tap_ok(postgres_check(postgres, &health, &why) && health.version == 1 &&
			health.is_postgres && health.may_run &&
			health.may_submit && health.may_read,
		"the server tells what it is");
	arena_free(arena);
}

static void test_life(struct postgres *postgres)
{
	struct arena *arena = arena_new();
	struct postgres_rows rows;
	struct buf text = BUF_INIT(4096);
	struct diag why = { 0 };

	tap_ok(put(postgres, "life", SPAN("hello\0world"), false) ==
			POSTGRES_KEPT,
		"a message is kept");
	tap_ok(put(postgres, "life", SPAN("hello\0world"), true) ==
			POSTGRES_KEPT,
		"… and once more");
	tap_is_number((int64_t)take(postgres, 10, 60, arena, &rows), 1,
		"one is taken");
	if (rows.count != 1)
		return;
	tap_is_span(rows.rows[0].record, SPAN("record 11\0"), "its record");
	tap_is_span(rows.rows[0].journal, SPAN("begun\n"), "its journal");
	tap_ok(rows.rows[0].fence == 1 &&
			rows.rows[0].state == POSTGRES_WAITING &&
			rows.rows[0].is_leased,
		"its fence, state and lease");
	tap_is_text(rows.rows[0].runner, "a", "whose it is");
	read_whole(postgres, "life", rows.rows[0].size_bytes, &text, &why);
	tap_is_span(buf_span(&text), SPAN("hello\0world"), "its message");
	tap_ok(change(postgres, POSTGRES_END_GOES, &rows.rows[0], "dot\n", 60),
		"its end goes");
	tap_ok(change(postgres, POSTGRES_END, &rows.rows[0], "done\n", 0),
		"it has ended");
	buf_clear(&text);
	read_whole(postgres, "life", 11, &text, &why);
	tap_is_diag(&why, DIAG_STORE_PIECE, "its message is gone");
	tap_ok(put(postgres, "life", SPAN("hello\0world"), true) ==
			POSTGRES_KEPT,
		"a late put of it");
	tap_is_number((int64_t)take(postgres, 10, 60, arena, &rows), 0,
		"… makes no second one");
	why = (struct diag){ 0 };
	tap_ok(postgres_find(postgres, "life", arena, &rows, &why) &&
			rows.count == 1 && rows.rows[0].state == POSTGRES_ENDED,
		"it is found as ended");
	if (rows.count)
		tap_is_span(rows.rows[0].journal, SPAN("begun\ndot\ndone\n"),
			"with all of its journal");
	buf_free(&text);
	arena_free(arena);
}

static void test_leases(struct postgres *one, struct postgres *other)
{
	struct arena *arena = arena_new();
	struct postgres_rows rows, again;
	struct diag why = { 0 };

	put(one, "lease", SPAN("x"), false);
	take(one, 1, 1, arena, &rows);
	tap_is_number((int64_t)take(other, 1, 60, arena, &again), 0,
		"what one has nobody else gets");
	tap_ok(postgres_take_one(other, "lease", 60, arena, &again, &why) &&
			again.count == 1 && again.rows[0].fence == 0 &&
			again.rows[0].is_leased,
		"… nor by its name");
	change(one, POSTGRES_END_GOES, &rows.rows[0], "dot\n", 1);
	while (take(other, 1, 60, arena, &again) == 0)
		(void)usleep(100000);
	tap_ok(again.rows[0].state == POSTGRES_ON_ITS_WAY &&
			again.rows[0].fence == 2,
		"a lease that ran out: in doubt, with a higher fence");
	tap_ok(!change(one, POSTGRES_END, &rows.rows[0], "late\n", 0),
		"who has lost it ends nothing");
	tap_ok(!change(one, POSTGRES_RENEW, &rows.rows[0], "", 60),
		"… renews nothing");
	tap_ok(change(other, POSTGRES_DEFER, &again.rows[0], "later\n", 3600),
		"the other defers it");
	tap_is_number(
		(int64_t)take(one, 1, 60, arena, &rows), 0, "it is not due");
	tap_ok(postgres_take_one(one, "lease", 60, arena, &rows, &why) &&
			rows.count == 1 && rows.rows[0].fence == 3,
		"by its name it is had all the same");
	tap_ok(change(one, POSTGRES_FAIL, &rows.rows[0], "refused\n", 0),
		"it has failed");
	tap_ok(postgres_take_one(one, "lease", 60, arena, &rows, &why) &&
			rows.count == 1 &&
			rows.rows[0].state == POSTGRES_FAILED,
		"a failed one is taken by its name");
	tap_ok(change(one, POSTGRES_DEFER, &rows.rows[0], "again\n", 0),
		"… and released");
	tap_is_number((int64_t)take(other, 1, 60, arena, &rows), 1,
		"it is due again");
	change(other, POSTGRES_END, &rows.rows[0], "", 0);
	tap_ok(postgres_take_one(one, "lease", 60, arena, &rows, &why) &&
			rows.count == 0,
		"an ended one is not taken");
	arena_free(arena);
}

static void test_one_transaction(struct postgres *postgres)
{
	struct arena *arena = arena_new();
	struct postgres_rows rows;
	struct postgres_change changes[3];
	struct diag why = { 0 };

	put(postgres, "tx1", SPAN("x"), false);
	put(postgres, "tx2", SPAN("x"), false);
	if (take(postgres, 10, 60, arena, &rows) != 2)
		return;
	for (size_t i = 0; i < 2; i++)
		changes[i] = (struct postgres_change){ .id = rows.rows[i].id,
			.fence = rows.rows[i].fence,
			.delay_s = 60 };
	changes[0].kind = POSTGRES_END;
	changes[1].kind = POSTGRES_END_GOES;
	changes[2] = changes[1];
	changes[2].fence = 77;
	tap_ok(postgres_change(postgres, changes, 3, &why) &&
			changes[0].is_done && changes[1].is_done &&
			!changes[2].is_done,
		"an end, a dot and one that is lost in one transaction");
	changes[1].kind = POSTGRES_END;
	postgres_change(postgres, &changes[1], 1, &why);
	arena_free(arena);
}

static void test_large(struct postgres *postgres)
{
	static char body[3 * POSTGRES_PIECE_BYTES + 17];
	struct buf text = BUF_INIT(sizeof body + 1);
	struct arena *arena = arena_new();
	struct postgres_rows rows;
	struct diag why = { 0 };

	for (size_t i = 0; i < sizeof body; i++)
		body[i] = (char)(i * 7 + i / 251);
	tap_ok(put(postgres, "large", span_make(body, sizeof body), false) ==
			POSTGRES_KEPT,
		"several pieces");
	take(postgres, 1, 60, arena, &rows);
	read_whole(postgres, "large", sizeof body, &text, &why);
	tap_ok(text.length == sizeof body &&
			memcmp(text.data, body, sizeof body) == 0,
		"are read as they were");
	if (rows.count)
		change(postgres, POSTGRES_END, &rows.rows[0], "", 0);
	tap_ok(put(postgres, "exact",
		       span_make(body, (size_t)2 * POSTGRES_PIECE_BYTES),
		       false) == POSTGRES_KEPT,
		"two whole pieces");
	take(postgres, 1, 60, arena, &rows);
	buf_clear(&text);
	read_whole(postgres, "exact", (uint64_t)2 * POSTGRES_PIECE_BYTES, &text,
		&why);
	tap_is_number((int64_t)text.length, (int64_t)2 * POSTGRES_PIECE_BYTES,
		"are two");
	if (rows.count)
		change(postgres, POSTGRES_END, &rows.rows[0], "", 0);
	tap_ok(put(postgres, "empty", SPAN(""), false) == POSTGRES_KEPT,
		"nothing at all");
	take(postgres, 1, 60, arena, &rows);
	if (rows.count)
		change(postgres, POSTGRES_END, &rows.rows[0], "", 0);
	buf_free(&text);
	arena_free(arena);
}

static void test_walk(struct postgres *postgres)
{
	struct arena *arena = arena_new();
	struct postgres_rows rows;
	struct postgres_sums sums;
	struct postgres_page page = { .limit = 2, .state = -1 };
	struct diag why = { 0 };
	char id[8], seen[64] = "";
	uint64_t swept;

	for (int i = 0; i < 5; i++) {
		(void)snprintf(id, sizeof id, "walk%d", i);
		put(postgres, id, SPAN("abc"), false);
	}
	do {
		postgres_walk(postgres, &page, arena, &rows, &why);
		for (size_t i = 0; i < rows.count; i++) {
			size_t used = strlen(seen);

			(void)snprintf(seen + used, sizeof seen - used, "%s ",
				rows.rows[i].id);
			page.after = rows.rows[i].id;
		}
	} while (rows.count == 2);
	tap_is_text(seen, "walk0 walk1 walk2 walk3 walk4 ", "page by page");
	tap_ok(postgres_count(postgres, arena, &sums, &why) &&
			sums.count == 1 && sums.sums[0].count == 5 &&
			sums.sums[0].bytes == 15 &&
			strcmp(sums.sums[0].account, "work") == 0,
		"they are counted");
	tap_ok(postgres_sweep(postgres, &swept, &why) && swept == 0,
		"nothing is old enough to be swept");
	take(postgres, 10, 60, arena, &rows);
	for (size_t i = 0; i < rows.count; i++)
		change(postgres, POSTGRES_END, &rows.rows[i], "", 0);
	arena_free(arena);
}

static void test_limits(struct postgres *one, struct postgres *other)
{
	struct postgres_lot lot = { .account = "work",
		.rate_per_s = 0.001,
		.burst = 10,
		.lanes_max = 4,
		.wanted = 7,
		.lanes_wanted = 3 };
	struct postgres_lot rest = lot;
	struct diag why = { 0 };

	tap_ok(postgres_draw(one, &lot, &why) && lot.drawn == 7 &&
			lot.lanes == 3,
		"one draws what it wants");
	tap_ok(postgres_draw(other, &rest, &why) && rest.drawn == 3 &&
			rest.lanes == 1 && rest.wait_s > 0,
		"the other the rest");
	tap_ok(postgres_give(one, "work", 5, 60, &why),
		"five come back, and all shall wait");
	tap_ok(postgres_draw(other, &rest, &why) && rest.drawn == 0 &&
			rest.backoff_s > 50,
		"then nobody draws");
	tap_is_diag(&why, DIAG_NONE, "without a word");
}

static void test_waking(struct postgres *sleeper, struct postgres *other)
{
	struct diag why = { 0 };
	struct pollfd wait = { .fd = postgres_wake_fd(sleeper),
		.events = POLLIN };
	struct arena *arena = arena_new();
	struct postgres_rows rows;
	bool hears = false;

	tap_ok(postgres_report(sleeper, true, &hears, &why) && hears,
		"one who sleeps hears");
	put(other, "wake", SPAN("x"), false);
	tap_is_number(poll(&wait, 1, 3000), 1, "a put wakes it");
	postgres_woken(sleeper);
	tap_is_number(poll(&wait, 1, 0), 0, "… once");
	postgres_report(sleeper, false, &hears, &why);
	take(sleeper, 10, 60, arena, &rows);
	if (rows.count)
		change(sleeper, POSTGRES_END, &rows.rows[0], "", 0);
	arena_free(arena);
}

/* Children that put at the same time, each by a way of its own. */
static void test_sharing(struct postgres *postgres)
{
	enum { CHILDREN = 8, EACH = 20 };
	struct arena *arena = arena_new();
	struct postgres_rows rows;
	struct diag why = { 0 };
	size_t taken = 0;

	for (int i = 0; i < CHILDREN; i++) {
		struct postgres *way = postgres_share(postgres, &why);

		(void)fflush(stdout);
		if (fork() == 0) {
			bool is_fine = true;
			char id[32];

			for (int j = 0; j < EACH; j++) {
				(void)snprintf(
					id, sizeof id, "share%d-%d", i, j);
				is_fine &= put(way, id, SPAN("x"), false) ==
					   POSTGRES_KEPT;
			}
			_exit(!is_fine);
		}
		postgres_close(way);
	}
	while (taken < CHILDREN * EACH &&
		take(postgres, 200, 60, arena, &rows) <= 200) {
		for (size_t i = 0; i < rows.count; i++)
			change(postgres, POSTGRES_END, &rows.rows[i], "", 0);
		taken += rows.count;
	}
	tap_is_number((int64_t)taken, CHILDREN * EACH, "all that children put");
	arena_free(arena);
}

int main(int argc, char **argv)
{
	struct postgres *one, *other;

	if (argc < 2)
		return 2;
	url = argv[1];
	one = open_as("a");
	other = open_as("b");
	if (!one || !other)
		return tap_done();
	test_schema(one);
	test_life(one);
	test_leases(one, other);
	test_one_transaction(one);
	test_large(one);
	test_walk(one);
	test_limits(one, other);
	test_waking(one, other);
	test_sharing(one);
	postgres_close(one);
	postgres_close(other);
	return tap_done();
}
