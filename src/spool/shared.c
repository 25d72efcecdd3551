/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries that are rows.  Knows what a record says and how long a lease lasts,
 * by this machine's steady clock; not how a row is asked for.
 */
#include <config.h>

#include "spool/shared.h"

#include "base/clock.h"
#include "base/text.h"
#include "spool/store_ops.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	NAME_BYTES = 300,
	TAKE_ROWS = 100, /* of an account, at a time */
	PAGE_ROWS = 100,
	/* An end is written, and its answer read, within this beyond what the
	 * server's answer may take. */
	MARGIN_S = 60,
	SWEEP_S = 60,
	REASON_BYTES = 4096
};

/* A row that is ours, as long as the lease lasts. */
struct lease {
	char id[RECORD_ID_LENGTH + 1];
	uint64_t fence;
	int64_t until_ms; /* by the steady clock, from before it was asked for
			   */
};

/* One that was taken and not yet opened. */
struct claim {
	struct lease lease;
	enum postgres_state state;
	char *record, *journal;
	size_t record_bytes, journal_bytes;
};

/* What is to be told to the store with the next thing that is. */
struct pending {
	struct lease lease;
	char *journal;
	size_t journal_bytes;
};

struct shared_spool {
	struct spool base;
	char *url;
	long limit_s;
	struct postgres *line;
	pid_t line_of; /* the process that may use it */
	char **accounts;
	size_t account_count;
	struct claim *claims;
	size_t claim_count;
	pid_t claims_of; /* the process that took them */
	struct pending *pending;
	size_t pending_count;
	int64_t sweep_at_ms;
};

struct shared_entry {
	struct spool_entry base;
	struct lease lease;
	enum postgres_state state; /* of the row, as far as we know */
	struct buf journal;        /* lines that the store has not */
	bool is_lost, is_over;
};

struct shared_walk {
	struct spool_walk base;
	enum spool_place place;
	struct arena *rows_arena, *arena;
	struct postgres_rows rows;
	size_t next, account;
	char after[RECORD_ID_LENGTH + 1];
	bool is_over;
	struct record record;
};

static struct shared_spool *own(const struct spool *spool)
{
	return (struct shared_spool *)(uintptr_t)spool;
}

static struct shared_entry *own_entry(struct spool_entry *entry)
{
	return (struct shared_entry *)entry;
}

/* ---- the way to it ------------------------------------------------------- */

static void make_name(char *name, size_t size)
{
	char host[256] = "";

	if (gethostname(host, sizeof host - 1) < 0)
		host[0] = '\0';
	snprintf(name, size, "%s:%ld", host[0] ? host : "?", (long)getpid());
}

/* A process that was forked has a line of its own. */
static struct postgres *line_to(struct shared_spool *spool, struct diag *why)
{
	char name[NAME_BYTES];
	const struct postgres_params params = {
		.url = spool->url, .name = name, .limit_s = spool->limit_s
	};

	if (spool->line && spool->line_of == getpid())
		return spool->line;
	make_name(name, sizeof name);
	postgres_close(spool->line);
	spool->line = postgres_open(&params, why);
	spool->line_of = getpid();
	return spool->line;
}

static void free_claim(struct claim *claim)
{
	mem_free(claim->record);
	mem_free(claim->journal);
}

static bool flush(struct shared_spool *spool, struct diag *why);

/* What was taken and nobody came to is another's at once. */
static void let_go(struct spool *base)
{
	struct shared_spool *spool = own(base);
	struct postgres_change changes[POSTGRES_CHANGES_MAX];
	struct diag ignored;
	size_t done = 0;

	if (!spool->claim_count || spool->claims_of != getpid() ||
		!line_to(spool, &ignored))
		return;
	while (done < spool->claim_count) {
		size_t count = 0;

		for (; done < spool->claim_count &&
			count < POSTGRES_CHANGES_MAX;
			done++)
			changes[count++] = (struct postgres_change){
				.kind = POSTGRES_RELEASE,
				.id = spool->claims[done].lease.id,
				.fence = spool->claims[done].lease.fence,
			};
		if (!postgres_change(spool->line, changes, count, &ignored))
			return;
	}
}

