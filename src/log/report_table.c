/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A summary as a table with bars.  Knows no line of the log. */
#include <config.h>

#include "base/text.h"
#include "log/report.h"
#include "log/row.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	NAME_WIDTH = 20,
	NUMBER_WIDTH = 11,
	TIME_WIDTH = 9,
	BAR_WIDTH = 20,
	GROUPS_SHOWN = 31, /* a month of days */
	CAUSES_SHOWN = 10
};

static const char *title(enum log_by by)
{
	static const char *const words[LOG_BY_COUNT] = {
		[LOG_BY_ACCOUNT] = N_("Account"),
		[LOG_BY_DAY] = N_("Day"),
		[LOG_BY_HOUR] = N_("Hour of the day"),
		[LOG_BY_PROVIDER] = N_("Provider"),
		[LOG_BY_CODE] = N_("Reply code"),
	};

	return _(words[by]);
}

static void put_spaces(struct buf *out, size_t count)
{
	while (count--)
		buf_put_byte(out, ' ');
}

/* Right-aligned, whatever its characters are. */
static void put_right(struct buf *out, const char *text, int width)
{
	int field = text_field_width(text, width);
	size_t length = strlen(text);

	if ((size_t)field > length)
		put_spaces(out, (size_t)field - length);
	buf_puts(out, text);
}

/* Whether there is any of it: others have no column. */
static bool has_column(const struct log_report *report, int result)
{
	return result == LOG_RESULT_SENT ||
	       log_summary_all(report->summary)->results[result];
}

/* ---- the head ------------------------------------------------------------ */

static void put_totals(struct buf *out, const struct log_group *all)
{
	const char *comma = " ";

	buf_puts(out, _("In all:"));
	for (int i = 0; i < LOG_RESULT_COUNT; i++) {
		if (i != LOG_RESULT_SENT && !all->results[i])
			continue;
		buf_printf(out, "%s%" PRIu64 " %s", comma, all->results[i],
			log_row_word((enum log_result)i));
		comma = ", ";
	}
	buf_put_byte(out, '\n');
}

static void put_time_line(struct buf *out, const char *words, int64_t at,
	const struct log_clock *clock)
{
	if (at == LOG_NO_TIME)
		return;
	buf_printf(out, "%s ", words);
	log_row_put_time(out, at, clock);
	buf_put_byte(out, '\n');
}

static void put_head(struct buf *out, const struct log_report *report)
{
	const struct log_group *all = log_summary_all(report->summary);
	const struct spread *spread = &all->acceptance;

	put_totals(out, all);
	put_time_line(out, _("The first line:"), all->first, report->clock);
	put_time_line(out, _("The last line:"), all->last, report->clock);
	put_time_line(
		out, _("The last one sent:"), all->last_sent, report->clock);
	if (!spread->count)
		return;
	buf_printf(out, "%s ", _("Until the server had it:"));
	log_row_put_seconds(out, spread_quantile(spread, 50));
	buf_printf(out, " (%s), ", _("half of them"));
	log_row_put_seconds(out, spread_quantile(spread, 95));
	/* xgettext:no-c-format */
	buf_printf(out, " (%s)\n", _("95 % of them"));
}

/* ---- groups -------------------------------------------------------------- */

static void put_times(struct buf *out, const struct spread *spread)
{
	static const unsigned percents[] = { 50, 95 };
	struct buf text = BUF_INIT(64);

	for (size_t i = 0; i < 2; i++) {
		buf_clear(&text);
		if (spread->count)
			log_row_put_seconds(
				&text, spread_quantile(spread, percents[i]));
		else
			buf_puts(&text, "-");
		put_right(out, buf_text(&text), TIME_WIDTH);
	}
	buf_free(&text);
}

static void put_blocks(struct buf *out, uint64_t count, const char *block)
{
	while (count--)
		buf_puts(out, block);
}

