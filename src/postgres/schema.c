/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema as SQL.  Knows no connection. */
#include <config.h>

#include "postgres/schema.h"

#include <stddef.h>

/* A part that only PostgreSQL itself has is told apart. */
struct part {
	bool is_own;
	const char *sql;
};

/* Each role once in the cluster, and others may have made it. */
#define ROLE(name, words)                                                      \
	"do $$ begin\n"                                                        \
	"  if not exists (select from pg_roles where rolname = '" name "')\n"  \
	"  then create role " name " nologin; end if;\n"                       \
	"end $$; -- " words "\n"

static const struct part version_1[] = {
	{ false, "create table mc_schema (\n"
		 "  version int primary key,\n"
		 "  made_at timestamptz not null default now());\n"
		 "create table mc_entry (\n"
		 "  id text primary key,\n"
		 "  account text not null,\n"
		 "  -- 0 waiting, 1 end of message on its way, 2 failed,"
		 " 3 damaged, 4 ended, 5 held\n"
		 "  state smallint not null default 0,\n"
		 "  -- when it may be taken; null: never\n"
		 "  due timestamptz,\n"
		 "  leased_until timestamptz,\n"
		 "  ended_at timestamptz,\n"
		 "  -- grows each time that it is taken\n"
		 "  fence bigint not null default 0,\n"
		 "  runner text,\n"
		 "  accepted_at timestamptz not null default now(),\n"
		 "  size bigint not null,\n"
		 "  record bytea not null,\n"
		 "  journal bytea not null default '')" },
	{ true, "\n  with (fillfactor = 80,"
		" autovacuum_vacuum_scale_factor = 0.02)" },
	{ false, ";\n"
		 "create index mc_entry_due on mc_entry (account, due)"
		 " where due is not null;\n"
		 "create index mc_entry_open on mc_entry (id)"
		 " where ended_at is null;\n"
		 "create index mc_entry_ended on mc_entry (ended_at)"
		 " where ended_at is not null;\n"
		 "create table mc_piece (\n"
		 "  id text,\n"
		 "  no int,\n"
		 "  data bytea not null,\n"
		 "  made_at timestamptz not null default now(),\n"
		 "  primary key (id, no));\n"
		 "create index mc_piece_made on mc_piece (made_at)"
		 " where no <> 0;\n" },
	{ true, "-- mail hardly gets smaller\n"
		"alter table mc_piece alter data set storage external;\n" },
	{ false, "create table mc_limit (\n"
		 "  account text primary key,\n"
		 "  tokens float8 not null,\n"
		 "  at timestamptz not null,\n"
		 "  backoff_until timestamptz)" },
	{ true, " with (fillfactor = 50)" },
	{ false, ";\n"
		 "create table mc_lane (\n"
		 "  account text,\n"
		 "  runner text,\n"
		 "  lanes int not null,\n"
		 "  until timestamptz not null,\n"
		 "  primary key (account, runner));\n"
		 "create table mc_runner (\n"
		 "  name text primary key,\n"
		 "  seen_at timestamptz not null,\n"
		 "  asleep boolean not null);\n" },
	{ false, ROLE("mailchute_submit", "who hands mail in") ROLE(
			 "mailchute_run", "who sends it") ROLE("mailchute_read",
			 "who looks on, and sees no message") },
	{ false, "grant select on mc_schema"
		 " to mailchute_submit, mailchute_run, mailchute_read;\n"
		 "grant insert on mc_entry, mc_piece to mailchute_submit;\n"
		 "grant select on mc_runner to mailchute_submit;\n"
		 "grant select, insert, update, delete on mc_entry, mc_piece,"
		 " mc_limit, mc_lane, mc_runner to mailchute_run;\n"
		 "grant select on mc_entry, mc_limit, mc_lane, mc_runner"
		 " to mailchute_read;\n"
		 "insert into mc_schema (version) values (1);\n" },
};

/* The step from each version to the next. */
static const struct {
	const struct part *parts;
	size_t count;
} steps[SCHEMA_VERSION] = {
	{ version_1, sizeof version_1 / sizeof *version_1 },
};

void schema_put(struct buf *out, int from, bool is_postgres)
{
	if (from >= SCHEMA_VERSION) {
		buf_puts(out, "-- the schema is up to date\n");
		return;
	}
	buf_puts(out, "begin;\n");
	for (int version = from < 0 ? 0 : from; version < SCHEMA_VERSION;
		version++)
		for (size_t i = 0; i < steps[version].count; i++)
			if (is_postgres || !steps[version].parts[i].is_own)
				buf_puts(out, steps[version].parts[i].sql);
	buf_puts(out, "commit;\n");
}
