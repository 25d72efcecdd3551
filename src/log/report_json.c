/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A summary as JSON.  Knows no line of the log. */
#include <config.h>

#include "base/json.h"
#include "log/report.h"
#include "log/row.h"

static void json_acceptance(struct json *json, const struct spread *spread)
{
	json_begin(json, "acceptance", '{');
	json_number(json, "count", (int64_t)spread->count);
	if (spread->count) {
		json_number(json, "median_ms", spread_quantile(spread, 50));
		json_number(json, "p95_ms", spread_quantile(spread, 95));
	}
	json_end(json, '}');
}

static void json_group(
	struct json *json, const char *key, const struct log_group *group)
{
	json_begin(json, key, '{');
	if (!key)
		json_text(json, "name", group->name);
	json_number(json, "total", (int64_t)log_group_total(group));
	for (int i = 0; i < LOG_RESULT_COUNT; i++)
		json_number(json, log_result_word((enum log_result)i),
			(int64_t)group->results[i]);
	json_acceptance(json, &group->acceptance);
	log_row_put_json_time(json, "first", group->first);
	log_row_put_json_time(json, "last", group->last);
	log_row_put_json_time(json, "last_sent", group->last_sent);
	json_end(json, '}');
}

static void json_causes(struct json *json, const struct log_report *report)
{
	size_t count;
	const struct log_cause *const *causes =
		log_summary_causes(report->summary, &count);

	json_begin(json, "causes", '[');
	for (size_t i = 0; i < count; i++) {
		struct log_advice advice = report->advise(causes[i]);

		json_begin(json, NULL, '{');
		json_text(json, "name", causes[i]->name);
		json_number(json, "count", (int64_t)causes[i]->count);
		log_row_put_json_time(json, "last", causes[i]->last);
		json_text(json, "cause", advice.cause);
		json_text(json, "hint", advice.next);
		json_end(json, '}');
	}
	json_end(json, ']');
}

void log_report_put_json(struct buf *out, const struct log_report *report)
{
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	json_group(&json, "all", log_summary_all(report->summary));
	for (int by = 0; by < LOG_BY_COUNT; by++) {
		size_t count;
		const struct log_group *const *groups = log_summary_groups(
			report->summary, (enum log_by)by, &count);

		if (!(report->by & 1u << by))
			continue;
		json_begin(&json, log_by_word((enum log_by)by), '[');
		for (size_t i = 0; i < count; i++)
			json_group(&json, NULL, groups[i]);
		json_end(&json, ']');
	}
	json_causes(&json, report);
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}
