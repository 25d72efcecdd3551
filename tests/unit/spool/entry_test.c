/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries on disk: every legal state, the steps between them, and everything
 * that is no entry.  Crashes at every system call are tests/crash's. */
#include <config.h>

#include "spool/store.h"
#include "tap.h"
#include "unit/spool/room.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define ID   "0abcdefghjkmnp1"
#define TEXT "Subject: x\r\n\r\nhello\r\n"
#define HEAD                                                                   \
	"mailchute-queue 1\n"                                                  \
	"id " ID "\n"                                                          \
	"created 1000\n"                                                       \
	"size 0000000000000000021\n"                                           \
	"account work\n"                                                       \
	"sender ann@example.org\n"                                             \
	"recipient bob@example.net\n"                                          \
	"recipient eve@example.net\n"                                          \
	"end\n"

static struct spool *spool;

/* The disk's answer is the test's, by whichever call the system has. */
static bool syncs_fail;
static int syncs;

static int answer_sync(void)
{
	syncs++;
	if (!syncs_fail)
		return 0;
	errno = EIO;
	return -1;
}

int fsync(int fd)
{
	(void)fd;
	return answer_sync();
}

int fdatasync(int fd)
{
	(void)fd;
	return answer_sync();
}

/* ---- writing ------------------------------------------------------------- */

static struct record_recipient people[2];

static struct record make_record(const char *id)
{
	struct record record = {
		.id = id,
		.created = 1000,
		.account = "work",
		.recipients = people,
		.recipient_count = 2,
	};

	record.sender.utf8 = record.sender.ascii = "ann@example.org";
	people[0].address.utf8 = people[0].address.ascii = "bob@example.net";
	people[1].address.utf8 = people[1].address.ascii = "eve@example.net";
	return record;
}

static bool commit(const char *id, const char *text, struct diag *why)
{
	struct record record = make_record(id);
	struct source *source = source_from_span(span_of(text));
	bool is_committed = spool_commit(spool, &record, source, why);

	source_close(source);
	return is_committed;
}

static struct spool_entry *open_entry(enum spool_place place)
{
	struct spool_entry *entry = NULL;
	struct diag why = { .id = DIAG_NONE };

	if (spool_entry_open(spool, place, ID, &entry, &why) != SPOOL_OK)
		tap_note("not opened: %s", diag_name(why.id));
	return entry;
}

static void note(struct spool_entry *entry, enum record_event_kind kind,
	const char *recipients)
{
	const struct record_event event = {
		.kind = kind,
		.at = 2000,
		.next = kind == RECORD_EVENT_DEFERRED ? 3000 : 0,
		.count = 1,
		.recipients = recipients,
		.code = 250,
		.status = "2.0.0",
		.words = "what the server said",
	};
	struct diag why;

	tap_ok(spool_entry_note(entry, &event, 1, SPOOL_DURABLE, &why),
		"noted");
}

/* Of the one file. */
static off_t size_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_size : -1;
}

static void test_commit(void)
{
	struct stat status;
	struct diag why;

	spool = room_begin();
	if (!spool_check_lasting(spool, &why))
		tap_note("the build folder is not on a disk");
	tap_ok(commit(ID, TEXT, &why), "a message is accepted");
	tap_is_text(room_read("q/" ID), HEAD TEXT,
		"one file: its head, and the message byte for byte");
	tap_is_number(room_count("q/incoming"), 0, "nothing is left over");
	tap_ok(stat("q/" ID, &status) == 0 && (status.st_mode & 0777) == 0600,
		"for us alone");
	tap_ok(!commit(ID, "other", &why), "an id is used once");
	tap_is_diag(&why, DIAG_QUEUE_NOT_KEPT, "an id is used once");
	tap_is_text(
		room_read("q/" ID), HEAD TEXT, "the first one is untouched");
	tap_is_number(room_count("q/incoming"), 0, "and nothing is left");
	room_end(spool);
}

static void test_memory_is_no_disk(void)
{
	char name[64];
	const struct folder_params params = { .base = name, .rest = "" };
	struct diag why;

	snprintf(name, sizeof name, "/dev/shm/mailchute-test-%ld",
		(long)getpid());
	if (mkdir(name, 0700) < 0) {
		tap_skip("a queue in memory", "there is no /dev/shm");
		return;
	}
	spool = spool_open(&params, &why);
	if (spool && !spool_check_lasting(spool, &why))
		tap_is_diag(&why, DIAG_QUEUE_NOT_LASTING, "a queue in memory");
	else
		tap_skip("a queue in memory", "/dev/shm is not in memory");
	spool_close(spool);
	rmdir(name);
}

static bool source_fails(
	struct source *source, struct span *piece, struct diag *why)
{
	(void)source, (void)piece;
	return diag_set(why, DIAG_INPUT_UNREADABLE);
}

static void source_stays(struct source *source)
{
	(void)source;
}

static void test_commit_failures(void)
{
	static const struct source_ops ops = { source_fails, NULL,
		source_stays };
	struct source broken = { &ops };
	struct record record = make_record(ID);
	struct diag why;

	spool = room_begin();
	tap_ok(!spool_commit(spool, &record, &broken, &why), "broken source");
	tap_is_diag(&why, DIAG_INPUT_UNREADABLE, "broken source");
	tap_is_number(room_count("q/incoming"), 0, "leaves nothing");
	tap_ok(!room_has("q/" ID), "and is not there");
	room_end(spool);
}

