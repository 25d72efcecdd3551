/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the doctor says of zones: right ones, wrong ones, silent ones. */
#include <config.h>

#include "base/text.h"
#include "cmd/doctor.h"
#include "config/provider.h"
#include "net/dns.h"
#include "tap.h"
#include "unit/cmd/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- rows ---------------------------------------------------------------- */

static const struct provider mailer = { .name = "mailer",
	.spf = "spf.mailer.example",
	.dkim = "s1 s2",
	.domains = "mailer.example" };

#define GOOD                                                                   \
	"x.example MX mx.x.example\n"                                          \
	"x.example TXT v=spf1 include:spf.mailer.example -all\n"               \
	"x.example TXT something=else\n"                                       \
	"spf.mailer.example TXT v=spf1 ip4:192.0.2.0/24 ~all\n"                \
	"s2._domainkey.x.example TXT v=DKIM1; k=rsa; p=MIGf\n"                 \
	"_dmarc.x.example TXT v=DMARC1; p=reject; rua=mailto:a@x.example\n"
#define TEN(d)                                                                 \
	"a:1." d " a:2." d " a:3." d " a:4." d " a:5." d " a:6." d " a:7." d   \
	" a:8." d " a:9." d

static const struct {
	const char *name, *zone, *from;
	bool has_provider;
	/* "STATUS ID: WORDS" in the text of the finding, of the ID alone. */
	const char *id, *want;
} rows[] = {
	{ "mx", GOOD, "a@x.example", true, "dns.mx",
		"ok answers go to mx.x.example" },
	{ "no mx", "x.example TXT v=spf1 -all\n", "a@x.example", true, "dns.mx",
		"warn x.example takes no mail (there is no MX record): reports "
		"of what did not arrive are lost" },
	{ "the root as mx", "x.example MX .\n", "a@x.example", true, "dns.mx",
		"warn x.example takes no mail (there is no MX record): reports "
		"of what did not arrive are lost" },
	{ "spf", GOOD, "a@x.example", true, "dns.spf",
		"ok the SPF record is fine (look-ups: 1 of 10)" },
	{ "no spf", "x.example TXT v=spf10 -all\n", "a@x.example", true,
		"dns.spf", "warn x.example has no SPF record" },
	{ "two of them",
		"x.example TXT v=spf1 -all\nx.example TXT V=SPF1 ~all\n",
		"a@x.example", true, "dns.spf",
		"FAIL x.example has 2 SPF records: then none of them counts "
		"(RFC 7208 4.5)" },
	{ "not the provider's", "x.example TXT v=spf1 ip4:192.0.2.1 -all\n",
		"a@x.example", true, "dns.spf",
		"warn the SPF record of x.example does not name the provider "
		"that sends for it" },
	{ "the provider's, further down",
		"x.example TXT v=spf1 include:y.example -all\n"
		"y.example TXT v=spf1 include:spf.mailer.example ?all\n"
		"spf.mailer.example TXT v=spf1 mx ~all\n",
		"a@x.example", true, "dns.spf",
		"ok the SPF record is fine (look-ups: 3 of 10)" },
	{ "a redirect",
		"x.example TXT v=spf1 redirect=y.example\n"
		"y.example TXT v=spf1 a mx -all\n",
		"a@x.example", false, "dns.spf",
		"ok the SPF record is fine (look-ups: 3 of 10)" },
	{ "everybody", "x.example TXT v=spf1 +all\n", "a@x.example", false,
		"dns.spf",
		"FAIL the SPF record of x.example lets everybody send in its "
		"name ('+all')" },
	{ "everybody, without the sign", "x.example TXT v=spf1 mx  all\n",
		"a@x.example", false, "dns.spf",
		"FAIL the SPF record of x.example lets everybody send in its "
		"name ('+all')" },
	{ "ten look-ups", "x.example TXT v=spf1 " TEN("x") " mx -all\n",
		"a@x.example", false, "dns.spf",
		"ok the SPF record is fine (look-ups: 10 of 10)" },
	{ "eleven", "x.example TXT v=spf1 " TEN("x") " mx ptr -all\n",
		"a@x.example", false, "dns.spf",
		"FAIL the SPF record of x.example needs 11 look-ups, and 10 "
		"are the most (RFC 7208 4.6.4)" },
	{ "in a circle", "x.example TXT v=spf1 include:x.example -all\n",
		"a@x.example", false, "dns.spf",
		"FAIL the SPF record of x.example needs 11 look-ups, and 10 "
		"are the most (RFC 7208 4.6.4)" },
	{ "an include of nothing", "x.example TXT v=spf1 include:no.example\n",
		"a@x.example", false, "dns.spf",
		"FAIL the SPF record of x.example includes no.example, which "
		"has none: then it does not count (RFC 7208 5.2)" },
	{ "a macro is not followed",
		"x.example TXT v=spf1 include:%{i}.x.example -all\n",
		"a@x.example", false, "dns.spf",
		"ok the SPF record is fine (look-ups: 1 of 10)" },
	{ "dkim", GOOD, "a@x.example", true, "dns.dkim",
		"ok s2._domainkey.x.example has a DKIM key of the provider's" },
	{ "no dkim", "s1._domainkey.x.example TXT v=DKIM1; p=\n", "a@x.example",
		true, "dns.dkim",
		"warn none of the provider's DKIM keys is in the DNS of "
		"x.example (selectors: s1 s2)" },
	{ "who knows", GOOD, "a@x.example", false, "dns.dkim",
		"skip whether the provider signs is not known" },
	{ "dmarc", GOOD, "a@x.example", true, "dns.dmarc",
		"ok _dmarc.x.example: p=reject" },
	{ "dmarc of the organisation", GOOD, "a@a.b.x.example", true,
		"dns.dmarc", "ok _dmarc.x.example: p=reject" },
	{ "its sp=", "_dmarc.x.example TXT v=DMARC1; p=none; sp=reject\n",
		"a@b.x.example", true, "dns.dmarc",
		"ok _dmarc.x.example: p=reject" },
	{ "its own before", GOOD "_dmarc.b.x.example TXT v=DMARC1; p=none\n",
		"a@b.x.example", true, "dns.dmarc",
		"ok _dmarc.b.x.example: p=none" },
	{ "the highest counts",
		"_dmarc.b.x.example TXT v=DMARC1; p=none\n"
		"_dmarc.x.example TXT v=DMARC1; p=quarantine\n",
		"a@a.b.x.example", true, "dns.dmarc",
		"ok _dmarc.x.example: p=quarantine" },
	{ "an organisation that ends",
		"_dmarc.b.x.example TXT v=DMARC1; p=none; psd=n\n"
		"_dmarc.x.example TXT v=DMARC1; p=quarantine\n",
		"a@a.b.x.example", true, "dns.dmarc",
		"ok _dmarc.b.x.example: p=none" },
	{ "a public suffix",
		"_dmarc.x.example TXT v=DMARC1; p=none\n"
		"_dmarc.example TXT v=DMARC1; p=reject; psd=y\n",
		"a@b.x.example", true, "dns.dmarc",
		"ok _dmarc.x.example: p=none" },
	{ "many labels",
		"_dmarc.c.d.e.f.g.x.example TXT v=DMARC1; p=reject\n"
		"_dmarc.b.c.d.e.f.g.x.example TXT v=DMARC1; p=none\n",
		"m@1.2.3.4.5.a.b.c.d.e.f.g.x.example", true, "dns.dmarc",
		"ok _dmarc.c.d.e.f.g.x.example: p=reject" },
	{ "no dmarc", "_dmarc.x.example TXT v=DMARC2; p=none\n", "a@x.example",
		true, "dns.dmarc", "warn x.example has no DMARC record" },
	{ "two dmarcs",
		"_dmarc.x.example TXT v=DMARC1; p=none\n"
		"_dmarc.x.example TXT v=DMARC1; p=reject\n",
		"a@x.example", true, "dns.dmarc",
		"FAIL the DMARC record at _dmarc.x.example does not count: "
		"there are several" },
	{ "dmarc without p=", "_dmarc.x.example TXT v=DMARC1;\n", "a@x.example",
		true, "dns.dmarc",
		"FAIL the DMARC record at _dmarc.x.example does not count: it "
		"has no p=" },
	{ "aligned", GOOD, "a@x.example", true, "dns.alignment",
		"ok DKIM signs in the name of x.example: DMARC counts it" },
	{ "by SPF alone",
		"x.example TXT v=spf1 include:spf.mailer.example -all\n"
		"spf.mailer.example TXT v=spf1 -all\n",
		"a@x.example", true, "dns.alignment",
		"skip DMARC hangs on SPF alone: forwarded mail fails" },
	{ "refused by its own record",
		"_dmarc.x.example TXT v=DMARC1; p=reject\n", "a@x.example",
		true, "dns.alignment",
		"FAIL neither SPF nor DKIM speaks for mail from x.example, and "
		"its DMARC record says p=reject" },
	{ "not refused", "_dmarc.x.example TXT v=DMARC1; p=none\n",
		"a@x.example", true, "dns.alignment", "" },
	{ "mta-sts", "_mta-sts.x.example TXT v=STSv1; id=1\n", "a@x.example",
		true, "dns.mta-sts", "ok _mta-sts.x.example" },
	{ "no tls-rpt", "", "a@x.example", true, "dns.tls-rpt",
		"skip there is none, and need not be" },
	{ "the provider's own domain", "", "a@mailer.example", true, "dns.mx",
		"skip the sender's domain is the provider's" },
	{ "no domain of the DNS", "", "a@host.invalid", true, "dns.mx",
		"skip the sender's domain is in no DNS" },
};