static void close_spool(struct spool *base)
{
	struct shared_spool *spool = own(base);
	struct diag ignored;

	(void)flush(spool, &ignored);
	postgres_close(spool->line);
	for (size_t i = 0; i < spool->claim_count; i++)
		free_claim(&spool->claims[i]);
	for (size_t i = 0; i < spool->account_count; i++)
		mem_free(spool->accounts[i]);
	mem_free(spool->accounts);
	mem_free(spool->claims);
	mem_free(spool->pending);
	mem_free(spool->url);
	mem_free(spool->base.path);
	mem_free(spool);
}

static bool check_lasting(const struct spool *spool, struct diag *why)
{
	(void)spool;
	(void)why;
	return true;
}

/* ---- put ----------------------------------------------------------------- */

/* A record that could not be read again would be a lost mail. */
static bool put_record(
	void *context, uint64_t size_bytes, struct buf *out, struct diag *why)
{
	struct record *record = context, again;
	struct arena *arena = arena_new();
	bool survives;

	record->size_bytes = size_bytes;
	record_put_head(out, record);
	record_set_size(out, size_bytes);
	survives = record_parse(buf_span(out), arena, &again, why);
	arena_free(arena);
	return survives;
}

static bool commit(struct spool *base, struct record *record,
	struct source *message, struct diag *why)
{
	struct shared_spool *spool = own(base);
	struct postgres *line = line_to(spool, why);
	struct buf journal = BUF_INIT(RECORD_LIMIT);
	time_t next;
	bool is_kept;

	if (!line)
		return false;
	for (size_t i = 0; i < record->event_count; i++)
		record_put_event(&journal, &record->events[i]);
	for (size_t i = 0; i < record->event_count; i++)
		(void)record_apply(record, &record->events[i]);
	next = record_next(record);

	const struct postgres_message put = {
		.id = record->id,
		.account = record->account ? record->account : "",
		.put_record = put_record,
		.context = record,
		.journal = buf_span(&journal),
		.delay_s =
			next > clock_wall() ? (long)(next - clock_wall()) : 0,
	};

	is_kept = postgres_put(line, &put, message, why) == POSTGRES_KEPT;
	buf_free(&journal);
	return is_kept;
}

/* ---- what is told together ----------------------------------------------- */

static bool lost(const char *id, struct diag *why)
{
	return diag_set(why, DIAG_QUEUE_LOST, id);
}

/* COUNT changes and all that is pending, in one transaction.  What was pending
 * has ended: should its lease be lost, nobody can do anything any more. */
static bool tell(struct shared_spool *spool, struct postgres_change *changes,
	size_t count, struct diag *why)
{
	struct postgres *line = line_to(spool, why);
	size_t all = count + spool->pending_count;
	struct postgres_change *together;
	bool is_told;

	if (!line || !all)
		return !all;
	together = mem_array(NULL, all, sizeof *together);
	for (size_t i = 0; i < spool->pending_count; i++) {
		const struct pending *end = &spool->pending[i];

		together[i] = (struct postgres_change){
			.kind = POSTGRES_END,
			.id = end->lease.id,
			.fence = end->lease.fence,
			.journal = span_make(end->journal, end->journal_bytes),
		};
	}
	for (size_t i = 0; i < count; i++)
		together[spool->pending_count + i] = changes[i];
	is_told = postgres_change(line, together, all, why);
	for (size_t i = 0; i < count; i++)
		changes[i] = together[spool->pending_count + i];
	for (size_t i = 0; is_told && i < spool->pending_count; i++)
		mem_free(spool->pending[i].journal);
	if (is_told)
		spool->pending_count = 0;
	mem_free(together);
	return is_told;
}

static bool flush(struct shared_spool *spool, struct diag *why)
{
	return tell(spool, NULL, 0, why);
}

static bool sync_ends(struct spool *spool)
{
	struct diag ignored;

	return flush(own(spool), &ignored);
}

static void add_pending(struct shared_entry *entry)
{
	struct shared_spool *spool = own(entry->base.spool);
	struct pending *pending;

	spool->pending = mem_array(spool->pending, spool->pending_count + 1,
		sizeof *spool->pending);
	pending = &spool->pending[spool->pending_count++];
	pending->lease = entry->lease;
	pending->journal =
		mem_strndup(buf_text(&entry->journal), entry->journal.length);
	pending->journal_bytes = entry->journal.length;
}

