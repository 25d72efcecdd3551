/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines of ours, of syslog, of others, cut and forged. */
#include <config.h>

#include "log/line.h"
#include "tap.h"

enum { NOW = 1796055159 /* 2026-11-30 16:12:39 UTC */ };

/* Made 2 s before NOW. */
#define ID   "1ngv83n00abcdef"
#define HEAD "host=mx.test tls=on auth=on user=ann from=a@x.test "
#define SENT                                                                   \
	HEAD "recipients=b@y.test mailsize=5 smtpstatus=250 "                  \
	     "smtpmsg='250 2.0.0 ok' exitcode=EX_OK id=" ID                    \
	     " account=work status=2.0.0 ms=120"
#define STAMP "2026-11-30T16:12:39+0000 "

/* What is read of it: "at result code account|recipients|diag|error". */
static const struct {
	const char *name, *line, *want;
} rows[] = {
	{ "sent", STAMP SENT, "0 sent 250 work|b@y.test||" },
	{ "by syslog", "Nov 30 16:12:39 box mailchute[12]: " SENT,
		"0 sent 250 work|b@y.test||" },
	{ "by rsyslog", "2026-11-30T16:12:39.5+00:00 box mailchute[12]: " SENT,
		"0 sent 250 work|b@y.test||" },
	{ "by the journal", "1796055159.123456 box mailchute[12]: " SENT,
		"0 sent 250 work|b@y.test||" },
	{ "by busybox", "Nov 30 16:12:39 box mail.info mailchute[12]: " SENT,
		"0 sent 250 work|b@y.test||" },
	{ "without a time: the id's", SENT, "-2 sent 250 work|b@y.test||" },
	{ "a time of another form", "[30/11/2026 16:12] " SENT,
		"-2 sent 250 work|b@y.test||" },
	{ "a line end of another system", STAMP SENT "\r",
		"0 sent 250 work|b@y.test||" },
	{ "to nobody yet",
		STAMP HEAD
		"recipients=b@y.test mailsize=5 exitcode=EX_OK id=" ID
		" account=work queued=yes ms=1",
		"0 queued 0 work|b@y.test||" },
	{ "deferred into the queue",
		STAMP HEAD "recipients=b@y.test smtpstatus=451 smtpmsg='451 "
			   "later' errormsg='it said 451 later' exitcode=EX_OK "
			   "id=" ID " account=work diag=smtp.data status=4.0.0 "
			   "queued=yes ms=1",
		"0 deferred 451 work|b@y.test|smtp.data|it said 451 later" },
	{ "deferred in the queue",
		STAMP HEAD "recipients=b@y.test errormsg='no' "
			   "exitcode=EX_TEMPFAIL id=" ID
			   " account=work diag=net.refused status=4.4.1 try=2 "
			   "next=1796055459 ms=1",
		"0 deferred 0 work|b@y.test|net.refused|no" },
	{ "a password, in the queue",
		STAMP HEAD "recipients=b@y.test errormsg='no' "
			   "exitcode=EX_NOPERM id=" ID
			   " account=work diag=auth.refused status=5.7.8 try=2 "
			   "next=1796055459 ms=1",
		"0 deferred 0 work|b@y.test|auth.refused|no" },
	{ "temporary, and nobody keeps it",
		STAMP HEAD "recipients=b@y.test errormsg='no' "
			   "exitcode=EX_TEMPFAIL id=" ID
			   " account=work diag=net.refused status=4.4.1 ms=1",
		"0 failed 0 work|b@y.test|net.refused|no" },
	{ "the same with tempfail_exit",
		STAMP HEAD "recipients=b@y.test errormsg='no' "
			   "exitcode=EX_OTHER id=" ID
			   " account=work diag=net.refused status=4.4.1 ms=1",
		"0 failed 0 work|b@y.test|net.refused|no" },
	{ "refused",
		STAMP HEAD "recipients=b@y.test smtpstatus=550 smtpmsg='550 "
			   "no' errormsg='no: 550 no' exitcode=EX_NOUSER id=" ID
			   " account=work diag=smtp.rcpt status=5.1.1 ms=1",
		"0 refused 550 work|b@y.test|smtp.rcpt|no: 550 no" },
	{ "suppressed",
		STAMP HEAD "recipients=b@y.test mailsize=5 smtpstatus=250 "
			   "smtpmsg='250 suppressed' exitcode=EX_OK id=" ID
			   " account=work status=suppressed suppressed='250 "
			   "suppressed' ms=1",
		"0 suppressed 250 work|b@y.test||" },
	{ "captured",
		STAMP HEAD
		"recipients=b@y.test mailsize=5 exitcode=EX_OK id=" ID
		" account=work captured='/m/x.eml' ms=1",
		"0 captured 0 work|b@y.test||" },
	{ "before there is an account",
		STAMP "errormsg='no recipients' exitcode=EX_USAGE id=" ID
		      " diag=usage.no-recipients status=5.5.4 ms=0",
		"0 refused 0 ||usage.no-recipients|no recipients" },
	{ "msmtp's",
		"Nov 30 16:12:39 host=mx.test tls=on auth=off from=a@x.test "
		"recipients=b@y.test,c@y.test mailsize=5 smtpstatus=250 "
		"smtpmsg='250 ok' exitcode=EX_OK",
		"0 sent 250 |b@y.test,c@y.test||" },
	{ "msmtp's, by syslog",
		"Nov 30 16:12:39 box msmtp: host=mx.test tls=on auth=off "
		"from=a@x.test recipients=b@y.test errormsg='no' "
		"exitcode=EX_UNAVAILABLE",
		"0 refused 0 |b@y.test||no" },
	{ "a name of the caller's own (-L)",
		"Nov 30 16:12:39 box cron[1]: " SENT " tag='cron'",
		"0 sent 250 work|b@y.test||" },
	{ "another program's line that looks like ours",
		"Nov 30 16:12:39 box sshd[1]: " SENT, NULL },
	{ "one that quotes ours",
		"Nov 30 16:12:39 box sshd[1]: Invalid user " SENT, NULL },
	{ "one that quotes all of ours",
		"Nov 30 16:12:39 box sshd[1]: Invalid user mailchute: " SENT,
		NULL },
	{ "a message-id with keys",
		STAMP HEAD "recipients=b@y.test mailsize=5 smtpstatus=250 "
			   "smtpmsg='250 ok' exitcode=EX_OK id=" ID
			   " account=work status=2.0.0 msgid=<x diag=a.b "
			   "queued=yes exitcode=EX_NOUSER> ms=1",
		"0 sent 250 work|b@y.test||" },
	{ "a reply with keys",
		STAMP HEAD "recipients=b@y.test mailsize=5 smtpstatus=250 "
			   "smtpmsg='250 exitcode=EX_NOUSER diag=x.y ok' "
			   "exitcode=EX_OK id=" ID " account=work ms=1",
		"0 sent 250 work|b@y.test||" },
	{ "an address with keys",
		STAMP "host=h tls=on auth=off from='\"a exitcode=EX_NOUSER\"@x'"
		      " recipients='\"b diag=x\"@y',+2 mailsize=5 "
		      "exitcode=EX_OK id=" ID " account=work ms=1",
		"0 sent 0 work|\"b diag=x\"@y||" },
	{ "a key twice",
		STAMP "host=h tls=on auth=off mailsize=5 exitcode=EX_OK "
		      "exitcode=EX_NOUSER id=" ID
		      " account=work account=x ms=1",
		"0 sent 0 work|||" },
	{ "cut in the recipients", STAMP HEAD "recipients=b@y.test,c@y",
		"0 cut 0 |b@y.test,c@y||" },
	{ "cut in a quoted value",
		STAMP HEAD "recipients=b@y.test smtpstatus=451 smtpmsg='451 l",
		"0 cut 451 |b@y.test||" },
	{ "cut in the exit code",
		STAMP HEAD "recipients=b@y.test mailsize=5 exitcode=EX_O",
		"0 cut 0 |b@y.test||" },
	{ "cut before the name of the id",
		STAMP HEAD "recipients=b@y.test mailsize=5 exitcode=EX_OK",
		"0 cut 0 |b@y.test||" },
	{ "cut before it is said that it was queued",
		STAMP HEAD
		"recipients=b@y.test mailsize=5 exitcode=EX_OK id=" ID
		" account=work que",
		"0 cut 0 work|b@y.test||" },
	{ "JSON",
		"{\"time\":\"2026-11-30T16:12:39Z\",\"id\":\"" ID "\","
		"\"account\":\"work\",\"host\":\"h\",\"tls\":true,\"from\":"
		"\"a@x\",\"recipient_count\":2,\"recipients\":[{\"address\":"
		"\"b@y\",\"verdict\":\"delivered\",\"diag\":\"z\"},{"
		"\"address\":\"c@y\"}],\"mailsize\":5,\"smtpstatus\":250,"
		"\"smtpmsg\":\"250 \\\"ok\\\"\",\"exitcode\":0,\"queued\":"
		"false,\"ms\":12,\"warnings\":[]}",
		"0 sent 250 work|b@y,c@y||" },
	{ "JSON, deferred, by syslog",
		"Nov 30 16:12:40 box mailchute[1]: {\"time\":\"2026-11-30T16:"
		"12:39Z\",\"id\":\"" ID "\",\"account\":\"work\",\"diag\":"
		"\"net.refused\",\"errormsg\":\"a\\u0009b\",\"temporary\":true,"
		"\"exitcode\":0,\"queued\":true,\"ms\":1}",
		"0 deferred 0 work||net.refused|a\tb" },
	{ "JSON, temporary",
		"{\"time\":\"2026-11-30T16:12:39Z\",\"id\":\"" ID "\",\"diag\":"
		"\"net.refused\",\"temporary\":true,\"exitcode\":3,\"queued\":"
		"false,\"ms\":1}",
		"0 failed 0 ||net.refused|" },
	{ "JSON, permanent",
		"{\"time\":\"2026-11-30T16:12:39Z\",\"id\":\"" ID "\",\"diag\":"
		"\"x.y\",\"temporary\":false,\"exitcode\":69,\"queued\":false,"
		"\"ms\":1}",
		"0 refused 0 ||x.y|" },
	{ "JSON, cut",
		"{\"time\":\"2026-11-30T16:12:39Z\",\"id\":\"" ID "\",\"diag\":"
		"\"x.y\",\"exitcode\":0,\"que",
		"0 cut 0 ||x.y|" },
	{ "JSON of others", "{\"level\":\"info\",\"time\":\"x\",\"id\":\"1\"}",
		NULL },
	{ "JSON of others, by syslog",
		"Nov 30 16:12:39 box dockerd[1]: {\"time\":\"2026-11-30T16:12:"
		"39Z\",\"id\":\"" ID "\",\"exitcode\":0}",
		NULL },
	{ "others",
		"Nov 30 16:12:39 box postfix/smtp[1]: 4F: to=<b@y.test>, "
		"relay=mx.test, status=sent (250 ok)",
		NULL },
	{ "keys of others", STAMP "host=a user=b", NULL },
	{ "words", "nothing", NULL },
	{ "nothing", "", NULL },
};

