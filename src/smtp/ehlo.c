/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reply to EHLO, taken apart.  Does not know what is done with it. */
#include <config.h>

#include "smtp/ehlo.h"

enum { MECHANISM_BYTES = 20 }; /* RFC 4422 3.1 */
enum { LIMIT_MAX = 999999 };   /* RFC 9422 4: six digits */

static const char *const keywords[EHLO_COUNT] = {
#define EXTENSION(id, keyword, source) [EHLO_##id] = keyword,
#include "smtp/ehlo.def"
#undef EXTENSION
};

const char *ehlo_keyword(enum ehlo_extension extension)
{
	return keywords[extension];
}

void ehlo_init(struct ehlo *ehlo)
{
	*ehlo = (struct ehlo){ .mechanisms = BUF_INIT(REPLY_LIMIT) };
}

void ehlo_free(struct ehlo *ehlo)
{
	buf_free(&ehlo->mechanisms);
}

void ehlo_forget(struct ehlo *ehlo)
{
	struct buf mechanisms = ehlo->mechanisms;

	buf_clear(&mechanisms);
	*ehlo = (struct ehlo){ .mechanisms = mechanisms };
}

static char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_mechanism(struct span word)
{
	if (!word.length || word.length > MECHANISM_BYTES)
		return false;
	for (size_t i = 0; i < word.length; i++)
		if (!ascii_is_alpha(word.at[i]) &&
			!ascii_is_digit(word.at[i]) && word.at[i] != '-' &&
			word.at[i] != '_')
			return false;
	return true;
}

static bool is_listed(const struct buf *mechanisms, struct span mechanism)
{
	struct span rest = buf_span(mechanisms), word;

	while ((word = span_cut_word(&rest)).length)
		if (span_equal_nocase(word, mechanism))
			return true;
	return false;
}

static void read_mechanisms(struct ehlo *ehlo, struct span rest)
{
	struct span word;

	ehlo->has[EHLO_AUTH] = true;
	while ((word = span_cut_word(&rest)).length) {
		if (!is_mechanism(word) || is_listed(&ehlo->mechanisms, word))
			continue;
		if (ehlo->mechanisms.length)
			buf_put_byte(&ehlo->mechanisms, ' ');
		for (size_t i = 0; i < word.length; i++)
			buf_put_byte(
				&ehlo->mechanisms, ascii_upper(word.at[i]));
	}
}

/* RFC 1870 3: up to twenty digits.  What is no number, or too large for one,
 * limits nothing. */
static void read_size(struct ehlo *ehlo, struct span rest)
{
	struct span digits = span_cut_word(&rest);
	uint64_t size = 0;

	for (size_t i = 0; i < digits.length; i++) {
		uint64_t digit = (uint64_t)(digits.at[i] - '0');

		if (!ascii_is_digit(digits.at[i]) ||
			size > (UINT64_MAX - digit) / 10)
			return;
		size = size * 10 + digit;
	}
	ehlo->has_size_limit = digits.length != 0;
	ehlo->size_limit = size;
}

static void read_limits(struct ehlo *ehlo, struct span rest)
{
	struct span value, name;

	while ((value = span_cut_word(&rest)).length) {
		name = span_cut(&value, '=');
		if (span_equal_nocase(name, SPAN("RCPTMAX")))
			span_number(value, LIMIT_MAX, &ehlo->rcpt_max);
		else if (span_equal_nocase(name, SPAN("MAILMAX")))
			span_number(value, LIMIT_MAX, &ehlo->mail_max);
	}
}

enum ehlo_extension ehlo_find(struct span keyword)
{
	size_t i = 0;

	while (i < EHLO_COUNT &&
		!span_equal_nocase(keyword, span_of(keywords[i])))
		i++;
	return (enum ehlo_extension)i;
}

void ehlo_forget_extension(struct ehlo *ehlo, enum ehlo_extension extension)
{
	ehlo->has[extension] = false;
	if (extension == EHLO_SIZE)
		ehlo->has_size_limit = false;
	else if (extension == EHLO_LIMITS)
		ehlo->rcpt_max = ehlo->mail_max = 0;
	else if (extension == EHLO_AUTH)
		buf_clear(&ehlo->mechanisms);
}

void ehlo_ignore(struct ehlo *ehlo, struct span list)
{
	while (list.length) {
		struct span rest = span_cut(&list, ','), word;

		while ((word = span_cut_word(&rest)).length) {
			enum ehlo_extension found = ehlo_find(word);

			if (found != EHLO_COUNT)
				ehlo_forget_extension(ehlo, found);
		}
	}
}

static void read_line(struct ehlo *ehlo, struct span line)
{
	struct span rest = line, keyword = span_cut_word(&rest);

	if (span_starts_with_nocase(keyword, SPAN("AUTH="))) {
		read_mechanisms(ehlo, span_skip(span_trim(line), 5));
		return;
	}
	if (ehlo_find(keyword) != EHLO_COUNT)
		ehlo->has[ehlo_find(keyword)] = true;
	if (span_equal_nocase(keyword, SPAN("AUTH")))
		read_mechanisms(ehlo, rest);
	else if (span_equal_nocase(keyword, SPAN("SIZE")))
		read_size(ehlo, rest);
	else if (span_equal_nocase(keyword, SPAN("LIMITS")))
		read_limits(ehlo, rest);
}

void ehlo_read(struct ehlo *ehlo, const struct smtp_reply *reply)
{
	struct span rest = buf_span(&reply->text);

	ehlo_forget(ehlo);
	span_cut(&rest, '\n'); /* the server's name and greeting */
	while (rest.length)
		read_line(ehlo, span_cut(&rest, '\n'));
}
