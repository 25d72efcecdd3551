/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One member of a fleet, for tests: what it does with the rows of a shared
 * queue it says in a line each, so that a script can add up what became of
 * every message.
 *
 *	fleet URL NAME init|check
 *	fleet URL NAME put SECONDS BYTES   ids on standard input: "kept ID",
 *	                                   "not ID", "doubt ID", and why
 *	fleet URL NAME work SECONDS LEASE  "sent ID", "again ID" where it was
 *	                                   in doubt, "ended ID", "lost ID"
 *	fleet URL NAME take|walk           one page
 *	fleet URL NAME read ID BYTES
 */
#include <config.h>

#include "base/clock.h"
#include "base/mem.h"
#include "postgres/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool put_record(void *context, uint64_t size_bytes, struct buf *record,
	struct diag *why)
{
	(void)context, (void)why;
	return buf_printf(record, "record %lu", (unsigned long)size_bytes);
}

/* A line that is whole, whoever else writes to the file. */
static void say(const char *word, const char *id, const struct diag *why)
{
	struct buf line = BUF_INIT(4096);

	buf_printf(&line, "%s %s", word, id);
	if (why && why->id != DIAG_NONE) {
		buf_printf(&line, " %s: ", diag_name(why->id));
		diag_sentence(why, false, &line);
	}
	buf_puts(&line, "\n");
	if (write(STDOUT_FILENO, line.data, line.length) < 0)
		_exit(1);
	buf_free(&line);
}

static void put_one(struct postgres *postgres, const char *id, size_t bytes)
{
	static const char *const words[] = { "kept", "not", "doubt" };
	char *body = mem_zalloc(bytes);
	struct source *source = source_from_span(span_make(body, bytes));
	const struct postgres_message message = {
		.id = id, .account = "work", .put_record = put_record
	};
	struct diag why = { 0 };

	say(words[postgres_put(postgres, &message, source, &why)], id, &why);
	source_close(source);
	mem_free(body);
}

static void put_all(struct postgres *postgres, size_t bytes)
{
	char id[64];

	while (scanf("%63s", id) == 1)
		put_one(postgres, id, bytes);
}

static bool change(struct postgres *postgres, enum postgres_change_kind kind,
	const struct postgres_row *row, long lease_s)
{
	struct postgres_change one = { .kind = kind,
		.id = row->id,
		.fence = row->fence,
		.delay_s = lease_s };
	struct diag why = { 0 };

	if (!postgres_change(postgres, &one, 1, &why))
		say("unknown", row->id, &why);
	else if (!one.is_done)
		say("lost", row->id, NULL);
	return one.is_done;
}

/* As a runner: the end goes only while the lease is known to last. */
static void send_one(struct postgres *postgres, const struct postgres_row *row,
	long lease_s, int64_t leased_ms)
{
	bool is_again = row->state == POSTGRES_ON_ITS_WAY;
	int64_t limit_ms = leased_ms + lease_s * 500;

	if (clock_now_ms() > limit_ms)
		return;
	leased_ms = clock_now_ms();
	if (!change(postgres, POSTGRES_END_GOES, row, lease_s) ||
		clock_now_ms() > leased_ms + lease_s * 500)
		return;
	say(is_again ? "again" : "sent", row->id, NULL);
	if (change(postgres, POSTGRES_END, row, 0))
		say("ended", row->id, NULL);
}

static void work(struct postgres *postgres, long seconds, long lease_s)
{
	const struct postgres_take order = {
		.account = "work", .limit = 20, .lease_s = lease_s
	};
	int64_t until_ms = clock_deadline(seconds);

	while (clock_left_ms(until_ms)) {
		struct arena *arena = arena_new();
		struct postgres_rows rows = { 0 };
		struct diag why = { 0 };
		int64_t leased_ms = clock_now_ms();

		if (!postgres_take(postgres, &order, arena, &rows, &why))
			say("unknown", "-", &why);
		for (size_t i = 0; i < rows.count; i++)
			send_one(postgres, &rows.rows[i], lease_s, leased_ms);
		if (!rows.count)
			(void)usleep(50000);
		arena_free(arena);
	}
}

static void look(struct postgres *postgres, bool takes)
{
	const struct postgres_take order = {
		.account = "work", .limit = 10, .lease_s = 1
	};
	const struct postgres_page page = { .limit = 10, .state = -1 };
	struct arena *arena = arena_new();
	struct postgres_rows rows = { 0 };
	struct diag why = { 0 };

	if (takes ? postgres_take(postgres, &order, arena, &rows, &why)
		  : postgres_walk(postgres, &page, arena, &rows, &why))
		for (size_t i = 0; i < rows.count; i++)
			say("row", rows.rows[i].id, NULL);
	else
		say("failed", "-", &why);
	arena_free(arena);
}

static void read_one(
	struct postgres *postgres, const char *id, const char *size)
{
	struct source *source =
		postgres_message(postgres, id, strtoul(size, NULL, 10));
	struct diag why = { 0 };
	struct span piece;
	bool is_fine;

	while ((is_fine = source_next(source, &piece, &why)) && piece.length)
		;
	say(is_fine ? "read" : "failed", id, &why);
	source_close(source);
}

static void init(struct postgres *postgres)
{
	struct diag why = { 0 };
	int from;

	if (postgres_init(postgres, &from, &why))
		say("made", from ? "nothing" : "all", NULL);
	else
		say("failed", "-", &why);
}

static void check(struct postgres *postgres)
{
	struct postgres_health health;
	struct diag why = { 0 };

	if (postgres_check(postgres, &health, &why))
		printf("version %d role %s submit %d run %d read %d hears %d "
		       "standby %s flushes %d\n",
			health.version, health.role, health.may_submit,
			health.may_run, health.may_read, health.hears,
			health.is_synchronous ? "synchronous" : "none",
			health.flushes);
	else
		say("failed", "-", &why);
}

int main(int argc, char **argv)
{
	struct postgres_params params = { .limit_s = 60 };
	struct postgres *postgres;
	struct diag why = { 0 };
	const char *verb;

	if (argc < 4)
		return 2;
	params.url = argv[1];
	params.name = argv[2];
	verb = argv[3];
	if (argc > 5 && strcmp(verb, "put") == 0)
		params.limit_s = strtol(argv[4], NULL, 10);
	else if (argc > 4 && strcmp(verb, "work") != 0)
		params.limit_s = 5;
	postgres = postgres_open(&params, &why);
	if (!postgres) {
		say("failed", "-", &why);
		return 1;
	}
	if (argc > 5 && strcmp(verb, "put") == 0)
		put_all(postgres, strtoul(argv[5], NULL, 10));
	else if (argc > 5 && strcmp(verb, "work") == 0)
		work(postgres, strtol(argv[4], NULL, 10),
			strtol(argv[5], NULL, 10));
	else if (argc > 5 && strcmp(verb, "read") == 0)
		read_one(postgres, argv[4], argv[5]);
	else if (strcmp(verb, "init") == 0)
		init(postgres);
	else if (strcmp(verb, "check") == 0)
		check(postgres);
	else
		look(postgres, strcmp(verb, "take") == 0);
	postgres_close(postgres);
	return 0;
}