static void put_read(struct buf *out, const struct log_line *line)
{
	buf_printf(out, "%lld %s %u ", (long long)(line->at - NOW),
		log_result_word(line->result), line->code);
	buf_put_span(out, line->value[LOG_ACCOUNT]);
	buf_put_byte(out, '|');
	buf_put_span(out, line->value[LOG_RECIPIENTS]);
	buf_put_byte(out, '|');
	buf_put_span(out, line->value[LOG_DIAG]);
	buf_put_byte(out, '|');
	buf_put_span(out, line->value[LOG_ERROR]);
}

static bool read_line(struct span text, struct buf *scratch, struct buf *out)
{
	const struct log_clock clock = { .now = NOW };
	struct log_line line;

	if (!log_line_read(text, &clock, scratch, &line))
		return false;
	put_read(out, &line);
	return true;
}

/* Every cut of a line is one or none of ours, never a wrong result. */
static void test_cuts(const char *name, struct span whole, const char *want)
{
	struct buf scratch = BUF_INIT(4 * LOG_LINE_LIMIT);
	const struct log_clock clock = { .now = NOW };
	struct log_line line;
	bool is_fine = true;

	for (size_t length = 0; length < whole.length; length++)
		if (log_line_read(span_make(whole.at, length), &clock, &scratch,
			    &line) &&
			line.result != LOG_RESULT_CUT)
			is_fine =
				is_fine &&
				strcmp(log_result_word(line.result), want) == 0;
	tap_ok(is_fine, "%s: cut anywhere", name);
	buf_free(&scratch);
}

