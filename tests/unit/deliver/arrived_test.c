/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads of messages that arrived: what each method came to, and the row. */
#include <config.h>

#include "base/buf.h"
#include "base/text.h"
#include "deliver/arrived.h"
#include "tap.h"

#include <stdio.h>

/* Fields of a head, with From at x.example unless a row brings its own. */
#define FROM    "From: A <a@x.example>\n"
#define AR(...) "Authentication-Results: mx.example;" __VA_ARGS__ "\n" FROM
#define OWN     " header.d=x.example"

static const struct {
	/* "row spf dkim dmarc set aside", a state as a letter; "" where nothing
	 * is there */
	const char *want, *text;
} rows[] = {
	/* the rows of the table */
	{ "arrived.fine A A P 0", AR(" spf=pass smtp.mailfrom=x.example; "
				     "dkim=pass" OWN "; dmarc=pass") },
	{ "arrived.dkim-alone O A P 0", AR(" spf=pass smtp.mailfrom=esp.example"
					   "; dkim=pass" OWN "; dmarc=pass") },
	{ "arrived.dkim-alone F A P 0",
		AR(" spf=fail; dkim=pass" OWN "; dmarc=pass") },
	{ "arrived.spf-alone A - P 0", AR(" spf=pass smtp.mailfrom=x.example; "
					  "dkim=none; dmarc=pass") },
	{ "arrived.pass - - P 0", AR(" dmarc=pass (p=NONE)") },
	{ "arrived.temporary T A - 0", AR(" spf=temperror; dkim=pass" OWN) },
	{ "arrived.temporary - T F 0", AR(" dkim=temperror; dmarc=fail") },
	{ "arrived.temporary - A T 0",
		AR(" dkim=pass" OWN "; dmarc=temperror") },
	{ "arrived.strict A - F 0",
		AR(" spf=pass smtp.mailfrom=b.x.example; dmarc=fail") },
	{ "arrived.strict - A F 0",
		AR(" dkim=pass header.d=b.x.example; dmarc=fail") },
	{ "arrived.changed - F F 0",
		AR(" dkim=fail (body hash did not verify)" OWN
		   "; dmarc=fail") },
	{ "arrived.no-key - F F 0",
		AR(" dkim=neutral reason=\"no key for signature\"" OWN
		   "; dmarc=fail") },
	{ "arrived.no-key - B - 0",
		AR(" dkim=permerror (key not found in DNS)" OWN) },
	{ "arrived.bad-signature F F F 0",
		AR(" spf=softfail; dkim=fail" OWN "; dmarc=fail") },
	{ "arrived.spf-broken B - F 0", AR(" spf=permerror; dmarc=fail") },
	{ "arrived.broken A - B 0",
		AR(" spf=pass smtp.mailfrom=x.example; dmarc=permerror") },
	{ "arrived.no-dmarc A A - 0",
		AR(" spf=pass smtp.mailfrom=x.example; dkim=pass" OWN
		   "; dmarc=none") },
	{ "arrived.no-signature A - - 0",
		AR(" spf=pass smtp.mailfrom=x.example") },
	{ "arrived.spf-fails F O F 0",
		AR(" spf=fail; dkim=pass header.d=esp.example; dmarc=fail") },
	{ "arrived.spf-fails F - F 0",
		AR(" spf=neutral; dkim=none; dmarc=fail") },
	{ "arrived.not-aligned O O F 0",
		AR(" spf=pass smtp.mailfrom=esp.example; dkim=pass "
		   "header.d=esp.example; dmarc=fail") },
	{ "arrived.not-aligned O - F 0",
		AR(" spf=pass smtp.mailfrom=esp.example; dmarc=fail") },
	{ "arrived.fail - - F 0", AR(" dmarc=fail") },
	{ "arrived.unsure P - - 0", "Authentication-Results: mx; spf=pass "
				    "smtp.mailfrom=x.example" },
	{ "arrived.unsure - P - 0",
		"Authentication-Results: mx; dkim=pass header.d=x.example" },
	{ "arrived.nothing - - - 0", "Authentication-Results: mx; none" },

	/* several fields, and whose they are */
	{ "arrived.fine A A P 0",
		"Authentication-Results: mx; dmarc=pass header.from=x.example\n"
		"Authentication-Results: MX;\r\n\tspf=pass\r\n\t (c;c)\r\n"
		"\tsmtp.mailfrom=x.example\r\nSubject: spf=fail\n"
		"Authentication-Results: mx; dkim=pass header.i=@x.example\n" },
	{ "arrived.fail - - F 2",
		"ARC-Authentication-Results: i=1; mx; dmarc=pass\n"
		"Authentication-Results: mx; dmarc=fail\n"
		"Authentication-Results: sender.example; dmarc=pass\n" },
	{ "", "ARC-Authentication-Results: i=1; mx; dmarc=pass\n" },
	{ "arrived.spf-fails F - F 0",
		"Authentication-Results: spf=fail (sender IP is 192.0.2.1)\n"
		" smtp.mailfrom=x.example; dkim=none (message not signed)\n"
		" header.d=none;dmarc=fail action=none header.from=x.example;\n"
		"Received-SPF: Pass (protection.example: domain of "
		"x.example)\n" },
	/* of two signatures the own one */
	{ "arrived.dkim-alone - A P 0", AR(" dkim=pass header.d=esp.example; "
					   "dkim=pass" OWN "; dmarc=pass") },
	{ "arrived.bad-signature - F F 0",
		AR(" dkim=pass header.d=esp.example; "
		   "dkim=fail" OWN "; dmarc=fail") },
	/* side by side: DMARC's result says whether it is one organisation */
	{ "arrived.pass P - P 0", AR(" spf=pass smtp.mailfrom=b.a.example; "
				     "dmarc=pass header.from=c.a.example") },
	/* other places */
	{ "arrived.unsure P - - 0", "Received-SPF: pass (mx: domain of a@x)"
				    " client-ip=192.0.2.1; helo=h;\n" },
	{ "arrived.no-signature A - - 0",
		FROM "Received-SPF: pass (c)\n client-ip=192.0.2.1; "
		     "envelope-from=\"a@x.example\"; helo=h;\n" },
	{ "arrived.fine A A P 0",
		"From:\tA <a@x.example>\nSPF:\tPASS with IP 192.0.2.1 domain "
		"x.example\nDKIM:\t'PASS' with domain x.example\nDMARC:\t"
		"'PASS'\n" },
	/* pasted */
	{ "arrived.spf-fails F - F 0",
		"  Authentication-Results: mx.example;\n"
		"spf=fail (not permitted) smtp.mailfrom=x.example;\n"
		"dmarc=fail header.from=x.example\n" },
	{ "arrived.spf-fails F - F 0",
		"Received: by mx Authentication-Results: mx; spf=fail; "
		"dmarc=fail header.from=x.example From: a@x.example" },
	{ "arrived.fine A A P 0",
		"Some words before.\n\nAuthentication-Results: mx; spf=pass "
		"smtp.mailfrom=x.example; dkim=pass header.d=x.example; "
		"dmarc=pass\n" FROM },
	/* nothing */
	{ "", "" },
	{ "", FROM "Subject: spf=fail\n\nspf=fail" },
	{ "", "Authentication-Results: mx; auth=pass smtp.auth=a\n" },
	{ "", "550 5.7.26 SPF: fail, DKIM: fail" },
	{ "", "SPF: see below\n" },
};

