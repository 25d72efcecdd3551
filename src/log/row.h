/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line of the log as a person reads it, and as a program does.  Pure.
 */
#ifndef LOG_ROW_H
#define LOG_ROW_H

#include "base/buf.h"
#include "base/json.h"
#include "log/line.h"

#include <stdbool.h>

struct log_row_form {
	const struct log_clock *clock;
	bool has_colour; /* of a terminal */
};

/* Appends "TIME RESULT ID ACCOUNT RECIPIENTS", what more there is to it, and on
 * a line of its own what went wrong; all of it printable, and translated. */
void log_row_put(struct buf *out, const struct log_line *line,
	const struct log_row_form *form);
/* Puts a time as RFC 3339 in UTC has it; LOG_NO_TIME is null. */
void log_row_put_json_time(struct json *json, const char *key, int64_t at);
/* Appends it as one JSON object and a newline. */
void log_row_put_json(struct buf *out, const struct log_line *line);

/* Appends "2026-11-30 16:12:39" by CLOCK's zone; "-" for LOG_NO_TIME. */
void log_row_put_time(
	struct buf *out, int64_t at, const struct log_clock *clock);
/* Appends "0.42 s", "12 s", "5 min", "3 h" …: two digits say enough. */
void log_row_put_seconds(struct buf *out, int64_t ms);
/* The result in the user's language. */
const char *log_row_word(enum log_result result);

#endif