/* A record that would not be read again is not accepted. */
static void test_unreadable_record(void)
{
	struct record record = make_record(ID);
	struct source *source = source_from_span(SPAN(TEXT));
	struct diag why;

	spool = room_begin();
	people[1].address.utf8 = people[1].address.ascii = "not an address";
	tap_ok(!spool_commit(spool, &record, source, &why), "a bad record");
	tap_is_diag(&why, DIAG_QUEUE_RECORD, "a bad record");
	tap_is_number(room_count("q/incoming"), 0, "leaves nothing");
	tap_ok(!room_has("q/" ID), "and is not there");
	source_close(source);
	room_end(spool);
}

static void test_full_disk(void)
{
	char *large = mem_alloc(300001);
	struct rlimit old, small;
	struct diag why;

	spool = room_begin();
	memset(large, 'x', 300000);
	large[300000] = '\0';
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 100000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	tap_ok(!commit(ID, large, &why), "a file that cannot grow");
	setrlimit(RLIMIT_FSIZE, &old);
	tap_is_diag(&why, DIAG_QUEUE_NOT_KEPT, "a file that cannot grow");
	tap_is_number(why.system_error, EFBIG, "says why");
	tap_is_number(room_count("q/incoming"), 0, "and leaves nothing");
	tap_ok(commit(ID, large, &why), "with room it is kept");
	mem_free(large);
	room_end(spool);
}

/* ---- the way of an entry ------------------------------------------------- */

static void test_message(void)
{
	struct spool_entry *entry;
	struct source *source;
	struct span piece;
	struct diag why;

	spool = room_begin();
	commit(ID, TEXT, &why);
	entry = open_entry(SPOOL_QUEUED);
	source = spool_entry_message(entry);
	for (int round = 0; round < 2; round++) {
		tap_ok(source_next(source, &piece, &why),
			"the message is read");
		tap_is_span(piece, SPAN(TEXT), "as it was kept");
		tap_ok(source_next(source, &piece, &why) && !piece.length,
			"to its end");
		source_rewind(source, &why);
	}
	source_close(source);
	spool_entry_close(entry);
	room_end(spool);
}

static void test_delivered(void)
{
	struct spool_entry *entry;
	struct buf found = BUF_INIT(100000);
	struct diag why;

	spool = room_begin();
	commit(ID, TEXT, &why);
	entry = open_entry(SPOOL_QUEUED);
	note(entry, RECORD_EVENT_DOT, "*");
	note(entry, RECORD_EVENT_DELIVERED, "1");
	note(entry, RECORD_EVENT_DEFERRED, "2");
	spool_entry_close(entry);
	entry = open_entry(SPOOL_QUEUED);
	tap_is_number(spool_entry_record(entry)->recipients[0].state,
		RECORD_DELIVERED, "progress is kept");
	tap_is_number(spool_entry_record(entry)->recipients[1].next, 3000,
		"and when to try again");
	note(entry, RECORD_EVENT_DELIVERED, "2");
	tap_ok(spool_entry_finish(entry, &why), "all have it");
	spool_entry_close(entry);
	tap_ok(!room_has("q/" ID), "it is gone");
	tap_is_number(room_count("q/incoming"), 0, "without a trace");
	tap_ok(!spool_find_in_history(spool, "0abcdefghjkmnp2", &found, NULL),
		"the history does not know another");
	tap_ok(spool_find_in_history(spool, ID, &found, NULL) &&
			strstr(buf_text(&found), "\nend\ndot 2000"),
		"but in the history");
	buf_free(&found);
	room_end(spool);
}

static void test_refused(void)
{
	struct spool_entry *entry;
	struct diag why;

	spool = room_begin();
	commit(ID, TEXT, &why);
	entry = open_entry(SPOOL_QUEUED);
	note(entry, RECORD_EVENT_DELIVERED, "1");
	note(entry, RECORD_EVENT_REFUSED, "2");
	tap_ok(spool_entry_finish(entry, &why), "one is refused");
	spool_entry_close(entry);
	tap_ok(!room_has("q/" ID) && room_has("q/failed/" ID),
		"it stays in failed");
	entry = open_entry(SPOOL_IN_FAILED);
	note(entry, RECORD_EVENT_RELEASED, "*");
	tap_ok(spool_entry_requeue(entry, &why), "a person wants another try");
	spool_entry_close(entry);
	entry = open_entry(SPOOL_QUEUED);
	tap_is_number(spool_entry_record(entry)->recipients[1].state,
		RECORD_WAITING, "it waits again");
	tap_is_number(spool_entry_record(entry)->recipients[0].state,
		RECORD_DELIVERED, "but not who has it");
	tap_ok(spool_entry_remove(entry, &why), "removed");
	spool_entry_close(entry);
	tap_ok(!room_has("q/" ID), "it is gone");
	room_end(spool);
}

