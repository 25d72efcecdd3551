/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A summary in its four forms; hostile names stay inside theirs. */
#include <config.h>

#include "log/report.h"
#include "tap.h"

enum { NOW = 1796055159 /* 2026-11-30 16:12:39 UTC */ };

static const struct log_clock clock_of_now = { .now = NOW };

#define LINE(account, rest)                                                    \
	"2026-11-30T16:12:39Z host=mx.test tls=on auth=off "                   \
	"from=a@x.test recipients=b@y.test " rest " account=" account
static const char *const lines[] = {
	LINE("work", "smtpstatus=250 smtpmsg='250 ok' exitcode=EX_OK "
		     "id=1ngv83n00abcdef") " ms=100",
	LINE("work", "smtpstatus=250 smtpmsg='250 ok' exitcode=EX_OK "
		     "id=1ngv83n00abcdef") " ms=3000",
	LINE("\"<b>\\x@y.test",
		"smtpstatus=535 smtpmsg='535' errormsg='no' "
		"exitcode=EX_NOPERM id=1ngv83n00abcdef") " diag=auth.<i> ms=1",
};

static struct log_advice advise(const struct log_cause *cause)
{
	(void)cause;
	return (struct log_advice){ "a <cause>", "do & that" };
}

static struct log_report make_report(void)
{
	const struct log_summary_params params = { .clock = &clock_of_now };
	struct log_report report = { .summary = log_summary_new(&params),
		.clock = &clock_of_now,
		.advise = advise,
		.by = 1u << LOG_BY_ACCOUNT };
	struct buf scratch = BUF_INIT(4 * LOG_LINE_LIMIT);

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct log_line line;

		if (log_line_read(
			    span_of(lines[i]), &clock_of_now, &scratch, &line))
			log_summary_add(report.summary, &line);
	}
	buf_free(&scratch);
	return report;
}

static void test_table(const struct log_report *report, struct buf *out)
{
	const struct log_table_form form = { .is_utf8 = false };

	log_report_put_table(out, report, &form);
	tap_is_text(buf_text(out),
		"In all: 2 sent, 1 refused\n"
		"The first line: 2026-11-30 16:12:39\n"
		"The last line: 2026-11-30 16:12:39\n"
		"The last one sent: 2026-11-30 16:12:39\n"
		"Until the server had it: 0.10 s (half of them), 3.0 s (95 % "
		"of them)\n"
		"\n"
		"Account                    sent    refused   median     95 %\n"
		"work                          2          0   0.10 s    3.0 s"
		"  ####################\n"
		"\"<b>\\x@y.test                 0          1        -        -"
		"  ----------\n"
		"\n"
		"Why not:\n"
		"    1  auth.<i> (the last: 2026-11-30 16:12:39)\n"
		"    What is wrong: a <cause>\n"
		"    What to do: do & that\n",
		"the table");
}

static void test_json(const struct log_report *report, struct buf *out)
{
	log_report_put_json(out, report);
	tap_ok(strstr(buf_text(out),
		       "\"account\":[{\"name\":\"work\",\"total\":2,\"sent\":2,"
		       "\"queued\":0,\"deferred\":0,\"failed\":0,\"refused\":0,"
		       "\"suppressed\":0,\"captured\":0,\"cut\":0,"
		       "\"acceptance\":{\"count\":2,\"median_ms\":") != NULL,
		"JSON: an account");
	tap_ok(strstr(buf_text(out),
		       "\"causes\":[{\"name\":\"auth.<i>\",\"count\":1,\"last\""
		       ":\"2026-11-30T16:12:39Z\",\"cause\":\"a <cause>\","
		       "\"hint\":\"do & that\"}]}\n") != NULL,
		"JSON: the causes");
}

static void test_metrics(const struct log_report *report, struct buf *out)
{
	static const struct log_waiting waiting[] = {
		{ "a\"\\\n", 2, 1, 3, 60 }, { "b", 0, 0, 0, -1 }
	};

	log_report_put_metrics(out, report, waiting, 2);
	tap_ok(strstr(buf_text(out),
		       "mailchute_queue_messages{account=\"a\\\"\\\\ \",state="
		       "\"waiting\"} 2\n") != NULL,
		"metrics: labels are escaped");
	tap_ok(strstr(buf_text(out),
		       "mailchute_queue_oldest_age_seconds{account=\"b\"} "
		       "0\n") != NULL,
		"metrics: nothing waits");
	tap_ok(strstr(buf_text(out),
		       "mailchute_log_replies{account=\"\\\"<b>\\\\x@y.test\","
		       "class=\"5xx\"} 1\n") != NULL,
		"metrics: replies by class");
	tap_ok(strstr(buf_text(out),
		       "mailchute_last_success_timestamp_seconds{account="
		       "\"work\"} 1796055159\n") != NULL,
		"metrics: last success");
	tap_ok(strstr(buf_text(out),
		       "mailchute_acceptance_seconds_bucket{le=\"2.5\"} 1\n") !=
			NULL,
		"metrics: a bucket");
	tap_ok(strstr(buf_text(out),
		       "_bucket{le=\"+Inf\"} 2\nmailchute_acceptance_seconds_"
		       "sum 3.100\nmailchute_acceptance_seconds_count 2\n# "
		       "EOF\n") != NULL,
		"metrics: the end");
}

static void test_html(const struct log_report *report, struct buf *out)
{
	const char *page;

	log_report_put_html(out, report, NULL, false);
	page = buf_text(out);
	tap_ok(strstr(page, "content=\"default-src 'none'; style-src "
			    "'sha256-") != NULL,
		"HTML: nothing is loaded");
	tap_ok(!strstr(page, "<script") && !strstr(page, "http:") &&
			!strstr(page, "https:") && !strstr(page, "style="),
		"HTML: nothing is run");
	tap_ok(!strstr(page, "<b>\\x") && !strstr(page, "<i>") &&
			strstr(page, "auth.&lt;i&gt;") != NULL &&
			strstr(page, "a &lt;cause&gt;") != NULL,
		"HTML: everything is escaped");
	tap_ok(strstr(page, "<td>\xE2\x80\xA6@y.test</td>") != NULL,
		"HTML: an address keeps its domain alone");
	buf_clear(out);
	log_report_put_html(out, report, "b@y.test <x>\n", true);
	page = buf_text(out);
	tap_ok(strstr(page, "<pre>b@y.test &lt;x&gt;\n</pre>") != NULL &&
			strstr(page, "&quot;&lt;b&gt;\\x@y.test") != NULL,
		"HTML: addresses for who asks");
}

int main(void)
{
	static void (*const tests[])(const struct log_report *report,
		struct buf *out) = { test_table, test_json, test_metrics,
		test_html };
	struct log_report report = make_report();
	struct buf out = BUF_INIT(1000000);

	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
		buf_clear(&out);
		tests[i](&report, &out);
	}
	log_summary_free(report.summary);
	buf_free(&out);
	return tap_done();
}
