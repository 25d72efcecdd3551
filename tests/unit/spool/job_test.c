/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs: each row is accepted once, wherever its entry has gone. */
#include <config.h>

#include "spool/job.h"
#include "tap.h"
#include "unit/spool/room.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct spool *spool;

/* A job that was begun and is not at work; its id lives until the next. */
static const char *make_job(void)
{
	static char id[JOB_ID_LENGTH + 1];
	struct source *source = source_from_span(SPAN("a,b\n"));
	struct diag why = { .id = DIAG_NONE };
	struct job *job = job_new(spool, &why);

	if (!job || !job_put(job, "table", source, &why) ||
		!job_begin(job, SPAN("words"), &why)) {
		tap_ok(false, "a job begins");
		exit(tap_done());
	}
	snprintf(id, sizeof id, "%s", job_id(job));
	source_close(source);
	job_close(job);
	return id;
}

static void commit(const char *job, uint64_t row)
{
	static struct record_recipient person;
	char id[RECORD_ID_LENGTH + 1];
	struct record record = { .id = id,
		.created = 1000,
		.recipients = &person,
		.recipient_count = 1 };
	struct source *source = source_from_span(SPAN("Subject: x\r\n\r\n"));
	struct diag why;

	job_entry_id(job, row, id);
	record.sender.utf8 = record.sender.ascii = "ann@example.org";
	person.address.utf8 = person.address.ascii = "bob@example.net";
	tap_ok(spool_commit(spool, &record, source, &why), "row %d accepted",
		(int)row);
	source_close(source);
}

static void finish(const char *job, uint64_t row, enum record_event_kind kind)
{
	const struct record_event event = { .kind = kind,
		.at = 2000,
		.count = 1,
		.recipients = "*",
		.name = "-",
		.code = 250,
		.status = "2.0.0",
		.words = "said" };
	char id[RECORD_ID_LENGTH + 1];
	struct spool_entry *entry;
	struct diag why;

	job_entry_id(job, row, id);
	if (spool_entry_open(spool, SPOOL_QUEUED, id, &entry, &why) != SPOOL_OK)
		return;
	(void)spool_entry_note(entry, &event, 1, SPOOL_DURABLE, &why);
	tap_ok(spool_entry_finish(entry, &why), "row %d done with", (int)row);
	spool_entry_close(entry);
}

static bool has(struct job *job, uint64_t row)
{
	struct diag why;
	bool is_there = false;

	tap_ok(job_has(job, row, &is_there, &why), "row %d looked for",
		(int)row);
	return is_there;
}

static void test_ids(void)
{
	static const uint64_t rows[] = { 1, 31, 32, 100000, JOB_ROWS_MAX };
	char id[RECORD_ID_LENGTH + 1];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		job_entry_id("07b2x0y2k4", rows[i], id);
		tap_ok(record_id_is_valid(span_of(id)), "%s is an id", id);
		tap_is_number((int64_t)job_row("07b2x0y2k4", span_of(id)),
			(int64_t)rows[i], id);
	}
	tap_is_number((int64_t)job_row("07b2x0y2k5", span_of(id)), 0,
		"another job's");
	tap_is_number((int64_t)job_row("07b2x0y2k4", SPAN("07b2x0y2k4")), 0,
		"no entry's");
}

static void test_rows(void)
{
	struct diag why = { .id = DIAG_NONE };
	struct job *job;
	const char *id;

	spool = room_begin();
	id = make_job();
	for (uint64_t row = 1; row <= 4; row++)
		commit(id, row);
	finish(id, 1, RECORD_EVENT_DELIVERED);
	finish(id, 2, RECORD_EVENT_REFUSED);
	job = job_open(spool, id, &why);
	tap_ok(job != NULL, "the job opens");
	if (!job)
		exit(tap_done());
	finish(id, 3, RECORD_EVENT_DELIVERED);
	tap_ok(has(job, 1), "one that was delivered");
	tap_ok(has(job, 2), "one that was refused");
	tap_ok(has(job, 3), "one that was delivered meanwhile");
	tap_ok(has(job, 4), "one that waits");
	tap_ok(!has(job, 5), "one that never was");
	tap_ok(!room_has("q/history"), "the queue's history has none of them");
	job_close(job);
	room_end(spool);
}