static void test_note_fails(void)
{
	struct record_event event = {
		.kind = RECORD_EVENT_DEFERRED,
		.recipients = "*",
		.words = "x",
	};
	struct rlimit old, small;
	struct spool_entry *entry;
	struct diag why;

	spool = room_begin();
	commit(ID, TEXT, &why);
	entry = open_entry(SPOOL_QUEUED);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = (rlim_t)size_of("q/" ID) + 10;
	setrlimit(RLIMIT_FSIZE, &small);
	tap_ok(!spool_entry_note(entry, &event, 1, SPOOL_DURABLE, &why),
		"no room for a line");
	setrlimit(RLIMIT_FSIZE, &old);
	tap_is_diag(&why, DIAG_QUEUE_NOT_NOTED, "no room for a line");
	note(entry, RECORD_EVENT_DELIVERED, "1");
	spool_entry_close(entry);
	entry = open_entry(SPOOL_QUEUED);
	tap_is_number(spool_entry_record(entry)->recipients[0].state,
		RECORD_DELIVERED, "a half line does not spoil the next");
	tap_is_number((int64_t)spool_entry_record(entry)->event_count, 1,
		"and is not there");
	spool_entry_close(entry);
	room_end(spool);
}

/* The disk says no after the line was written. */
static void test_sync_fails(void)
{
	const struct record_event dot = { .kind = RECORD_EVENT_DOT,
		.recipients = "*" };
	const struct record_event delivered = { .kind = RECORD_EVENT_DELIVERED,
		.recipients = "1",
		.words = "250 ok" };
	struct spool_entry *entry;
	off_t before;
	struct diag why;

	spool = room_begin();
	commit(ID, TEXT, &why);
	entry = open_entry(SPOOL_QUEUED);
	before = size_of("q/" ID);
	syncs_fail = true;
	tap_ok(!spool_entry_note(entry, &dot, 1, SPOOL_DURABLE, &why),
		"the end of a message that cannot be noted is not sent");
	tap_is_diag(&why, DIAG_QUEUE_NOT_NOTED, "and it is said");
	tap_is_number(why.system_error, EIO, "with the disk's reason");
	tap_is_number(size_of("q/" ID), before, "it does not stay");
	tap_ok(!spool_entry_note(entry, &delivered, 1, SPOOL_DURABLE, &why),
		"what was delivered is not noted for good either");
	syncs_fail = false;
	spool_entry_close(entry);
	entry = open_entry(SPOOL_QUEUED);
	tap_is_number(spool_entry_record(entry)->recipients[0].state,
		RECORD_DELIVERED, "but stays: it must not be sent again");
	spool_entry_close(entry);
	room_end(spool);
}

static void note_often(struct spool_entry *entry, int count)
{
	const struct record_event event = {
		.kind = RECORD_EVENT_DEFERRED,
		.at = 5,
		.next = 60,
		.count = 1,
		.recipients = "*",
		.words = "a line of the usual length, as servers write them",
	};
	struct diag why;

	for (int i = 0; i < count; i++)
		(void)spool_entry_note(entry, &event, 1, SPOOL_LAZY, &why);
}

static void check_message(struct spool_entry *entry, const char *want)
{
	struct source *source = spool_entry_message(entry);
	struct span piece;
	struct diag why;

	tap_ok(source_next(source, &piece, &why), "the message is read");
	tap_is_span(piece, span_of(want), "as it was kept");
	tap_ok(source_next(source, &piece, &why) && !piece.length,
		"to its end");
	source_close(source);
}

static void test_condensing(void)
{
	struct spool_entry *entry;
	struct diag why;

	spool = room_begin();
	commit(ID, TEXT, &why);
	entry = open_entry(SPOOL_QUEUED);
	/* What a crash in the middle of it leaves. */
	room_write("q/incoming/" ID, "x");
	note_often(entry, 10000);
	check_message(entry, TEXT);
	tap_is_number(spool_entry_open(spool, SPOOL_QUEUED, ID, &entry, &why),
		SPOOL_BUSY, "it is still locked");
	spool_entry_close(entry);
	tap_ok(size_of("q/" ID) < RECORD_JOURNAL_BYTES + 4096,
		"the journal stays short");
	entry = open_entry(SPOOL_QUEUED);
	tap_is_number((int64_t)spool_entry_record(entry)->recipients[0].tries,
		10000, "and forgets nothing that counts");
	check_message(entry, TEXT);
	tap_is_number(room_count("q/incoming"), 0, "nothing is left over");
	spool_entry_close(entry);
	room_end(spool);
}

/* The message is copied with it, and a large one not for every few lines. */
static void test_condensing_a_large_one(void)
{
	char *large = mem_zalloc(RECORD_JOURNAL_BYTES * 2 + 1);
	struct stat before, after;
	struct spool_entry *entry;
	struct diag why;

	spool = room_begin();
	memset(large, 'x', RECORD_JOURNAL_BYTES * 2);
	commit(ID, large, &why);
	stat("q/" ID, &before);
	entry = open_entry(SPOOL_QUEUED);
	note_often(entry, RECORD_JOURNAL_BYTES * 3 / 2 / 80);
	stat("q/" ID, &after);
	tap_is_number((int64_t)after.st_ino, (int64_t)before.st_ino,
		"a journal may become as long as its message");
	note_often(entry, RECORD_JOURNAL_BYTES * 3 / 2 / 80);
	stat("q/" ID, &after);
	tap_ok(after.st_ino != before.st_ino &&
			after.st_size < before.st_size * 2,
		"but no longer");
	spool_entry_close(entry);
	mem_free(large);
	room_end(spool);
}

