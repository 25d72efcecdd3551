/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message identifiers: their form, all their bits, and hostile domains. */
#include <config.h>

#include "mail/msgid.h"
#include "tap.h"

static const struct {
	const char *name;
	time_t at;
	const char *random, *domain, *want;
} cases[] = {
	{ "zeros", 0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "example.org",
		"<0.00000000000000000000000000@example.org>" },
	{ "ones", 1795309800,
		"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
		"\xFF",
		"example.org",
		"<1ng4g78.zzzzzzzzzzzzzzzzzzzzzzzzzw@example.org>" },
	{ "the last bit counts", 1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", "x",
		"<1.00000000000000000000000004@x>" },
	{ "the first bit counts", 31, "\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "x",
		"<z.g0000000000000000000000000@x>" },
	{ "an address literal", 1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		"[IPv6:::1]", "<1.00000000000000000000000000@[IPv6:::1]>" },
	{ "a domain that would end the line", 1,
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "x>\r\nBcc: y@z",
		"<1.00000000000000000000000000@x---Bcc:-y-z>" },
	{ "8-bit", 1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "m\xC3\xBC.de",
		"<1.00000000000000000000000000@m--.de>" },
	{ "no domain", 1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "",
		"<1.00000000000000000000000000@localhost>" },
	{ "before the epoch", -5, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "x",
		"<0.00000000000000000000000000@x>" },
};

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT(200);

		msgid_put(&out, cases[i].at,
			(const unsigned char *)cases[i].random,
			cases[i].domain);
		tap_is_text(buf_text(&out), cases[i].want, cases[i].name);
		buf_free(&out);
	}
	return tap_done();
}
