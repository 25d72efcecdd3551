/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A merge, from the command to the queue: as a job, which another process can
 * go on with.  Knows neither rows nor files.
 */
#include <config.h>

#include "cmd/merge.h"

#include "base/clock.h"
#include "base/failure.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/snapshot.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/merge_job.h"
#include "cmd/merge_preview.h"
#include "cmd/merge_rows.h"
#include "cmd/progress.h"
#include "cmd/report.h"
#include "deliver/queue.h"
#include "spool/job.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	JOB_TEXT_LIMIT = 4 * 1024 * 1024,
	FAULTS_TOLD = 20,
	LINE_LIMIT = 16 * 1024
};

struct merge {
	const struct cmd_context *context;
	struct merge_rows rows;
	struct spool *spool;
	struct job *job;
	bool is_resumed;
	int faults_fd;
	struct hire_params hiring;
	struct hire hire;
	uint64_t queued, known, total;
	char last_id[RECORD_ID_LENGTH + 1];
	struct progress progress;
};

static const struct send_options *options_of(const struct merge *merge)
{
	return &merge->rows.base.options;
}

/* "people.csv" of "/home/ann/people.csv". */
static const char *table_name(const struct merge *merge)
{
	const char *path = options_of(merge)->merge;
	const char *slash = strrchr(path, '/');

	return !strcmp(path, "-") ? "-" : slash ? slash + 1 : path;
}

/* ---- rows ---------------------------------------------------------------- */

static void show(struct merge *merge)
{
	if (terminal_is(STDERR_FILENO))
		progress_count(&merge->progress, merge->rows.count,
			merge->total, merge->rows.faults);
}

static bool wants(void *context, const struct table_row *row, bool *is_wanted,
	struct diag *why)
{
	struct merge *merge = context;
	bool has = false;

	if (merge->is_resumed && !job_has(merge->job, row->number, &has, why))
		return false;
	merge->known += has;
	if (has)
		job_entry_id(job_id(merge->job), row->number, merge->last_id);
	*is_wanted = !has;
	return true;
}

static bool use(void *context, const struct table_row *row,
	struct sending *message, struct diag *why)
{
	struct merge *merge = context;

	job_entry_id(job_id(merge->job), row->number, merge->last_id);
	if (merge->is_resumed)
		spool_sweep_draft(merge->spool, merge->last_id);
	if (!submission_put(&message->run, merge->spool, merge->last_id, why))
		return false;
	merge->queued++;
	show(merge);
	return true;
}

/* A line for the report, and the first few for whoever looks on. */
static void fault(
	void *context, const struct table_row *row, const struct diag *why)
{
	struct merge *merge = context;
	struct buf line = BUF_INIT(LINE_LIMIT);

	buf_printf(&line, "%llu %llu %s ", (unsigned long long)row->number,
		(unsigned long long)row->line, diag_name(why->id));
	diag_sentence(why, false, &line);
	buf_put_byte(&line, '\n');
	if (merge->faults_fd >= 0 &&
		write(merge->faults_fd, line.data, line.length) < 0)
		merge->faults_fd = -1;
	buf_free(&line);
	progress_end(&merge->progress);
	if (merge->rows.faults <= FAULTS_TOLD)
		(void)report_problem(why);
}

/* ---- the job ------------------------------------------------------------- */

static bool put_file(struct job *job, const char *name, bool is_there,
	const struct buf *text, struct diag *why)
{
	struct source *source;
	bool is_put;

	if (!is_there)
		return true;
	source = source_from_span(buf_span(text));
	is_put = job_put(job, name, source, why);
	source_close(source);
	return is_put;
}

static bool begin_job(struct merge *merge, struct diag *why)
{
	const struct request *request = merge->context->request;
	struct buf text = BUF_INIT(JOB_TEXT_LIMIT);
	char folder[PATH_MAX];
	const struct merge_job words = { .folder = folder,
		.words = request->words,
		.word_count = request->word_count,
		.created = (unsigned long long)clock_wall() };
	bool is_begun;

	if (!getcwd(folder, sizeof folder))
		snprintf(folder, sizeof folder, "/");
	merge_job_put(&text, &words);
	is_begun = job_begin(merge->job, buf_span(&text), why);
	buf_free(&text);
	return is_begun;
}

