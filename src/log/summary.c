/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the log, counted.  Knows no file, and how nothing is shown. */
#include <config.h>

#include "log/summary.h"

#include "base/mem.h"
#include "log/row.h"

#include <stdlib.h>

enum {
	SLOTS = 1024, /* a power of two, and more than there are names */
	HOUR_S = 3600,
	DAY_S = 86400
};

/* Names and the numbers of what they are names of; names are the first member
 * of what stands in ITEMS. */
struct table {
	void *items[LOG_GROUPS_MAX + 1];
	size_t count, item_bytes;
	unsigned short slots[SLOTS]; /* index + 1; 0: free */
};

struct host {
	char name[LOG_GROUP_NAME_BYTES];
	struct log_group *provider;
};

struct log_summary {
	struct log_summary_params params;
	struct log_group all;
	struct table groups[LOG_BY_COUNT];
	struct table hosts, causes;
	/* Of the line before: neighbours share them. */
	int64_t day, hour;
	struct log_group *of_day, *of_hour;
	const void *sorted[LOG_GROUPS_MAX + 1];
};

/* ---- names --------------------------------------------------------------- */

static size_t hash(struct span name)
{
	uint32_t value = 2166136261u;

	for (size_t i = 0; i < name.length; i++)
		value = (value ^ (unsigned char)name.at[i]) * 16777619u;
	return value % SLOTS;
}

static void *add_item(struct table *table, struct span name)
{
	char *item = mem_zalloc(table->item_bytes);

	memcpy(item, name.at, name.length);
	table->items[table->count++] = item;
	return item;
}

/* The item of that name (cut to its room), which is made if there is none. */
static void *item_of(struct table *table, struct span name)
{
	size_t slot;

	name.length = span_find(name, '\0');
	if (!name.length)
		name = SPAN("-");
	if (name.length >= LOG_GROUP_NAME_BYTES)
		name.length = LOG_GROUP_NAME_BYTES - 1;
	for (slot = hash(name); table->slots[slot]; slot = (slot + 1) % SLOTS) {
		char *item = table->items[table->slots[slot] - 1];

		if (span_equal(span_of(item), name))
			return item;
	}
	if (table->count == LOG_GROUPS_MAX) {
		name = SPAN("\xE2\x80\xA6");
		return add_item(table, name);
	}
	if (table->count > LOG_GROUPS_MAX)
		return table->items[LOG_GROUPS_MAX];
	table->slots[slot] = (unsigned short)(table->count + 1);
	return add_item(table, name);
}

static void free_items(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		mem_free(table->items[i]);
}

/* ---- counting ------------------------------------------------------------ */

struct log_summary *log_summary_new(const struct log_summary_params *params)
{
	struct log_summary *summary = mem_zalloc(sizeof *summary);

	summary->params = *params;
	for (int i = 0; i < LOG_BY_COUNT; i++)
		summary->groups[i].item_bytes = sizeof(struct log_group);
	summary->hosts.item_bytes = sizeof(struct host);
	summary->causes.item_bytes = sizeof(struct log_cause);
	summary->all.first = summary->all.last = LOG_NO_TIME;
	summary->all.last_sent = LOG_NO_TIME;
	summary->day = summary->hour = -1;
	return summary;
}

void log_summary_free(struct log_summary *summary)
{
	if (!summary)
		return;
	for (int i = 0; i < LOG_BY_COUNT; i++)
		free_items(&summary->groups[i]);
	free_items(&summary->hosts);
	free_items(&summary->causes);
	mem_free(summary);
}

static enum log_class class_of(const struct log_line *line)
{
	switch (line->code / 100) {
	case 2:
		return LOG_CLASS_2;
	case 4:
		return LOG_CLASS_4;
	case 5:
		return LOG_CLASS_5;
	default:
		return LOG_CLASS_NONE;
	}
}

static void count(struct log_group *group, const struct log_line *line)
{
	bool is_first = !log_group_total(group);

	if (is_first)
		group->first = group->last = group->last_sent = LOG_NO_TIME;
	group->results[line->result]++;
	group->classes[class_of(line)]++;
	if (line->acceptance_ms >= 0)
		spread_add(&group->acceptance, line->acceptance_ms);
	if (line->at == LOG_NO_TIME)
		return;
	if (group->first == LOG_NO_TIME || line->at < group->first)
		group->first = line->at;
	if (line->at > group->last)
		group->last = line->at;
	if (line->result == LOG_RESULT_SENT && line->at > group->last_sent)
		group->last_sent = line->at;
}

static struct log_group *group_of(
	struct log_summary *summary, enum log_by by, struct span name)
{
	return item_of(&summary->groups[by], name);
}

static struct log_group *provider_of(
	struct log_summary *summary, const struct log_line *line)
{
	struct span name = line->value[LOG_HOST];
	struct host *host;
	const char *provider = NULL;

