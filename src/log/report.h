/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A summary of the log, in four forms: a table for people, JSON, OpenMetrics
 * text, and a page for a browser.  Pure.
 */
#ifndef LOG_REPORT_H
#define LOG_REPORT_H

#include "base/buf.h"
#include "log/summary.h"

#include <stdbool.h>

/* What a cause is about and what to do: untranslated, or NULL. */
struct log_advice {
	const char *cause, *next;
};

struct log_report {
	struct log_summary *summary;
	const struct log_clock *clock;
	struct log_advice (*advise)(const struct log_cause *cause);
	unsigned by; /* the groups that are wanted, as bits of enum log_by */
};

/* Of the table. */
struct log_table_form {
	bool has_colour; /* of a terminal */
	bool is_utf8;    /* its characters */
};

/* What waits in the queues, which the log does not know. */
struct log_waiting {
	const char *account;
	uint64_t waiting, held, failed;
	int64_t oldest_s; /* the age of the one that waits longest; -1: none */
};

/* The largest groups, and the latest days; translated. */
void log_report_put_table(struct buf *out, const struct log_report *report,
	const struct log_table_form *form);
/* Everything, and a newline. */
void log_report_put_json(struct buf *out, const struct log_report *report);
/* OpenMetrics text, which is Prometheus' own form as well: gauges and a
 * histogram, and no counter, which the two spell differently. */
void log_report_put_metrics(struct buf *out, const struct log_report *report,
	const struct log_waiting *waiting, size_t waiting_count);
/* One page that loads nothing, runs nothing, and fits a light and a dark
 * screen.  ROWS are lines of text at its end, or NULL.  Of an address that is a
 * name the part before the @ is hidden unless SHOWS_ADDRESSES. */
void log_report_put_html(struct buf *out, const struct log_report *report,
	const char *rows, bool shows_addresses);

#endif
