/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A word in a long text.  Does not know what either means. */
#include <config.h>

#include "base/needle.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

enum { SAMPLE_BYTES = 16 * 1024 };

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* END when there is none. */
static const char *find_byte(const char *at, const char *end, char c)
{
	const char *found = at < end ? memchr(at, c, (size_t)(end - at)) : NULL;

	return found ? found : end;
}

/* The two rarest bytes of the word, by a sample from the text's middle; the
 * same twice when it has one alone. */
static void find_rarest(struct needle *needle)
{
	unsigned counts[UCHAR_MAX + 1] = { 0 };
	const struct span *word = &needle->word;
	struct span sample = span_skip(needle->text, needle->text.length / 2);
	unsigned least = UINT_MAX, second = UINT_MAX;

	for (size_t i = 0; i < sample.length && i < SAMPLE_BYTES; i++)
		counts[(unsigned char)ascii_lower(sample.at[i])]++;
	for (size_t i = 0; i < word->length; i++) {
		unsigned count =
			counts[(unsigned char)ascii_lower(word->at[i])];

		if (count < least) {
			needle->guard = i ? needle->rarest : i;
			second = least;
			needle->rarest = i;
			least = count;
		} else if (count < second) {
			needle->guard = i;
			second = count;
		}
	}
}

void needle_start(struct needle *needle, struct span text, struct span word)
{
	const char *end;

	if (!text.length)
		text = SPAN(""); /* of nothing there is no address */
	end = text.at + text.length;
	*needle = (struct needle){ .text = text, .word = word };
	find_rarest(needle);
	needle->lower = ascii_lower(word.at[needle->rarest]);
	needle->upper = upper(needle->lower);
	needle->next_lower = find_byte(text.at, end, needle->lower);
	needle->next_upper = needle->lower == needle->upper
				     ? end
				     : find_byte(text.at, end, needle->upper);
}

/* Where the rarest byte stands next, in either case; the one after it is
 * looked for at once. */
static const char *next_byte(struct needle *needle, const char *end)
{
	const char *at = needle->next_lower;

	if (needle->next_upper < at) {
		at = needle->next_upper;
		needle->next_upper = find_byte(at + 1, end, needle->upper);
	} else {
		needle->next_lower = find_byte(at + 1, end, needle->lower);
	}
	return at;
}

const char *needle_next(struct needle *needle)
{
	struct span text = needle->text, word = needle->word;
	const char *end = text.at + text.length, *at;
	size_t rarest = needle->rarest, guard = needle->guard;
	char wanted = ascii_lower(word.at[guard]);

	while ((at = next_byte(needle, end)) != end) {
		if ((size_t)(at - text.at) < rarest)
			continue;
		at -= rarest;
		if ((size_t)(end - at) < word.length)
			break;
		if (ascii_lower(at[guard]) == wanted &&
			span_equal_nocase(span_make(at, word.length), word))
			return at;
	}
	return NULL;
}
