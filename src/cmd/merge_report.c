/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What became of each row of a job: of its history, what was refused, what
 * waits, and the rows that made no message.  Memory is that of one of them.
 */
#include <config.h>

#include "cmd/merge_report.h"

#include "base/json.h"
#include "base/lines.h"
#include "base/text.h"
#include "cmd/merge_rows.h"
#include "cmd/report.h"
#include "deliver/queue.h"
#include "spool/job.h"
#include "spool/store.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { LINE_BYTES = 1024 * 1024, ROW_BYTES = 64 * 1024 };

/* One line of the report. */
struct line {
	uint64_t row;
	const char *address, *state, *id;
	time_t at, next;
	unsigned code;
	const char *status, *diag, *text;
};

struct report {
	struct spool *spool;
	const char *job;
	bool is_json;
	struct buf out;
};

/* ---- lines --------------------------------------------------------------- */

/* A cell; one that a spreadsheet would take for a formula gets a blank in
 * front. */
static void put_cell(struct buf *out, const char *text)
{
	bool is_formula = *text && strchr("=+-@\t\r", *text) != NULL;

	if (!is_formula && !strpbrk(text, ",;\"\n\r\t")) {
		buf_puts(out, text);
		return;
	}
	buf_puts(out, is_formula ? "\" " : "\"");
	for (; *text; text++) {
		if (*text == '"')
			buf_put_byte(out, '"');
		buf_put_byte(out, *text);
	}
	buf_put_byte(out, '"');
}

