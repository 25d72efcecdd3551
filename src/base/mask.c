/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hiding a secret in a text.  Does not know whose text it is. */
#include <config.h>

#include "base/mask.h"

#include "base/base64.h"

enum {
	SECRET_MIN = 4,       /* bytes, and letters of base 64 */
	LETTERS_ANY_CASE = 8, /* fewer are found by chance */
	SENT_MIN = 12,        /* letters, of a line that was cut */
	PLACES = 3,           /* of a byte in a group of base 64 */
	SENT = PLACES,        /* the index of the line that was sent */
	ENCODED_LIMIT = 128 * 1024
};

static void set(struct secret *secret, struct span bytes)
{
	if (bytes.length < SECRET_MIN)
		secret_wipe(secret);
	else
		secret_set(secret, bytes.at, bytes.length);
}

/* With BEFORE bytes in front, whose letters are left out, as is the last one
 * when it has a part of what follows. */
static void set_encoded(struct secret *out, struct span secret, size_t before)
{
	static const size_t letters_before[PLACES] = { 0, 2, 3 };
	struct buf padded = BUF_INIT(ENCODED_LIMIT);
	struct buf letters = BUF_INIT(ENCODED_LIMIT);
	struct span core;

	buf_put(&padded, "\0\0", before);
	buf_put_span(&padded, secret);
	base64_encode(buf_span(&padded), &letters);
	core = buf_span(&letters);
	core.length = padded.length * 8 / 6;
	set(out, span_skip(core, letters_before[before]));
	buf_wipe_free(&padded);
	buf_wipe_free(&letters);
}

void mask_set_secret(struct mask *mask, struct span secret)
{
	set(&mask->plain, secret);
	for (size_t before = 0; before < PLACES; before++)
		if (mask->plain.length)
			set_encoded(&mask->encoded[before], secret, before);
		else
			secret_wipe(&mask->encoded[before]);
}

void mask_set_sent(struct mask *mask, struct span line)
{
	set(&mask->encoded[SENT], line);
}

void mask_wipe(struct mask *mask)
{
	secret_wipe(&mask->plain);
	for (size_t i = 0; i <= SENT; i++)
		secret_wipe(&mask->encoded[i]);
}

/* ---- finding ------------------------------------------------------------- */

/* Of base 64, or of its form for URLs. */
static bool is_letter(char byte)
{
	return ascii_is_alpha(byte) || ascii_is_digit(byte) || byte == '+' ||
	       byte == '/' || byte == '-' || byte == '_' || byte == '=';
}

static char folded(char byte, bool any_case)
{
	if (byte == '-')
		return '+';
	if (byte == '_')
		return '/';
	return any_case ? ascii_lower(byte) : byte;
}

/* How many letters TEXT and WORD begin with in common. */
static size_t common(struct span text, struct span word)
{
	bool any_case = word.length >= LETTERS_ANY_CASE;
	size_t length = 0;

	while (length < text.length && length < word.length &&
		folded(text.at[length], any_case) ==
			folded(word.at[length], any_case))
		length++;
	return length;
}

/* Whether TEXT begins with one of the encoded forms, or what was cut off. */
static bool begins_encoded(const struct mask *mask, struct span text)
{
	for (size_t i = 0; i <= SENT; i++) {
		struct span word = secret_span(&mask->encoded[i]);
		size_t length = common(text, word);

		if (length && (length == word.length ||
				      (i == SENT && length >= SENT_MIN)))
			return true;
	}
	return false;
}

/* Whether a word of base 64 has the secret in it. */
static bool has_encoded(const struct mask *mask, struct span word)
{
	for (; word.length; word = span_skip(word, 1))
		if (begins_encoded(mask, word))
			return true;
	return false;
}

static size_t word_length(struct span text)
{
	size_t length = 0;

	while (length < text.length && is_letter(text.at[length]))
		length++;
	return length;
}

static bool begins_plain(const struct mask *mask, struct span text)
{
	return mask->plain.length &&
	       span_starts_with_nocase(text, secret_span(&mask->plain));
}

void mask_put(const struct mask *mask, struct span text, struct buf *out)
{
	size_t clear = 0; /* bytes of TEXT without the secret in base 64 */

	while (mask && text.length) {
		size_t hidden = 0, length;

		if (!clear) {
			clear = word_length(text);
			if (has_encoded(mask, span_make(text.at, clear)))
				hidden = clear;
		}
		if (!hidden && begins_plain(mask, text))
			hidden = mask->plain.length;
		if (hidden)
			buf_puts(out, "<hidden>");
		else
			buf_put_byte(out, text.at[0]);
		length = hidden ? hidden : 1;
		clear = clear > length ? clear - length : 0;
		text = span_skip(text, length);
	}
	buf_put_span(out, text);
}
