/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A summary as OpenMetrics text that Prometheus' older form takes as well.
 * Knows no line of the log, and no queue.
 */
#include <config.h>

#include "base/text.h"
#include "log/report.h"

#include <inttypes.h>

struct metrics {
	struct buf *out;
};

static void begin(struct metrics *metrics, const char *name, const char *type,
	const char *help)
{
	buf_printf(metrics->out, "# HELP %s %s\n# TYPE %s %s\n", name, help,
		name, type);
}

/* Backslash, quote and newline are escaped; what is not printable has become
 * letters before. */
static void put_label(struct buf *out, const char *name, const char *value)
{
	struct buf text = BUF_INIT(8 * LOG_GROUP_NAME_BYTES + 4096);

	text_put_printable(&text, span_of(value));
	buf_printf(out, "%s=\"", name);
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '\\' || text.data[i] == '"')
			buf_put_byte(out, '\\');
		buf_put_byte(out, text.data[i]);
	}
	buf_put_byte(out, '"');
	buf_free(&text);
}

/* NAME{account="…",LABEL="WORD"} NUMBER; LABEL may be NULL. */
static void put_sample(struct metrics *metrics, const char *name,
	const char *account, const char *label, const char *word,
	int64_t number)
{
	buf_printf(metrics->out, "%s{", name);
	put_label(metrics->out, "account", account);
	if (label) {
		buf_put_byte(metrics->out, ',');
		put_label(metrics->out, label, word);
	}
	buf_printf(metrics->out, "} %" PRId64 "\n", number);
}

/* ---- the queue ----------------------------------------------------------- */

static void put_waiting(struct metrics *metrics,
	const struct log_waiting *waiting, size_t count)
{
	static const char messages[] = "mailchute_queue_messages";
	static const char oldest[] = "mailchute_queue_oldest_age_seconds";

	begin(metrics, messages, "gauge", "Messages in the queue, by state.");
	for (size_t i = 0; i < count; i++) {
		const struct log_waiting *one = &waiting[i];

		put_sample(metrics, messages, one->account, "state", "waiting",
			(int64_t)one->waiting);
		put_sample(metrics, messages, one->account, "state", "held",
			(int64_t)one->held);
		put_sample(metrics, messages, one->account, "state", "failed",
			(int64_t)one->failed);
	}
	begin(metrics, oldest, "gauge",
		"Age of the message that waits longest; 0 when none waits.");
	for (size_t i = 0; i < count; i++)
		put_sample(metrics, oldest, waiting[i].account, NULL, NULL,
			waiting[i].oldest_s < 0 ? 0 : waiting[i].oldest_s);
}

/* ---- the log ------------------------------------------------------------- */

static void put_results(struct metrics *metrics,
	const struct log_group *const *groups, size_t count)
{
	static const char name[] = "mailchute_log_results";

	begin(metrics, name, "gauge",
		"Tries in the log, by what became of the message.");
	for (size_t i = 0; i < count; i++)
		for (int r = 0; r < LOG_RESULT_COUNT; r++)
			put_sample(metrics, name, groups[i]->name, "result",
				log_result_word((enum log_result)r),
				(int64_t)groups[i]->results[r]);
}

static void put_classes(struct metrics *metrics,
	const struct log_group *const *groups, size_t count)
{
	static const char name[] = "mailchute_log_replies";
	static const char *const words[LOG_CLASS_COUNT] = {
		[LOG_CLASS_NONE] = "none",
		[LOG_CLASS_2] = "2xx",
		[LOG_CLASS_4] = "4xx",
		[LOG_CLASS_5] = "5xx",
	};

	begin(metrics, name, "gauge",
		"Tries in the log, by the class of the reply's code.");
	for (size_t i = 0; i < count; i++)
		for (int c = 0; c < LOG_CLASS_COUNT; c++)
			put_sample(metrics, name, groups[i]->name, "class",
				words[c], (int64_t)groups[i]->classes[c]);
}

static void put_last(struct metrics *metrics,
	const struct log_group *const *groups, size_t count)
{
	static const char name[] = "mailchute_last_success_timestamp_seconds";

	begin(metrics, name, "gauge",
		"When a server has last accepted a message.");
	for (size_t i = 0; i < count; i++)
		if (groups[i]->last_sent != LOG_NO_TIME)
			put_sample(metrics, name, groups[i]->name, NULL, NULL,
				groups[i]->last_sent);
}

static void put_acceptance(struct metrics *metrics, const struct spread *spread)
{
	static const char name[] = "mailchute_acceptance_seconds";
	static const struct {
		const char *text;
		int64_t ms;
	} bounds[] = { { "0.1", 100 }, { "0.25", 250 }, { "0.5", 500 },
		{ "1.0", 1000 }, { "2.5", 2500 }, { "5.0", 5000 },
		{ "10.0", 10000 }, { "30.0", 30000 }, { "60.0", 60000 },
		{ "300.0", 300000 }, { "900.0", 900000 }, { "3600.0", 3600000 },
		{ "21600.0", 21600000 }, { "86400.0", 86400000 } };
	struct buf *out = metrics->out;

	begin(metrics, name, "histogram",
		"From the caller to the server that has accepted a message.");
	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
		buf_printf(out, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", name,
			bounds[i].text, spread_up_to(spread, bounds[i].ms));
	buf_printf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name,
		spread->count);
	buf_printf(out, "%s_sum %" PRId64 ".%03" PRId64 "\n", name,
		spread->sum_ms / 1000, spread->sum_ms % 1000);
	buf_printf(out, "%s_count %" PRIu64 "\n", name, spread->count);
}

void log_report_put_metrics(struct buf *out, const struct log_report *report,
	const struct log_waiting *waiting, size_t waiting_count)
{
	struct metrics metrics = { .out = out };
	size_t count;
	const struct log_group *const *accounts =
		log_summary_groups(report->summary, LOG_BY_ACCOUNT, &count);

	put_waiting(&metrics, waiting, waiting_count);
	put_results(&metrics, accounts, count);
	put_classes(&metrics, accounts, count);
	put_last(&metrics, accounts, count);
	put_acceptance(&metrics, &log_summary_all(report->summary)->acceptance);
	buf_puts(out, "# EOF\n");
}
