/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is counted, by what; and that a hostile log fills no memory. */
#include <config.h>

#include "log/summary.h"
#include "tap.h"

#include <stdio.h>

enum { NOW = 1796055159, /* 2026-11-30 16:12:39 UTC */ DAY_S = 86400 };

static const char *provider_of(void *context, struct span host)
{
	++*(int *)context;
	return span_equal(host, SPAN("smtp.gmail.com")) ? "gmail" : NULL;
}

static struct log_line line_of(const char *account, const char *host,
	enum log_result result, int64_t at)
{
	struct log_line line = { .at = at,
		.result = result,
		.ms = 100,
		.acceptance_ms = result == LOG_RESULT_SENT ? 100 : -1 };

	for (int i = 0; i < LOG_KEY_COUNT; i++)
		line.value[i] = SPAN("");
	line.value[LOG_ACCOUNT] = span_of(account);
	line.value[LOG_HOST] = span_of(host);
	if (result == LOG_RESULT_SENT) {
		line.code = 250;
		line.value[LOG_CODE] = SPAN("250");
	} else {
		line.value[LOG_DIAG] = SPAN("net.refused");
	}
	return line;
}

static void expect(struct log_summary *summary, enum log_by by,
	const char *want, const char *name)
{
	struct buf out = BUF_INIT(10000);
	size_t count;
	const struct log_group *const *groups =
		log_summary_groups(summary, by, &count);

	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s %d/%d;", groups[i]->name,
			(int)groups[i]->results[LOG_RESULT_SENT],
			(int)log_group_troubled(groups[i]));
	tap_is_text(buf_text(&out), want, name);
	buf_free(&out);
}

static void test_groups(void)
{
	const struct log_clock clock = { .now = NOW };
	int asked = 0;
	const struct log_summary_params params = {
		.clock = &clock, .provider_of = provider_of, .context = &asked
	};
	struct log_summary *summary = log_summary_new(&params);
	const struct log_cause *const *causes;
	struct log_line line;
	size_t count;

	line = line_of("work", "smtp.gmail.com", LOG_RESULT_SENT, NOW);
	log_summary_add(summary, &line);
	log_summary_add(summary, &line);
	line = line_of("home", "mx.test", LOG_RESULT_DEFERRED, NOW - DAY_S);
	log_summary_add(summary, &line);
	line = line_of("home", "mx.test", LOG_RESULT_REFUSED, NOW - 3600);
	line.value[LOG_KNOWN] = SPAN("login.google");
	line.code = 535;
	line.value[LOG_CODE] = SPAN("535");
	log_summary_add(summary, &line);
	log_summary_add(summary, &line);
	line = line_of("", "", LOG_RESULT_REFUSED, LOG_NO_TIME);
	log_summary_add(summary, &line);
	expect(summary, LOG_BY_ACCOUNT, "home 0/3;work 2/0;- 0/1;", "accounts");
	expect(summary, LOG_BY_DAY, "2026-11-29 0/1;2026-11-30 2/2;", "days");
	expect(summary, LOG_BY_HOUR, "15 0/2;16 2/1;", "hours");
	expect(summary, LOG_BY_PROVIDER, "mx.test 0/3;gmail 2/0;- 0/1;",
		"providers");
	expect(summary, LOG_BY_CODE, "- 0/2;250 2/0;535 0/2;", "codes");
	tap_is_number(asked, 2, "each host is asked for once");
	causes = log_summary_causes(summary, &count);
	tap_is_number((int64_t)count, 2, "causes");
	tap_is_text(count ? causes[0]->name : "", "login.google", "the first");
	tap_is_number(count ? (int64_t)causes[0]->count : 0, 2, "how often");
	tap_is_number(count ? causes[0]->kind : 0, LOG_KNOWN, "what it is");
	tap_is_number(log_summary_all(summary)->last_sent, NOW, "last sent");
	tap_is_number(log_summary_all(summary)->first, NOW - DAY_S, "first");
	tap_is_number((int64_t)log_summary_all(summary)->classes[LOG_CLASS_5],
		2, "replies 5xx");
	log_summary_free(summary);
}

static void test_bound(void)
{
	const struct log_clock clock = { .now = NOW };
	const struct log_summary_params params = { .clock = &clock };
	struct log_summary *summary = log_summary_new(&params);
	const struct log_group *const *groups;
	size_t count;

	for (int i = 0; i < 3000; i++) {
		char name[100];
		struct log_line line;

		snprintf(name, sizeof name, "%d-%064d", i, i);
		line = line_of(
			name, name, LOG_RESULT_REFUSED, (int64_t)i * DAY_S);
		line.value[LOG_DIAG] = span_of(name);
		log_summary_add(summary, &line);
	}
	groups = log_summary_groups(summary, LOG_BY_ACCOUNT, &count);
	tap_is_number((int64_t)count, LOG_GROUPS_MAX + 1, "groups are bounded");
	tap_is_text(count ? groups[0]->name : "", "\xE2\x80\xA6",
		"the rest is one");
	tap_is_number(count ? (int64_t)log_group_total(groups[0]) : 0,
		3000 - LOG_GROUPS_MAX, "with all that have no room");
	(void)log_summary_groups(summary, LOG_BY_DAY, &count);
	tap_is_number((int64_t)count, LOG_GROUPS_MAX + 1, "days too");
	(void)log_summary_causes(summary, &count);
	tap_is_number((int64_t)count, LOG_GROUPS_MAX + 1, "causes too");
	log_summary_free(summary);
}

static void test_nul(void)
{
	const struct log_clock clock = { .now = NOW };
	const struct log_summary_params params = { .clock = &clock };
	struct log_summary *summary = log_summary_new(&params);
	struct log_line line = line_of("x", "h", LOG_RESULT_SENT, NOW);

	line.value[LOG_ACCOUNT] = SPAN("x\0y");
	log_summary_add(summary, &line);
	log_summary_add(summary, &line);
	expect(summary, LOG_BY_ACCOUNT, "x 2/0;", "a NUL ends a name");
	log_summary_free(summary);
}

int main(void)
{
	test_groups();
	test_bound();
	test_nul();
	return tap_done();
}
