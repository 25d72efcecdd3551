/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of the log, shown.  Knows no file. */
#include <config.h>

#include "log/row.h"

#include "base/diag.h"
#include "base/exits.h"
#include "base/json.h"
#include "base/text.h"

#include <inttypes.h>

enum {
	RESULT_WIDTH = 11,
	ID_WIDTH = 15,
	ACCOUNT_WIDTH = 12,
	SHOWN_RECIPIENTS = 3,
	VALUE_LIMIT = 2 * LOG_LINE_LIMIT,
	DAY_S = 86400
};

const char *log_row_word(enum log_result result)
{
	static const char *const words[LOG_RESULT_COUNT] = {
		[LOG_RESULT_SENT] = N_("sent"),
		[LOG_RESULT_QUEUED] = N_("queued"),
		[LOG_RESULT_DEFERRED] = N_("deferred"),
		[LOG_RESULT_FAILED] = N_("failed"),
		[LOG_RESULT_REFUSED] = N_("refused"),
		[LOG_RESULT_DROPPED] = N_("suppressed"),
		[LOG_RESULT_CAPTURED] = N_("captured"),
		[LOG_RESULT_CUT] = N_("cut off"),
	};

	return _(words[result]);
}

/* ---- times --------------------------------------------------------------- */

/* The proleptic calendar, by eras of 400 years that begin in March. */
static void put_date(struct buf *out, int64_t days)
{
	int64_t shifted = days + 719468, era = shifted / 146097;
	int64_t of_era = shifted % 146097;
	int64_t year =
		(of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
		365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	int64_t day = of_year - (153 * month + 2) / 5 + 1;

	month += month < 10 ? 3 : -9;
	buf_printf(out, "%04" PRId64 "-%02" PRId64 "-%02" PRId64,
		year + era * 400 + (month <= 2), month, day);
}

void log_row_put_time(
	struct buf *out, int64_t at, const struct log_clock *clock)
{
	int64_t wall, of_day;

	wall = at == LOG_NO_TIME ? LOG_NO_TIME : log_stamp_local(at, clock);
	if (wall < 0) {
		buf_puts(out, "-");
		return;
	}
	of_day = wall % DAY_S;
	put_date(out, wall / DAY_S);
	buf_printf(out, " %02" PRId64 ":%02" PRId64 ":%02" PRId64,
		of_day / 3600, of_day / 60 % 60, of_day % 60);
}

void log_row_put_seconds(struct buf *out, int64_t ms)
{
	long value = (long)ms, minute = 60000, hour = 60 * minute;

	if (value < 995)
		buf_printf(out, _("0.%02ld s"), (value + 5) / 10);
	else if (value < 9950)
		buf_printf(out, _("%ld.%ld s"), (value + 50) / 1000,
			(value + 50) % 1000 / 100);
	else if (value < 2 * minute)
		buf_printf(out, _("%ld s"), (value + 500) / 1000);
	else if (value < 2 * hour)
		buf_printf(out, _("%ld min"), (value + minute / 2) / minute);
	else if (value < 48 * hour)
		buf_printf(out, _("%ld h"), (value + hour / 2) / hour);
	else
		buf_printf(out, _("%ld d"), (value + 12 * hour) / (24 * hour));
}

/* ---- for people ---------------------------------------------------------- */

static const char *colour_of(enum log_result result)
{
	static const char green[] = "\033[32m", yellow[] = "\033[33m",
			  red[] = "\033[31m";

	switch (result) {
	case LOG_RESULT_SENT:
		return green;
	case LOG_RESULT_QUEUED:
	case LOG_RESULT_DEFERRED:
	case LOG_RESULT_CAPTURED:
	case LOG_RESULT_CUT:
		return yellow;
	case LOG_RESULT_FAILED:
	case LOG_RESULT_REFUSED:
	case LOG_RESULT_DROPPED:
	case LOG_RESULT_COUNT:
		break;
	}
	return red;
}

static void put_result(struct buf *out, enum log_result result, bool has_colour)
{
	const char *word = log_row_word(result);

	if (has_colour)
		buf_puts(out, colour_of(result));
	buf_printf(out, "%-*s", text_field_width(word, RESULT_WIDTH), word);
	if (has_colour)
		buf_puts(out, "\033[0m");
}

static void put_column(struct buf *out, struct span value, int width)
{
	struct buf text = BUF_INIT(VALUE_LIMIT);

	text_put_printable(&text, value.length ? value : SPAN("-"));
	buf_printf(out, "%-*s  ", text_field_width(buf_text(&text), width),
		buf_text(&text));
	buf_free(&text);
}

/* The first few of a list, which may end in "+N" for those it does not name. */
static void put_recipients(struct buf *out, struct span list)
{
	size_t shown = 0, more = 0;

	while (list.length) {
		struct span one = span_cut(&list, ',');
		unsigned long unnamed;

		if (one.length && one.at[0] == '+' &&
			span_number(span_skip(one, 1), 1000000000, &unnamed)) {
			more += unnamed;
		} else if (shown == SHOWN_RECIPIENTS) {
			more++;
		} else {
			buf_puts(out, shown++ ? ", " : "");
			text_put_printable(out, one);
		}
	}
	if (more)
		buf_printf(out, ", +%zu", more);
	if (!shown)
		buf_puts(out, "-");
}

/* What more there is to say of it, in brackets. */
static void put_note(struct buf *out, const struct log_line *line,
	const struct log_clock *clock)
{
	struct buf text = BUF_INIT(1024);

	if (line->result == LOG_RESULT_SENT && line->acceptance_ms >= 0)
		log_row_put_seconds(&text, line->acceptance_ms);
	else if (line->next) {
		buf_puts(&text, _("next try"));
		buf_puts(&text, " ");
		log_row_put_time(&text, line->next, clock);
	} else if (line->result == LOG_RESULT_FAILED)
		buf_puts(&text, _("the caller was told, and it is not kept"));
	else if (line->value[LOG_FALLBACK].length) {
		buf_puts(&text, _("then through"));
		buf_puts(&text, " ");
		text_put_printable(&text, line->value[LOG_FALLBACK]);
	}
	if (text.length)
		buf_printf(out, "  (%s)", buf_text(&text));
	buf_free(&text);
}

static void put_reason(struct buf *out, const struct log_line *line)
{
	struct span words = line->value[LOG_ERROR];

	if (line->result == LOG_RESULT_DROPPED)
		words = line->value[LOG_SUPPRESSED];
	if (!words.length)
		return;
	buf_puts(out, "    ");
	text_put_printable(out, words);
	buf_put_byte(out, '\n');
}

void log_row_put(struct buf *out, const struct log_line *line,
	const struct log_row_form *form)
{
	log_row_put_time(out, line->at, form->clock);
	buf_puts(out, "  ");
	put_result(out, line->result, form->has_colour);
	put_column(out, line->value[LOG_ID], ID_WIDTH);
	put_column(out, line->value[LOG_ACCOUNT], ACCOUNT_WIDTH);
	put_recipients(out, line->value[LOG_RECIPIENTS]);
	put_note(out, line, form->clock);
	buf_put_byte(out, '\n');
	put_reason(out, line);
}

/* ---- for programs -------------------------------------------------------- */

static void json_span(struct json *json, const char *key, struct span value)
{
	struct buf text = BUF_INIT(VALUE_LIMIT);

	if (value.length) {
		/* A NUL would end it. */
		buf_put_span(&text, value);
		for (size_t i = 0; i < text.length; i++)
			if (!text.data[i])
				text.data[i] = '?';
		json_text(json, key, buf_text(&text));
	}
	buf_free(&text);
}

void log_row_put_json_time(struct json *json, const char *key, int64_t at)
{
	static const struct log_clock utc = { .now = 0 };
	struct buf text = BUF_INIT(64);

	if (at != LOG_NO_TIME) {
		log_row_put_time(&text, at, &utc);
		text.data[10] = 'T';
		buf_put_byte(&text, 'Z');
	}
	json_text(json, key, at == LOG_NO_TIME ? NULL : buf_text(&text));
	buf_free(&text);
}

static void json_recipients(struct json *json, struct span list)
{
	json_begin(json, "recipients", '[');
	while (list.length) {
		struct span one = span_cut(&list, ',');

		if (one.length && one.at[0] != '+')
			json_span(json, NULL, one);
	}
	json_end(json, ']');
}

/* -1 when the line does not say it as a number. */
static int exit_code_of(const struct log_line *line)
{
	struct span value = line->value[LOG_EXIT];
	unsigned long number;
	int code;

	if (exits_find(value, &code))
		return code;
	return span_number(value, 255, &number) ? (int)number : -1;
}

/* What a failure has in all JSON, and the line does not say by itself. */
static void json_verdict(struct json *json, const struct log_line *line)
{
	struct span name = line->value[LOG_DIAG];
	char *diag = mem_strndup(name.at ? name.at : "", name.length);
	const char *hint = diag_find_hint(diag);
	int exit_code = exit_code_of(line);

	if (exit_code >= 0)
		json_number(json, "exit_code", exit_code);
	if (name.length)
		json_bool(json, "temporary",
			line->result == LOG_RESULT_DEFERRED ||
				line->result == LOG_RESULT_FAILED);
	if (hint)
		json_text(json, "hint", hint);
	mem_free(diag);
}

void log_row_put_json(struct buf *out, const struct log_line *line)
{
	static const enum log_key told[] = { LOG_ID, LOG_ACCOUNT, LOG_HOST,
		LOG_FROM, LOG_DIAG, LOG_REASON, LOG_KNOWN, LOG_STATUS,
		LOG_REPLY, LOG_ERROR, LOG_MESSAGE_ID, LOG_TAG };
	static const char *const names[] = { "id", "account", "host", "from",
		"diag", "reason", "known", "status", "reply", "text", "msgid",
		"tag" };
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	log_row_put_json_time(&json, "time", line->at);
	json_text(&json, "result", log_result_word(line->result));
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		json_span(&json, names[i], line->value[told[i]]);
	json_recipients(&json, line->value[LOG_RECIPIENTS]);
	json_verdict(&json, line);
	if (line->code)
		json_number(&json, "code", line->code);
	if (line->ms >= 0)
		json_number(&json, "ms", line->ms);
	if (line->acceptance_ms >= 0)
		json_number(&json, "acceptance_ms", line->acceptance_ms);
	if (line->next)
		log_row_put_json_time(&json, "next", line->next);
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}