/* All that is needed to make the messages again goes into the job first: what
 * becomes of the files afterwards does not matter. */
static bool make_job(
	struct merge *merge, struct source *table, struct diag *why)
{
	merge->job = job_new(merge->spool, why);
	if (!merge->job)
		return false;
	if (source_rewind(table, why) &&
		job_put(merge->job, "table", table, why) &&
		put_file(merge->job, "text", merge->rows.has_text,
			&merge->rows.text, why) &&
		put_file(merge->job, "page", merge->rows.has_page,
			&merge->rows.page, why) &&
		begin_job(merge, why))
		return true;
	job_abandon(merge->job);
	merge->job = NULL;
	return false;
}

static bool open_queue(struct merge *merge, struct diag *why)
{
	const struct account *account = merge->rows.base.run.account;

	if (account->queue == OPTION_QUEUE_OFF)
		return diag_set(why, DIAG_MERGE_NO_QUEUE, account->name);
	merge->spool = queue_open(account, true, why);
	merge->hiring = submission_hiring(&merge->rows.base.run);
	merge->hiring.is_of_many = true;
	return merge->spool && queue_check(account, merge->spool, why) &&
	       hire_find(&merge->hiring, merge->spool, &merge->hire, why);
}

/* ---- the work ------------------------------------------------------------ */

static void put_summary(struct merge *merge)
{
	struct buf text = BUF_INIT(200);
	int fd = job_make_file(merge->job, "summary");
	bool is_told;

	buf_printf(&text, "rows %llu\nmessages %llu\nfaults %llu\n",
		(unsigned long long)merge->rows.count,
		(unsigned long long)(merge->queued + merge->known),
		(unsigned long long)merge->rows.faults);
	/* Without it the job counts as not finished, and is gone through once
	 * more: nobody gets anything twice. */
	is_told = fd >= 0 && (write(fd, text.data, text.length) >= 0 ||
				     ftruncate(fd, 0) == 0);
	(void)is_told;
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
}

static bool work(struct merge *merge, struct diag *why)
{
	const struct merge_user user = { merge, wants, use, fault };
	int fd = job_file(merge->job, "table");
	struct source *source = source_from_fd(fd);
	bool is_done;

	merge->progress.fd = STDERR_FILENO;
	merge->faults_fd = job_make_file(merge->job, "faults");
	is_done =
		merge_rows_open(&merge->rows, source, table_name(merge), why) &&
		merge_rows_each(&merge->rows, &user, why);
	progress_end(&merge->progress);
	if (merge->faults_fd >= 0)
		(void)close(merge->faults_fd);
	if (is_done)
		put_summary(merge);
	source_close(source);
	(void)close(fd);
	return is_done;
}

static void say_begin(const struct merge *merge)
{
	if (terminal_is(STDERR_FILENO))
		fprintf(stderr,
			_("mailchute: this is job %s; if it is interrupted, "
			  "'mailchute send --resume %s' goes on\n"),
			job_id(merge->job), job_id(merge->job));
}

static const char *number(struct merge *merge, uint64_t number)
{
	return arena_printf(
		merge->rows.base.run.arena, "%llu", (unsigned long long)number);
}

/* What kept it from its end, or what is to be said at its end. */
static bool conclude(struct merge *merge, bool is_done, struct diag *why)
{
	const uint64_t messages = merge->queued + merge->known;

	if (!is_done && why->id == DIAG_INTERRUPTED)
		return diag_set(why, DIAG_MERGE_STOPPED,
			number(merge, messages), job_id(merge->job));
	if (!is_done)
		return false;
	if (!messages)
		return diag_set(why, DIAG_MERGE_NO_ROWS, merge->rows.name);
	return !merge->rows.faults ||
	       diag_set(why, DIAG_MERGE_SOME, number(merge, merge->rows.faults),
		       number(merge, messages), job_id(merge->job));
}

