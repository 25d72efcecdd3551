/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailchute log: what became of messages.  Knows which lines are asked for, not
 * where they stand nor how they are shown.
 */
#include <config.h>

#include "base/charset.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/log_report.h"
#include "cmd/log_sources.h"
#include "cmd/log_when.h"
#include "cmd/report.h"
#include "config/preset.h"
#include "config/provider.h"
#include "log/row.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	ROW_LIMIT = 8 * LOG_LINE_LIMIT,
	SCRATCH_LIMIT = 4 * LOG_LINE_LIMIT,
	REPORT_LIMIT = 64 * 1024 * 1024,
	USUAL_LINES = 20,
	FOLLOWED_LINES = 10,
	FOLLOW_EVERY_MS = 500,
	NOT_FOUND = 1,
	ZONE_S = 900
};

#define VERB_TABLE "cmd/log.def"
#include "cmd/words_verb.h"

const struct words_table cmd_log_words = {
	.usage = N_("[OPTION]... [FILE...]"),
	.about = N_("Shows what became of messages: from the log files of the "
		    "accounts, or the system's\njournal or log, or the FILEs "
		    "(- is standard input); what was rotated away last, too.\n"
		    "Exit code 1: no line has the --id.\n"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
	.operands = WORDS_SOME,
};

struct run {
	const struct said *said;
	const struct request *request;
	struct log_clock clock;
	struct log_row_form form;
	int64_t since, until;
	struct log_sources sources;
	struct providers providers;
	struct buf scratch, row;
	/* The last rows, when only those are shown: the oldest is at NEXT. */
	char **kept;
	size_t keep, next;
	uint64_t results[LOG_RESULT_COUNT];
	uint64_t shown;
	struct log_summary *summary; /* NULL: rows are shown */
	unsigned by;                 /* what it is by: bits of enum log_by */
	bool has_ended;              /* nobody reads on */
};

/* Of a quarter of an hour, which most neighbours in a log share: no zone
 * changes in the middle of one. */
static long zone_offset(time_t at)
{
	static time_t quarter = -1;
	static long offset;

	if (at / ZONE_S != quarter) {
		quarter = at / ZONE_S;
		offset = clock_zone_offset(quarter * ZONE_S);
	}
	return offset;
}

/* ---- what is asked ------------------------------------------------------- */

static bool read_when(const struct run *run, const char *option,
	const char *text, int64_t *out, struct diag *why)
{
	if (!text || log_when_read(span_of(text), &run->clock, out))
		return true;
	return diag_set(why, DIAG_USAGE_BAD_VALUE, option, text,
		DIAG_WORDS N_("write 2d, 12h, 30m, today, yesterday, "
			      "2026-11-30 or '2026-11-30 22:00'"));
}

/* Without --by, and without words, what a glance is enough for. */
static bool read_by(struct run *run, struct diag *why)
{
	const struct words_list *by = &run->said->by;

	for (size_t i = 0; i < by->count; i++) {
		int word = 0;

		while (word < LOG_BY_COUNT &&
			strcmp(log_by_word((enum log_by)word), by->items[i]))
			word++;
		if (word == LOG_BY_COUNT)
			return diag_set(why, DIAG_USAGE_BAD_VALUE, "--by",
				by->items[i],
				DIAG_WORDS N_("write account, day, hour, "
					      "provider or code"));
		run->by |= 1u << word;
	}
	return true;
}

static bool is_summed(const struct said *said)
{
	return said->is_summary || said->by.count || said->is_metrics ||
	       said->html;
}

static bool check_forms(const struct said *said, struct diag *why)
{
	const char *form = said->is_metrics ? "--metrics"
			   : said->html     ? "--html"
					    : NULL;

	if (said->is_followed && is_summed(said))
		return diag_set(why, DIAG_USAGE_CONFLICT, "--follow",
			form ? form : "--summary");
	if (said->is_metrics && said->html)
		return diag_set(
			why, DIAG_USAGE_CONFLICT, "--metrics", "--html");
	if (form && said->is_json)
		return diag_set(why, DIAG_USAGE_CONFLICT, "--json", form);
	if (form && said->by.count)
		return diag_set(why, DIAG_USAGE_CONFLICT, "--by", form);
	return true;
}

static bool read_words(struct run *run, struct diag *why)
{
	const struct said *said = run->said;

	run->since = 0;
	run->until = INT64_MAX;
	if (!read_when(run, "--since", said->since, &run->since, why) ||
		!read_when(run, "--until", said->until, &run->until, why))
		return false;
	if (!read_by(run, why) || !check_forms(said, why))
		return false;
	if (run->since > run->clock.now)
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "--since",
			said->since, DIAG_WORDS N_("it lies ahead"));
	if (run->since > run->until)
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "--until",
			said->until, DIAG_WORDS N_("it lies before --since"));
	return true;
}