/* One change of ENTRY, with the lines that the store has not. */
static bool change(struct shared_entry *entry, enum postgres_change_kind kind,
	long delay_s, struct diag *why)
{
	struct postgres_change told = {
		.kind = kind,
		.id = entry->lease.id,
		.fence = entry->lease.fence,
		.delay_s = delay_s,
		.journal = buf_span(&entry->journal),
	};

	if (entry->is_lost)
		return lost(entry->base.id, why);
	if (!tell(own(entry->base.spool), &told, 1, why))
		return false;
	entry->is_lost = !told.is_done;
	buf_clear(&entry->journal);
	return told.is_done || lost(entry->base.id, why);
}

/* ---- leases -------------------------------------------------------------- */

static int64_t lease_end_ms(long seconds)
{
	return clock_now_ms() + 1000 * (int64_t)seconds;
}

/* While a message goes out slowly, nobody else may take it. */
static bool keep_lease(struct shared_entry *entry, struct diag *why)
{
	int64_t until_ms = lease_end_ms(POSTGRES_LEASE_S);

	if (entry->is_lost)
		return lost(entry->base.id, why);
	if (entry->lease.until_ms - clock_now_ms() >
		POSTGRES_LEASE_S * 1000 * 2 / 3)
		return true;
	if (!change(entry, POSTGRES_RENEW, POSTGRES_LEASE_S, why))
		return false;
	entry->lease.until_ms = until_ms;
	return true;
}

static struct claim *find_claim(struct shared_spool *spool, const char *id)
{
	for (size_t i = 0; i < spool->claim_count; i++)
		if (strcmp(spool->claims[i].lease.id, id) == 0)
			return &spool->claims[i];
	return NULL;
}

static void drop_claim(struct shared_spool *spool, struct claim *claim)
{
	free_claim(claim);
	*claim = spool->claims[--spool->claim_count];
}

static struct claim *add_claim(struct shared_spool *spool,
	const struct postgres_row *row, int64_t until_ms)
{
	struct claim *claim = find_claim(spool, row->id);

	if (claim)
		drop_claim(spool, claim);
	spool->claims = mem_array(
		spool->claims, spool->claim_count + 1, sizeof *spool->claims);
	claim = &spool->claims[spool->claim_count++];
	spool->claims_of = getpid();
	*claim = (struct claim){
		.lease = { .fence = row->fence, .until_ms = until_ms },
		.state = row->state,
		.record = mem_strndup(row->record.at, row->record.length),
		.record_bytes = row->record.length,
		.journal = mem_strndup(row->journal.at, row->journal.length),
		.journal_bytes = row->journal.length,
	};
	snprintf(claim->lease.id, sizeof claim->lease.id, "%s", row->id);
	return claim;
}

/* ---- a row that is an entry ---------------------------------------------- */

static bool is_in(enum postgres_state state, enum spool_place place)
{
	if (place == SPOOL_IN_FAILED)
		return state == POSTGRES_FAILED;
	return state == POSTGRES_WAITING || state == POSTGRES_ON_ITS_WAY ||
	       state == POSTGRES_HELD;
}

/* Others have written it: little of what it says counts (record.is_taken). */
static bool read_row(const char *id, struct span head, struct span journal,
	enum postgres_state state, struct arena *arena, struct record *record,
	struct diag *why)
{
	char *text = arena_memdup(arena, head.at, head.length);
	char *lines = arena_memdup(arena, journal.at, journal.length);

	if (!record_parse_head(
		    span_make(text, head.length), arena, record, why) ||
		!record_parse_journal(
			span_make(lines, journal.length), arena, record, why))
		return false;
	if (strcmp(record->id, id) != 0)
		return diag_set(why, DIAG_QUEUE_ENTRY, id,
			DIAG_WORDS N_("its envelope is another message's"));
	record->is_taken = true;
	if (state == POSTGRES_ON_ITS_WAY &&
		record_count(record, RECORD_WAITING))
		record->is_in_doubt = true;
	return true;
}

static enum spool_result make_entry(struct shared_spool *spool,
	const struct claim *claim, enum spool_place place,
	struct spool_entry **out, struct diag *why)
{
	struct shared_entry *entry = mem_zalloc(sizeof *entry);

	entry->base.spool = &spool->base;
	entry->base.arena = arena_new();
	entry->base.place = place;
	memcpy(entry->base.id, claim->lease.id, sizeof entry->base.id);
	entry->lease = claim->lease;
	entry->state = claim->state;
	entry->journal = (struct buf)BUF_INIT(RECORD_LIMIT);
	*out = &entry->base;
	if (read_row(claim->lease.id,
		    span_make(claim->record, claim->record_bytes),
		    span_make(claim->journal, claim->journal_bytes),
		    claim->state, entry->base.arena, &entry->base.record, why))
		return SPOOL_OK;
	arena_free(entry->base.arena);
	mem_free(entry);
	*out = NULL;
	return SPOOL_DAMAGED;
}

