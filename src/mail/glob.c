/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patterns of addresses, as "from *@x.org" has them.  Knows no mailbox: both
 * sides are text. */
#include <config.h>

#include "mail/glob.h"

#include "base/text.h"
#include "mail/address.h"

#include <string.h>

/* The length of the set "[…]" at the front, 0 when it has no end.  A "]" that
 * comes first belongs to the set. */
static size_t set_length(struct span pattern)
{
	size_t at = 1;

	if (at < pattern.length &&
		(pattern.at[at] == '!' || pattern.at[at] == '^'))
		at++;
	at += at < pattern.length && pattern.at[at] == ']';
	at += span_find(span_skip(pattern, at), ']');
	return at < pattern.length ? at + 1 : 0;
}

/* Whether the set (with its brackets) has C, which is in lower case. */
static bool set_has(struct span set, unsigned char c)
{
	bool is_negated = set.at[1] == '!' || set.at[1] == '^';
	bool has = false;

	set = span_make(set.at + 1 + is_negated, set.length - 2 - is_negated);
	while (set.length) {
		size_t step = set.length > 2 && set.at[1] == '-' ? 3 : 1;

		has |= (unsigned char)ascii_lower(set.at[0]) <= c &&
		       (unsigned char)ascii_lower(set.at[step - 1]) >= c;
		set = span_skip(set, step);
	}
	return has != is_negated;
}

/* The bytes of PATTERN that match the one byte C, 0 when they do not. */
static size_t glob_byte(struct span pattern, char c)
{
	size_t length;

	if (!pattern.length)
		return 0;
	c = ascii_lower(c);
	if (pattern.at[0] == '?')
		return 1;
	length = pattern.at[0] == '[' ? set_length(pattern) : 0;
	if (length)
		return set_has(span_make(pattern.at, length), (unsigned char)c)
			       ? length
			       : 0;
	return ascii_lower(pattern.at[0]) == c;
}

/* Only the last star is ever moved: what an earlier one matched is the
 * shortest that fits, and no longer one would help. */
static bool matches(struct span pattern, struct span text)
{
	struct span after_star = { 0 }, star_text = { 0 };
	bool has_star = false;

	while (text.length) {
		size_t step = glob_byte(pattern, text.at[0]);

		if (pattern.length && pattern.at[0] == '*') {
			has_star = true;
			after_star = pattern = span_skip(pattern, 1);
			star_text = text;
		} else if (step) {
			pattern = span_skip(pattern, step);
			text = span_skip(text, 1);
		} else if (has_star) {
			pattern = after_star;
			text = star_text = span_skip(star_text, 1);
		} else {
			return false;
		}
	}
	while (pattern.length && pattern.at[0] == '*')
		pattern = span_skip(pattern, 1);
	return !pattern.length;
}

bool glob_matches_address(struct span pattern, struct span address)
{
	char without[ADDRESS_LOCAL_LIMIT + ADDRESS_DOMAIN_LIMIT + 2];
	size_t plus = span_find(address, '+'), at = address.length;

	if (matches(pattern, address))
		return true;
	while (at > plus && address.at[at - 1] != '@')
		at--;
	if (!plus || at <= plus || address.length > sizeof without ||
		span_find(pattern, '+') < pattern.length)
		return false;
	at--;
	memcpy(without, address.at, plus);
	memcpy(without + plus, address.at + at, address.length - at);
	return matches(pattern, span_make(without, plus + address.length - at));
}
