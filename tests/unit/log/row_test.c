/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines as rows and as JSON; nothing in them reaches a terminal raw. */
#include <config.h>

#include "log/row.h"
#include "tap.h"

enum { NOW = 1796055159 /* 2026-11-30 16:12:39 UTC */ };

#define ID   "1ngv83n00abcdef"
#define HEAD "2026-11-30T16:12:39Z host=h tls=on auth=off from=a@x "

static const struct {
	const char *name, *line, *want;
} rows[] = {
	{ "sent",
		HEAD "recipients=b@y mailsize=5 smtpstatus=250 smtpmsg='250 "
		     "ok' exitcode=EX_OK id=" ID " account=work ms=420",
		"2026-11-30 16:12:39  sent       " ID
		"  work          b@y  (0.42 s)\n" },
	{ "deferred",
		HEAD "recipients=b@y,c@y,d@y,e@y,f@y,+7 errormsg='no: 451' "
		     "exitcode=EX_TEMPFAIL id=" ID " account=work diag=x.y "
		     "try=1 next=1796058759 ms=4",
		"2026-11-30 16:12:39  deferred   " ID
		"  work          b@y, c@y, d@y, +9  (next try 2026-11-30 "
		"17:12:39)\n    no: 451\n" },
	{ "an account with a long name, nobody",
		HEAD "errormsg='no' exitcode=EX_CONFIG id=" ID
		     " account=a-name-of-an-account diag=x.y ms=4",
		"2026-11-30 16:12:39  refused    " ID
		"  a-name-of-an-account  -\n    no\n" },
	{ "what moves a cursor",
		HEAD "recipients='\"\033[2J b\"@y\xC2\x9B' errormsg='\a\xFF' "
		     "exitcode=EX_TEMPFAIL id=" ID " account=\033]0; ms=4",
		"2026-11-30 16:12:39  failed     " ID
		"  \\x1B]0;       \"\\x1B[2J b\"@y\\xC2\\x9B  (the caller was "
		"told, and it is not kept)\n    \\x07\\xFF\n" },
};

static void test_json(void)
{
	const struct log_clock clock = { .now = NOW };
	struct buf scratch = BUF_INIT(4 * LOG_LINE_LIMIT);
	struct buf out = BUF_INIT(10000);
	struct log_line line;

	if (log_line_read(span_of(rows[1].line), &clock, &scratch, &line))
		log_row_put_json(&out, &line);
	tap_is_text(buf_text(&out),
		"{\"time\":\"2026-11-30T16:12:39Z\",\"result\":\"deferred\","
		"\"id\":\"" ID "\",\"account\":\"work\",\"host\":\"h\","
		"\"from\":\"a@x\",\"diag\":\"x.y\",\"text\":\"no: 451\","
		"\"recipients\":[\"b@y\",\"c@y\",\"d@y\",\"e@y\",\"f@y\"],"
		"\"exit_code\":75,\"temporary\":true,\"ms\":4,\"next\":\"2026-"
		"11-30T17:12:39Z\"}\n",
		"JSON");
	buf_free(&scratch);
	buf_free(&out);
}

static void test_seconds(void)
{
	static const struct {
		int64_t ms;
		const char *want;
	} times[] = {
		{ 0, "0.00 s" },
		{ 420, "0.42 s" },
		{ 994, "0.99 s" },
		{ 995, "1.0 s" },
		{ 1249, "1.2 s" },
		{ 9949, "9.9 s" },
		{ 9950, "10 s" },
		{ 119499, "119 s" },
		{ 120000, "2 min" },
		{ 7200000, "2 h" },
		{ (int64_t)48 * 3600000, "2 d" },
	};
	struct buf out = BUF_INIT(100);

	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		buf_clear(&out);
		log_row_put_seconds(&out, times[i].ms);
		tap_is_text(buf_text(&out), times[i].want, times[i].want);
	}
	buf_free(&out);
}

static void test_times(void)
{
	static const struct {
		int64_t at;
		const char *want;
	} times[] = {
		{ 0, "1970-01-01 00:00:00" },
		{ NOW, "2026-11-30 16:12:39" },
		{ 951782400, "2000-02-29 00:00:00" },
		{ 951868799, "2000-02-29 23:59:59" },
		{ 4107542400, "2100-03-01 00:00:00" },
		{ 253402300799, "9999-12-31 23:59:59" },
		{ LOG_NO_TIME, "-" },
	};
	const struct log_clock clock = { .now = NOW };
	struct buf out = BUF_INIT(100);

	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		buf_clear(&out);
		log_row_put_time(&out, times[i].at, &clock);
		tap_is_text(buf_text(&out), times[i].want, times[i].want);
	}
	buf_free(&out);
}

int main(void)
{
	const struct log_clock clock = { .now = NOW };
	const struct log_row_form form = { .clock = &clock };
	struct buf scratch = BUF_INIT(4 * LOG_LINE_LIMIT);
	struct buf out = BUF_INIT(10000);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct log_line line;

		buf_clear(&out);
		if (log_line_read(
			    span_of(rows[i].line), &clock, &scratch, &line))
			log_row_put(&out, &line, &form);
		tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
	}
	test_json();
	test_seconds();
	test_times();
	buf_free(&scratch);
	buf_free(&out);
	return tap_done();
}