static void test_acceptance(const char *name, const char *text, int64_t want)
{
	struct buf scratch = BUF_INIT(4 * LOG_LINE_LIMIT);
	const struct log_clock clock = { .now = NOW };
	struct log_line line = { .acceptance_ms = -2 };

	(void)log_line_read(span_of(text), &clock, &scratch, &line);
	tap_is_number(line.acceptance_ms, want, name);
	buf_free(&scratch);
}

static void test_bounds(void)
{
	static char large[LOG_LINE_LIMIT + 1];
	static const char with_nul[] = STAMP HEAD
		"recipients=b\0@y mailsize=5 exitcode=EX_OK id=" ID " ms=1";
	struct buf scratch = BUF_INIT(4 * LOG_LINE_LIMIT);
	struct buf out = BUF_INIT(1000);

	memset(large, 'x', sizeof large);
	memcpy(large, STAMP SENT " ", sizeof STAMP SENT);
	tap_ok(!read_line(span_make(large, sizeof large), &scratch, &out),
		"a line over the limit is none");
	tap_ok(read_line(span_make(with_nul, sizeof with_nul - 1), &scratch,
		       &out) &&
			memcmp(out.data, "0 sent 0 |b\0@y||", 16) == 0,
		"a NUL is a byte like others");
	buf_free(&scratch);
	buf_free(&out);
}

