/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies of a domain, read off their text.  Knows no DNS. */
#include <config.h>

#include "mail/policy.h"

bool spf_is_record(struct span text)
{
	return span_equal_nocase(span_cut(&text, ' '), SPAN("v=spf1"));
}

bool spf_next(struct span *text, struct spf_term *out)
{
	struct span word;
	size_t end = 0;

	do
		word = span_cut(text, ' ');
	while (!word.length && text->length);
	if (!word.length)
		return false;
	*out = (struct spf_term){ .qualifier = '+' };
	if (word.at[0] == '+' || word.at[0] == '-' || word.at[0] == '~' ||
		word.at[0] == '?') {
		out->qualifier = word.at[0];
		word = span_skip(word, 1);
	}
	while (end < word.length && word.at[end] != ':' &&
		word.at[end] != '=' && word.at[end] != '/')
		end++;
	out->name = span_make(word.at, end);
	out->value = span_skip(word, end < word.length ? end + 1 : end);
	return true;
}

bool spf_is(const struct spf_term *term, const char *name)
{
	return span_equal_nocase(term->name, span_of(name));
}

bool spf_is_look_up(const struct spf_term *term)
{
	static const char *const names[] = { "include", "a", "mx", "ptr",
		"exists", "redirect" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (spf_is(term, names[i]))
			return true;
	return false;
}

struct span tags_value(struct span text, const char *name)
{
	while (text.length) {
		struct span value = span_cut(&text, ';');
		struct span tag = span_trim(span_cut(&value, '='));

		if (span_equal_nocase(tag, span_of(name)))
			return span_trim(value);
	}
	return SPAN("");
}

bool tags_are(struct span text, const char *version)
{
	struct span value = span_cut(&text, ';');
	struct span tag = span_trim(span_cut(&value, '='));

	return span_equal_nocase(tag, SPAN("v")) &&
	       span_equal(span_trim(value), span_of(version));
}
