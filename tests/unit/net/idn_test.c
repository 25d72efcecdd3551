/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domains to A-labels. */
#include <config.h>

#include "net/idn.h"
#include "tap.h"

static const struct {
	const char *name, *domain, *want; /* NULL: refused */
} cases[] = {
	{ "ASCII is copied", "mail.Example.org", "mail.Example.org" },
	{ "the empty domain", "", "" },
	{ "an address literal", "[192.0.2.1]", "[192.0.2.1]" },
	{ "an IPv6 literal", "[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]" },
	{ "an umlaut", "b\303\274cher.example", "xn--bcher-kva.example" },
	{ "upper case", "B\303\234CHER.example", "xn--bcher-kva.example" },
	{ "not in NFC", "bu\314\210cher.example", "xn--bcher-kva.example" },
	{ "the sharp s stays", "stra\303\237e.example",
		"xn--strae-oqa.example" },
	{ "an ideographic full stop", "\344\276\213\343\200\202example",
		"xn--fsq.example" },
	/* IDNA 2008 has no such label; YouTube and AWS have names with one, and
	 * libidn2 refuses it unless it is not asked. */
	{ "two hyphens in ASCII", "r3---sn-x.example", "r3---sn-x.example" },
	{ "not UTF-8", "b\374cher.example", NULL },
	{ "a forbidden code point", "a\342\200\250b.example", NULL },
	{ "mixed directions", "\327\220a\327\221.example", NULL },
};

static void test_limits(void)
{
	struct buf small = BUF_INIT(8);
	struct diag why = { 0 };

	tap_ok(!idn_to_ascii("b\303\274cher.example", &small, &why),
		"no room: refused");
	tap_is_diag(&why, DIAG_ADDRESS_DOMAIN_INVALID, "no room: the diag");
	buf_free(&small);
	small = BUF_INIT(8);
	tap_ok(!idn_to_ascii("mail.example.org", &small, &why),
		"no room for ASCII either");
	buf_free(&small);
}

static void test_labels(void)
{
	struct buf domain = BUF_INIT(5000), out = BUF_INIT(5000);

	while (domain.length < 63)
		buf_put_byte(&domain, 'a');
	buf_puts(&domain, ".example");
	tap_ok(idn_to_ascii(buf_text(&domain), &out, NULL), "63 letters");
	buf_clear(&domain);
	while (domain.length < 64)
		buf_put_byte(&domain, 'a');
	buf_puts(&domain, ".example");
	tap_ok(!idn_to_ascii(buf_text(&domain), &out, NULL), "64 letters");
	buf_clear(&domain);
	while (domain.length < 254)
		buf_puts(&domain, "a.");
	buf_puts(&domain, "a");
	tap_ok(idn_to_ascii(buf_text(&domain), &out, NULL), "255 bytes");
	buf_puts(&domain, "a");
	tap_ok(!idn_to_ascii(buf_text(&domain), &out, NULL), "256 bytes");
	buf_free(&domain);
	buf_free(&out);
}

static void test_long(void)
{
	struct buf domain = BUF_INIT(5000), out = BUF_INIT(5000);
	struct diag why = { 0 };

	while (domain.length < 4000)
		buf_puts(&domain, "\303\274.");
	tap_ok(!idn_to_ascii(buf_text(&domain), &out, &why), "4000 bytes");
	tap_is_diag(&why, DIAG_ADDRESS_DOMAIN_INVALID, "4000 bytes: the diag");
	buf_free(&domain);
	buf_free(&out);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT(300);
		struct diag why = { 0 };
		bool ok = idn_to_ascii(cases[i].domain, &out, &why);

		if (cases[i].want)
			tap_is_text(ok ? buf_text(&out) : NULL, cases[i].want,
				cases[i].name);
		else
			tap_is_diag(&why, DIAG_ADDRESS_DOMAIN_INVALID,
				cases[i].name);
		buf_free(&out);
	}
	test_limits();
	test_labels();
	test_long();
	tap_ok(idn_library_version(true)[0] != '\0',
		"the library has a version");
	return tap_done();
}
