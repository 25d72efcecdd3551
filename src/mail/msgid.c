/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message identifiers.  Knows neither clock nor random source. */
#include <config.h>

#include "mail/msgid.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

enum { RANDOM_BYTES = 16, DIGIT_BITS = 5 };

static const char digits[] = TEXT_ID_LETTERS;

static void put_random(struct buf *out, const unsigned char *random)
{
	unsigned held = 0, bits = 0;

	for (size_t i = 0; i < RANDOM_BYTES; i++) {
		held = (held << 8 | random[i]) & 0xFFFFu;
		for (bits += 8; bits >= DIGIT_BITS; bits -= DIGIT_BITS)
			buf_put_byte(
				out, digits[held >> (bits - DIGIT_BITS) & 31u]);
	}
	if (bits)
		buf_put_byte(out, digits[held << (DIGIT_BITS - bits) & 31u]);
}

static void put_time(struct buf *out, time_t at)
{
	char text[16];
	size_t begin = sizeof text;
	uint64_t rest = at < 0 ? 0 : (uint64_t)at;

	do {
		text[--begin] = digits[rest & 31u];
		rest >>= DIGIT_BITS;
	} while (rest);
	buf_put(out, text + begin, sizeof text - begin);
}

/* What stands to the right of the @ is dot-atom or a literal (id-right); the
 * domain may come from a host name that an administrator mistyped. */
static bool is_domain_byte(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || strchr("-._[]:", c);
}

static void put_domain(struct buf *out, const char *domain)
{
	buf_put_byte(out, '@');
	for (const char *p = domain; *p; p++)
		buf_put_byte(out, is_domain_byte(*p) ? *p : '-');
	buf_puts(out, *domain ? ">" : "localhost>");
}

void msgid_put(struct buf *out, time_t at,
	const unsigned char random[static 16], const char *domain)
{
	buf_put_byte(out, '<');
	put_time(out, at);
	buf_put_byte(out, '.');
	put_random(out, random);
	put_domain(out, domain);
}

void msgid_put_left(struct buf *out, const char *left, const char *domain)
{
	buf_put_byte(out, '<');
	buf_puts(out, left);
	put_domain(out, domain);
}
