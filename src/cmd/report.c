/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says what became of a message.  Knows where, not what. */
#include <config.h>

#include "cmd/report.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/place.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/log_fallback.h"
#include "config/choose.h"

#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

enum { REPORT_LIMIT = 1024 * 1024, LINE_LIMIT = 256 * 1024 };

static void print_error(const struct buf *text)
{
	/* One write: the sentences of parallel callers do not mix.  Nobody is
	 * left to tell when stderr fails. */
	if (text->length && write(STDERR_FILENO, text->data, text->length) < 0)
		return;
}

/* What the caller said that concerns the log alone: its tag, and wishes that
 * were let pass.  They are not told on stderr, which callers take for a
 * failure. */
static void put_request(struct buf *line, const struct request *request)
{
	struct buf sentence = BUF_INIT(LINE_LIMIT);

	if (request->log_tag)
		text_put_quoted(line, "tag", span_of(request->log_tag));
	for (size_t i = 0; i < request->warning_count; i++) {
		buf_clear(&sentence);
		diag_sentence(&request->warnings[i], false, &sentence);
		text_put_quoted(line, "warning", span_of(buf_text(&sentence)));
	}
	buf_free(&sentence);
}

/* A password that everybody on the machine can read. */
static void put_exposed(struct buf *line, const struct account *account)
{
	struct buf sentence = BUF_INIT(LINE_LIMIT);
	struct diag why;

	if (account && !account_is_closed(account, &why)) {
		diag_sentence(&why, false, &sentence);
		text_put_quoted(line, "warning", span_of(buf_text(&sentence)));
	}
	buf_free(&sentence);
}

/* The warnings and the tag as JSON has them. */
static void put_json(struct buf *line, const struct outcome *outcome,
	const struct account *account, const struct request *request)
{
	struct json json = { .out = line };
	struct buf sentence = BUF_INIT(LINE_LIMIT);
	struct diag why;

	outcome_begin_json(&json, outcome, account, clock_wall());
	if (request && request->log_tag)
		json_text(&json, "tag", request->log_tag);
	json_begin(&json, "warnings", '[');
	for (size_t i = 0; request && i < request->warning_count; i++) {
		buf_clear(&sentence);
		diag_sentence(&request->warnings[i], false, &sentence);
		json_text(&json, NULL, buf_text(&sentence));
	}
	if (!account_is_closed(account, &why)) {
		buf_clear(&sentence);
		diag_sentence(&why, false, &sentence);
		json_text(&json, NULL, buf_text(&sentence));
	}
	json_end(&json, ']');
	json_end(&json, '}');
	buf_free(&sentence);
}

static void put_text(struct buf *line, const struct outcome *outcome,
	const struct account *account, const struct request *request)
{
	outcome_put_log(line, outcome, account);
	if (request)
		put_request(line, request);
	put_exposed(line, account);
}

/* -L is sendmail's name for its lines; a caller behind the fence gets none of
 * its choosing.  Filters of msmtp's lines look for its name. */
static const char *ident_of(const struct request *request)
{
	if (!request || request->is_fenced)
		return NULL;
	if (!request->log_tag && request->manner == ARGV_MSMTP)
		return "msmtp";
	return request->log_tag;
}

/* Nobody may take it there. */
static void write_syslog(const struct request *request, int facility,
	bool is_error, bool is_filed, const char *line)
{
	if (log_syslog_is_there(place_system.syslog))
		log_syslog(ident_of(request), facility, is_error, line);
	else if (!is_filed)
		log_fallback_put(line);
}

static void write_log(const struct outcome *outcome,
	const struct account *account, const struct request *request,
	bool is_error, struct buf *errors)
{
	struct buf line = BUF_INIT(LINE_LIMIT);
	int facility = account_syslog_facility(account);
	bool is_json = account && account->log_format == OPTION_LOG_FORMAT_JSON;
	bool has_file = account && account->logfile, is_filed;
	struct diag why;

	(is_json ? put_json : put_text)(&line, outcome, account, request);
	is_filed = has_file &&
		   log_file(account->logfile,
			   is_json ? "" : account_log_time_format(account),
			   buf_text(&line), &why);
	if (has_file && !is_filed) {
		buf_puts(errors, "mailchute: ");
		diag_sentence(&why, true, errors);
		buf_put_byte(errors, '\n');
		/* A detached runner's stderr is nobody's: the line may not get
		 * lost, whatever 'syslog' says. */
		if (facility < 0)
			facility = LOG_MAIL;
	}
	if (facility >= 0)
		write_syslog(
			request, facility, is_error, is_filed, buf_text(&line));
	buf_free(&line);
}