static void print_json(
	const struct merge *merge, int exit_code, const struct diag *why)
{
	struct buf out = BUF_INIT(LINE_LIMIT);
	struct json json = { .out = &out };

	json_begin(&json, NULL, '{');
	json_text(&json, "job", merge->job ? job_id(merge->job) : NULL);
	json_number(&json, "rows", (int64_t)merge->rows.count);
	json_number(&json, "messages", (int64_t)(merge->queued + merge->known));
	json_number(&json, "faults", (int64_t)merge->rows.faults);
	json_number(&json, "exit_code", exit_code);
	if (why) {
		json_begin(&json, "error", '{');
		failure_put_diag(&json, why, exit_code);
		json_end(&json, '}');
	} else {
		json_text(&json, "error", NULL);
	}
	json_end(&json, '}');
	puts(buf_text(&out));
	buf_free(&out);
}

/* Sentence, log line, JSON. */
static int fail(struct merge *merge, const struct diag *why)
{
	struct submission *run = &merge->rows.base.run;
	int exit_code;

	run->outcome.failure = *why;
	exit_code = report_outcome(
		&run->outcome, run->account, submission_request(run));
	if (options_of(merge)->json)
		print_json(merge, exit_code, why);
	return exit_code;
}

static int end_work(struct merge *merge, bool is_done, struct diag *why)
{
	if (!conclude(merge, is_done, why))
		return fail(merge, why);
	if (terminal_is(STDERR_FILENO))
		fprintf(stderr,
			_("mailchute: %llu messages are in the queue; "
			  "'mailchute send --report %s' tells what becomes of "
			  "them\n"),
			(unsigned long long)(merge->queued + merge->known),
			job_id(merge->job));
	if (options_of(merge)->json)
		print_json(merge, EX_OK, NULL);
	return EX_OK;
}

/* For the time that is left; who cannot count does without. */
static void count_rows(struct merge *merge)
{
	int fd = job_file(merge->job, "table");
	struct source *source = source_from_fd(fd);
	struct diag why;

	(void)merge_rows_count(source, table_name(merge), &merge->total, &why);
	source_close(source);
	if (fd >= 0)
		(void)close(fd);
}

static int run_job(struct merge *merge)
{
	struct diag why;
	bool is_done;

	say_begin(merge);
	if (terminal_is(STDERR_FILENO))
		count_rows(merge);
	is_done = work(merge, &why);
	return end_work(merge, is_done, &why);
}

/* ---- the beginning ------------------------------------------------------- */

static struct source *open_table(
	struct merge *merge, struct store **store, struct diag *why)
{
	struct source *input;
	struct span piece;
	bool is_read;

	if (strcmp(options_of(merge)->merge, "-") != 0)
		return snapshot_new(options_of(merge)->merge, why);
	*store = store_new(STORE_MEMORY_BYTES);
	input = source_from_fd(STDIN_FILENO);
	while ((is_read = source_next(input, &piece, why)) && piece.length)
		if (!store_put(*store, piece, why)) {
			is_read = false;
			break;
		}
	source_close(input);
	return is_read ? store_source(*store) : NULL;
}

static int merge_new(struct merge *merge, struct source *table)
{
	struct diag why;

	if (!merge_rows_open(&merge->rows, table, table_name(merge), &why))
		return fail(merge, &why);
	if (options_of(merge)->dry_run)
		return merge_preview(&merge->rows);
	if (!open_queue(merge, &why) || !make_job(merge, table, &why))
		return fail(merge, &why);
	return run_job(merge);
}

static int begin(struct merge *merge)
{
	struct store *store = NULL;
	struct source *table;
	struct diag why;
	int exit_code;

	if (!merge_rows_load(&merge->rows, &why) ||
		!merge_rows_read_texts(
			&merge->rows, merge->context->stdin_was_closed, &why))
		return fail(merge, &why);
	table = open_table(merge, &store, &why);
	exit_code = table ? merge_new(merge, table) : fail(merge, &why);
	source_close(table);
	store_free(store);
	return exit_code;
}

