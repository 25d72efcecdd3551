/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fingerprints as text.  Knows no certificate. */
#include <config.h>

#include "net/pin.h"

#include "base/base64.h"

#include <string.h>

/* What curl puts in front of a key's; there is no other hash of a key. */
#define KEY_PREFIX "sha256//"

static bool parse_hex(struct span text, struct pin *out)
{
	size_t digits = 0;

	for (size_t i = 0; i < text.length; i++) {
		int value = ascii_hex_value(text.at[i]);

		if (text.at[i] == ':' || text.at[i] == ' ')
			continue;
		if (value < 0 || digits >= 2 * sizeof out->digest)
			return false;
		out->digest[digits / 2] =
			(unsigned char)(out->digest[digits / 2]
						<< (digits % 2 ? 4 : 8) |
					value);
		digits++;
	}
	out->length = digits / 2;
	return digits == 64 || digits == 40 || digits == 32;
}

static bool parse_key(struct span text, struct pin *out)
{
	struct buf bytes = BUF_INIT(PIN_BYTES_MAX);
	bool is_fine =
		base64_decode(text, &bytes) && bytes.length == PIN_BYTES_MAX;

	if (is_fine)
		memcpy(out->digest, bytes.data, PIN_BYTES_MAX);
	out->length = PIN_BYTES_MAX;
	out->is_key = true;
	buf_free(&bytes);
	return is_fine;
}

bool pin_cut(struct span *list, struct pin *out)
{
	struct span rest = *list, text = span_trim(span_cut(&rest, ','));
	const size_t prefix = sizeof KEY_PREFIX - 1;
	bool is_key =
		text.length > prefix && !memcmp(text.at, KEY_PREFIX, prefix);

	memset(out, 0, sizeof *out);
	if (!list->length || !(is_key ? parse_key(span_skip(text, prefix), out)
				      : parse_hex(text, out)))
		return false;
	*list = rest;
	return true;
}

bool pin_list_is_valid(struct span list)
{
	struct pin pin;

	if (!list.length)
		return false;
	while (list.length)
		if (!pin_cut(&list, &pin))
			return false;
	return true;
}
