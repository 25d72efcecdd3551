/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A queue, whatever keeps it: entries, which are messages and what became of
 * them, safe from kill -9 and power cuts at any instant.  Everything above
 * spool/ knows only this; a store is a table of functions (spool/store_ops.h).
 *
 * A store that a machine has for itself is a folder, and an entry is one file:
 * its head, the message itself, and its journal, which is appended to
 * (spool/form.h).
 *
 * Every legal state of a message, and what it means after a crash; a store of
 * another kind has the same ones, by its own means:
 *
 *   what is on disk                       state
 *   S0  nothing                           not accepted, or done with
 *   S1  incoming/ID                       being written: not accepted.  After
 *                                         a crash spool_sweep() removes it
 *   S2  ID                                accepted.  The journal says what each
 *                                         recipient's state is
 *   S3  sending/ID                        the end of the message was going
 *                                         out.  After a crash it is sent
 *                                         again, and is called a possible
 *                                         duplicate: the one window that SMTP
 *                                         leaves open.  (Of an earlier version:
 *                                         ID, and its journal ends in "dot")
 *   S4  the same, nobody waits any more   delivered or refused.  After a crash
 *                                         only moved on, nothing is sent
 *   S5  failed/ID                         some were refused for good; stays
 *                                         until a person removes or releases it
 *   S6  incoming/ID beside ID             the same with a shorter journal,
 *                                         being written.  After a crash swept
 *                                         as S1
 *   S7  damaged/ID, damaged/ID.why        was no entry; for a person to look at
 *
 * The steps between them, each one system call:
 *   S1 → S2  rename(incoming/ID, ID), after fdatasync(incoming/ID); durable
 *            after fsync of the queue's folder.  This is the instant of
 *            acceptance.
 *   S2 → S3  "dot" appended, rename(ID, sending/ID): durable after fsync of
 *            sending/, which is one for all whose ends go out together
 *   S3 → S4  a line appended for what came of it
 *   S4 → S0  unlink(sending/ID), when all have it: durable with the next fsync
 *            of sending/.  Until then a power cut leaves S3
 *   S4 → S5  rename(sending/ID, failed/ID), after fdatasync
 *   S3 → S2  rename(sending/ID, ID), after fdatasync: some wait, and what came
 *            of it is known
 *   S6 → S2  rename(incoming/ID, ID) over the longer one, after fdatasync;
 *            then fsync of its folder, before anything is appended
 *   any → S7 rename(ID, damaged/ID)
 *
 * So 2 syncs accept a message (the file: its bytes; the queue's folder: its
 * name), and one more each folder on the way that had to be made.  One sends a
 * message, or as many as go out together: it says that their ends go out, and
 * that those before them are gone; one more is the last of a run.  What is
 * neither delivered nor in doubt costs one more.  A deferral before all that is
 * not synced: when it is lost, the next try comes earlier, that is all.
 *
 * A line that a crash cut short is cut off when the entry is opened next, and
 * nothing but that line.
 *
 * The lock of an entry is flock(ID): it dies with its process.  From S1 on
 * whoever writes holds it, so that a runner never sees an entry before its
 * acceptance is durable.
 *
 * Earlier versions made a folder ID/ of two files, envelope (head and journal)
 * and message (which is locked).  It is read and finished in the same way, with
 * the same steps; its journal is not shortened, and it is taken away by
 * rename(ID, incoming/ID), where the sweep finds what a crash leaves of it.
 *
 *	spool = spool_open(&params, why);
 *	spool_commit(spool, &record, source, why);
 *	…
 *	if (spool_entry_open(spool, id, &entry, why) == SPOOL_OK) {
 *		spool_entry_note(entry, &event, 1, SPOOL_DURABLE, why);
 *		spool_entry_finish(entry, why);
 *		spool_entry_close(entry);
 *	}
 */
#ifndef SPOOL_STORE_H
#define SPOOL_STORE_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/source.h"
#include "spool/folder.h"
#include "spool/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

enum {
	/* Something this old in incoming/ that nobody has locked has no living
	 * author; a draft with a message, which is locked as soon as it is
	 * made, has none much sooner. */
	SPOOL_SWEEP_AGE_S = 3600,
	SPOOL_ORPHAN_AGE_S = 10
};

/* An open queue. */
struct spool;

/* Opens the queue's folder; fails as folder_open() does.  The caller closes
 * with spool_close() after its entries and walks. */
struct spool *spool_open(const struct folder_params *params, struct diag *why);
/* NULL is allowed. */
void spool_close(struct spool *spool);
/* What people call it: a folder's path, or another store's name, in which no
 * secret is. */
const char *spool_path(const struct spool *spool);
/* Whether hosts share it: then an entry may be lost to another of them while it
 * is open (DIAG_QUEUE_LOST), all of them are from another (record.is_taken),
 * and what is due is asked for (SPOOL_DUE), since nobody may know all. */
