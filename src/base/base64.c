/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base 64.  Strict, because what is decoded is a server's challenge or a
 * password; knows nothing of lines. */
#include <config.h>

#include "base/base64.h"

#include <stdint.h>

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { NOT_A_LETTER = 64 };

static unsigned value_of(char letter)
{
	const char *found = letter ? strchr(alphabet, letter) : NULL;

	return found ? (unsigned)(found - alphabet) : NOT_A_LETTER;
}

static unsigned byte_at(struct span bytes, size_t index)
{
	return index < bytes.length ? (unsigned char)bytes.at[index] : 0;
}

bool base64_encode(struct span bytes, struct buf *out)
{
	size_t groups = bytes.length / 3 + (bytes.length % 3 != 0);
	char *end;

	if (!groups)
		return true;
	if (groups > SIZE_MAX / 4) {
		out->overflowed = true;
		return false;
	}
	end = buf_reserve(out, groups * 4);
	if (!end)
		return false;
	for (size_t i = 0; i < groups; i++, end += 4) {
		unsigned bits = byte_at(bytes, i * 3) << 16 |
				byte_at(bytes, i * 3 + 1) << 8 |
				byte_at(bytes, i * 3 + 2);

		for (unsigned k = 0; k < 4; k++)
			end[k] = alphabet[bits >> (18 - 6 * k) & 63];
	}
	for (size_t length = bytes.length; length % 3; length++)
		end[-(ptrdiff_t)(3 - length % 3)] = '=';
	buf_grow(out, groups * 4);
	return true;
}

/* The number of bytes that TEXT stands for when it is canonical (RFC 4648
 * section 3.5: the bits that padding leaves over are 0). */
static bool canonical_length(struct span text, size_t *length)
{
	size_t padding = 0;
	unsigned last;

	while (padding < 2 && padding < text.length &&
		text.at[text.length - 1 - padding] == '=')
		padding++;
	if (text.length % 4)
		return false;
	for (size_t i = 0; i < text.length - padding; i++)
		if (value_of(text.at[i]) == NOT_A_LETTER)
			return false;
	*length = text.length / 4 * 3 - padding;
	if (!padding)
		return true;
	last = value_of(text.at[text.length - 1 - padding]);
	return (last & (padding == 1 ? 3u : 15u)) == 0;
}

bool base64_decode(struct span text, struct buf *out)
{
	unsigned bits = 0;
	size_t length;
	char *end;

	if (!canonical_length(text, &length))
		return false;
	if (!length)
		return true;
	end = buf_reserve(out, length);
	if (!end)
		return false;
	for (size_t i = 0, done = 0; done < length; i++) {
		bits = bits << 6 | (value_of(text.at[i]) & 63);
		if (i % 4)
			end[done++] = (char)(bits >> (6 - i % 4 * 2) & 0xFF);
	}
	buf_grow(out, length);
	return true;
}
