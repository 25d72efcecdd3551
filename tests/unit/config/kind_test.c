/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each kind of value by itself: what it takes, how that is written again, and
 * what it says of the rest. */
#include <config.h>

#include "base/diag.h"
#include "base/secret.h"
#include "config/kind.h"
#include "tap.h"

#include <stdio.h>

static const char *const colours[] = { "red", "blue", NULL };

#define DOMAIN(...) .domain = { __VA_ARGS__ }

/* want: the value as it is written again, or "!" and what is expected. */
static const struct {
	const struct kind *kind;
	const char *value, *want;
	struct kind_domain domain;
} rows[] = {
	{ &kind_STRING, "a b", "a b" },
	{ &kind_STRING, "", "" },
	{ &kind_STRING, "a\nb", "!no control characters are allowed" },
	{ &kind_HOST, "mx.example.org", "mx.example.org", DOMAIN(.port = "p") },
	{ &kind_HOST, "[::1]", "[::1]", DOMAIN(.port = "p") },
	{ &kind_HOST, "mx:25",
		"!a name or an address alone; the port goes to 'p'",
		DOMAIN(.port = "p") },
	{ &kind_PATH, "/a", "/a" },
	{ &kind_NOTIFY, "off", "off" },
	{ &kind_NOTIFY, "Failure, delay", "failure,delay" },
	{ &kind_NOTIFY, "always",
		"!off, never, or a list of failure, delay, success" },
	{ &kind_EXTENSIONS, "pipelining, dsn", "pipelining, dsn" },
	{ &kind_NUMBER, "25", "25", DOMAIN(.min = 1, .max = 99) },
	{ &kind_NUMBER, "0", "!a number from 1 to 99",
		DOMAIN(.min = 1, .max = 99) },
	{ &kind_NUMBER, "100", "!a number from 1 to 99",
		DOMAIN(.min = 1, .max = 99) },
	{ &kind_SECONDS, "off", "off", DOMAIN(.min = 1, .max = 9) },
	{ &kind_SECONDS, "10", "!off, or a number of seconds from 1 to 9",
		DOMAIN(.min = 1, .max = 9) },
	{ &kind_DURATION, "90m", "90m", DOMAIN(.min = 60, .max = 86400) },
	{ &kind_DURATION, "1s",
		"!off, or a time as 90s, 5m, 4h, 5d, from 1m to 1d",
		DOMAIN(.min = 60, .max = 86400) },
	{ &kind_DURATIONS, "5m 1h", "5m 1h" },
	{ &kind_DURATIONS, "x", "!up to 32 times as 90s, 5m, 4h, 5d" },
	{ &kind_RATE, "30/m 500/d", "30/m 500/d" },
	{ &kind_RATE, "off", "" },
	{ &kind_RATE, "30",
		"!off, or so many in a time: 30/m, 100/h, 30/m 500/d" },
	{ &kind_STORE, "postgresql://ann@db/mail", "postgresql://ann@db/mail" },
	{ &kind_STORE, "postgres://a:sauce@h1:1,h2/m?sslmode=require",
		"postgresql://a:********@h1:1,h2/m?sslmode=require" },
	{ &kind_STORE, "postgresql://a:s@3:c/r@h/m",
		"postgresql://a:********@h/m" },
	{ &kind_STORE, "postgresql:///m?password=sauce&host=/run",
		"postgresql:///m?password=********&host=/run" },
	{ &kind_STORE, "postgresql:///m?pass%77ord=sauce",
		"postgresql:///m?pass%77ord=********" },
	{ &kind_STORE, "postgresql://a:s?3@h/m", "postgresql://********" },
	{ &kind_STORE, "postgresql://a:s@3?c@h/m", "postgresql://********" },
	{ &kind_STORE, "service=mail", "service=mail" },
	{ &kind_STORE, "service = mail  password = 'sa u\\'et' user=a",
		"service=mail password=******** user=a" },
	{ &kind_STORE, "mysql://db/m",
		"!postgresql://USER@HOST/DATABASE, or service=NAME" },
	{ &kind_STORE, "dbname=m password=x",
		"!postgresql://USER@HOST/DATABASE, or service=NAME" },
	{ &kind_ADDRESS, "192.0.2.1", "192.0.2.1" },
	{ &kind_ADDRESS, "host", "!an IPv4 or IPv6 address" },
	{ &kind_FINGERPRINT, "00",
		"!64 hexadecimal digits (SHA-256 of a certificate), or "
		"sha256// and base 64 (of its key)" },
	{ &kind_BOOL, "ON", "on" },
	{ &kind_BOOL, "yes", "!on or off" },
	{ &kind_CHOICE, "Blue", "blue", DOMAIN(.words = colours) },
	{ &kind_CHOICE, "green", "!red, blue", DOMAIN(.words = colours) },
	{ &kind_SECRET, "x", "********" },
};

union field {
	const char *text;
	long number;
	bool is_on;
	int choice;
	struct secret secret;
};

static void test_row(size_t i)
{
	struct arena *arena = arena_new();
	struct buf got = BUF_INIT(1000), sentence = BUF_INIT(1000);
	const struct kind *kind = rows[i].kind;
	union field field = { .secret = { 0 } };
	struct diag why;

	if (kind->parse(&rows[i].domain, &field, rows[i].value, arena)) {
		kind->put(&got, &rows[i].domain, &field);
	} else {
		kind->expect(&sentence, &rows[i].domain);
		diag_set(&why, DIAG_CONFIG_BAD_VALUE, "k", "v",
			buf_text(&sentence));
		buf_clear(&sentence);
		diag_sentence(&why, false, &sentence);
		buf_printf(&got, "!%s", strstr(buf_text(&sentence), ": ") + 2);
	}
	tap_is_text(buf_text(&got), rows[i].want, rows[i].value);
	if (kind == &kind_SECRET)
		secret_wipe(&field.secret);
	buf_free(&sentence);
	buf_free(&got);
	arena_free(arena);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(i);
	return tap_done();
}