/* Takes ID from the store, when nobody else has it. */
static enum spool_result take_one(struct shared_spool *spool, const char *id,
	bool (*is_wanted)(enum postgres_state state, enum spool_place place),
	enum spool_place place, struct diag *why)
{
	struct postgres *line = line_to(spool, why);
	struct arena *arena = arena_new();
	enum spool_result result = SPOOL_FAILED;
	struct postgres_rows rows = { .count = 0 };
	int64_t until_ms = lease_end_ms(POSTGRES_LEASE_S);

	if (!line || !postgres_find(line, id, arena, &rows, why))
		goto done;
	if (!rows.count || !is_wanted(rows.rows[0].state, place)) {
		diag_set(why, DIAG_QUEUE_NO_ENTRY, id);
		result = SPOOL_GONE;
		goto done;
	}
	if (!postgres_take_one(line, id, POSTGRES_LEASE_S, arena, &rows, why))
		goto done;
	if (!rows.count || !rows.rows[0].fence) {
		result = rows.count ? SPOOL_BUSY : SPOOL_GONE;
		diag_set(why,
			rows.count ? DIAG_QUEUE_BUSY : DIAG_QUEUE_NO_ENTRY, id);
		goto done;
	}
	(void)add_claim(spool, &rows.rows[0], until_ms);
	result = SPOOL_OK;
done:
	arena_free(arena);
	return result;
}

static enum spool_result open_entry(struct spool *base, enum spool_place place,
	const char *id, struct spool_entry **out, struct diag *why)
{
	struct shared_spool *spool = own(base);
	struct claim *claim = find_claim(spool, id);
	enum spool_result result = SPOOL_OK;

	if (claim && (claim->lease.until_ms <= clock_now_ms() ||
			     !is_in(claim->state, place))) {
		drop_claim(spool, claim);
		claim = NULL;
	}
	if (!claim)
		result = take_one(spool, id, is_in, place, why);
	if (result != SPOOL_OK)
		return result;
	claim = find_claim(spool, id);
	if (!claim)
		return SPOOL_FAILED;
	result = make_entry(spool, claim, place, out, why);
	/* What is damaged is still to be set aside under it. */
	if (result == SPOOL_OK)
		drop_claim(spool, claim);
	return result;
}

/* Where it belongs now, and when it is due. */
static void give_back(struct shared_entry *entry)
{
	const struct record *record = &entry->base.record;
	time_t next = record_next(record), now = clock_wall();
	long delay_s = next > now ? (long)(next - now) : 0;
	struct diag ignored;

	if (entry->base.place == SPOOL_IN_FAILED)
		(void)change(entry, POSTGRES_FAIL, 0, &ignored);
	else if (record->is_held)
		(void)change(entry, POSTGRES_HOLD, 0, &ignored);
	/* Of what is in doubt nothing is known: it comes up again when the
	 * lease is over, and says so. */
	else if (!record->is_in_doubt)
		(void)change(entry, POSTGRES_DEFER, delay_s, &ignored);
}

static void close_entry(struct spool_entry *base)
{
	struct shared_entry *entry = own_entry(base);

	if (!entry->is_over && !entry->is_lost)
		give_back(entry);
	buf_free(&entry->journal);
	arena_free(base->arena);
	mem_free(entry);
}

/* ---- the message --------------------------------------------------------- */

struct kept_source {
	struct source source;
	struct source *rows;
	struct shared_entry *entry;
};

static bool kept_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct kept_source *kept = (struct kept_source *)source;

	return keep_lease(kept->entry, why) &&
	       source_next(kept->rows, piece, why);
}

static bool kept_rewind(struct source *source, struct diag *why)
{
	return source_rewind(((struct kept_source *)source)->rows, why);
}

static void kept_close(struct source *source)
{
	source_close(((struct kept_source *)source)->rows);
	mem_free(source);
}

static struct source *open_message(struct spool_entry *base)
{
	static const struct source_ops ops = { kept_next, kept_rewind,
		kept_close };
	struct kept_source *kept = mem_zalloc(sizeof *kept);
	struct shared_spool *spool = own(base->spool);
	struct diag why;

