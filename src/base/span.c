/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spans: comparing and cutting bytes without copying them. */
#include <config.h>

#include "base/span.h"

bool span_equal(struct span a, struct span b)
{
	return a.length == b.length &&
	       (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool span_equal_nocase(struct span a, struct span b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++)
		if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
			return false;
	return true;
}

bool span_starts_with(struct span whole, struct span prefix)
{
	return whole.length >= prefix.length &&
	       span_equal(span_make(whole.at, prefix.length), prefix);
}

bool span_starts_with_nocase(struct span whole, struct span prefix)
{
	return whole.length >= prefix.length &&
	       span_equal_nocase(span_make(whole.at, prefix.length), prefix);
}

bool span_is_below(struct span name, struct span domain)
{
	size_t above;

	if (name.length < domain.length)
		return false;
	above = name.length - domain.length;
	return span_equal_nocase(span_skip(name, above), domain) &&
	       (!above || name.at[above - 1] == '.');
}

static bool is_blank(char c)
{
	return ascii_is_wsp(c) || c == '\r' || c == '\n';
}

struct span span_trim(struct span whole)
{
	while (whole.length && is_blank(whole.at[0]))
		whole = span_skip(whole, 1);
	while (whole.length && is_blank(whole.at[whole.length - 1]))
		whole.length--;
	return whole;
}

struct span span_skip(struct span whole, size_t length)
{
	if (length > whole.length)
		length = whole.length;
	if (length)
		whole.at += length;
	whole.length -= length;
	return whole;
}

size_t span_find(struct span whole, char c)
{
	const char *found;

	if (!whole.length)
		return 0;
	found = memchr(whole.at, c, whole.length);
	return found ? (size_t)(found - whole.at) : whole.length;
}

struct span span_cut_word(struct span *rest)
{
	const char *at = rest->at;
	const size_t length = rest->length;
	size_t begin = 0, end;
	struct span word;

	while (begin < length && ascii_is_wsp(at[begin]))
		begin++;
	for (end = begin; end < length && !ascii_is_wsp(at[end]); end++)
		;
	word = span_skip(*rest, begin);
	word.length = end - begin;
	*rest = span_skip(*rest, end);
	return word;
}

struct span span_cut(struct span *rest, char separator)
{
	struct span part = *rest;

	part.length = span_find(*rest, separator);
	*rest = span_skip(*rest, part.length + 1);
	return part;
}

struct span span_cut_line(struct span *rest)
{
	struct span line = span_cut(rest, '\n');

	if (line.length && line.at[line.length - 1] == '\r')
		line.length--;
	return line;
}

bool span_number(struct span digits, unsigned long max, unsigned long *value)
{
	unsigned long number = 0;

	if (!digits.length)
		return false;
	for (size_t i = 0; i < digits.length; i++) {
		unsigned long digit;

		if (!ascii_is_digit(digits.at[i]))
			return false;
		digit = (unsigned long)(digits.at[i] - '0');
		if (digit > max || number > (max - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*value = number;
	return true;
}