static char letter(enum arrived_state state)
{
	static const struct {
		enum arrived_state state;
		char letter;
	} letters[] = { { ARRIVED_ALIGNED, 'A' }, { ARRIVED_OTHER, 'O' },
		{ ARRIVED_PASS, 'P' }, { ARRIVED_FAIL, 'F' },
		{ ARRIVED_BROKEN, 'B' }, { ARRIVED_TEMPORARY, 'T' } };

	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		if (letters[i].state == state)
			return letters[i].letter;
	return '-';
}

static void test_row(size_t i)
{
	struct arrived found;
	char got[200] = "";

	if (arrived_find(span_of(rows[i].text), &found))
		snprintf(got, sizeof got, "%s %c %c %c %zu", found.row->id,
			letter(found.marks[AUTHRES_SPF].state),
			letter(found.marks[AUTHRES_DKIM].state),
			letter(found.marks[AUTHRES_DMARC].state),
			found.set_aside);
	tap_is_text(got, rows[i].want, rows[i].text);
}

static void test_report(void)
{
	static const char *const reports[] = {
		"Content-Type: multipart/Report;\n report-type=x\n",
		"Return-Path: <>\n", "X-Failed-Recipients: b@x\n",
		"Subject: no\n\nDiagnostic-Code: smtp; 550 no\n"
	};
	struct arrived found;
	char text[200];

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
		snprintf(
			text, sizeof text, "%s%s", AR(" spf=pass"), reports[i]);
		tap_ok(arrived_find(span_of(text), &found) && found.is_report,
			"a report: %s", reports[i]);
	}
	tap_ok(arrived_find(
		       SPAN(AR(" spf=pass") "Return-Path: <a@x>\n"), &found) &&
			!found.is_report,
		"a message that is none");
}

/* Each row of the table is found by one of the rows above. */
static void test_table(void)
{
	for (size_t i = 0; i < arrived_count(); i++) {
		struct arrived found = { .row = NULL };
		size_t row = 0;

		while (row < sizeof rows / sizeof *rows &&
			(!arrived_find(span_of(rows[row].text), &found) ||
				found.row != arrived_row(i)))
			row++;
		tap_ok(row < sizeof rows / sizeof *rows,
			"%zu, %s, can be found", i, arrived_row(i)->id);
	}
}

static void test_large(void)
{
	struct buf text = BUF_INIT(100000);
	struct arrived found;

	while (text.length < 64000)
		buf_puts(
			&text, "Authentication-Results: m;dkim=pass(;dmarc=\n");
	tap_ok(arrived_find(buf_span(&text), &found), "64 KB of fields");
	buf_free(&text);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(i);
	test_report();
	test_table();
	test_large();
	return tap_done();
}