	kept->source.ops = &ops;
	kept->entry = own_entry(base);
	kept->rows = postgres_message(
		line_to(spool, &why), base->id, base->record.size_bytes);
	return &kept->source;
}

/* ---- what becomes of it -------------------------------------------------- */

static bool note(struct spool_entry *base, const struct record_event *events,
	size_t count, enum spool_durability durability, struct diag *why)
{
	struct shared_entry *entry = own_entry(base);

	if (entry->is_lost)
		return lost(base->id, why);
	for (size_t i = 0; i < count; i++)
		record_put_event(&entry->journal, &events[i]);
	store_apply(base, events, count);
	base->is_end_noted = false;
	/* The rest is told when it is given back, or with its end. */
	if (durability == SPOOL_LAZY ||
		!record_count(&base->record, RECORD_WAITING))
		return true;
	return change(entry, POSTGRES_NOTE, 0, why);
}

static bool lasts(const struct shared_entry *entry, const struct spool_end *end)
{
	return entry->base.is_end_noted &&
	       entry->lease.until_ms - clock_now_ms() >=
		       1000 * (int64_t)end->answer_s;
}

/* The first one's end goes out now; the others are noted along with it, and are
 * asked again when it is their turn. */
static bool note_ends(struct spool_entry *const *entries, size_t count,
	const struct spool_end *end, struct diag *why)
{
	struct shared_spool *spool = own(entries[0]->spool);
	long lease_s = end->answer_s + MARGIN_S;
	int64_t until_ms = lease_end_ms(lease_s);
	struct postgres_change *changes;
	bool is_told;

	if (own_entry(entries[0])->is_lost)
		return lost(entries[0]->id, why);
	if (lasts(own_entry(entries[0]), end))
		return true;
	changes = mem_array(NULL, count, sizeof *changes);
	for (size_t i = 0; i < count; i++) {
		struct shared_entry *entry = own_entry(entries[i]);

		changes[i] = (struct postgres_change){
			.kind = POSTGRES_END_GOES,
			.id = entry->lease.id,
			.fence = entry->lease.fence,
			.delay_s = lease_s,
			.journal = buf_span(&entry->journal),
		};
	}
	is_told = tell(spool, changes, count, why);
	for (size_t i = 0; is_told && i < count; i++) {
		struct shared_entry *entry = own_entry(entries[i]);

		buf_clear(&entry->journal);
		entry->base.is_end_noted = changes[i].is_done;
		entry->is_lost = !changes[i].is_done;
		entry->lease.until_ms = until_ms;
	}
	mem_free(changes);
	if (!is_told)
		return false;
	/* The answer to that may have come late. */
	if (!own_entry(entries[0])->is_lost &&
		lasts(own_entry(entries[0]), end))
		return true;
	return lost(entries[0]->id, why);
}

static void cancel_end(struct spool_entry *base)
{
	struct diag ignored;

	if (!base->is_end_noted)
		return;
	base->is_end_noted = false;
	(void)change(own_entry(base), POSTGRES_NOTE, 0, &ignored);
}

static bool finish(struct spool_entry *base, struct diag *why)
{
	struct shared_entry *entry = own_entry(base);

	if (entry->is_lost)
		return lost(base->id, why);
	if (record_count(&base->record, RECORD_REFUSED)) {
		base->place = SPOOL_IN_FAILED;
		entry->is_over = change(entry, POSTGRES_FAIL, 0, why);
		return entry->is_over;
	}
	entry->is_over = true;
	add_pending(entry);
	return own(base->spool)->pending_count < POSTGRES_CHANGES_MAX / 2 ||
	       flush(own(base->spool), why);
}

static bool remove_entry(struct spool_entry *base, struct diag *why)
{
	struct shared_entry *entry = own_entry(base);

	entry->is_over = change(entry, POSTGRES_END, 0, why);
	return entry->is_over;
}

static bool requeue(struct spool_entry *base, struct diag *why)
{
	(void)why;
	base->place = SPOOL_QUEUED;
	return true;
}

/* ---- what is no entry ---------------------------------------------------- */

static bool is_damaged(enum postgres_state state, enum spool_place place)
{
	(void)place;
	return state == POSTGRES_DAMAGED;
}