static bool read_options(struct run *run, struct diag *why)
{
	return read_words(run, why) ||
	       diag_add_hint(
		       why, N_("'mailchute help log' lists what it takes"));
}

/* How many of the last rows are shown; 0: all. */
static size_t rows_kept(const struct said *said)
{
	bool is_all = said->since || said->until || said->id || said->to ||
		      said->is_failed || said->is_json;

	if (is_summed(said))
		return said->shows_addresses ? USUAL_LINES : 0;
	if (said->lines)
		return said->lines;
	if (said->is_followed && !is_all)
		return FOLLOWED_LINES;
	return !is_all && terminal_is(STDOUT_FILENO) ? USUAL_LINES : 0;
}

static struct span without_brackets(struct span id)
{
	if (id.length > 2 && id.at[0] == '<' && id.at[id.length - 1] == '>')
		return span_make(id.at + 1, id.length - 2);
	return id;
}

static bool is_contained(struct span part, struct span whole)
{
	for (; whole.length >= part.length; whole = span_skip(whole, 1))
		if (span_starts_with_nocase(whole, part))
			return true;
	return false;
}

static bool has_id(const struct log_line *line, struct span id)
{
	return span_equal(line->value[LOG_ID], id) ||
	       (line->value[LOG_MESSAGE_ID].length &&
		       span_equal(without_brackets(line->value[LOG_MESSAGE_ID]),
			       without_brackets(id)));
}

static bool has_failed(const struct log_line *line)
{
	switch (line->result) {
	case LOG_RESULT_DEFERRED:
	case LOG_RESULT_FAILED:
	case LOG_RESULT_REFUSED:
	case LOG_RESULT_DROPPED:
	case LOG_RESULT_CUT:
		return true;
	case LOG_RESULT_SENT:
	case LOG_RESULT_QUEUED:
	case LOG_RESULT_CAPTURED:
	case LOG_RESULT_COUNT:
		break;
	}
	return false;
}

static bool is_wanted(const struct run *run, const struct log_line *line)
{
	const struct said *said = run->said;

	if (line->at < run->since || line->at > run->until)
		return line->at == LOG_NO_TIME && !said->since && !said->until;
	return (!run->request->account ||
		       span_equal(line->value[LOG_ACCOUNT],
			       span_of(run->request->account))) &&
	       (!said->id || has_id(line, span_of(said->id))) &&
	       (!said->is_failed || has_failed(line)) &&
	       (!said->to || is_contained(span_of(said->to),
				     line->value[LOG_RECIPIENTS]));
}

/* ---- rows ---------------------------------------------------------------- */

static void print(struct run *run, const char *row)
{
	if (fputs(row, stdout) < 0)
		run->has_ended = true;
}

static void keep(struct run *run, const char *row)
{
	mem_free(run->kept[run->next]);
	run->kept[run->next] = mem_strdup(row);
	run->next = (run->next + 1) % run->keep;
}

/* From here on every row is printed at once. */
static void print_kept(struct run *run)
{
	for (size_t i = 0; i < run->keep; i++) {
		char *row = run->kept[(run->next + i) % run->keep];

		if (row)
			print(run, row);
		mem_free(row);
	}
	mem_free(run->kept);
	run->kept = NULL;
	run->keep = 0;
}

static void show(struct run *run, const struct log_line *line)
{
	run->results[line->result]++;
	run->shown++;
	if (run->summary)
		log_summary_add(run->summary, line);
	if (run->summary && !(run->keep && has_failed(line)))
		return;
	buf_clear(&run->row);
	if (run->said->is_json)
		log_row_put_json(&run->row, line);
	else
		log_row_put(&run->row, line, &run->form);
	if (run->keep)
		keep(run, buf_text(&run->row));
	else
		print(run, buf_text(&run->row));
}

static void take(
	struct run *run, const struct log_source *source, struct span bytes)
{
	struct log_line line;

	if (log_line_read(bytes, &run->clock, &run->scratch, &line) &&
		is_wanted(run, &line) &&
		!log_sources_have_twice(&run->sources, source, &line))
		show(run, &line);
}

