/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patterns of addresses, and what would make a careless one take hours. */
#include <config.h>

#include "base/buf.h"
#include "base/clock.h"
#include "mail/glob.h"
#include "tap.h"

static const struct {
	const char *pattern, *address;
	bool want;
} patterns[] = {
	{ "a@x.org", "a@x.org", true },
	{ "a@x.org", "A@X.ORG", true },
	{ "a@x.org", "b@x.org", false },
	{ "a@x.org", "a@x.or", false },
	{ "a@x.or", "a@x.org", false },
	{ "a@x.org", "a+b@x.org", true },
	{ "a@x.org", "a+b+c@x.org", true },
	{ "a@x.org", "a+b@y.org", false },
	{ "a+b@x.org", "a+b@x.org", true },
	{ "a+b@x.org", "a+c@x.org", false },
	{ "a@x.org", "+b@x.org", false },
	{ "@x.org", "+b@x.org", false },
	{ "a@x.org", "a@x.org+b", false },
	{ "a", "a+b", false },
	{ "*@x.org", "a@x.org", true },
	{ "*@x.org", "a+b@X.org", true },
	{ "*@X.org", "@x.org", true },
	{ "*@x.org", "a@y.org", false },
	{ "*", "", true },
	{ "", "", true },
	{ "", "a", false },
	{ "a*", "a", true },
	{ "*a*b*c*", "xxaxxbxxcxx", true },
	{ "*a*b*c", "xxaxxcxxbxx", false },
	{ "**a", "a", true },
	{ "?@x.org", "a@x.org", true },
	{ "?@x.org", "@x.org", false },
	{ "?@x.org", "ab@x.org", false },
	{ "?@x.org", "a+bc@x.org", true },
	{ "[ab]@x", "b@x", true },
	{ "[ab]@x", "c@x", false },
	{ "[a-c]@x", "B@x", true },
	{ "[A-C]@x", "b@x", true },
	{ "[!a-c]@x", "b@x", false },
	{ "[^a-c]@x", "d@x", true },
	{ "[]a]@x", "]@x", true },
	{ "[!]a]@x", "]@x", false },
	{ "[a-]@x", "-@x", true },
	{ "[a@x", "[a@x", true },
	{ "[", "[", true },
	{ "[]", "[]", true },
	{ "*[a-c]", "xxb", true },
	{ "a*", "a\xC3\xB6@x", true },
};

static void test_patterns(void)
{
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		tap_ok(glob_matches_address(span_of(patterns[i].pattern),
			       span_of(patterns[i].address)) ==
				patterns[i].want,
			"'%s' %s '%s'", patterns[i].pattern,
			patterns[i].want ? "fits" : "does not fit",
			patterns[i].address);
}

static void test_speed(void)
{
	struct buf stars = BUF_INIT(1001), as = BUF_INIT(10000);

	while (buf_puts(&stars, "*a"))
		continue;
	buf_puts(&stars, "b");
	while (buf_puts(&as, "a"))
		continue;
	int64_t begin = clock_now_ms();
	tap_ok(!glob_matches_address(buf_span(&stars), buf_span(&as)) &&
			clock_now_ms() - begin < 5000,
		"a pattern of stars is no trap");
	buf_free(&stars);
	buf_free(&as);
}

int main(void)
{
	test_patterns();
	test_speed();
	return tap_done();
}