static bool change_claim(struct shared_spool *spool, const char *id,
	enum postgres_change_kind kind, struct diag *why)
{
	struct claim *claim = find_claim(spool, id);
	struct postgres_change told = { .kind = kind, .id = id };

	if (!claim)
		return diag_set(why, DIAG_QUEUE_NO_ENTRY, id);
	told.fence = claim->lease.fence;
	drop_claim(spool, claim);
	return tell(spool, &told, 1, why) && (told.is_done || lost(id, why));
}

/* One of a newer version goes back, for that. */
static bool set_aside(
	struct spool *base, const char *id, const struct diag *reason)
{
	struct shared_spool *spool = own(base);
	bool is_newer = reason->id == DIAG_QUEUE_RECORD_NEWER;
	struct diag ignored;

	if (!find_claim(spool, id) &&
		take_one(spool, id, is_in, SPOOL_QUEUED, &ignored) != SPOOL_OK)
		return false;
	return change_claim(spool, id,
		is_newer ? POSTGRES_HOLD : POSTGRES_SET_ASIDE, &ignored);
}

static bool take_back(struct spool *base, const char *id, struct diag *why)
{
	struct shared_spool *spool = own(base);

	return take_one(spool, id, is_damaged, SPOOL_QUEUED, why) == SPOOL_OK &&
	       change_claim(spool, id, POSTGRES_DEFER, why);
}

static bool remove_damaged(struct spool *base, const char *id)
{
	struct shared_spool *spool = own(base);
	struct diag ignored;

	return take_one(spool, id, is_damaged, SPOOL_QUEUED, &ignored) ==
		       SPOOL_OK &&
	       change_claim(spool, id, POSTGRES_END, &ignored);
}

static void sweep_draft(struct spool *spool, const char *id)
{
	(void)spool;
	(void)id;
}

static size_t sweep(struct spool *base, time_t now)
{
	struct shared_spool *spool = own(base);
	struct postgres *line;
	struct diag ignored;
	uint64_t count = 0;

	(void)now;
	if (clock_now_ms() < spool->sweep_at_ms)
		return 0;
	spool->sweep_at_ms = lease_end_ms(SWEEP_S);
	line = line_to(spool, &ignored);
	if (line)
		(void)postgres_sweep(line, &count, &ignored);
	return (size_t)count;
}

/* ---- one that may be over ------------------------------------------------ */

static bool find(struct shared_spool *spool, const char *id,
	struct arena *arena, struct postgres_rows *rows)
{
	struct diag ignored;
	struct postgres *line = line_to(spool, &ignored);

	return line && postgres_find(line, id, arena, rows, &ignored) &&
	       rows->count;
}

static bool knows(struct spool *spool, const char *id)
{
	struct arena *arena = arena_new();
	struct postgres_rows rows;
	bool is_known = find(own(spool), id, arena, &rows);

	arena_free(arena);
	return is_known;
}

static bool find_in_history(
	struct spool *spool, const char *id, struct buf *out, struct buf *head)
{
	struct arena *arena = arena_new();
	struct postgres_rows rows;
	bool is_found = find(own(spool), id, arena, &rows) &&
			rows.rows[0].state == POSTGRES_ENDED;

	(void)head;
	if (is_found) {
		buf_put_span(out, rows.rows[0].record);
		buf_put_span(out, rows.rows[0].journal);
	}
	arena_free(arena);
	return is_found;
}

/* ---- going through it ---------------------------------------------------- */

static struct shared_walk *own_walk(struct spool_walk *walk)
{
	return (struct shared_walk *)walk;
}

static void walk_free(struct spool_walk *base)
{
	struct shared_walk *walk = own_walk(base);

	arena_free(walk->arena);
	arena_free(walk->rows_arena);
	mem_free(walk);
}

static bool is_taking(const struct shared_walk *walk)
{
	return walk->place == SPOOL_DUE || walk->place == SPOOL_NOW;
}

/* What is due of the next account. */
static bool take_some(struct shared_walk *walk, struct postgres *line)
{
	struct shared_spool *spool = own(walk->base.spool);
	const struct postgres_take order = {
		.account = spool->accounts[walk->account],
		.limit = TAKE_ROWS,
		.lease_s = POSTGRES_LEASE_S,
		.is_now = walk->place == SPOOL_NOW,
	};
	int64_t until_ms = lease_end_ms(POSTGRES_LEASE_S);
	struct diag ignored;

	if (!postgres_take(
		    line, &order, walk->rows_arena, &walk->rows, &ignored))
		return false;
	for (size_t i = 0; i < walk->rows.count; i++)
		(void)add_claim(spool, &walk->rows.rows[i], until_ms);
	walk->account++;
	return true;
}

