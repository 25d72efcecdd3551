/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of the DNS (SRV: srv_test.c): whole, put together, and broken. */
#include <config.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/dns.h"
#include "tap.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* One question, "x", and N answers; owners are pointers to it. */
#define HEADER(n)                                                              \
	"\x12\x34\x81\x80\x00\x01\x00" n "\x00\x00\x00\x00\x01x\x00\x00\x10"   \
	"\x00\x01"
#define RECORD(type, length)                                                   \
	"\xC0\x0C\x00" type "\x00\x01\x00\x00\x0E\x10\x00" length
#define TXT(length)   RECORD("\x10", length)
#define MX(length)    RECORD("\x0F", length)
#define CNAME(length) RECORD("\x05", length)
#define ROW(name, type, bytes, want)                                           \
	{                                                                      \
		name, bytes, sizeof bytes - 1, DNS_##type, want                \
	}

static const struct {
	const char *name, *bytes;
	size_t length;
	enum dns_type type;
	const char *want; /* "text;" or "priority host;" for each */
} rows[] = {
	ROW("one string", TXT,
		HEADER("\x01") TXT("\x04") "\x03"
					   "abc",
		"abc;"),
	ROW("three, put together", TXT,
		HEADER("\x01") TXT("\x08") "\x02"
					   "ab"
					   "\x00"
					   "\x01"
					   "c"
					   "\x01"
					   "d",
		"abcd;"),
	ROW("an empty one", TXT, HEADER("\x01") TXT("\x01") "\x00", ";"),
	ROW("two records", TXT,
		HEADER("\x02") TXT("\x02") "\x01"
					   "a" TXT("\x02") "\x01"
							   "b",
		"a;b;"),
	ROW("behind an alias", TXT,
		HEADER("\x02") CNAME("\x03") "\x01"
					     "y"
					     "\x00" TXT("\x02") "\x01"
								"b",
		"b;"),
	ROW("a string that is longer than its record", TXT,
		HEADER("\x02") TXT("\x02") "\x09"
					   "a" TXT("\x02") "\x01"
							   "b",
		"b;"),
	ROW("a record that is longer than the answer", TXT,
		HEADER("\x02") TXT("\x02") "\x01"
					   "a" TXT("\x09") "\x01"
							   "b",
		"a;"),
	ROW("no such name", TXT,
		"\x12\x34\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00\x01x\x00\x00"
		"\x10\x00\x01",
		""),
	ROW("nothing", TXT, "", ""),
	ROW("servers", MX,
		HEADER("\x02") MX("\x05") "\x00\x0A\x01"
					  "m"
					  "\x00" MX("\x04") "\x00\x14\xC0\x0C",
		"10 m;20 x;"),
	ROW("no mail at all", MX, HEADER("\x01") MX("\x03") "\x00\x00\x00",
		"0 ;"),
	ROW("a name with a blank", MX,
		HEADER("\x02") MX("\x05") "\x00\x0A\x01"
					  " "
					  "\x00" MX("\x05") "\x00\x0B\x01"
							    "n"
							    "\x00",
		"11 n;"),
};

static void put(const struct dns_answer *answer, bool is_text, struct buf *out)
{
	for (size_t i = 0; i < answer->count; i++) {
		const struct dns_record *one = &answer->items[i];

		if (is_text)
			buf_put_span(out, one->text);
		else
			buf_printf(out, "%u %s", one->priority, one->host);
		buf_puts(out, ";");
	}
}

static void test_parse(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(1000);
		struct dns_answer answer;

		dns_parse(span_make(rows[i].bytes, rows[i].length),
			rows[i].type, arena, &answer);
		put(&answer, rows[i].type == DNS_TXT, &got);
		tap_is_text(buf_text(&got), rows[i].want, rows[i].name);
		buf_free(&got);
		arena_free(arena);
	}
}

static char asked[600];
static int error;

static int fake_query(
	const char *name, int type, unsigned char *answer, int size)
{
	(void)answer;
	(void)size;
	snprintf(asked, sizeof asked, "%s %d", name, type);
	h_errno = error;
	return -1;
}

static const struct {
	const char *name;
	int error;
	int exit_code; /* 0: there are none */
} ends[] = {
	{ "no such name", HOST_NOT_FOUND, 0 },
	{ "no such record", NO_DATA, 0 },
	{ "a silent name server", TRY_AGAIN, 75 },
	{ "one that does not want to", NO_RECOVERY, 75 },
};

static void test_look_up(void)
{
	const struct dns_question question = { "_dmarc.",
		"b\xC3\xBC"
		"cher.example",
		DNS_TXT, clock_deadline(60) };
	struct arena *arena = arena_new();

	dns_set_query_for_test(fake_query);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct diag why = { .exit_code = 0 };
		struct dns_answer answer;

		error = ends[i].error;
		dns_look_up(&question, arena, &answer, &why);
		tap_is_text(asked, "_dmarc.xn--bcher-kva.example 16",
			"what is asked");
		tap_is_number(why.exit_code, ends[i].exit_code, ends[i].name);
		tap_is_number((int64_t)answer.count, 0, "no record");
	}
	dns_set_query_for_test(NULL);
	arena_free(arena);
}

static int stuck_query(
	const char *name, int type, unsigned char *answer, int size)
{
	(void)name, (void)type, (void)answer, (void)size;
	poll(NULL, 0, 400);
	return -1;
}

/* As name servers that are silent, three of them, each tried twice. */
static void test_stuck(void)
{
	int64_t begin_ms = clock_now_ms();
	const struct dns_question question = { "", "slow.example", DNS_MX,
		begin_ms + 50 };
	struct arena *arena = arena_new();
	struct dns_answer answer;
	struct diag why = { .exit_code = 0 };

	dns_set_query_for_test(stuck_query);
	tap_ok(!dns_look_up(&question, arena, &answer, &why),
		"a question without an answer is left");
	tap_is_diag(&why, DIAG_NET_NAME_TIMEOUT, "as a time-out");
	tap_ok(clock_now_ms() - begin_ms < 350, "at the deadline");
	dns_set_query_for_test(NULL);
	arena_free(arena);
	/* The thread comes home and frees what it has: the leak checker sees
	 * otherwise. */
	poll(NULL, 0, 500);
}

int main(void)
{
	test_parse();
	test_look_up();
	test_stuck();
	return tap_done();
}