/* A line each in the log; for people only when nobody took the message. */
static void report_others(const struct outcome *outcome,
	const struct request *request, struct buf *errors)
{
	bool is_told = request->errors != REQUEST_ERRORS_QUIET &&
		       !outcome->is_queued && outcome->failure.id != DIAG_NONE;

	for (size_t i = 0; i < outcome->other_count; i++) {
		const struct outcome *other = &outcome->others[i];

		if (is_told)
			outcome_put_sentences(errors, other, other->account);
		write_log(other, other->account, request, true, errors);
	}
}

int report_outcome(const struct outcome *outcome, const struct account *account,
	const struct request *request)
{
	int exit_code = outcome_exit_code(outcome, account);
	struct buf errors = BUF_INIT(REPORT_LIMIT);

	if (outcome->account)
		account = outcome->account;
	report_others(outcome, request, &errors);
	if (request->errors != REQUEST_ERRORS_QUIET)
		outcome_put_sentences(&errors, outcome, account);
	if (request->errors != REQUEST_ERRORS_QUIET)
		outcome_put_warnings(&errors, outcome);
	if (request->errors != REQUEST_ERRORS_QUIET)
		outcome_put_captured(&errors, outcome);
	if (terminal_is(STDERR_FILENO))
		outcome_put_queued(&errors, outcome);
	write_log(outcome, account, request, exit_code != 0, &errors);
	print_error(&errors);
	buf_free(&errors);
	return exit_code;
}

int report_failure(const struct diag *why, const struct request *request)
{
	struct outcome outcome;

	outcome_init(&outcome);
	outcome.failure = *why;
	return report_outcome(&outcome, NULL, request);
}

int report_problem(const struct diag *why)
{
	struct buf text = BUF_INIT(REPORT_LIMIT);

	buf_puts(&text, "mailchute: ");
	diag_sentence(why, true, &text);
	buf_put_byte(&text, '\n');
	if (why->hint) {
		buf_puts(&text, "mailchute: ");
		diag_hint(why, &text);
		buf_put_byte(&text, '\n');
	}
	print_error(&text);
	buf_free(&text);
	return why->exit_code;
}

/* A file that was meddled with is nobody's failure to send; whoever runs the
 * queue hears of it. */
static void put_trouble(struct buf *out, const struct outcome *outcome)
{
	enum diag_id id = outcome->failure.id;

	buf_puts(out, "mailchute: ");
	/* The others have the message's id. */
	if (id != DIAG_QUEUE_ENTRY && id != DIAG_QUEUE_STUCK)
		buf_printf(out, "%s: ", outcome->id);
	diag_sentence(&outcome->failure, true, out);
	buf_put_byte(out, '\n');
}

/* What is not tried any more. */
static void put_final(struct buf *out, const struct outcome *outcome)
{
	const struct diag *why = outcome_reason(outcome);

	if (!why || !diag_is_final(why))
		return;
	buf_printf(out, "mailchute: %s: ", outcome->id);
	diag_sentence(why, true, out);
	buf_put_byte(out, '\n');
}

void report_lane(void *context, const struct lane_report *report)
{
	struct buf errors = BUF_INIT(REPORT_LIMIT);

	(void)context;
	if (report->is_set_aside || report->is_stuck)
		put_trouble(&errors, report->outcome);
	write_log(report->outcome, report->account, NULL,
		outcome_reason(report->outcome) != NULL, &errors);
	print_error(&errors);
	buf_free(&errors);
}

void report_run(void *context, const struct lane_report *report)
{
	struct buf words = BUF_INIT(REPORT_LIMIT);

	report_lane(context, report);
	if (!report->is_set_aside && !report->is_stuck)
		put_final(&words, report->outcome);
	print_error(&words);
	buf_free(&words);
}