static bool read_page(
	struct shared_walk *walk, struct postgres *line, struct diag *why)
{
	const struct postgres_page page = {
		.after = walk->after[0] ? walk->after : NULL,
		.limit = PAGE_ROWS,
		.state = walk->place == SPOOL_IN_FAILED ? POSTGRES_FAILED : -1,
	};

	if (!postgres_walk(line, &page, walk->rows_arena, &walk->rows, why))
		return false;
	if (walk->rows.count)
		snprintf(walk->after, sizeof walk->after, "%s",
			walk->rows.rows[walk->rows.count - 1].id);
	return true;
}

static bool more_rows(struct shared_walk *walk)
{
	struct shared_spool *spool = own(walk->base.spool);
	struct diag ignored;
	struct postgres *line = line_to(spool, &ignored);

	arena_reset(walk->rows_arena);
	walk->rows.count = walk->next = 0;
	if (!line)
		return false;
	if (!is_taking(walk))
		return read_page(walk, line, &ignored) && walk->rows.count;
	return walk->account < spool->account_count && take_some(walk, line);
}

/* A store that is away is told before anything is taken of it. */
static bool begin_walk(struct shared_walk *walk, struct diag *why)
{
	struct postgres *line = line_to(own(walk->base.spool), why);

	if (!line)
		return false;
	if (!is_taking(walk))
		return read_page(walk, line, why);
	return postgres_find(line, "-", walk->rows_arena, &walk->rows, why);
}

static struct spool_walk *walk_new(
	struct spool *spool, enum spool_place place, struct diag *why)
{
	struct shared_walk *walk = mem_zalloc(sizeof *walk);

	walk->base.spool = spool;
	walk->place = place;
	walk->arena = arena_new();
	walk->rows_arena = arena_new();
	if (begin_walk(walk, why))
		return &walk->base;
	walk_free(&walk->base);
	return NULL;
}

static void read_item(struct shared_walk *walk, const struct postgres_row *row,
	struct spool_item *item)
{
	arena_reset(walk->arena);
	memset(item, 0, sizeof *item);
	item->id = row->id;
	item->runner = row->is_leased ? row->runner : NULL;
	item->is_damaged = !read_row(row->id, row->record, row->journal,
		row->state, walk->arena, &walk->record, &item->problem);
	if (!item->is_damaged)
		item->record = &walk->record;
}

static bool walk_next(struct spool_walk *base, struct spool_item *item)
{
	struct shared_walk *walk = own_walk(base);

	for (;;) {
		while (walk->next < walk->rows.count) {
			const struct postgres_row *row =
				&walk->rows.rows[walk->next++];

			if (!is_taking(walk) && !is_in(row->state, walk->place))
				continue;
			read_item(walk, row, item);
			return true;
		}
		if (!more_rows(walk))
			return false;
	}
}

/* Ours, when it was taken: not if the lease has passed to another. */
static bool is_still_ours(
	struct shared_spool *spool, const struct postgres_row *row)
{
	const struct claim *claim = find_claim(spool, row->id);

	return claim && claim->lease.fence == row->fence && row->is_leased;
}

static void walk_look(
	struct spool_walk *base, const char *id, struct spool_item *item)
{
	struct shared_walk *walk = own_walk(base);
	struct shared_spool *spool = own(base->spool);
	const struct postgres_row *row;
	struct claim *claim;

	arena_reset(walk->rows_arena);
	walk->rows.count = walk->next = 0;
	if (!find(spool, id, walk->rows_arena, &walk->rows))
		return;
	row = &walk->rows.rows[0];
	walk->rows.count = 0;
	if (!is_in(row->state, is_taking(walk) ? SPOOL_QUEUED : walk->place))
		return;
	if (!is_taking(walk) || is_still_ours(spool, row)) {
		read_item(walk, row, item);
		return;
	}
	claim = find_claim(spool, id);
	if (claim)
		drop_claim(spool, claim);
}

