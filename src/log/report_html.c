/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A summary as one page: it loads nothing, runs nothing, and names nobody
 * unless asked.  Knows no line of the log.
 */
#include <config.h>

#include "base/text.h"
#include "log/report.h"
#include "log/row.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	PLOT_WIDTH = 720,
	PLOT_HEIGHT = 160,
	PLOT_FOOT = 20, /* for the words below */
	PLOT_LEFT = 40, /* for the number of the highest */
	DAYS_SHOWN = 60,
	GROUPS_SHOWN = 50,
	CAUSES_SHOWN = 20,
	TIMES_SHOWN = 11
};

/* Allowed by its hash, which the suite works out again. */
static const char style[] =
	":root{color-scheme:light dark;--sent:#2e7d32;--bad:#c62828;"
	"--wait:#b26a00;--line:#d0d0d0;--text:#1b1b1b;--page:#fff}"
	"@media(prefers-color-scheme:dark){:root{--sent:#66bb6a;--bad:#ef5350;"
	"--wait:#ffb74d;--line:#444;--text:#e6e6e6;--page:#161616}}"
	"body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem "
	"auto;padding:0 1rem;color:var(--text);background:var(--page)}"
	"table{border-collapse:collapse;width:100%}"
	"td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid "
	"var(--line)}td:first-child,th:first-child{text-align:left}"
	"svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;"
	"fill:var(--text)}.sent{fill:var(--sent);color:var(--sent)}"
	".bad{fill:var(--bad);color:var(--bad)}"
	".wait{fill:var(--wait);color:var(--wait)}.axis{stroke:var(--line)}"
	".totals b{font-size:1.6rem}.totals span{margin-right:2rem}"
	"pre{white-space:pre-wrap}";
static const char style_hash[] =
	"sha256-g6uSOeUqtJLyXT10jN6xsVrj1s1wyiUEOKyye2enreE=";

struct page {
	struct buf *out;
	const struct log_report *report;
	bool shows_addresses;
};

/* ---- text ---------------------------------------------------------------- */

static void put_escaped(struct buf *out, const char *text)
{
	struct buf clean = BUF_INIT(16 * 1024 * 1024);

	for (const char *line = text; *line;) {
		size_t length = strcspn(line, "\n");

		text_put_printable(&clean, span_make(line, length));
		line += length;
		if (*line) {
			buf_put_byte(&clean, '\n');
			line++;
		}
	}
	text_put_html(out, buf_span(&clean));
	buf_free(&clean);
}

/* A name that is an address keeps its domain alone. */
static void put_name(const struct page *page, const char *name)
{
	const char *at = strrchr(name, '@');

	if (at && !page->shows_addresses) {
		buf_puts(page->out, "\xE2\x80\xA6");
		name = at;
	}
	put_escaped(page->out, name);
}

static void put_element(
	const struct page *page, const char *element, const char *text)
{
	buf_printf(page->out, "<%s>", element);
	put_escaped(page->out, text);
	buf_printf(page->out, "</%s>\n", element);
}

static void put_number_cell(const struct page *page, uint64_t number)
{
	buf_printf(page->out, "<td>%" PRIu64 "</td>", number);
}

static void put_seconds_cell(
	const struct page *page, const struct spread *spread, unsigned percent)
{
	buf_puts(page->out, "<td>");
	if (spread->count)
		log_row_put_seconds(
			page->out, spread_quantile(spread, percent));
	buf_puts(page->out, "</td>");
}

/* ---- numbers ------------------------------------------------------------- */

static uint64_t waited(const struct log_group *group)
{
	return group->results[LOG_RESULT_DEFERRED] +
	       group->results[LOG_RESULT_QUEUED];
}

static uint64_t lost(const struct log_group *group)
{
	return log_group_troubled(group) - group->results[LOG_RESULT_DEFERRED];
}

static void put_total(const struct page *page, const char *class,
	uint64_t number, const char *word)
{
	buf_printf(page->out, "<span class=\"%s\"><b>%" PRIu64 "</b> ", class,
		number);
	put_escaped(page->out, word);
	buf_puts(page->out, "</span>\n");
}

static void put_time_line(
	const struct page *page, const char *words, int64_t at)
{
	struct buf text = BUF_INIT(256);

	if (at == LOG_NO_TIME)
		return;
	buf_printf(&text, "%s ", words);
	log_row_put_time(&text, at, page->report->clock);
	put_element(page, "p", buf_text(&text));
	buf_free(&text);
}