/* A line that a crash cut short goes, and nothing else. */
static void test_torn(void)
{
	struct spool_entry *entry;
	off_t whole;
	struct diag why;

	spool = room_begin();
	commit(ID, TEXT, &why);
	entry = open_entry(SPOOL_QUEUED);
	note(entry, RECORD_EVENT_DELIVERED, "1");
	spool_entry_close(entry);
	whole = size_of("q/" ID);
	for (int cut = 1; cut < 40; cut++) {
		static const char line[] =
			"refused 2000 0 1 2 - 550 5.1.1 no such user here";

		if (truncate("q/" ID, whole) < 0)
			tap_note("truncate failed");
		room_append("q/" ID, line + cut);
		entry = open_entry(SPOOL_QUEUED);
		if (size_of("q/" ID) != whole ||
			spool_entry_record(entry)->recipients[0].state !=
				RECORD_DELIVERED ||
			spool_entry_record(entry)->recipients[1].state !=
				RECORD_WAITING)
			tap_ok(false, "a line without its first %d bytes", cut);
		spool_entry_close(entry);
	}
	/* Of the last whole line. */
	if (truncate("q/" ID, whole - 1) < 0)
		tap_note("truncate failed");
	entry = open_entry(SPOOL_QUEUED);
	tap_is_number(size_of("q/" ID), (int64_t)strlen(HEAD TEXT),
		"to the end of the message, and never into it");
	check_message(entry, TEXT);
	spool_entry_close(entry);
	room_end(spool);
}

/* ---- the ends of several ---------------------------------------------------
 */

static const char *const ids[] = { ID, "0abcdefghjkmnp2", "0abcdefghjkmnp3" };
enum { IDS = sizeof ids / sizeof *ids };

/* Commits and opens all, and their ends go out. */
static void send_all(struct spool_entry **entries)
{
	struct diag why = { .id = DIAG_NONE };

	for (size_t i = 0; i < IDS; i++) {
		commit(ids[i], TEXT, &why);
		if (spool_entry_open(spool, SPOOL_QUEUED, ids[i], &entries[i],
			    &why) != SPOOL_OK)
			tap_ok(false, "not opened: %s", diag_name(why.id));
	}
	syncs = 0;
	tap_ok(spool_note_ends(
		       entries, IDS, &(struct spool_end){ .at = 2000 }, &why),
		"ends are noted");
}

static int count_walk(enum spool_place place)
{
	struct diag why;
	struct spool_walk *walk = spool_walk_new(spool, place, &why);
	struct spool_item item;
	int count = 0;

	while (spool_walk_next(walk, &item))
		count += item.record && strcmp(item.record->id, item.id) == 0;
	spool_walk_free(walk);
	return count;
}

static bool is_in_doubt(void)
{
	struct spool_entry *entry = open_entry(SPOOL_QUEUED);
	bool is = spool_entry_record(entry)->is_in_doubt;

	spool_entry_close(entry);
	return is;
}

static bool note_shared(
	struct spool_entry *entry, enum record_event_kind kind, const char *who)
{
	const struct record_event event = {
		.kind = kind, .at = 2001, .count = 1, .recipients = who
	};
	struct diag why;

	syncs = 0;
	return spool_entry_note(entry, &event, 1, SPOOL_SHARED, &why);
}

/* One sync for all, and what came of those before goes with it. */
static void test_ends(void)
{
	struct spool_entry *entries[IDS], *other;
	struct diag why;

	spool = room_begin();
	send_all(entries);
	tap_is_number(syncs, 2, "the folder's name and all in it");
	tap_is_number(room_count("q/sending"), IDS, "they are there");
	tap_ok(!room_has("q/" ID), "and nowhere else");
	tap_is_number(count_walk(SPOOL_QUEUED), IDS, "a walk finds them");
	tap_ok(spool_knows(spool, ID), "they are known");
	tap_is_number(spool_entry_open(spool, SPOOL_QUEUED, ID, &other, &why),
		SPOOL_BUSY, "and locked");

	tap_ok(note_shared(entries[0], RECORD_EVENT_DELIVERED, "*"), "one");
	tap_is_number(syncs, 0, "all have it: no sync of its own");
	tap_ok(spool_entry_finish(entries[0], &why) &&
			!room_has("q/sending/" ID),
		"it is gone");
	tap_ok(note_shared(entries[1], RECORD_EVENT_REFUSED, "*"), "refused");
	tap_is_number(syncs, 1, "that is kept before it is moved");
	tap_ok(spool_entry_finish(entries[1], &why) &&
			room_has("q/failed/0abcdefghjkmnp2"),
		"to failed");
	tap_ok(note_shared(entries[2], RECORD_EVENT_DELIVERED, "1"), "for one");
	tap_is_number(syncs, 1, "the other waits: that is kept, too");
	tap_ok(room_has("q/0abcdefghjkmnp3"), "and it waits where it did");

	syncs = 0;
	tap_ok(spool_sync(spool) && syncs == 1, "one sync for all that");
	tap_ok(spool_sync(spool) && syncs == 1, "and no other");
	tap_ok(spool_note_ends(&entries[2], 1,
		       &(struct spool_end){ .at = 2002 }, &why) &&
			syncs == 2,
		"one for the next");
	for (size_t i = 0; i < IDS; i++)
		spool_entry_close(entries[i]);
	room_end(spool);
}