/* ---- the logs ------------------------------------------------------------ */

static void read_source(struct run *run, struct log_source *source)
{
	enum lines_result result = LINES_GOT;
	struct span line;
	struct diag why;

	while (!run->has_ended && (result = log_tail_next(source->tail, &line,
					   &why)) == LINES_GOT)
		take(run, source, line);
	if (result != LINES_FAILED)
		return;
	run->sources.exit_code = report_problem(&why);
	(void)log_tail_close(source->tail);
	source->tail = NULL;
}

static void read_once(struct run *run)
{
	struct span line;

	for (size_t i = 0; i < run->sources.count; i++) {
		struct log_source *source = &run->sources.items[i];

		read_source(run, source);
		if (source->tail && !run->said->is_followed &&
			log_tail_rest(source->tail, &line))
			take(run, source, line);
	}
	if (run->keep && !run->summary)
		print_kept(run);
}

/* Waits until something may have been added; false when nothing ever will. */
static bool wait_for_more(struct run *run)
{
	struct pollfd fds[INTERRUPT_FDS_MAX];
	nfds_t count = 0;
	bool has_files = false;

	for (size_t i = 0; i < run->sources.count; i++) {
		const struct log_source *source = &run->sources.items[i];

		if (source->tail && log_tail_fd(source->tail) < 0)
			has_files = true;
		else if (source->tail && count < INTERRUPT_FDS_MAX)
			fds[count++] = (struct pollfd){ .fd = log_tail_fd(
								source->tail),
				.events = POLLIN };
	}
	if (!has_files && !count)
		return false;
	(void)clock_wait(fds, count, has_files ? FOLLOW_EVERY_MS : -1);
	for (nfds_t i = 0; i < count; i++)
		if (fds[i].revents && !(fds[i].revents & POLLIN))
			return false;
	return true;
}

static void follow(struct run *run)
{
	do {
		for (size_t i = 0; i < run->sources.count; i++) {
			struct log_source *source = &run->sources.items[i];

			do
				read_source(run, source);
			while (source->tail && log_tail_follow(source->tail));
		}
		if (fflush(stdout) != 0)
			run->has_ended = true;
	} while (!run->has_ended && wait_for_more(run));
}

/* ---- the end ------------------------------------------------------------- */

static void put_totals(const struct run *run, struct buf *out)
{
	const char *comma = " ";

	buf_puts(out, _("In all:"));
	for (int i = 0; i < LOG_RESULT_COUNT; i++) {
		if (!run->results[i])
			continue;
		buf_printf(out, "%s%llu %s", comma,
			(unsigned long long)run->results[i],
			log_row_word((enum log_result)i));
		comma = ", ";
	}
	buf_puts(out, "\n");
}

/* What was looked at, where nothing was found. */
static void put_places(const struct run *run, struct buf *out)
{
	const char *comma = " ";

	buf_puts(out, _("Nothing found in:"));
	for (size_t i = 0; i < run->sources.count; i++) {
		const struct log_source *source = &run->sources.items[i];

		buf_puts(out, comma);
		text_put_printable(out, span_of(source->name));
		if (source->tail && !log_tail_was_there(source->tail))
			buf_printf(out, " (%s)", _("not there yet"));
		comma = ", ";
	}
	if (!run->sources.count)
		buf_printf(out, " -\n%s",
			_("There is no log here: set 'logfile' (mailchuterc(5))"
			  "; 'mailchute queue' shows what waits."));
	buf_puts(out, "\n");
}

static void put_end(const struct run *run, struct buf *out)
{
	uint64_t passed_over = 0;

	if (run->shown)
		put_totals(run, out);
	else
		put_places(run, out);
	for (size_t i = 0; i < run->sources.count; i++)
		if (run->sources.items[i].tail)
			passed_over += log_tail_passed_over(
				run->sources.items[i].tail);
	if (passed_over) {
		buf_printf(out,
			ngettext_("%llu line was too long to be read",
				"%llu lines were too long to be read",
				(unsigned long)passed_over),
			(unsigned long long)passed_over);
		buf_puts(out, "\n");
	}
}

/* ---- the summary --------------------------------------------------------- */

/* The usual ones: the days, or the hours of few days. */
static unsigned usual_by(struct log_summary *summary)
{
	size_t days;

	(void)log_summary_groups(summary, LOG_BY_DAY, &days);
	return 1u << LOG_BY_ACCOUNT | 1u << LOG_BY_PROVIDER |
	       1u << LOG_BY_CODE |
	       (days > 2 ? 1u << LOG_BY_DAY : 1u << LOG_BY_HOUR);
}