/* What was sent is solid, what went wrong is not, and never nothing. */
static void put_bar(struct buf *out, const struct log_group *group,
	uint64_t largest, const struct log_table_form *form)
{
	uint64_t total = log_group_total(group);
	uint64_t bad = log_group_troubled(group);
	uint64_t length = (total * BAR_WIDTH + largest - 1) / largest;
	uint64_t bad_length =
		bad ? (bad * BAR_WIDTH + largest - 1) / largest : 0;

	if (bad_length > length)
		bad_length = length;
	buf_puts(out, "  ");
	put_blocks(
		out, length - bad_length, form->is_utf8 ? "\xE2\x96\x88" : "#");
	if (bad_length && form->has_colour)
		buf_puts(out, "\033[31m");
	put_blocks(out, bad_length, form->is_utf8 ? "\xE2\x96\x91" : "-");
	if (bad_length && form->has_colour)
		buf_puts(out, "\033[0m");
	buf_put_byte(out, '\n');
}

static void put_name(struct buf *out, const char *name)
{
	struct buf text = BUF_INIT(8 * LOG_GROUP_NAME_BYTES);

	text_put_printable(&text, span_of(name));
	buf_printf(out, "%-*s", text_field_width(buf_text(&text), NAME_WIDTH),
		buf_text(&text));
	buf_free(&text);
}

static void put_group(struct buf *out, const struct log_report *report,
	const struct log_group *group, uint64_t largest,
	const struct log_table_form *form)
{
	char number[24];

	put_name(out, group->name);
	for (int i = 0; i < LOG_RESULT_COUNT; i++) {
		if (!has_column(report, i))
			continue;
		snprintf(number, sizeof number, "%" PRIu64, group->results[i]);
		put_right(out, number, NUMBER_WIDTH);
	}
	put_times(out, &group->acceptance);
	put_bar(out, group, largest, form);
}

static void put_titles(
	struct buf *out, const struct log_report *report, enum log_by by)
{
	buf_put_byte(out, '\n');
	put_name(out, title(by));
	for (int i = 0; i < LOG_RESULT_COUNT; i++)
		if (has_column(report, i))
			put_right(out, log_row_word((enum log_result)i),
				NUMBER_WIDTH);
	put_right(out, _("median"), TIME_WIDTH);
	put_right(out, "95 %", TIME_WIDTH);
	buf_put_byte(out, '\n');
}

static void put_groups(struct buf *out, const struct log_report *report,
	enum log_by by, const struct log_table_form *form)
{
	size_t count, begin, shown;
	const struct log_group *const *groups =
		log_summary_groups(report->summary, by, &count);
	uint64_t largest = 1;

	shown = count < GROUPS_SHOWN ? count : GROUPS_SHOWN;
	/* The latest days. */
	begin = by == LOG_BY_DAY ? count - shown : 0;
	for (size_t i = begin; i < begin + shown; i++)
		if (log_group_total(groups[i]) > largest)
			largest = log_group_total(groups[i]);
	if (!count)
		return;
	put_titles(out, report, by);
	for (size_t i = begin; i < begin + shown; i++)
		put_group(out, report, groups[i], largest, form);
	if (shown == count)
		return;
	buf_printf(out,
		ngettext_("and %zu more", "and %zu more", count - shown),
		count - shown);
	buf_put_byte(out, '\n');
}

/* ---- causes -------------------------------------------------------------- */

static void put_advice(struct buf *out, const char *words, const char *text)
{
	if (text)
		buf_printf(out, "    %s: %s\n", words, _(text));
}

static void put_causes(struct buf *out, const struct log_report *report)
{
	size_t count;
	const struct log_cause *const *causes =
		log_summary_causes(report->summary, &count);

	if (!count)
		return;
	buf_printf(out, "\n%s\n", _("Why not:"));
	for (size_t i = 0; i < count && i < CAUSES_SHOWN; i++) {
		struct log_advice advice = report->advise(causes[i]);

		buf_printf(out, "%5" PRIu64 "  ", causes[i]->count);
		text_put_printable(out, span_of(causes[i]->name));
		buf_printf(out, " (%s ", _("the last:"));
		log_row_put_time(out, causes[i]->last, report->clock);
		buf_puts(out, ")\n");
		put_advice(out, _("What is wrong"), advice.cause);
		put_advice(out, _("What to do"), advice.next);
	}
}

void log_report_put_table(struct buf *out, const struct log_report *report,
	const struct log_table_form *form)
{
	put_head(out, report);
	for (int by = 0; by < LOG_BY_COUNT; by++)
		if (report->by & 1u << by)
			put_groups(out, report, (enum log_by)by, form);
	put_causes(out, report);
}
