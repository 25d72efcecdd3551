/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a merge would come to.  Knows neither queue nor job. */
#include <config.h>

#include "cmd/merge_preview.h"

#include "base/duration.h"
#include "base/failure.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/report.h"
#include "config/provider.h"

#include <limits.h>
#include <stdio.h>
#include <sysexits.h>

enum {
	SHOWN = 3,
	MESSAGES_LIMIT = 16 * 1024 * 1024,
	FAULTS_LIMIT = 64 * 1024 * 1024,
	DAY_S = 24 * 3600
};

struct preview {
	struct merge_rows *rows;
	uint64_t count;
	struct buf messages, faults; /* faults: lines, or JSON */
	struct json json;
};

/* ---- rows ---------------------------------------------------------------- */

/* With the line ends of this system. */
static void put_piece(struct buf *out, struct span piece)
{
	for (size_t i = 0; i < piece.length; i++)
		if (piece.at[i] != '\r')
			buf_put_byte(out, piece.at[i]);
}

static bool use(void *context, const struct table_row *row,
	struct sending *message, struct diag *why)
{
	struct preview *preview = context;
	struct source *source;
	struct span piece;
	bool is_read;

	if (++preview->count > SHOWN)
		return true;
	buf_printf(&preview->messages, _("---- row %llu\n"),
		(unsigned long long)row->number);
	source = edit_source(message->run.edit);
	while ((is_read = source_next(source, &piece, why)) && piece.length)
		put_piece(&preview->messages, piece);
	source_close(source);
	return is_read;
}

static void put_fault_json(struct preview *preview, const struct table_row *row,
	const struct diag *why)
{
	struct json *json = &preview->json;

	json_begin(json, NULL, '{');
	json_number(json, "row", (int64_t)row->number);
	json_number(json, "line", (int64_t)row->line);
	failure_put_diag(json, why, why->exit_code);
	json_end(json, '}');
}

static void fault(
	void *context, const struct table_row *row, const struct diag *why)
{
	struct preview *preview = context;

	if (preview->rows->base.options.json) {
		put_fault_json(preview, row, why);
		return;
	}
	buf_puts(&preview->faults, "  ");
	diag_sentence(why, true, &preview->faults);
	buf_put_byte(&preview->faults, '\n');
}

/* ---- how long ------------------------------------------------------------ */

long merge_preview_seconds(const char *rates, uint64_t count, struct span *rate)
{
	struct span rest = span_of(rates ? rates : ""), word;
	long longest = 0, number, seconds;

	*rate = SPAN("");
	while ((word = span_cut_word(&rest)).length) {
		double takes;

		if (!duration_parse_rate(word, &number, &seconds))
			continue;
		takes = (double)count / (double)number * (double)seconds;
		if (takes <= (double)longest)
			continue;
		longest = takes < (double)(LONG_MAX / 2) ? (long)takes
							 : LONG_MAX / 2;
		*rate = word;
	}
	return longest;
}

/* What the account says counts, then what is known of its provider. */
static const char *rates_of(const struct preview *preview)
{
	const struct account *account = preview->rows->base.run.account;

	if (account->rate || !account->known)
		return account->rate;
	return account->known->limits;
}

static void put_duration(struct buf *out, long seconds)
{
	if (seconds > DAY_S) {
		long days = (seconds + DAY_S - 1) / DAY_S;

		buf_printf(out,
			ngettext_("%ld day", "%ld days", (unsigned long)days),
			days);
		return;
	}
	duration_put_rough(out, seconds);
}

/* "4800 messages at 500/d: 10 days". */
static void put_time(struct buf *out, const struct preview *preview)
{
	struct span rate;
	long seconds =
		merge_preview_seconds(rates_of(preview), preview->count, &rate);

	if (!rate.length)
		return;
	buf_printf(out, _("%llu messages at %.*s: "),
		(unsigned long long)preview->count, (int)rate.length, rate.at);
	put_duration(out, seconds);
	if (seconds > DAY_S)
		buf_puts(out, _("; a mailbox is the wrong tool for that: look "
				"for a provider of bulk mail"));
	buf_put_byte(out, '\n');
}

/* ---- all of it ----------------------------------------------------------- */

static void put_text(struct buf *out, struct preview *preview)
{
	struct buf unused = BUF_INIT(64 * 1024);

	buf_printf(out, _("%s: %llu rows, %llu messages\n"),
		preview->rows->name, (unsigned long long)preview->rows->count,
		(unsigned long long)preview->count);
	if (preview->rows->faults) {
		buf_printf(out, _("%llu rows are not used:\n"),
			(unsigned long long)preview->rows->faults);
		buf_put_span(out, buf_span(&preview->faults));
	}
	merge_rows_put_unused(preview->rows, &unused);
	if (unused.length)
		buf_printf(out, _("columns that nothing uses: %s\n"),
			buf_text(&unused));
	put_time(out, preview);
	buf_put_span(out, buf_span(&preview->messages));
	buf_free(&unused);
}

static void put_json(struct buf *out, struct preview *preview, int exit_code)
{
	struct span rate;
	long seconds =
		merge_preview_seconds(rates_of(preview), preview->count, &rate);

	buf_printf(out,
		"{\"rows\":%llu,\"messages\":%llu,\"seconds\":%ld,"
		"\"exit_code\":%d,\"faults\":[",
		(unsigned long long)preview->rows->count,
		(unsigned long long)preview->count, seconds, exit_code);
	buf_put_span(out, buf_span(&preview->faults));
	buf_puts(out, "]}\n");
}

static int conclude(struct preview *preview, bool is_read, struct diag *why)
{
	struct buf out = BUF_INIT(MESSAGES_LIMIT + FAULTS_LIMIT);
	bool is_fine = is_read && preview->count && !preview->rows->faults;
	int exit_code = is_fine ? EX_OK : EX_DATAERR;

	if (is_read && !preview->count) {
		diag_set(why, DIAG_MERGE_NO_ROWS, preview->rows->name);
		is_read = false;
	}
	if (preview->rows->base.options.json)
		put_json(&out, preview, exit_code);
	else
		put_text(&out, preview);
	fputs(buf_text(&out), stdout);
	buf_free(&out);
	return is_read ? exit_code : report_problem(why);
}

int merge_preview(struct merge_rows *rows)
{
	struct preview preview = { .rows = rows,
		.messages = BUF_INIT(MESSAGES_LIMIT),
		.faults = BUF_INIT(FAULTS_LIMIT),
		.json = { .out = &preview.faults } };
	const struct merge_user user = {
		.context = &preview, .use = use, .fault = fault
	};
	struct diag why;
	bool is_read = merge_rows_each(rows, &user, &why);
	int exit_code = conclude(&preview, is_read, &why);

	buf_free(&preview.messages);
	buf_free(&preview.faults);
	return exit_code;
}