bool spool_is_shared(const struct spool *spool);
/* The queue's folder itself, for openat(); lives as long as the spool.  -1: it
 * is no folder, and what this machine would keep beside it is not kept. */
int spool_fd(const struct spool *spool);
/* Whose entries these are: the owner of the folder. */
uid_t spool_owner(const struct spool *spool);
/* Makes a file that was just made in the queue its owner's: root may look after
 * another user's queue.  FD -1 is allowed. */
void spool_give(const struct spool *spool, int fd);
/* Whether what is kept there survives a restart; DIAG_QUEUE_NOT_LASTING. */
bool spool_check_lasting(const struct spool *spool, struct diag *why);

/* Puts a message into the queue: all of it durably, or nothing at all.  RECORD
 * says everything but size_bytes, which is counted here; its id names the
 * entry, and its events (what happened before it was queued) begin the journal.
 * MESSAGE is read to its end, not closed.  Fails with DIAG_QUEUE_NOT_KEPT
 * (errno), DIAG_QUEUE_RECORD (the record could not be read again), or what
 * MESSAGE says. */
bool spool_commit(struct spool *spool, struct record *record,
	struct source *message, struct diag *why);

/* An entry that is locked by us. */
struct spool_entry;

enum spool_result {
	SPOOL_OK,
	SPOOL_BUSY,    /* somebody else has it locked */
	SPOOL_GONE,    /* there is no such entry (any more) */
	SPOOL_DAMAGED, /* no entry: *WHY says what is wrong; see
			  spool_set_aside() */
	SPOOL_FAILED   /* the system failed; says nothing about the entry */
};

/* Which part of the queue an entry is in.  SPOOL_DUE is only gone through: of a
 * queue that hosts share, what this host may send now, so much as it takes on
 * at a time, and nobody else has it for a while; of a folder, all of it.
 * SPOOL_NOW is the same, and what is not due yet as well. */
enum spool_place { SPOOL_QUEUED, SPOOL_IN_FAILED, SPOOL_DUE, SPOOL_NOW };

/* Locks and reads the entry ID; never waits.  On SPOOL_OK *OUT is closed by the
 * caller.  *WHY is set unless SPOOL_OK (DIAG_QUEUE_BUSY, _NO_ENTRY, _ENTRY,
 * _RECORD, _RECORD_NEWER, _FOLDER). */
enum spool_result spool_entry_open(struct spool *spool, enum spool_place place,
	const char *id, struct spool_entry **out, struct diag *why);
/* Unlocks; NULL is allowed. */
void spool_entry_close(struct spool_entry *entry);

/* What is known of it now; changes with spool_entry_note(), lives as long as
 * the entry. */
const struct record *spool_entry_record(const struct spool_entry *entry);
/* The message from its beginning; the caller closes it, before the entry. */
struct source *spool_entry_message(struct spool_entry *entry);

/* Appends the fields by which a person knows the message again (From, To, Cc,
 * Subject, Date), printable and unfolded, each with a newline. */
void spool_entry_put_head(struct spool_entry *entry, struct buf *out);

/* That the end of a message goes out, and how long its answer may take: for so
 * long no other host may begin with it. */
struct spool_end {
	time_t at;
	long answer_s;
};
/* The end of each of these messages goes out now: an unanswered one is in doubt
 * from here on.  One sync for all of them, which covers spool_sync() as well;
 * none when each was noted before, and nothing came of it since, and the lease
 * lasts.  On failure (DIAG_QUEUE_NOT_NOTED, DIAG_QUEUE_LOST) none of them may
 * go out, and none is in doubt on disk that was not before.  All are of one
 * queue. */
bool spool_note_ends(struct spool_entry *const *entries, size_t count,
	const struct spool_end *end, struct diag *why);
/* Whether spool_note_ends() was for this one, and nothing was noted since. */
bool spool_entry_end_is_noted(const struct spool_entry *entry);
/* It did not go out, after all; nothing when it was not noted, or something
 * came of it. */
void spool_cancel_end(struct spool_entry *entry);
/* Makes durable what became of messages whose ends went out.  False with errno
 * set: a power cut may bring some of them back as possible duplicates. */
bool spool_sync(struct spool *spool);

enum spool_durability {
	SPOOL_DURABLE, /* on disk when the function returns */
	SPOOL_SHARED,  /* the same; but when the end of the message went out and
			  all have it, by the next spool_note_ends() or
			  spool_sync(), and until then it is in doubt */
	SPOOL_LAZY /* survives this process, perhaps not a power cut; but of a
		      message whose end went out all is durable */
};
/* Adds lines to the journal, in one step, and applies them to the record.  On
 * failure (DIAG_QUEUE_NOT_NOTED) the journal is as it was, as far as that can
 * be had, but for what was written and only not synced: it stays, unless it is
 * RECORD_EVENT_DOT, which has not happened then.  The record has the events
 * nevertheless: they did happen. */
