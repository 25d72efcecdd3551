/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A queue that a fleet shares, on PostgreSQL: its rows.  Knows no record, no
 * account's settings and no mail; what a message is, the caller says in bytes.
 *
 * libpq, and all that it brings, lives in a process of its own, which is forked
 * here and ends with the last descriptor that leads to it.  What passes between
 * are frames (postgres/frame.h).
 *
 * What a row's state says:
 *
 *   waiting    whoever comes after its due time may take it.  A lease is such a
 *              time, too: who died with one loses it by itself
 *   on its way the end of the message was going out when it was last heard of:
 *              a possible duplicate for whoever takes it next
 *   failed     for a person
 *   damaged    for a person: its record could not be read
 *   held       for a person
 *   ended      done with.  It stays for an hour without its message, so that a
 *              put that is repeated late makes no second mail
 *
 * Only the server's clock counts.  A lease comes with a fence, which grows each
 * time that a row is taken: a change under an older one does nothing.
 *
 *	postgres = postgres_open(&params, why);
 *	postgres_put(postgres, &message, source, why);
 *	…
 *	postgres_take(postgres, &take, arena, &rows, why);
 *	changes[0] = (struct postgres_change){ .kind = POSTGRES_END_GOES,
 *		.id = row->id, .fence = row->fence, .journal = line };
 *	postgres_change(postgres, changes, 1, why) && changes[0].is_done …
 *	postgres_close(postgres);
 */
#ifndef POSTGRES_POSTGRES_H
#define POSTGRES_POSTGRES_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
	POSTGRES_PIECE_BYTES = 256 * 1024,
	POSTGRES_ROWS_MAX = 200,    /* of one take or page */
	POSTGRES_CHANGES_MAX = 200, /* of one transaction */
	POSTGRES_LEASE_S = 5 * 60   /* to be renewed at a third */
};

/* Whether this program was built with it. */
bool postgres_is_built(void);

struct postgres;

struct postgres_params {
	/* "postgresql://…", "service=…": a secret; copied. */
	const char *url;
	/* Host and process, for people: "web3:4711"; copied. */
	const char *name;
	/* How long a request may take altogether; a put that was not answered
	 * by then is not known.  0: 30 s. */
	long limit_s;
};

/* Forks the helper, which loads libpq; it connects with the first request.
 * Fails with DIAG_LIBRARY_NOT_BUILT or DIAG_STORE_HELPER (errno). */
struct postgres *postgres_open(
	const struct postgres_params *params, struct diag *why);
/* Waits a moment for the helper's end, where no other way leads to it.  NULL is
 * allowed; in a child of who opened it, too. */
void postgres_close(struct postgres *postgres);
/* A second way to the same helper, for a child that is about to be forked: the
 * two can be used at the same time, and what waits together shares one
 * transaction.  The parent closes it after the fork; NULL: DIAG_STORE_HELPER.
 */
struct postgres *postgres_share(struct postgres *postgres, struct diag *why);

/* All that fails says why:
 *   DIAG_STORE_AWAY     no connection, or none that may be written to; again
 *                       later
 *   DIAG_STORE_SILENT   no answer within the limit
 *   DIAG_STORE_REFUSED  the server's words: disk full, rights, no table
 *   DIAG_STORE_VERSION  the schema is of another version
 *   DIAG_STORE_TIMELINE the server is an old primary that came back
 *   DIAG_STORE_URL      libpq does not understand the URL
 *   DIAG_STORE_HELPER   the helper is gone
 * No one of them names a secret. */

enum postgres_kept {
	POSTGRES_KEPT,     /* it is in the queue, for good */
	POSTGRES_NOT_KEPT, /* it is not, and will not be; *WHY */
	POSTGRES_IN_DOUBT  /* it may be, or become so: whoever hands it in
			      elsewhere makes a possible duplicate; *WHY is
			      DIAG_STORE_IN_DOUBT */
};

struct postgres_message {
	const char *id; /* made before the first try; never used again */
	const char *account;
	/* Called after the last piece, with the size of all; appends the record
	 * as it is kept. */
	bool (*put_record)(void *context, uint64_t size_bytes,
		struct buf *record, struct diag *why);
	void *context;
	struct span journal; /* may be empty */
	long delay_s;        /* before it may be taken: 0 */
	bool is_repeated;    /* the same id was tried before: decide it */
};
/* Reads MESSAGE to its end, does not close it.  A failure of MESSAGE or of
 * put_record is POSTGRES_NOT_KEPT, too.  Memory does not grow with it. */
enum postgres_kept postgres_put(struct postgres *postgres,
	const struct postgres_message *message, struct source *source,
	struct diag *why);

enum postgres_state {
	POSTGRES_WAITING,
	POSTGRES_ON_ITS_WAY,
	POSTGRES_FAILED,
	POSTGRES_DAMAGED,
	POSTGRES_ENDED,
	POSTGRES_HELD
};

struct postgres_row {
	const char *id, *account;
	const char *runner; /* who has it, or had it last; or "" */
	enum postgres_state state;
	bool is_leased;
	uint64_t fence; /* of a row that was taken */
	uint64_t size_bytes;
	time_t accepted;  /* by the server's clock */
	int64_t due_in_s; /* from now; 0: at once, or never */
	struct span record, journal;
};
struct postgres_rows {
	struct postgres_row *rows;
	size_t count;
};

struct postgres_take {
	const char *account;
	size_t limit; /* up to POSTGRES_ROWS_MAX */
	long lease_s;
	bool is_now; /* also what is not due yet */
};
/* Takes what is due, the oldest first; all lives in ARENA.  The lease counts
 * from before the call. */
bool postgres_take(struct postgres *postgres, const struct postgres_take *take,
	struct arena *arena, struct postgres_rows *out, struct diag *why);