static void each_damaged(struct spool *base,
	void (*tell_of)(void *context, const char *id, const char *reason),
	void *context)
{
	struct diag ignored;
	struct postgres *line = line_to(own(base), &ignored);
	struct postgres_page page = { .limit = PAGE_ROWS,
		.state = POSTGRES_DAMAGED };
	struct arena *arena = arena_new();
	struct postgres_rows rows;

	while (line && postgres_walk(line, &page, arena, &rows, &ignored) &&
		rows.count) {
		for (size_t i = 0; i < rows.count; i++)
			tell_of(context, rows.rows[i].id, "");
		page.after = rows.rows[rows.count - 1].id;
	}
	arena_free(arena);
}

/* ---- waking -------------------------------------------------------------- */

static int sleep_until_called(struct spool *base, bool is_asleep)
{
	struct diag ignored;
	struct postgres *line = line_to(own(base), &ignored);
	bool hears = false;

	return line && postgres_report(line, is_asleep, &hears, &ignored) &&
			       hears
		       ? postgres_wake_fd(line)
		       : -1;
}

static void hear_call(struct spool *base)
{
	struct diag ignored;
	struct postgres *line = line_to(own(base), &ignored);

	if (line)
		postgres_woken(line);
}

/* ---- limits -------------------------------------------------------------- */

static bool draw(const struct spool *base, struct spool_lot *lot)
{
	struct postgres_lot drawing = { .account = lot->bucket,
		.rate_per_s = lot->rate_per_s,
		.burst = lot->burst,
		.wanted = lot->wanted };
	struct diag ignored;
	struct postgres *line = line_to(own(base), &ignored);

	if (!line || !postgres_draw(line, &drawing, &ignored))
		return false;
	lot->drawn = drawing.drawn;
	lot->wait_s = drawing.backoff_s > drawing.wait_s ? drawing.backoff_s
							 : drawing.wait_s;
	return true;
}

static void overdraw(
	const struct spool *base, const char *bucket, unsigned number)
{
	struct diag ignored;
	struct postgres *line = line_to(own(base), &ignored);

	if (line)
		(void)postgres_give(line, bucket, -(long)number, 0, &ignored);
}

/* ---- the whole ----------------------------------------------------------- */

static const struct store_ops shared_ops = {
	.close = close_spool,
	.check_lasting = check_lasting,
	.commit = commit,
	.sync = sync_ends,
	.note_ends = note_ends,
	.cancel_end = cancel_end,
	.open = open_entry,
	.close_entry = close_entry,
	.message = open_message,
	.note = note,
	.finish = finish,
	.remove = remove_entry,
	.requeue = requeue,
	.set_aside = set_aside,
	.take_back = take_back,
	.remove_damaged = remove_damaged,
	.sweep_draft = sweep_draft,
	.sweep = sweep,
	.sleep = sleep_until_called,
	.woken = hear_call,
	.let_go = let_go,
	.draw = draw,
	.overdraw = overdraw,
	.knows = knows,
	.find_in_history = find_in_history,
	.walk = walk_new,
	.walk_next = walk_next,
	.walk_next_name = walk_next,
	.walk_look = walk_look,
	.walk_free = walk_free,
	.each_damaged = each_damaged,
};

bool shared_is_built(struct diag *why)
{
	return postgres_is_built() || diag_set(why, DIAG_STORE_NOT_BUILT);
}

struct spool *shared_open(const struct shared_params *params, struct diag *why)
{
	struct shared_spool *spool;

	if (!shared_is_built(why))
		return NULL;
	spool = mem_zalloc(sizeof *spool);
	spool->base.ops = &shared_ops;
	spool->base.fd = -1;
	spool->base.owner = geteuid();
	spool->base.path = mem_strdup(params->name);
	spool->url = mem_strdup(params->url);
	spool->limit_s = params->limit_s;
	return &spool->base;
}

bool shared_init(struct spool *spool, int *from, struct diag *why)
{
	struct postgres *line = line_to(own(spool), why);

	return line && postgres_init(line, from, why);
}

bool shared_check(
	struct spool *spool, struct postgres_health *out, struct diag *why)
{
	struct postgres *line = line_to(own(spool), why);

	return line && postgres_check(line, out, why);
}

void shared_serve_account(struct spool *base, const char *account)
{
	struct shared_spool *spool = own(base);

	if (base->ops != &shared_ops)
		return;
	spool->accounts = mem_array(spool->accounts, spool->account_count + 1,
		sizeof *spool->accounts);
	spool->accounts[spool->account_count++] = mem_strdup(account);
}