	if (!name.length)
		name = line->value[LOG_SOCKET];
	host = item_of(&summary->hosts, name);
	if (host->provider)
		return host->provider;
	if (summary->params.provider_of && name.length)
		provider = summary->params.provider_of(
			summary->params.context, name);
	host->provider = group_of(summary, LOG_BY_PROVIDER,
		provider ? span_of(provider) : span_of(host->name));
	return host->provider;
}

static void count_times(
	struct log_summary *summary, const struct log_line *line)
{
	int64_t wall;
	char text[4];
	struct buf name = BUF_INIT(64);

	if (line->at == LOG_NO_TIME)
		return;
	wall = log_stamp_local(line->at, summary->params.clock);
	if (wall < 0)
		return;
	if (!summary->of_day || wall / DAY_S != summary->day) {
		summary->day = wall / DAY_S;
		log_row_put_time(&name, line->at, summary->params.clock);
		summary->of_day =
			group_of(summary, LOG_BY_DAY, span_make(name.data, 10));
		buf_free(&name);
	}
	if (!summary->of_hour || wall / HOUR_S % 24 != summary->hour) {
		summary->hour = wall / HOUR_S % 24;
		text[0] = (char)('0' + summary->hour / 10);
		text[1] = (char)('0' + summary->hour % 10);
		summary->of_hour =
			group_of(summary, LOG_BY_HOUR, span_make(text, 2));
	}
	count(summary->of_day, line);
	count(summary->of_hour, line);
}

static void count_code(struct log_summary *summary, const struct log_line *line)
{
	count(group_of(summary, LOG_BY_CODE,
		      line->code ? line->value[LOG_CODE] : SPAN("-")),
		line);
}

static void count_cause(
	struct log_summary *summary, const struct log_line *line)
{
	static const enum log_key kinds[] = { LOG_KNOWN, LOG_REASON, LOG_DIAG };
	struct log_cause *cause;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!line->value[kinds[i]].length)
			continue;
		cause = item_of(&summary->causes, line->value[kinds[i]]);
		cause->kind = kinds[i];
		cause->last = cause->count && cause->last > line->at
				      ? cause->last
				      : line->at;
		cause->count++;
		return;
	}
}

void log_summary_add(struct log_summary *summary, const struct log_line *line)
{
	count(&summary->all, line);
	count(group_of(summary, LOG_BY_ACCOUNT, line->value[LOG_ACCOUNT]),
		line);
	count(provider_of(summary, line), line);
	count_times(summary, line);
	count_code(summary, line);
	count_cause(summary, line);
}

/* ---- what was counted ---------------------------------------------------- */

uint64_t log_group_total(const struct log_group *group)
{
	uint64_t total = 0;

	for (int i = 0; i < LOG_RESULT_COUNT; i++)
		total += group->results[i];
	return total;
}

uint64_t log_group_troubled(const struct log_group *group)
{
	return group->results[LOG_RESULT_DEFERRED] +
	       group->results[LOG_RESULT_FAILED] +
	       group->results[LOG_RESULT_REFUSED] +
	       group->results[LOG_RESULT_DROPPED] +
	       group->results[LOG_RESULT_CUT];
}

const struct log_group *log_summary_all(const struct log_summary *summary)
{
	return &summary->all;
}

const char *log_by_word(enum log_by by)
{
	static const char *const words[LOG_BY_COUNT] = {
		[LOG_BY_ACCOUNT] = "account",
		[LOG_BY_DAY] = "day",
		[LOG_BY_HOUR] = "hour",
		[LOG_BY_PROVIDER] = "provider",
		[LOG_BY_CODE] = "code",
	};

	return words[by];
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static int by_size(const void *a, const void *b)
{
	const struct log_group *one = *(const struct log_group *const *)a,
			       *other = *(const struct log_group *const *)b;
	int order = by_number(log_group_total(one), log_group_total(other));

	return order ? order : strcmp(one->name, other->name);
}

static int by_frequency(const void *a, const void *b)
{
	const struct log_cause *one = *(const struct log_cause *const *)a,
			       *other = *(const struct log_cause *const *)b;
	int order = by_number(one->count, other->count);

	return order ? order : strcmp(one->name, other->name);
}

static const void *sorted(struct log_summary *summary,
	const struct table *table, int (*order)(const void *, const void *),
	size_t *count)
{
	*count = table->count;
	for (size_t i = 0; i < table->count; i++)
		summary->sorted[i] = table->items[i];
	qsort(summary->sorted, table->count, sizeof *summary->sorted, order);
	return summary->sorted;
}

const struct log_group *const *log_summary_groups(
	struct log_summary *summary, enum log_by by, size_t *count)
{
	bool is_time = by == LOG_BY_DAY || by == LOG_BY_HOUR;

	return sorted(summary, &summary->groups[by],
		is_time ? by_name : by_size, count);
}

const struct log_cause *const *log_summary_causes(
	struct log_summary *summary, size_t *count)
{
	return sorted(summary, &summary->causes, by_frequency, count);
}