/* STATUS and words of the findings of ID, a line each. */
static void put_findings(
	const struct findings *found, const char *id, struct buf *out)
{
	for (size_t i = 0; i < found->count; i++) {
		struct buf line = BUF_INIT(8000);
		struct span rest, status;

		if (strcmp(found->items[i].id, id))
			continue;
		finding_put(found, &found->items[i], &line);
		rest = span_trim(buf_span(&line));
		status = span_cut_word(&rest);
		(void)span_cut_word(&rest);
		buf_puts(out, out->length ? "\n" : "");
		buf_put_span(out, status);
		buf_puts(out, " ");
		buf_put_span(out, span_trim(rest));
		buf_free(&line);
	}
}

static void examine(struct account *account, const char *id, const char *want,
	const char *name)
{
	struct arena *arena = arena_new();
	struct findings found = { .arena = arena };
	struct doctor doctor = { .arena = arena,
		.found = &found,
		.account = account,
		.sender = account->from };
	struct buf got = BUF_INIT(8000);

	doctor_domain(&doctor);
	put_findings(&found, id, &got);
	tap_is_text(buf_text(&got), want, name);
	buf_free(&got);
	arena_free(arena);
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct account account = { .from = rows[i].from,
			.known = rows[i].has_provider ? &mailer : NULL };

		zone = rows[i].zone;
		examine(&account, rows[i].id, rows[i].want, rows[i].name);
	}
}