/* Noted ahead, and never sent. */
static void test_ends_that_do_not_come(void)
{
	struct spool_entry *entries[IDS];
	off_t before;
	struct diag why;

	spool = room_begin();
	send_all(entries);
	syncs = 0;
	tap_ok(spool_note_ends(
		       entries, 2, &(struct spool_end){ .at = 2005 }, &why) &&
			!syncs,
		"what is noted is not noted twice");
	before = (off_t)strlen(HEAD TEXT);
	tap_ok(spool_entry_end_is_noted(entries[0]), "it is noted");
	spool_cancel_end(entries[0]);
	tap_ok(!spool_entry_end_is_noted(entries[0]), "and no more");
	tap_ok(!syncs && size_of("q/" ID) == before, "it is as it was");
	tap_ok(!spool_entry_record(entries[0])->is_in_doubt, "in no doubt");
	(void)note_shared(entries[1], RECORD_EVENT_DELIVERED, "1");
	spool_cancel_end(entries[1]);
	tap_is_number(spool_entry_record(entries[1])->recipients[0].state,
		RECORD_DELIVERED, "what came of one stays");
	tap_ok(spool_note_ends(
		       entries, IDS, &(struct spool_end){ .at = 2006 }, &why),
		"and once more");
	for (size_t i = 0; i < IDS; i++)
		spool_entry_close(entries[i]);
	tap_ok(is_in_doubt(), "then it is in doubt");
	room_end(spool);
}

/* What a power cut may leave: the name is there, no line is. */
static void test_ends_and_a_power_cut(void)
{
	struct spool_entry *entries[IDS], *entry;
	struct diag why;

	spool = room_begin();
	send_all(entries);
	for (size_t i = 0; i < IDS; i++)
		spool_entry_close(entries[i]);
	if (truncate("q/sending/" ID, (off_t)strlen(HEAD TEXT)) < 0)
		tap_note("truncate failed");
	tap_ok(is_in_doubt(), "without its line it is in doubt");
	entry = open_entry(SPOOL_QUEUED);
	note(entry, RECORD_EVENT_DELIVERED, "*");
	spool_entry_close(entry);
	entry = open_entry(SPOOL_QUEUED);
	tap_ok(!spool_entry_record(entry)->is_in_doubt,
		"what all have is not sent again");
	tap_ok(spool_entry_finish(entry, &why), "but finished");
	spool_entry_close(entry);
	tap_is_number(room_count("q/sending"), IDS - 1, "it is gone");
	room_end(spool);
}

static void test_ends_that_are_not_noted(void)
{
	struct spool_entry *entry;
	off_t before;
	struct diag why;

	spool = room_begin();
	commit(ID, TEXT, &why);
	entry = open_entry(SPOOL_QUEUED);
	before = size_of("q/" ID);
	syncs_fail = true;
	tap_ok(!spool_note_ends(
		       &entry, 1, &(struct spool_end){ .at = 2000 }, &why),
		"no sync");
	syncs_fail = false;
	tap_is_diag(&why, DIAG_QUEUE_NOT_NOTED, "no sync");
	tap_is_number(why.system_error, EIO, "with the disk's reason");
	tap_is_number(size_of("q/" ID), before, "it is as it was");
	spool_entry_close(entry);
	tap_ok(!is_in_doubt(), "and in no doubt");
	entry = open_entry(SPOOL_QUEUED);
	tap_ok(spool_note_ends(
		       &entry, 1, &(struct spool_end){ .at = 2000 }, &why),
		"it goes out");
	syncs_fail = true;
	tap_ok(!note_shared(entry, RECORD_EVENT_DELIVERED, "1"),
		"what came of it is not noted");
	syncs_fail = false;
	spool_entry_close(entry);
	tap_ok(is_in_doubt(), "it stays in doubt");
	room_end(spool);
}

static void test_damaged_while_sending(void)
{
	struct spool_entry *entries[IDS], *entry;
	struct diag why;

	spool = room_begin();
	send_all(entries);
	for (size_t i = 0; i < IDS; i++)
		spool_entry_close(entries[i]);
	room_append("q/sending/" ID, "scribble\n");
	tap_is_number(spool_entry_open(spool, SPOOL_QUEUED, ID, &entry, &why),
		SPOOL_DAMAGED, "an edited one");
	tap_ok(spool_set_aside(spool, ID, &why) && room_has("q/damaged/" ID) &&
			!room_has("q/sending/" ID),
		"is set aside");
	room_end(spool);
}

/* ---- locks --------------------------------------------------------------- */

