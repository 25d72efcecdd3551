/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fingerprints: what is one, and what is none. */
#include <config.h>

#include "base/buf.h"
#include "net/pin.h"
#include "tap.h"

#define HEX16 "000102030405060708090a0b0c0d0e0f"
#define HEX20 HEX16 "10111213"
#define HEX32 HEX16 "101112131415161718191a1b1c1d1eff"
#define KEY   "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8="

static const struct {
	const char *name, *text, *want; /* NULL: refused */
} rows[] = {
	{ "SHA-256", HEX32, "cert " HEX32 },
	{ "capitals",
		"000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E"
		"FF",
		"cert " HEX32 },
	{ "colons", "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f",
		"cert " HEX16 },
	{ "blanks", "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
		"cert " HEX16 },
	{ "SHA-1", HEX20, "cert " HEX20 },
	{ "MD5", HEX16, "cert " HEX16 },
	{ "a key", KEY, "key " HEX32 },
	{ "two", HEX20 " , " KEY, "cert " HEX20 " key " HEX32 },
	{ "nothing", "", NULL },
	{ "one digit too few",
		"00010203040506070809"
		"0a0b0c0d0e0",
		NULL },
	{ "one digit too many", HEX32 "0", NULL },
	{ "another letter", "g0" HEX16, NULL },
	{ "half of one", "00010203", NULL },
	{ "a key that is too short", "sha256//AAEC", NULL },
	{ "a key that is too long",
		"sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8A", NULL },
	{ "a key that is no base 64",
		"sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH*8=", NULL },
	{ "an empty key", "sha256//", NULL },
	{ "an empty one in the middle", HEX16 ",," HEX16, NULL },
	{ "a bad one behind a good one", HEX16 ",abc", NULL },
};

static void put(struct buf *out, const struct pin *pin)
{
	buf_printf(out, "%s%s ", out->length ? " " : "",
		pin->is_key ? "key" : "cert");
	for (size_t i = 0; i < pin->length; i++)
		buf_printf(out, "%02x", pin->digest[i]);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct span list = span_of(rows[i].text);
		struct buf got = BUF_INIT(400);
		struct pin pin;

		while (pin_cut(&list, &pin))
			put(&got, &pin);
		tap_is_text(
			rows[i].want && !list.length ? buf_text(&got) : NULL,
			rows[i].want, rows[i].name);
		tap_is_number(pin_list_is_valid(span_of(rows[i].text)),
			rows[i].want != NULL, "as a list");
		buf_free(&got);
	}
	return tap_done();
}
