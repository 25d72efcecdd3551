/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the doctor says of the address that mail comes from. */
#include <config.h>

#include "base/text.h"
#include "cmd/doctor.h"
#include "config/provider.h"
#include "net/dns.h"
#include "net/resolve.h"
#include "tap.h"
#include "unit/cmd/zone.h"

#include <netdb.h>

static const struct provider mailer = { .name = "mailer" };

#define HOST "mx.x.example A 192.0.2.1\n"
#define PTR  "1.2.0.192.in-addr.arpa PTR mx.x.example\n"

static const struct {
	const char *name, *zone, *host, *blocklist;
	bool has_provider;
	long port;
	const char *want; /* "STATUS ID WORDS" a line */
} rows[] = {
	{ "a name and back", HOST PTR, "mx.x.example", NULL, false, 587,
		"ok dns.ptr 192.0.2.1: mx.x.example" },
	{ "no name", HOST, "mx.x.example", NULL, false, 587,
		"warn dns.ptr 192.0.2.1 has no name in the DNS (PTR): many "
		"receivers refuse its mail" },
	{ "a name that leads elsewhere",
		HOST "1.2.0.192.in-addr.arpa PTR ip-1.isp.example\n"
		     "ip-1.isp.example A 192.0.2.9\n",
		"mx.x.example", NULL, false, 587,
		"warn dns.ptr 192.0.2.1 has the name ip-1.isp.example in the "
		"DNS, but that name does not lead back to it" },
	{ "the second name leads back",
		HOST "1.2.0.192.in-addr.arpa PTR other.example\n" PTR,
		"mx.x.example", NULL, false, 587,
		"ok dns.ptr 192.0.2.1: mx.x.example" },
	{ "IPv6",
		"mx.x.example A 2001:db8::1\n"
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0."
		"2.ip6.arpa PTR mx.x.example\n",
		"mx.x.example", NULL, false, 587,
		"ok dns.ptr [2001:db8::1]: mx.x.example" },
	{ "a private address", "mx.x.example A 172.20.0.1\n", "mx.x.example",
		NULL, false, 587,
		"skip dns.ptr 172.20.0.1 is private: which address receivers "
		"see is not known here" },
	{ "another private one", "mx.x.example A 192.168.0.1\n", "mx.x.example",
		NULL, false, 587,
		"skip dns.ptr 192.168.0.1 is private: which address receivers "
		"see is not known here" },
	{ "a provider stands between", HOST, "mx.x.example", NULL, true, 587,
		"" },
	{ "somebody else's server", "mx.y.example A 192.0.2.1\n",
		"mx.y.example", NULL, false, 587, "" },
	{ "port 25: the address of this machine", "mx.y.example A 127.0.0.1\n",
		"mx.y.example", NULL, false, 25,
		"skip dns.ptr 127.0.0.1 is private: which address receivers "
		"see is not known here" },
	{ "in a block list",
		HOST PTR "1.2.0.192.bl.example A 127.0.0.2\n"
			 "1.2.0.192.shy.example A 127.255.255.254\n",
		"mx.x.example", "bl.example, shy.example dull.example", false,
		587,
		"ok dns.ptr 192.0.2.1: mx.x.example\n"
		"warn dns.blocklist 192.0.2.1 stands in the block list "
		"bl.example\n"
		"skip dns.blocklist the block list does not answer this name "
		"server: 192.0.2.1, shy.example\n"
		"ok dns.blocklist not in the block list: 192.0.2.1, "
		"dull.example" },
	{ "no such host", "", "mx.x.example", NULL, false, 587, "" },
};

static void put_findings(const struct findings *found, struct buf *out)
{
	for (size_t i = 0; i < found->count; i++) {
		struct buf line = BUF_INIT(8000);
		struct span rest, word;

		finding_put(found, &found->items[i], &line);
		rest = span_trim(buf_span(&line));
		buf_puts(out, out->length ? "\n" : "");
		for (int word_count = 0; word_count < 2; word_count++) {
			word = span_cut_word(&rest);
			buf_put_span(out, word);
			buf_puts(out, " ");
		}
		buf_put_span(out, span_trim(rest));
		buf_free(&line);
	}
}

static void test_row(size_t i)
{
	struct account account = { .from = "a@x.example",
		.host = rows[i].host,
		.port = rows[i].port,
		.blocklist = rows[i].blocklist,
		.known = rows[i].has_provider ? &mailer : NULL };
	struct arena *arena = arena_new();
	struct findings found = { .arena = arena };
	struct doctor doctor = { .arena = arena,
		.found = &found,
		.account = &account,
		.sender = account.from };
	struct buf got = BUF_INIT(8000);

	zone = rows[i].zone;
	doctor_address(&doctor);
	put_findings(&found, &got);
	tap_is_text(buf_text(&got), rows[i].want, rows[i].name);
	buf_free(&got);
	arena_free(arena);
}

int main(void)
{
	dns_set_query_for_test(zone_answer);
	resolve_set_lookup_for_test(zone_look_up);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(i);
	return tap_done();
}