static void put_time_csv(struct buf *out, time_t at)
{
	struct tm tm;
	char text[32];

	if (!at || !gmtime_r(&at, &tm) ||
		!strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return;
	buf_puts(out, text);
}

static void put_csv(struct buf *out, const struct line *line)
{
	buf_printf(out, "%llu,", (unsigned long long)line->row);
	put_cell(out, line->address);
	buf_printf(out, ",%s,", line->state);
	put_time_csv(out, line->at);
	buf_put_byte(out, ',');
	put_time_csv(out, line->next);
	buf_printf(out, ",%.0u,%s,", line->code, line->status);
	put_cell(out, line->diag);
	buf_put_byte(out, ',');
	put_cell(out, line->text);
	buf_printf(out, ",%s\r\n", line->id);
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static void put_json(struct buf *out, const struct line *line)
{
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	json_number(&json, "row", (int64_t)line->row);
	json_text(&json, "address", or_null(line->address));
	json_text(&json, "state", line->state);
	json_number(&json, "at", (int64_t)line->at);
	json_number(&json, "next", (int64_t)line->next);
	json_number(&json, "code", line->code);
	json_text(&json, "status", or_null(line->status));
	json_text(&json, "diag", or_null(line->diag));
	json_text(&json, "text", or_null(line->text));
	json_text(&json, "id", or_null(line->id));
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}

static void put_line(struct report *report, const struct line *line)
{
	buf_clear(&report->out);
	if (report->is_json)
		put_json(&report->out, line);
	else
		put_csv(&report->out, line);
	fwrite(report->out.data, 1, report->out.length, stdout);
}

/* ---- records ------------------------------------------------------------- */

static const char *state_of(
	const struct record_recipient *recipient, bool is_gone)
{
	switch (recipient->state) {
	case RECORD_DELIVERED:
		return "delivered";
	case RECORD_REFUSED:
		return "refused";
	case RECORD_WAITING:
		break;
	}
	return is_gone ? "removed" : recipient->last ? "deferred" : "waiting";
}

static void put_recipient(struct report *report, const struct record *record,
	const struct record_recipient *recipient, bool is_gone)
{
	const struct record_event *last = recipient->last;
	struct line line = { .row = job_row(report->job, span_of(record->id)),
		.address = recipient->address.utf8,
		.state = state_of(recipient, is_gone),
		.id = record->id,
		.status = "",
		.diag = "",
		.text = "" };

	if (last) {
		line.at = last->at;
		line.code = last->code;
		line.status = last->status ? last->status : "";
		line.text = last->words ? last->words : "";
		if (last->name && strcmp(last->name, "-") != 0)
			line.diag = last->name;
	}
	if (recipient->state == RECORD_WAITING && !is_gone)
		line.next = recipient->next;
	put_line(report, &line);
}

static void put_record(
	struct report *report, const struct record *record, bool is_gone)
{
	if (!job_row(report->job, span_of(record->id)))
		return;
	for (size_t i = 0; i < record->recipient_count; i++)
		put_recipient(report, record, &record->recipients[i], is_gone);
}

/* ---- where they are ------------------------------------------------------ */

static void put_block(struct report *report, struct buf *block)
{
	struct arena *arena = arena_new();
	struct record record;
	struct diag why;

	if (block->length &&
		record_parse(buf_span(block), arena, &record, &why))
		put_record(report, &record, true);
	buf_clear(block);
	arena_free(arena);
}

/* Blocks are separated by empty lines; lines about the header are not the
 * record's. */
static void read_history(struct report *report)
{
	int fd = job_file_of(report->spool, report->job, "history");
	struct lines *lines;
	struct buf block = BUF_INIT(RECORD_LIMIT);
	struct span line;
	struct diag why;

	if (fd < 0)
		return;
	lines = lines_new(fd, LINE_BYTES);
	while (lines_next(lines, &line, &why) == LINES_GOT)
		if (!line.length) {
			put_block(report, &block);
		} else if (!span_starts_with(line, SPAN("head "))) {
			buf_put_span(&block, line);
			buf_put_byte(&block, '\n');
		}
	put_block(report, &block);
	lines_free(lines);
	buf_free(&block);
	(void)close(fd);
}

static void read_place(struct report *report, enum spool_place place)
{
	struct diag why;
	struct spool_walk *walk = spool_walk_new(report->spool, place, &why);
	struct spool_item item;

	if (!walk)
		return;
	while (spool_walk_next(walk, &item))
		if (item.record)
			put_record(report, item.record, false);
	spool_walk_free(walk);
}

/* "ROW LINE DIAG SENTENCE" */
static void put_fault(struct report *report, struct span text)
{
	struct arena *arena = arena_new();
	struct span row = span_cut(&text, ' '), at = span_cut(&text, ' ');
	struct span diag = span_cut(&text, ' ');
	struct line line = { .address = "",
		.state = "unused",
		.id = "",
		.status = "",
		.diag = arena_strndup(arena, diag.at, diag.length),
		.text = arena_strndup(arena, text.at, text.length) };
	unsigned long number;

	(void)at;
	if (span_number(row, JOB_ROWS_MAX, &number)) {
		line.row = number;
		put_line(report, &line);
	}
	arena_free(arena);
}

static void read_faults(struct report *report)
{
	int fd = job_file_of(report->spool, report->job, "faults");
	struct lines *lines;
	struct span line;
	struct diag why;

	if (fd < 0)
		return;
	lines = lines_new(fd, ROW_BYTES);
	while (lines_next(lines, &line, &why) == LINES_GOT)
		put_fault(report, line);
	lines_free(lines);
	(void)close(fd);
}

/* ---- the doors ----------------------------------------------------------- */

static struct spool *open_queue(struct merge_rows *rows, struct diag *why)
{
	return merge_rows_load(rows, why)
		       ? queue_open(rows->base.run.account, true, why)
		       : NULL;
}

static int report_job(struct report *report)
{
	int fd = job_file_of(report->spool, report->job, "job");
	struct diag why;

	if (fd < 0) {
		diag_set(&why, DIAG_JOB_NONE, report->job);
		return report_problem(&why);
	}
	(void)close(fd);
	if (!report->is_json)
		fputs("row,address,state,at,next,code,status,diag,text,id\r\n",
			stdout);
	read_faults(report);
	/* What moves on meanwhile moves in this direction. */
	read_place(report, SPOOL_QUEUED);
	read_place(report, SPOOL_IN_FAILED);
	read_history(report);
	return EX_OK;
}

int merge_report(
	const struct cmd_context *context, const struct send_options *options)
{
	struct merge_rows rows;
	struct diag why;
	struct report report = { .job = options->report,
		.is_json = options->json,
		.out = BUF_INIT(LINE_BYTES) };
	int exit_code;

	merge_rows_begin(&rows, context->request, options);
	report.spool = open_queue(&rows, &why);
	exit_code = report.spool ? report_job(&report) : report_problem(&why);
	spool_close(report.spool);
	buf_free(&report.out);
	merge_rows_end(&rows);
	return exit_code;
}

/* ---- all jobs ------------------------------------------------------------ */

/* The number behind WORD in the job's summary; -1 when it has none. */
static long long number_of(struct span text, const char *word)
{
	while (text.length) {
		struct span value = span_cut(&text, '\n');
		unsigned long number;

		if (span_equal(span_cut(&value, ' '), span_of(word)) &&
			span_number(value, 999999999, &number))
			return (long long)number;
	}
	return -1;
}

static void tell_job(void *context, const char *id)
{
	struct report *report = context;
	struct buf text = BUF_INIT(1000);
	int fd = job_file_of(report->spool, id, "summary");
	char *room = buf_reserve(&text, 500);
	ssize_t got = fd < 0 || !room ? -1 : read(fd, room, 500);
	long long rows, messages, faults;

	if (got > 0)
		buf_grow(&text, (size_t)got);
	rows = number_of(buf_span(&text), "rows");
	messages = number_of(buf_span(&text), "messages");
	faults = number_of(buf_span(&text), "faults");
	if (report->is_json)
		printf("{\"job\":\"%s\",\"finished\":%s,\"rows\":%lld,"
		       "\"messages\":%lld,\"faults\":%lld}\n",
			id, rows < 0 ? "false" : "true", rows, messages,
			faults);
	else if (rows < 0)
		printf("%s,interrupted,,,\r\n", id);
	else
		printf("%s,queued,%lld,%lld,%lld\r\n", id, rows, messages,
			faults);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
}

int merge_jobs(
	const struct cmd_context *context, const struct send_options *options)
{
	struct report report = { .is_json = options->json };
	struct merge_rows rows;
	struct diag why;
	int exit_code = EX_OK;

	merge_rows_begin(&rows, context->request, options);
	report.spool = open_queue(&rows, &why);
	if (!report.spool)
		exit_code = report_problem(&why);
	else if (!report.is_json)
		fputs("job,state,rows,messages,faults\r\n", stdout);
	if (report.spool)
		job_each(report.spool, tell_job, &report);
	spool_close(report.spool);
	merge_rows_end(&rows);
	return exit_code;
}