static void test_silence(void)
{
	struct account account = { .from = "a@x.example" };

	zone_is_silent = true;
	examine(&account, "dns.mx",
		"warn the address of x.example could not be looked up: "
		"Host name lookup failure",
		"silent name servers are asked once");
	examine(&account, "dns.spf", "", "and not again");
	zone_is_silent = false;
}

/* ---- a key of our own ---------------------------------------------------- */

/* RFC 8410 10.3, and what dig would say of it. */
static const char key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
	"-----END PRIVATE KEY-----\n";
#define PUBLIC "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="

static void test_key(void)
{
	char path[] = "/tmp/mailchute-key.XXXXXX";
	int fd = mkstemp(path);
	struct account account = { .from = "a@x.example",
		.dkim_domain = "x.example",
		.dkim_selector = "sel",
		.dkim_key_file = path };

	if (fd < 0 || write(fd, key, sizeof key - 1) < 0)
		return;
	close(fd);
	zone = "sel._domainkey.x.example TXT v=DKIM1; k=ed25519; p=" PUBLIC
	       "\n";
	examine(&account, "dns.dkim",
		"ok sel._domainkey.x.example has the key that signs",
		"the key's public half");
	zone = "sel._domainkey.x.example TXT v=DKIM1; k=ed25519; "
	       "p=AAAAyQKKMhcyVKFDBXCjrF+sLkw5XgzJ8kQH3oqIZxM=\n";
	examine(&account, "dns.dkim",
		"FAIL the DKIM record at sel._domainkey.x.example does not fit "
		"the key of 'dkim_key_file': its p= is another key",
		"another key's");
	zone = "sel._domainkey.x.example TXT v=DKIM1; k=ed25519; p=" PUBLIC "\n"
	       "_dmarc.w.example TXT v=DMARC1; p=none\n";
	account.from = "a@b.x.example";
	examine(&account, "dns.alignment",
		"ok DKIM signs in the name of b.x.example: DMARC counts it",
		"a domain below that of the key");
	account.from = "a@y.example";
	examine(&account, "dns.alignment",
		"warn mail from y.example is signed for x.example: DMARC does "
		"not count that",
		"another domain than that of the key");
	zone = "sel._domainkey.s.w.example TXT v=DKIM1; k=ed25519; p=" PUBLIC
	       "\n"
	       "_dmarc.w.example TXT v=DMARC1; p=none\n";
	account.from = "a@m.w.example";
	account.dkim_domain = "s.w.example";
	examine(&account, "dns.alignment",
		"ok DKIM signs in the name of m.w.example: DMARC counts it",
		"side by side in one organisation");
	account.from = "a@x.example";
	account.dkim_domain = "x.example";
	zone = "other._domainkey.x.example TXT v=DKIM1; k=ed25519; p=" PUBLIC
	       "\n";
	examine(&account, "dns.dkim",
		"FAIL there is no DKIM key at sel._domainkey.x.example",
		"at another selector");
	unlink(path);
	examine(&account, "dns.dkim", "", "without the key");
}

int main(void)
{
	dns_set_query_for_test(zone_answer);
	test_rows();
	test_silence();
	test_key();
	return tap_done();
}
