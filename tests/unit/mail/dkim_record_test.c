/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include "mail/dkim_record.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

enum { OUT_LIMIT = 4096 };

static void test_selector(void)
{
	static const char label[] = "a234567890123456789012345678901234567890"
				    "12345678901234567890123";
	static const char *const good[] = { "s", "s1.mail", "a-b_c", "A.b.c",
		label };
	static const char *const bad[] = { "", ".", "s.", ".s", "a..b", "a b",
		"a/b", "\xC3\xA4", "a=b", "a;b", "a\nb" };
	char long_label[sizeof label + 1];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		tap_ok(dkim_record_is_selector(span_of(good[i])),
			"a selector: %s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		tap_ok(!dkim_record_is_selector(span_of(bad[i])),
			"no selector: row %zu", i);
	snprintf(long_label, sizeof long_label, "%sx", label);
	tap_ok(!dkim_record_is_selector(span_of(long_label)),
		"no selector: 64 letters");
}

static void test_put(void)
{
	struct buf out = BUF_INIT(OUT_LIMIT);

	dkim_record_put("ed25519", SPAN("0123456789abcdef"), &out);
	tap_is_text(buf_text(&out),
		"v=DKIM1; k=ed25519; p=MDEyMzQ1Njc4OWFiY2RlZg==", "text");
	buf_free(&out);
}

/* Strings of 255 bytes, however many there are. */
static void test_zone(void)
{
	static const struct {
		size_t bytes;
		const char *shape; /* the lengths of its strings */
	} rows[] = { { 1, "1" }, { 255, "255" }, { 256, "255 1" },
		{ 510, "255 255" }, { 800, "255 255 255 35" } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf text = BUF_INIT(OUT_LIMIT),
			   out = BUF_INIT(OUT_LIMIT);
		struct buf shape = BUF_INIT(OUT_LIMIT);
		struct span rest;

		for (size_t j = 0; j < rows[i].bytes; j++)
			buf_put_byte(&text, 'x');
		dkim_record_put_zone("s", "example.org", buf_span(&text), &out);
		rest = buf_span(&out);
		span_cut(&rest, '"');
		while (rest.length) {
			buf_printf(&shape, "%s%zu", shape.length ? " " : "",
				span_cut(&rest, '"').length);
			span_cut(&rest, '"');
		}
		tap_is_text(buf_text(&shape), rows[i].shape, rows[i].shape);
		buf_free(&text);
		buf_free(&out);
		buf_free(&shape);
	}
}

static void test_zone_text(void)
{
	struct buf out = BUF_INIT(OUT_LIMIT), text = BUF_INIT(OUT_LIMIT);

	dkim_record_put_zone("s", "example.org", SPAN("v=DKIM1; p="), &out);
	tap_is_text(buf_text(&out),
		"s._domainkey.example.org. IN TXT \"v=DKIM1; p=\"\n", "one");
	buf_clear(&out);
	for (int i = 0; i < 256; i++)
		buf_put_byte(&text, "ab"[i == 255]);
	dkim_record_put_zone("s", "example.org", buf_span(&text), &out);
	tap_ok(span_starts_with(buf_span(&out),
		       SPAN("s._domainkey.example.org. IN TXT (\n\t\"aa")) &&
			strstr(buf_text(&out), "a\"\n\t\"b\" )\n"),
		"two");
	buf_free(&text);
	buf_free(&out);
}

/* "KEY" in base 64 is S0VZ. */
static void test_holds(void)
{
	static const struct {
		const char *text, *kind, *reason;
	} rows[] = {
		{ "v=DKIM1; k=rsa; p=S0VZ", "rsa", NULL },
		{ "p=S0VZ", "rsa", NULL },
		{ " v = DKIM1 ;p= S0\tV Z ;", "rsa", NULL },
		{ "v=DKIM1; k=ed25519; p=S0VZ", "ed25519", NULL },
		{ "v=DKIM1; h=sha1:sha256; s=email; t=s:y; n=x=y; p=S0VZ",
			"rsa", NULL },
		{ "v=DKIM1; s= tlsrpt : * ; x=; p=S0VZ", "rsa", NULL },
		{ "v=DKIM1; p=S0VZ", "ed25519",
			"its k= is of another kind of key" },
		{ "v=DKIM1; k=rsa; p=S0VZ", "ed25519",
			"its k= is of another kind of key" },
		{ "v=DKIM1; p=", "rsa",
			"its p= is empty: the key is withdrawn" },
		{ "v=DKIM1; k=rsa", "rsa", "it has no p=" },
		{ "v=DKIM2; p=S0VZ", "rsa", "it does not begin with v=DKIM1" },
		{ "p=S0VZ; v=DKIM1", "rsa",
			"it is no list of 'tag=value' with ';' between" },
		{ "v=DKIM1; p=S0VZ; p=S0VZ", "rsa",
			"it is no list of 'tag=value' with ';' between" },
		{ "v=spf1 -all", "rsa", "it does not begin with v=DKIM1" },
		{ "some text", "rsa",
			"it is no list of 'tag=value' with ';' between" },
		{ "", "rsa", "it has no p=" },
		{ "v=DKIM1; h=sha1; p=S0VZ", "rsa",
			"its h= does not allow sha256" },
		{ "v=DKIM1; s=tlsrpt; p=S0VZ", "rsa",
			"its s= does not allow mail" },
		{ "v=DKIM1; p=S0VX", "rsa", "its p= is another key" },
		{ "v=DKIM1; p=S0VZS0VZ", "rsa", "its p= is another key" },
		{ "v=DKIM1; p=S0VZ\"", "rsa", "its p= is another key" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *reason;
		bool holds = dkim_record_holds(span_of(rows[i].text),
			rows[i].kind, SPAN("KEY"), &reason);

		tap_ok(holds == !rows[i].reason, "%s: %s", rows[i].kind,
			rows[i].text);
		tap_is_text(reason ? reason : "",
			rows[i].reason ? rows[i].reason : "", "its reason");
	}
}

int main(void)
{
	test_selector();
	test_put();
	test_zone();
	test_zone_text();
	test_holds();
	return tap_done();
}