static void test_locks(void)
{
	struct spool_entry *entry, *other = NULL;
	struct diag why;
	int status;
	pid_t child;

	spool = room_begin();
	commit(ID, TEXT, &why);
	entry = open_entry(SPOOL_QUEUED);
	tap_is_number(spool_entry_open(spool, SPOOL_QUEUED, ID, &other, &why),
		SPOOL_BUSY, "a second one has to wait");
	tap_is_diag(&why, DIAG_QUEUE_BUSY, "a second one has to wait");
	spool_entry_close(entry);
	child = fork();
	if (child == 0) {
		entry = open_entry(SPOOL_QUEUED);
		kill(getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	tap_ok(WIFSIGNALED(status), "a runner was killed");
	entry = open_entry(SPOOL_QUEUED);
	tap_ok(entry != NULL, "its lock died with it");
	spool_entry_close(entry);
	tap_is_number(spool_entry_open(spool, SPOOL_QUEUED, "0abcdefghjkmnp2",
			      &other, &why),
		SPOOL_GONE, "no such entry");
	tap_is_diag(&why, DIAG_QUEUE_NO_ENTRY, "no such entry");
	tap_is_number(
		spool_entry_open(spool, SPOOL_QUEUED, "../" ID, &other, &why),
		SPOOL_GONE, "no such name");
	room_end(spool);
}

/* ---- of an earlier version ----------------------------------------------- */

#define OLD_HEAD                                                               \
	"mailchute-queue 1\n"                                                  \
	"id " ID "\n"                                                          \
	"created 1000\n"                                                       \
	"size 21\n"                                                            \
	"account work\n"                                                       \
	"sender ann@example.org\n"                                             \
	"recipient bob@example.net\n"                                          \
	"recipient eve@example.net\n"                                          \
	"end\n"

static void make_old(void)
{
	mkdir("q/" ID, 0700);
	room_write("q/" ID "/envelope", OLD_HEAD);
	room_write("q/" ID "/message", TEXT);
}

static void test_old(void)
{
	struct spool_entry *entry, *other;
	struct buf found = BUF_INIT(100000);
	struct diag why;

	spool = room_begin();
	make_old();
	room_append(
		"q/" ID "/envelope", "delivered 2000 0 1 1 - 250 - ok\ntor");
	entry = open_entry(SPOOL_QUEUED);
	tap_is_text(room_read("q/" ID "/envelope"),
		OLD_HEAD "delivered 2000 0 1 1 - 250 - ok\n",
		"a torn line is cut off");
	check_message(entry, TEXT);
	tap_is_number(spool_entry_open(spool, SPOOL_QUEUED, ID, &other, &why),
		SPOOL_BUSY, "a second one has to wait");
	note(entry, RECORD_EVENT_REFUSED, "2");
	tap_ok(spool_entry_finish(entry, &why) &&
			room_has("q/failed/" ID "/message"),
		"it fails as a folder");
	spool_entry_close(entry);
	entry = open_entry(SPOOL_IN_FAILED);
	note(entry, RECORD_EVENT_RELEASED, "*");
	tap_ok(spool_entry_requeue(entry, &why), "and is released as one");
	note_often(entry, 10000);
	tap_is_number((int64_t)spool_entry_record(entry)->recipients[1].tries,
		10001, "a long journal stays");
	note(entry, RECORD_EVENT_DELIVERED, "2");
	tap_ok(spool_entry_finish(entry, &why), "and is finished");
	spool_entry_close(entry);
	tap_ok(!room_has("q/" ID) && !room_count("q/incoming"),
		"without a trace");
	tap_ok(spool_find_in_history(spool, ID, &found, NULL) &&
			strstr(buf_text(&found), "\nend\ndelivered 2000"),
		"but in the history");
	buf_free(&found);
	room_end(spool);
}

/* ---- what is no entry ---------------------------------------------------- */

static void spoil_link(void)
{
	rename("q/" ID, "q/elsewhere");
	if (symlink("elsewhere", "q/" ID) < 0)
		tap_note("symlink failed");
}

static void spoil_fifo(void)
{
	rename("q/" ID, "q/elsewhere");
	mkfifo("q/" ID, 0600);
}

static void spoil_file(void)
{
	room_write("q/" ID, "x");
}

static void spoil_size(void)
{
	if (truncate("q/" ID, (off_t)strlen(HEAD TEXT) - 1) < 0)
		tap_note("truncate failed");
}

static void spoil_head(void)
{
	room_write("q/" ID, "mailchute-queue 1\nid " ID "\n");
}

static void spoil_everything(void)
{
	room_write("q/" ID, "");
}

static void spoil_version(void)
{
	room_write("q/" ID, "mailchute-queue 7\nid " ID "\n");
}

static void spoil_journal(void)
{
	room_append("q/" ID, "hello, I was here\n");
}

static void spoil_name(void)
{
	if (link("q/" ID, "q/kept") < 0)
		tap_note("link failed");
}

static void spoil_id(void)
{
	struct diag why;

	commit("0abcdefghjkmnp2", TEXT, &why);
	rename("q/" ID, "q/elsewhere");
	rename("q/0abcdefghjkmnp2", "q/" ID);
}

static void spoil_owner(void)
{
	if (chown("q/" ID, 12345, 12345) < 0)
		tap_note("chown failed");
}

static void lose_both(void)
{
	unlink("q/" ID "/message");
	unlink("q/" ID "/envelope");
}

static void lose_message(void)
{
	unlink("q/" ID "/message");
}

static void lose_envelope(void)
{
	unlink("q/" ID "/envelope");
}

static void shorten_message(void)
{
	room_write("q/" ID "/message", "Subject: x\r\n");
}

static void lengthen_message(void)
{
	room_append("q/" ID "/message", "more");
}

static void scribble(void)
{
	room_append("q/" ID "/envelope", "hello, I was here\n");
}

static void link_message(void)
{
	rename("q/" ID "/message", "q/kept");
	if (symlink("../kept", "q/" ID "/message") < 0)
		tap_note("symlink failed");
}

static void fifo_envelope(void)
{
	unlink("q/" ID "/envelope");
	mkfifo("q/" ID "/envelope", 0600);
}

static void folder_envelope(void)
{
	unlink("q/" ID "/envelope");
	mkdir("q/" ID "/envelope", 0700);
}

static void name_message(void)
{
	if (link("q/" ID "/message", "q/kept") < 0)
		tap_note("link failed");
}

static void foreign_message(void)
{
	if (chown("q/" ID "/message", 12345, 12345) < 0)
		tap_note("chown failed");
}

static const struct {
	const char *name;
	void (*spoil)(void);
	enum diag_id want;
	bool is_old;   /* a folder of an earlier version */
	bool for_walk; /* does not need the message to be opened */
	bool for_root;
} damages[] = {
	{ "a symbolic link", spoil_link, DIAG_QUEUE_ENTRY, false, true, false },
	{ "a FIFO", spoil_fifo, DIAG_QUEUE_ENTRY, false, true, false },
	{ "another file", spoil_file, DIAG_QUEUE_RECORD, false, true, false },
	{ "a message that was cut", spoil_size, DIAG_QUEUE_ENTRY, false, true,
		false },
	{ "a head that was cut", spoil_head, DIAG_QUEUE_RECORD, false, true,
		false },
	{ "an empty file", spoil_everything, DIAG_QUEUE_RECORD, false, true,
		false },
	{ "a newer one", spoil_version, DIAG_QUEUE_RECORD_NEWER, false, true,
		false },
	{ "an edited one", spoil_journal, DIAG_QUEUE_RECORD, false, true,
		false },
	{ "two names", spoil_name, DIAG_QUEUE_ENTRY, false, true, false },
	{ "another message", spoil_id, DIAG_QUEUE_ENTRY, false, true, false },
	{ "another user's", spoil_owner, DIAG_QUEUE_ENTRY, false, true, true },
	{ "an empty folder", lose_both, DIAG_QUEUE_ENTRY, true, true, false },
	{ "no message", lose_message, DIAG_QUEUE_ENTRY, true, false, false },
	{ "no envelope", lose_envelope, DIAG_QUEUE_ENTRY, true, true, false },
	{ "a truncated message", shorten_message, DIAG_QUEUE_ENTRY, true, false,
		false },
	{ "a longer message", lengthen_message, DIAG_QUEUE_ENTRY, true, false,
		false },
	{ "an edited envelope", scribble, DIAG_QUEUE_RECORD, true, true,
		false },
	{ "a linked message", link_message, DIAG_QUEUE_ENTRY, true, false,
		false },
	{ "an envelope that is a FIFO", fifo_envelope, DIAG_QUEUE_ENTRY, true,
		true, false },
	{ "an envelope that is a folder", folder_envelope, DIAG_QUEUE_ENTRY,
		true, true, false },
	{ "a message with two names", name_message, DIAG_QUEUE_ENTRY, true,
		false, false },
	{ "a folder of another user", spoil_owner, DIAG_QUEUE_ENTRY, true,
		false, true },
	{ "a message of another user", foreign_message, DIAG_QUEUE_ENTRY, true,
		false, true },
};

static void check_walk(enum diag_id want, const char *name)
{
	struct diag why;
	struct spool_walk *walk = spool_walk_new(spool, SPOOL_QUEUED, &why);
	struct spool_item item;
	int others = 0;

	while (spool_walk_next(walk, &item))
		if (strcmp(item.id, ID) == 0) {
			tap_ok(!item.record && item.is_damaged,
				"%s is found by a walk", name);
			tap_is_diag(&item.problem, want, name);
		} else {
			others += item.record != NULL;
		}
	tap_is_number(others, 1, "and does not hide the others");
	spool_walk_free(walk);
}

static void check_newer(const struct diag *why)
{
	struct diag problem;

	tap_ok(spool_set_aside(spool, ID, why), "the first may say so");
	tap_ok(!spool_set_aside(spool, ID, why), "nobody else need");
	tap_ok(room_has("q/" ID), "it stays where it is");
	room_write("q/damaged/" ID ".why", "queue.record-newer x\n");
	tap_ok(!spool_take_back(spool, ID, &problem), "it is not set aside");
}

static void test_damage(void)
{
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		struct spool_entry *entry = NULL;
		struct diag why;

		if (damages[i].for_root && geteuid() != 0) {
			tap_skip(damages[i].name, "only root can do that");
			continue;
		}
		spool = room_begin();
		commit("0abcdefghjkmnp9", TEXT, &why);
		if (damages[i].is_old)
			make_old();
		else
			commit(ID, TEXT, &why);
		damages[i].spoil();
		tap_is_number(
			spool_entry_open(spool, SPOOL_QUEUED, ID, &entry, &why),
			SPOOL_DAMAGED, damages[i].name);
		tap_is_diag(&why, damages[i].want, damages[i].name);
		if (damages[i].for_walk)
			check_walk(damages[i].want, damages[i].name);
		if (damages[i].want == DIAG_QUEUE_RECORD_NEWER) {
			check_newer(&why);
			room_end(spool);
			continue;
		}
		tap_ok(spool_set_aside(spool, ID, &why) && !room_has("q/" ID) &&
				room_has("q/damaged/" ID),
			"%s is set aside", damages[i].name);
		tap_ok(strncmp(room_read("q/damaged/" ID ".why"), "queue.",
			       6) == 0,
			"with its reason");
		tap_ok(spool_take_back(spool, ID, &why) && room_has("q/" ID) &&
				!room_has("q/damaged/" ID ".why"),
			"and can be taken back");
		room_end(spool);
	}
}

static void tell_damaged(void *context, const char *id, const char *reason)
{
	tap_is_text(id, ID, "a damaged one is listed");
	tap_ok(strstr(reason, "queue.entry ") == reason &&
			strstr(reason, "is missing") != NULL,
		"with its reason: %s", reason);
	++*(int *)context;
}

static void test_damaged_list(void)
{
	struct spool_entry *entry;
	struct diag why;
	int count = 0;

	spool = room_begin();
	spool_each_damaged(spool, tell_damaged, &count);
	tap_is_number(count, 0, "nothing was set aside");
	make_old();
	lose_message();
	spool_entry_open(spool, SPOOL_QUEUED, ID, &entry, &why);
	spool_set_aside(spool, ID, &why);
	spool_each_damaged(spool, tell_damaged, &count);
	tap_is_number(count, 1, "one was");
	room_end(spool);
}

/* ---- walking and sweeping ------------------------------------------------ */

static void test_walk(void)
{
	struct diag why;

	spool = room_begin();
	tap_is_number(count_walk(SPOOL_QUEUED), 0, "an empty queue");
	tap_is_number(count_walk(SPOOL_IN_FAILED), 0, "a missing place");
	for (int i = 0; i < 20; i++) {
		char id[] = "0abcdefghjkmn00";

		id[13] = (char)('0' + i / 10);
		id[14] = (char)('0' + i % 10);
		commit(id, TEXT, &why);
	}
	mkdir("q/notes", 0700);
	room_write("q/README", "x");
	tap_is_number(count_walk(SPOOL_QUEUED), 20,
		"every entry once, and nothing else");
	room_end(spool);
}

/* From now on COUNT more can be opened; -1: as many as before. */
static void limit_files(long count)
{
	static struct rlimit usual;
	struct rlimit limit;
	int next = dup(0);

	close(next);
	if (!usual.rlim_cur)
		getrlimit(RLIMIT_NOFILE, &usual);
	limit = usual;
	if (count >= 0)
		limit.rlim_cur = (rlim_t)(next + count);
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void test_sweep(void)
{
	const struct utimbuf old = { 1000, 1000 };
	const struct utimbuf minute = { time(NULL) - 60, time(NULL) - 60 };
	struct diag why;

	spool = room_begin();
	commit(ID, TEXT, &why);
	rename("q/" ID, "q/incoming/" ID);
	tap_is_number((int64_t)spool_sweep(spool, time(NULL)), 0,
		"a young one may have an author");
	utime("q/incoming/" ID, &old);
	rename("q/incoming/" ID, "q/" ID);
	{
		struct spool_entry *entry = open_entry(SPOOL_QUEUED);

		rename("q/" ID, "q/incoming/" ID);
		utime("q/incoming/" ID, &old);
		tap_is_number((int64_t)spool_sweep(spool, time(NULL)), 0,
			"a locked one has one");
		spool_entry_close(entry);
	}
	limit_files(0);
	spool_sweep_draft(spool, ID);
	limit_files(1);
	(void)spool_sweep(spool, time(NULL));
	limit_files(-1);
	tap_ok(room_has("q/incoming/" ID), "no descriptors: it may have one");
	tap_is_number((int64_t)spool_sweep(spool, time(NULL)), 1,
		"an old one is swept");
	tap_is_number(room_count("q/incoming"), 0, "it is gone");
	room_write("q/incoming/" ID, "x");
	utime("q/incoming/" ID, &minute);
	spool_sweep_draft(spool, ID);
	tap_ok(!room_has("q/incoming/" ID), "one that is made again");
	mkdir("q/incoming/" ID, 0700);
	utime("q/incoming/" ID, &minute);
	tap_is_number((int64_t)spool_sweep(spool, time(NULL)), 0,
		"an empty one may be locked at any moment");
	room_write("q/incoming/" ID "/message", "x");
	utime("q/incoming/" ID, &minute);
	tap_is_number((int64_t)spool_sweep(spool, time(NULL)), 1,
		"one with a message that nobody holds is nobody's");
	room_end(spool);
}

int main(void)
{
	test_commit();
	test_memory_is_no_disk();
	test_commit_failures();
	test_unreadable_record();
	test_full_disk();
	test_message();
	test_delivered();
	test_refused();
	test_note_fails();
	test_sync_fails();
	test_condensing();
	test_condensing_a_large_one();
	test_torn();
	test_ends();
	test_ends_that_do_not_come();
	test_ends_and_a_power_cut();
	test_ends_that_are_not_noted();
	test_damaged_while_sending();
	test_locks();
	test_old();
	test_damage();
	test_damaged_list();
	test_walk();
	test_sweep();
	return tap_done();
}