int main(void)
{
	struct buf scratch = BUF_INIT(4 * LOG_LINE_LIMIT);
	struct buf out = BUF_INIT(1000);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool is_ours;

		buf_clear(&out);
		is_ours = read_line(span_of(rows[i].line), &scratch, &out);
		tap_is_text(is_ours ? buf_text(&out) : "not ours",
			rows[i].want ? rows[i].want : "not ours", rows[i].name);
	}
	test_cuts("text", SPAN(STAMP SENT), "sent");
	test_cuts("text, deferred", span_of(rows[9].line), "deferred");
	test_acceptance("sent at once: the attempt", STAMP SENT, 120);
	test_acceptance("through the queue: since it was made",
		STAMP HEAD "mailsize=5 exitcode=EX_OK id=" ID
			   " account=work try=2 ms=100",
		2000);
	test_acceptance("a clock that went back: the attempt",
		"2026-11-30T16:12:30Z " HEAD "mailsize=5 exitcode=EX_OK id=" ID
		" account=work try=2 ms=100",
		100);
	test_acceptance("not sent: none",
		STAMP HEAD "errormsg='x' exitcode=EX_TEMPFAIL id=" ID " ms=1",
		-1);
	tap_is_number(log_id_ms(SPAN("1ngv83nu0abcdef")), -1, "no id: a u");
	tap_is_number(log_id_ms(SPAN("1ngv83n00")), -1, "no id: too short");
	test_bounds();
	buf_free(&scratch);
	buf_free(&out);
	return tap_done();
}