static void put_totals(const struct page *page)
{
	const struct log_group *all = log_summary_all(page->report->summary);

	buf_puts(page->out, "<p class=\"totals\">\n");
	put_total(page, "sent", all->results[LOG_RESULT_SENT],
		log_row_word(LOG_RESULT_SENT));
	put_total(page, "wait", waited(all), log_row_word(LOG_RESULT_DEFERRED));
	put_total(page, "bad", lost(all), log_row_word(LOG_RESULT_REFUSED));
	buf_puts(page->out, "</p>\n");
	put_time_line(page, _("The first line:"), all->first);
	put_time_line(page, _("The last line:"), all->last);
	put_time_line(page, _("The last one sent:"), all->last_sent);
}

/* ---- plots --------------------------------------------------------------- */

static void begin_plot(const struct page *page, const char *words)
{
	put_element(page, "h2", words);
	buf_printf(page->out,
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
		PLOT_WIDTH, PLOT_HEIGHT + PLOT_FOOT);
	put_escaped(page->out, words);
	buf_printf(page->out,
		"\">\n<line class=\"axis\" x1=\"0\" y1=\"%d\" x2=\"%d\" "
		"y2=\"%d\"/>\n",
		PLOT_HEIGHT, PLOT_WIDTH, PLOT_HEIGHT);
}

/* A piece of the bar at X, from FROM up to FROM + NUMBER. */
static void put_piece(const struct page *page, const char *class, size_t x,
	size_t width, uint64_t from, uint64_t number, uint64_t largest)
{
	uint64_t low = from * PLOT_HEIGHT / largest;
	uint64_t high = (from + number) * PLOT_HEIGHT / largest;

	if (!number)
		return;
	if (high == low)
		high++;
	buf_printf(page->out,
		"<rect class=\"%s\" x=\"%zu\" y=\"%" PRIu64
		"\" width=\"%zu\" height=\"%" PRIu64 "\"/>",
		class, x,
		PLOT_HEIGHT - (high > PLOT_HEIGHT ? PLOT_HEIGHT : high), width,
		high - low);
}

static void put_word(const struct page *page, size_t x, int y, const char *word)
{
	buf_printf(page->out, "<text x=\"%zu\" y=\"%d\">", x, y);
	put_escaped(page->out, word);
	buf_puts(page->out, "</text>\n");
}

static void put_day(const struct page *page, const struct log_group *day,
	size_t x, size_t width, uint64_t largest)
{
	uint64_t sent = log_group_total(day) - waited(day) - lost(day);

	buf_puts(page->out, "<g><title>");
	put_escaped(page->out, day->name);
	buf_printf(page->out,
		": %" PRIu64 " / %" PRIu64 " / %" PRIu64 "</title>", sent,
		waited(day), lost(day));
	put_piece(page, "sent", x, width, 0, sent, largest);
	put_piece(page, "wait", x, width, sent, waited(day), largest);
	put_piece(
		page, "bad", x, width, sent + waited(day), lost(day), largest);
	buf_puts(page->out, "</g>\n");
}

static void put_days(const struct page *page)
{
	size_t count, shown, begin, width;
	const struct log_group *const *days =
		log_summary_groups(page->report->summary, LOG_BY_DAY, &count);
	uint64_t largest = 1;
	char number[24];

	shown = count < DAYS_SHOWN ? count : DAYS_SHOWN;
	begin = count - shown;
	if (!shown)
		return;
	for (size_t i = begin; i < count; i++)
		if (log_group_total(days[i]) > largest)
			largest = log_group_total(days[i]);
	width = (PLOT_WIDTH - PLOT_LEFT) / (shown < 12 ? 12 : shown);
	begin_plot(page, _("Messages and tries a day"));
	for (size_t i = 0; i < shown; i++)
		put_day(page, days[begin + i], PLOT_LEFT + i * width,
			width - width / 6 - 1, largest);
	snprintf(number, sizeof number, "%" PRIu64, largest);
	put_word(page, 0, 12, number);
	put_word(page, PLOT_LEFT, PLOT_HEIGHT + PLOT_FOOT - 5,
		days[begin]->name);
	if (shown > 2)
		put_word(page, PLOT_LEFT + (shown - 1) * width,
			PLOT_HEIGHT + PLOT_FOOT - 5, days[count - 1]->name + 5);
	buf_puts(page->out, "</svg>\n");
}