/* The queue is not run by a process that has our secrets. */
static void end(struct merge *merge)
{
	job_close(merge->job);
	spool_close(merge->spool);
	config_wipe(&merge->rows.base.run.config);
	if (merge->last_id[0] &&
		merge->rows.base.request.delivery != REQUEST_DELIVERY_QUEUE)
		hire_call(&merge->hiring, &merge->hire, merge->last_id);
	else
		hire_end(&merge->hire);
	merge_rows_end(&merge->rows);
}

/* ---- going on ------------------------------------------------------------ */

static bool read_file(
	struct job *job, const char *name, struct buf *out, struct diag *why)
{
	int fd = job_file(job, name);
	struct source *source;
	struct span piece;
	bool is_read;

	if (fd < 0)
		return false;
	source = source_from_fd(fd);
	while ((is_read = source_next(source, &piece, why)) && piece.length)
		buf_put_span(out, piece);
	source_close(source);
	(void)close(fd);
	return is_read;
}

static bool read_job(
	struct merge *merge, struct merge_job *words, struct diag *why)
{
	struct buf text = BUF_INIT(JOB_TEXT_LIMIT);
	bool is_read =
		read_file(merge->job, "job", &text, why) &&
		merge_job_parse(buf_span(&text), merge->context->arena, words);

	buf_free(&text);
	return is_read || diag_set(why, DIAG_JOB_NONE, job_id(merge->job));
}

/* The command that began it, as if it was said again where it was said. */
static bool say_again(struct merge *merge, const struct merge_job *words,
	struct request *request, struct send_options *options, struct diag *why)
{
	static const char *const verbs[] = { "send", NULL };
	struct arena *arena = merge->context->arena;
	size_t word;

	if (chdir(words->folder) < 0) {
		diag_set(why, DIAG_FILE_FAILED, words->folder);
		return diag_add_errno(why, errno);
	}
	if (!argv_parse((int)words->word_count, words->words, verbs, arena,
		    request, why) ||
		!words_parse(
			&cmd_send_words, request, arena, options, &word, why))
		return false;
	send_options_share(
		options, request->operands, request->operand_count, arena);
	return options->merge ||
	       diag_set(why, DIAG_JOB_NONE, job_id(merge->job));
}

static int resume(struct merge *merge, const struct send_options *said)
{
	struct request request;
	struct send_options options = { .merge = NULL };
	struct merge_job words;
	struct diag why;

	if (!merge_rows_load(&merge->rows, &why) || !open_queue(merge, &why))
		return fail(merge, &why);
	merge->job = job_open(merge->spool, said->resume, &why);
	if (!merge->job || !read_job(merge, &words, &why) ||
		!say_again(merge, &words, &request, &options, &why))
		return fail(merge, &why);
	options.json = said->json;
	options.is_resumed = true;
	merge_rows_end(&merge->rows);
	merge_rows_begin(&merge->rows, &request, &options);
	if (!merge_rows_load(&merge->rows, &why))
		return fail(merge, &why);
	merge->hiring = submission_hiring(&merge->rows.base.run);
	merge->is_resumed = true;
	merge->rows.has_text =
		read_file(merge->job, "text", &merge->rows.text, &why);
	merge->rows.has_page =
		read_file(merge->job, "page", &merge->rows.page, &why);
	return run_job(merge);
}

/* ---- the door ------------------------------------------------------------ */

int merge_run(
	const struct cmd_context *context, const struct send_options *options)
{
	struct merge merge = {
		.context = context, .faults_fd = -1, .hire = { HIRE_NOBODY, -1 }
	};
	int exit_code;

	interrupt_hear();
	merge_rows_begin(&merge.rows, context->request, options);
	exit_code = options->resume ? resume(&merge, options) : begin(&merge);
	end(&merge);
	if (exit_code)
		interrupt_end();
	return exit_code;
}