/* Takes the one ID, due or not, whatever its state but ended.  *OUT has one
 * row; with fence 0 when another has it just now; none when there is none. */
bool postgres_take_one(struct postgres *postgres, const char *id, long lease_s,
	struct arena *arena, struct postgres_rows *out, struct diag *why);

enum postgres_change_kind {
	POSTGRES_RENEW,    /* the lease lasts DELAY_S from now */
	POSTGRES_END_GOES, /* on its way; the lease lasts DELAY_S from now */
	POSTGRES_NOTE,     /* still ours, nothing is on its way any more */
	POSTGRES_DEFER,    /* waiting, due in DELAY_S; the lease ends */
	POSTGRES_RELEASE,  /* due at once, unless the lease has ended already or
			      the end is on its way */
	POSTGRES_HOLD,
	POSTGRES_FAIL,
	POSTGRES_SET_ASIDE,
	POSTGRES_END /* done with; the message is removed */
};
struct postgres_change {
	enum postgres_change_kind kind;
	const char *id;
	uint64_t fence;
	long delay_s;
	struct span journal; /* is appended; may be empty */
	bool is_done; /* set here; false: the lease is lost, nothing changed */
};
/* All of it in one transaction: the end of one message and that the end of the
 * next goes out cost one flush.  False: nothing of it may be relied on. */
bool postgres_change(struct postgres *postgres, struct postgres_change *changes,
	size_t count, struct diag *why);
/* Replaces a journal that has grown too long; the lease is as before. */
bool postgres_rewrite(struct postgres *postgres, struct postgres_change *change,
	struct diag *why);

/* The message of ID from its beginning, a piece at a time; the caller closes
 * it.  It fails with DIAG_STORE_PIECE when a piece is missing. */
struct source *postgres_message(
	struct postgres *postgres, const char *id, uint64_t size_bytes);

struct postgres_page {
	const char *after; /* the last id of the page before; NULL: the first */
	size_t limit;
	/* -1, or that of these alone */
	int state;
	bool is_without_record;
};
/* What is in the queue, in the order of ids; not what has ended. */
bool postgres_walk(struct postgres *postgres, const struct postgres_page *page,
	struct arena *arena, struct postgres_rows *out, struct diag *why);
/* The one ID, whatever its state: *OUT has one row or none. */
bool postgres_find(struct postgres *postgres, const char *id,
	struct arena *arena, struct postgres_rows *out, struct diag *why);

struct postgres_sum {
	const char *account;
	enum postgres_state state;
	uint64_t count, bytes;
	int64_t oldest_s; /* age */
};
struct postgres_sums {
	struct postgres_sum *sums;
	size_t count;
	int64_t snapshot_s; /* age of the oldest; vacuum waits for it */
	uint64_t runners, asleep;
};
/* Counts the whole queue: once an interval, never at each question. */
bool postgres_count(struct postgres *postgres, struct arena *arena,
	struct postgres_sums *out, struct diag *why);
/* Removes what has ended more than an hour ago, pieces of messages that were
 * never accepted, and runners that are gone; some at a time.  *COUNT is how
 * many. */
bool postgres_sweep(
	struct postgres *postgres, uint64_t *count, struct diag *why);

/* ---- limits of the fleet ------------------------------------------------- */

struct postgres_lot {
	const char *account;
	double rate_per_s, burst; /* 0: no budget */
	unsigned lanes_max;       /* of the fleet; 0: no limit */
	unsigned wanted, lanes_wanted;
	/* Set here.  Lanes are ours for a minute. */
	unsigned drawn, lanes;
	long backoff_s; /* nobody sends by this account before */
	long wait_s;    /* until the next token */
};
/* Draws what is needed for some seconds: a row a message would collapse. */
bool postgres_draw(
	struct postgres *postgres, struct postgres_lot *lot, struct diag *why);
/* Gives tokens back (a negative number of them: they were spent without being
 * drawn), and with BACKOFF_S not 0 makes the whole fleet wait. */
bool postgres_give(struct postgres *postgres, const char *account, long tokens,
	long backoff_s, struct diag *why);

/* ---- waking -------------------------------------------------------------- */

/* Tells the fleet that this runner is here, and whether it is asleep: then a
 * put wakes it.  *HEARS: whether a NOTIFY to ourselves came back; behind a pool
 * it may not, and only polling helps. */
bool postgres_report(struct postgres *postgres, bool is_asleep, bool *hears,
	struct diag *why);
/* Becomes readable when there may be something to take; postgres_woken() makes
 * it unreadable. */
int postgres_wake_fd(const struct postgres *postgres);
void postgres_woken(struct postgres *postgres);
/* Wakes those who sleep, at most some times a second; a put does it itself. */
bool postgres_wake(struct postgres *postgres, struct diag *why);

/* ---- schema -------------------------------------------------------------- */

enum { POSTGRES_SCHEMA_VERSION = 1 };
/* The SQL that makes the schema or upgrades it from version FROM (0: there is
 * none), as 'init' runs it; appended. */
void postgres_put_schema(struct buf *out, int from);
/* Runs it, in one transaction; *FROM is the version that was there. */
bool postgres_init(struct postgres *postgres, int *from, struct diag *why);

struct postgres_health {
	int version; /* of the schema; 0: there is none */
	char server[64], role[64];
	bool is_postgres; /* and not another engine of its protocol */
	bool may_submit, may_run, may_read;
	/* A COMMIT waits for a standby; else a database host that dies takes
	 * mail with it. */
	bool is_synchronous;
	bool flushes; /* fsync is on */
	bool hears;
	uint64_t timeline;
	int64_t snapshot_s;
};
bool postgres_check(struct postgres *postgres, struct postgres_health *out,
	struct diag *why);

#endif