static void put_acceptance(const struct page *page)
{
	static const struct {
		const char *word;
		int64_t ms;
	} bounds[TIMES_SHOWN] = { { "0.1 s", 100 }, { "0.3 s", 300 },
		{ "1 s", 1000 }, { "3 s", 3000 }, { "10 s", 10000 },
		{ "30 s", 30000 }, { "2 min", 120000 }, { "10 min", 600000 },
		{ "1 h", 3600000 }, { "6 h", 21600000 },
		{ "10 d", 864000000 } };
	const struct spread *spread =
		&log_summary_all(page->report->summary)->acceptance;
	uint64_t largest = 1, number[TIMES_SHOWN], before = 0;
	size_t width = PLOT_WIDTH / TIMES_SHOWN;

	if (!spread->count)
		return;
	for (size_t i = 0; i < TIMES_SHOWN; i++) {
		uint64_t until = spread_up_to(spread, bounds[i].ms);

		number[i] = until - before;
		before = until;
		if (number[i] > largest)
			largest = number[i];
	}
	begin_plot(page, _("How long until the server had it (up to)"));
	for (size_t i = 0; i < TIMES_SHOWN; i++) {
		put_piece(page, "sent", i * width, width - 4, 0, number[i],
			largest);
		put_word(page, i * width, PLOT_HEIGHT + PLOT_FOOT - 5,
			bounds[i].word);
	}
	buf_puts(page->out, "</svg>\n");
}

/* ---- tables -------------------------------------------------------------- */

static void put_group(const struct page *page, const struct log_group *group)
{
	buf_puts(page->out, "<tr><td>");
	put_name(page, group->name);
	buf_puts(page->out, "</td>");
	for (int i = 0; i < LOG_RESULT_COUNT; i++)
		put_number_cell(page, group->results[i]);
	put_seconds_cell(page, &group->acceptance, 50);
	put_seconds_cell(page, &group->acceptance, 95);
	buf_puts(page->out, "</tr>\n");
}

static void put_table(
	const struct page *page, enum log_by by, const char *title)
{
	size_t count;
	const struct log_group *const *groups =
		log_summary_groups(page->report->summary, by, &count);

	if (!count)
		return;
	put_element(page, "h2", title);
	buf_puts(page->out, "<table><thead><tr><th></th>");
	for (int i = 0; i < LOG_RESULT_COUNT; i++)
		put_element(page, "th", log_row_word((enum log_result)i));
	put_element(page, "th", _("median"));
	put_element(page, "th", "95 %");
	buf_puts(page->out, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < count && i < GROUPS_SHOWN; i++)
		put_group(page, groups[i]);
	buf_puts(page->out, "</tbody></table>\n");
}

static void put_causes(const struct page *page)
{
	size_t count;
	const struct log_cause *const *causes =
		log_summary_causes(page->report->summary, &count);

	if (!count)
		return;
	put_element(page, "h2", _("Why not:"));
	buf_puts(page->out, "<table><tbody>\n");
	for (size_t i = 0; i < count && i < CAUSES_SHOWN; i++) {
		struct log_advice advice = page->report->advise(causes[i]);

		buf_puts(page->out, "<tr><td>");
		put_escaped(page->out, causes[i]->name);
		if (advice.cause) {
			buf_puts(page->out, "<br>");
			put_escaped(page->out, _(advice.cause));
		}
		if (advice.next) {
			buf_puts(page->out, "<br><b>");
			put_escaped(page->out, _(advice.next));
			buf_puts(page->out, "</b>");
		}
		buf_puts(page->out, "</td>");
		put_number_cell(page, causes[i]->count);
		buf_puts(page->out, "</tr>\n");
	}
	buf_puts(page->out, "</tbody></table>\n");
}

void log_report_put_html(struct buf *out, const struct log_report *report,
	const char *rows, bool shows_addresses)
{
	const struct page page = { out, report, shows_addresses };

	buf_printf(out,
		"<!DOCTYPE html>\n<html lang=\"%s\"><head><meta "
		"charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-"
		"Policy\" content=\"default-src 'none'; style-src '%s'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n",
		/* TRANSLATORS: the code of your language, "de" */
		_("en"), style_hash);
	put_element(&page, "title", _("What became of mail"));
	buf_printf(out, "<style>%s</style></head><body>\n", style);
	put_element(&page, "h1", _("What became of mail"));
	put_totals(&page);
	put_days(&page);
	put_acceptance(&page);
	put_table(&page, LOG_BY_ACCOUNT, _("Account"));
	put_table(&page, LOG_BY_PROVIDER, _("Provider"));
	put_table(&page, LOG_BY_CODE, _("Reply code"));
	put_causes(&page);
	if (rows) {
		put_element(&page, "h2", _("What did not go out last"));
		put_element(&page, "pre", rows);
	}
	buf_puts(out, "</body></html>\n");
}
