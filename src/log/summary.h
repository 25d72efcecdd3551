/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many lines of the log as numbers: by account, day, hour, provider and code,
 * how long acceptance took, and why not.  Its size has a bound, whatever the
 * lines are: what comes after a table is full is counted together.  Pure.
 *
 *	summary = log_summary_new(&params);
 *	log_summary_add(summary, &line);	… for each …
 *	… log_summary_groups(summary, LOG_BY_ACCOUNT, &count) …
 *	log_summary_free(summary);
 */
#ifndef LOG_SUMMARY_H
#define LOG_SUMMARY_H

#include "log/line.h"
#include "log/spread.h"

#include <stddef.h>
#include <stdint.h>

enum log_by {
	LOG_BY_ACCOUNT,
	LOG_BY_DAY,      /* of the reader's zone: "2026-11-30" */
	LOG_BY_HOUR,     /* of the day: "09" */
	LOG_BY_PROVIDER, /* or its host, when it is none that is known */
	LOG_BY_CODE,     /* of the reply: "250"; "-" without one */
	LOG_BY_COUNT
};

/* More groups than these are one, "…". */
enum { LOG_GROUPS_MAX = 400, LOG_GROUP_NAME_BYTES = 64 };

/* What the server's reply begins with. */
enum log_class {
	LOG_CLASS_NONE,
	LOG_CLASS_2,
	LOG_CLASS_4,
	LOG_CLASS_5,
	LOG_CLASS_COUNT
};

/* Invariant: the sum of the results, and that of the classes, is the number of
 * its lines. */
struct log_group {
	char name[LOG_GROUP_NAME_BYTES];
	uint64_t results[LOG_RESULT_COUNT], classes[LOG_CLASS_COUNT];
	struct spread acceptance;
	int64_t first, last, last_sent; /* LOG_NO_TIME */
};

/* Why something did not go out. */
struct log_cause {
	char name[LOG_GROUP_NAME_BYTES]; /* known=, else reason=, else diag= */
	enum log_key kind;               /* LOG_KNOWN, LOG_REASON or LOG_DIAG */
	uint64_t count;
	int64_t last;
};

struct log_summary_params {
	const struct log_clock *clock;
	/* The provider whose host it is; NULL: none that is known. */
	const char *(*provider_of)(void *context, struct span host);
	void *context;
};

struct log_summary;

struct log_summary *log_summary_new(const struct log_summary_params *params);
void log_summary_free(struct log_summary *summary);
void log_summary_add(struct log_summary *summary, const struct log_line *line);

/* Everything. */
const struct log_group *log_summary_all(const struct log_summary *summary);
/* The groups, *COUNT of them: days and hours as they come in the calendar,
 * others the largest first.  Lives until the next call, or addition. */
const struct log_group *const *log_summary_groups(
	struct log_summary *summary, enum log_by by, size_t *count);
/* The causes, the most frequent first; the same. */
const struct log_cause *const *log_summary_causes(
	struct log_summary *summary, size_t *count);
/* The number of its lines. */
uint64_t log_group_total(const struct log_group *group);
/* Of what was not sent, and will not be, or not yet. */
uint64_t log_group_troubled(const struct log_group *group);
/* "account", "day" …: part of the interface. */
const char *log_by_word(enum log_by by);

#endif