/* What did not go out last, for a page. */
static void put_kept(struct run *run, struct buf *out)
{
	for (size_t i = 0; i < run->keep; i++) {
		char *row = run->kept[(run->next + i) % run->keep];

		if (row)
			buf_puts(out, row);
		mem_free(row);
	}
	mem_free(run->kept);
	run->kept = NULL;
}

static void put_page(
	struct run *run, const struct log_report *report, struct buf *out)
{
	struct buf rows = BUF_INIT(USUAL_LINES * ROW_LIMIT);
	bool shows_addresses = run->said->shows_addresses;

	put_kept(run, &rows);
	log_report_put_html(out, report,
		shows_addresses ? buf_text(&rows) : NULL, shows_addresses);
	buf_free(&rows);
}

static void put_metrics(
	struct run *run, const struct log_report *report, struct buf *out)
{
	struct log_waiting *waiting;
	size_t count =
		log_report_waiting(run->request, run->sources.arena, &waiting);

	log_report_put_metrics(out, report, waiting, count);
}

static void put_table(
	struct run *run, const struct log_report *report, struct buf *out)
{
	const struct log_table_form form = {
		.has_colour = run->form.has_colour,
		.is_utf8 = charset_is_utf8(),
	};

	log_report_put_table(out, report, &form);
}

static int sum_up(struct run *run)
{
	const struct said *said = run->said;
	struct log_report report = { .summary = run->summary,
		.clock = &run->clock,
		.advise = log_report_advise,
		.by = run->by };
	struct buf out = BUF_INIT(REPORT_LIMIT);
	struct diag why;
	bool is_fine;

	if (!report.by)
		report.by = said->is_json ? (1u << LOG_BY_COUNT) - 1
					  : usual_by(run->summary);
	if (said->html)
		put_page(run, &report, &out);
	else if (said->is_metrics)
		put_metrics(run, &report, &out);
	else if (said->is_json)
		log_report_put_json(&out, &report);
	else if (run->shown)
		put_table(run, &report, &out);
	else
		put_end(run, &out);
	is_fine = log_report_write(
		said->html ? said->html : "-", buf_span(&out), &why);
	buf_free(&out);
	return is_fine ? run->sources.exit_code : report_problem(&why);
}

static int end(struct run *run)
{
	struct buf out = BUF_INIT(ROW_LIMIT);

	if (run->summary)
		return sum_up(run);
	if (!run->said->is_json && !run->has_ended) {
		put_end(run, &out);
		(void)cmd_print(&out);
	}
	if (run->sources.exit_code)
		return run->sources.exit_code;
	return run->said->id && !run->shown ? NOT_FOUND : EX_OK;
}

static int look(struct run *run)
{
	const struct log_wish wish = { .request = run->request,
		.since = run->since,
		.is_followed = run->said->is_followed };
	const struct log_summary_params params = { .clock = &run->clock,
		.provider_of = log_report_provider,
		.context = &run->providers };
	int exit_code;

	if (is_summed(run->said)) {
		providers_read(preset_folders(NULL, run->sources.arena),
			run->sources.arena, &run->providers);
		run->summary = log_summary_new(&params);
	}
	log_sources_open(&run->sources, &wish);
	run->keep = rows_kept(run->said);
	if (run->keep)
		run->kept = mem_zalloc(run->keep * sizeof *run->kept);
	read_once(run);
	if (run->said->is_followed)
		follow(run);
	exit_code = end(run);
	log_sources_close(&run->sources);
	log_summary_free(run->summary);
	return exit_code;
}

int cmd_log(const struct cmd_context *context)
{
	struct run run = {
		.said = context->said,
		.request = context->request,
		.clock = { .now = clock_wall(), .zone_offset_s = zone_offset },
		.sources = { .arena = context->arena },
		.scratch = BUF_INIT(SCRATCH_LIMIT),
		.row = BUF_INIT(ROW_LIMIT),
	};
	struct diag why;
	int exit_code;

	run.form = (struct log_row_form){ .clock = &run.clock,
		.has_colour = terminal_has_colour(STDOUT_FILENO) };
	exit_code =
		read_options(&run, &why) ? look(&run) : report_problem(&why);
	buf_free(&run.scratch);
	buf_free(&run.row);
	return exit_code;
}