/* Without a durable history the row would be sent again: the entry stays. */
static void test_full(void)
{
	char path[64], id[RECORD_ID_LENGTH + 1];
	const char *job;
	const struct record_event event = { .kind = RECORD_EVENT_DELIVERED,
		.at = 2000,
		.count = 1,
		.recipients = "*",
		.name = "-" };
	struct spool_entry *entry = NULL;
	struct diag why = { .id = DIAG_NONE };

	spool = room_begin();
	job = make_job();
	commit(job, 1);
	job_entry_id(job, 1, id);
	snprintf(path, sizeof path, "q/jobs/%s/history", job);
	(void)unlink(path);
	if (symlink("/dev/full", path) == 0 &&
		spool_entry_open(spool, SPOOL_QUEUED, id, &entry, &why) ==
			SPOOL_OK) {
		(void)spool_entry_note(entry, &event, 1, SPOOL_DURABLE, &why);
		tap_ok(spool_entry_finish(entry, &why),
			"a link is no history of a job");
		spool_entry_close(entry);
	}
	tap_ok(room_has("q/history"), "it has gone to the queue's");
	room_end(spool);
}

static void count_job(void *context, const char *id)
{
	(void)id;
	++*(int *)context;
}

static void test_jobs(void)
{
	struct diag why = { .id = DIAG_NONE };
	struct job *job, *other;
	const char *id;
	int count = 0;

	spool = room_begin();
	job_each(spool, count_job, &count);
	tap_is_number(count, 0, "no job");
	id = make_job();
	job_each(spool, count_job, &count);
	tap_is_number(count, 1, "one job");
	job = job_open(spool, id, &why);
	other = job_open(spool, id, &why);
	tap_ok(!other && why.id == DIAG_JOB_BUSY, "one process at a time");
	job_close(job);
	tap_ok(!job_open(spool, "../../etc", &why) && why.id == DIAG_JOB_NONE,
		"no job");
	tap_ok(!job_open(spool, "0000000000", &why) && why.id == DIAG_JOB_NONE,
		"one that is not there");
	job = job_new(spool, &why);
	other = job ? job_open(spool, job_id(job), &why) : NULL;
	tap_ok(!other && why.id == DIAG_JOB_NONE, "one that is not begun");
	count = 0;
	job_each(spool, count_job, &count);
	tap_is_number(count, 1, "and is not listed");
	job_close(job);
	job = job_new(spool, &why);
	tap_is_number(room_count("q/jobs"), 2, "what a crash left is swept");
	if (job)
		job_abandon(job);
	count = 0;
	job_each(spool, count_job, &count);
	tap_is_number(count, 1, "one is taken back");
	room_end(spool);
}

static void age(const char *job, const char *name, time_t days)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = time(NULL) - days * 24 * 3600 } };
	char path[64];

	snprintf(path, sizeof path, "q/jobs/%s/%s", job, name);
	if (utimensat(AT_FDCWD, path, times, 0) < 0)
		tap_ok(false, "%s is made older", path);
}

/* How many jobs there are when another one has come and gone. */
static int left_by_next(void)
{
	struct diag why = { .id = DIAG_NONE };
	struct job *job = job_new(spool, &why);

	if (job)
		job_abandon(job);
	return room_count("q/jobs");
}

static void test_ends(void)
{
	char path[64];
	struct diag why;
	struct job *job;
	const char *id;

	spool = room_begin();
	id = make_job();
	commit(id, 1);
	age(id, "history", 40);
	tap_is_number(left_by_next(), 1, "one that has not made all stays");
	snprintf(path, sizeof path, "q/jobs/%s/summary", id);
	room_write(path, "rows 1\n");
	age(id, "summary", 31);
	tap_is_number(left_by_next(), 1, "one with an entry stays");
	finish(id, 1, RECORD_EVENT_DELIVERED);
	tap_is_number(left_by_next(), 1, "30 days are from its last entry's");
	age(id, "history", 29);
	tap_is_number(left_by_next(), 1, "29 days");
	age(id, "history", 31);
	age(id, "summary", 29);
	tap_is_number(left_by_next(), 1, "30 days are from its making, too");
	age(id, "summary", 31);
	job = job_open(spool, id, &why);
	tap_is_number(left_by_next(), 1, "one that is at work stays");
	job_close(job);
	tap_is_number(left_by_next(), 0, "31 days after it ended it goes");
	tap_ok(!job_open(spool, id, &why) && why.id == DIAG_JOB_NONE,
		"there is no such job any more");
	room_end(spool);
}

int main(void)
{
	test_ends();
	test_ids();
	test_rows();
	test_full();
	test_jobs();
	return tap_done();
}