bool spool_entry_note(struct spool_entry *entry,
	const struct record_event *events, size_t count,
	enum spool_durability durability, struct diag *why);

/* Nobody waits any more: to failed/ when some were refused, else away, with a
 * copy of its record in the history.  Fails with DIAG_QUEUE_NOT_NOTED. */
bool spool_entry_finish(struct spool_entry *entry, struct diag *why);
/* Away with it whatever its state, with a copy in the history. */
bool spool_entry_remove(struct spool_entry *entry, struct diag *why);
/* From failed/ back to the queue; the caller notes RECORD_EVENT_RELEASED
 * first. */
bool spool_entry_requeue(struct spool_entry *entry, struct diag *why);

/* Moves what stands under ID to damaged/, and writes REASON beside it.  False
 * when it cannot be moved (a folder that is not ours): it stays, and is
 * skipped.  An entry of a newer version (DIAG_QUEUE_RECORD_NEWER) stays in any
 * case, for that version; true only for the first who says so. */
bool spool_set_aside(
	struct spool *spool, const char *id, const struct diag *reason);
/* Moves it back from damaged/, for another try. */
bool spool_take_back(struct spool *spool, const char *id, struct diag *why);

/* Removes one that was set aside, for good; false when it cannot, or is not
 * there. */
bool spool_remove_damaged(struct spool *spool, const char *id);

/* Removes what a crash left of the commit of ID, which is to be made again: no
 * living author may be at it. */
void spool_sweep_draft(struct spool *spool, const char *id);
/* Removes what crashes left in incoming/; returns how many. */
size_t spool_sweep(struct spool *spool, time_t now);

/* Of a queue that hosts share: tells the others whether this runner has nothing
 * to do; a message that any of them puts wakes it then.  A descriptor that
 * becomes readable when there may be something to take, borrowed; -1: nobody
 * can call us, and it has to be looked.  To be said anew every minute. */
int spool_sleep(struct spool *spool, bool is_asleep);
/* Hears the call; the descriptor is no longer readable. */
void spool_woken(struct spool *spool);

/* What SPOOL_DUE has given us and nobody has come to is another's at once. */
void spool_let_go(struct spool *spool);

/* A part of what a server takes from one user, drawn for all hosts: a bucket of
 * BURST that fills with so many a second. */
struct spool_lot {
	const char *bucket;
	double rate_per_s, burst;
	unsigned wanted;
	/* Set by spool_draw(). */
	unsigned drawn;
	long wait_s; /* until there is one more */
};
/* False: this queue's hosts share no limits (it is a folder), or it is away. */
bool spool_draw(const struct spool *spool, struct spool_lot *lot);
/* That so many were sent without being drawn. */
void spool_overdraw(
	const struct spool *spool, const char *bucket, unsigned number);

/* Whether ID is in the queue, in failed/ or damaged/, or in the history. */
bool spool_knows(struct spool *spool, const char *id);
/* Appends to OUT the record of an entry that is no more, as it was at its end,
 * and to HEAD (NULL is allowed) what spool_entry_put_head() gave; false when
 * the history does not have it (any more). */
bool spool_find_in_history(
	struct spool *spool, const char *id, struct buf *out, struct buf *head);

/* ---- going through it ---------------------------------------------------- */

/*
 * Every entry once, in no order, cheaply, without locking any.  Entries may
 * come and go meanwhile.
 *
 *	walk = spool_walk_new(spool, SPOOL_QUEUED, why);
 *	while (spool_walk_next(walk, &item))
 *		item.record …
 *	spool_walk_free(walk);
 */
struct spool_walk;

/* Lives until the next call. */
struct spool_item {
	const char *id;
	const struct record *record; /* NULL: it could not be read */
	struct diag problem;         /* then: why */
	bool is_damaged;             /* then: for good, see spool_set_aside() */
	const char *runner; /* who is at it: "host:process"; NULL: not known */
};

/* A place that is not there is empty.  NULL on failure (DIAG_QUEUE_FOLDER). */
struct spool_walk *spool_walk_new(
	struct spool *spool, enum spool_place place, struct diag *why);
bool spool_walk_next(struct spool_walk *walk, struct spool_item *item);
/* The same, but only the names: record is always NULL and nothing is read. */
bool spool_walk_next_name(struct spool_walk *walk, struct spool_item *item);
/* Reads the one entry ID; item.id is NULL when there is none. */
void spool_walk_look(
	struct spool_walk *walk, const char *id, struct spool_item *item);
void spool_walk_free(struct spool_walk *walk);

/* What was set aside: calls TELL with each id and the reason that stands beside
 * it. */
void spool_each_damaged(struct spool *spool,
	void (*tell)(void *context, const char *id, const char *reason),
	void *context);

#endif
