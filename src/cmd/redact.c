/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Placeholders for what tells who somebody is.  Knows no sentences. */
#include <config.h>

#include "cmd/redact.h"

#include <string.h>

enum { NAMES_MAX = 500, ID_LEAST = 10, PLAIN_WORD = 3, IPV4_PARTS = 4 };

static const char *const kinds[REDACT_KINDS] = {
	[REDACT_ADDRESS] = "address",
	[REDACT_HOST] = "host",
	[REDACT_IP] = "ip",
	[REDACT_PATH] = "path",
	[REDACT_ID] = "id",
	[REDACT_USER] = "user",
};

static struct redact_name *find(const struct redact *redact, struct span text)
{
	for (size_t i = 0; i < redact->count; i++)
		if (span_equal_nocase(text, span_of(redact->names[i].text)))
			return &redact->names[i];
	return NULL;
}

static struct redact_name *name_of(
	struct redact *redact, enum redact_kind kind, struct span text)
{
	struct redact_name *name = find(redact, text);

	if (name)
		return name;
	if (!redact->names)
		redact->names = arena_alloc(
			redact->arena, NAMES_MAX * sizeof *redact->names);
	if (redact->count == NAMES_MAX)
		return &redact->names[NAMES_MAX - 1];
	name = &redact->names[redact->count++];
	*name = (struct redact_name){ kind,
		arena_strndup(redact->arena, text.at, text.length),
		++redact->numbers[kind] };
	return name;
}

void redact_know(struct redact *redact, enum redact_kind kind, const char *text)
{
	if (redact && text && *text)
		(void)name_of(redact, kind, span_of(text));
}

/* ---- what a word is ------------------------------------------------------ */

static bool is_word_byte(char c)
{
	return ascii_is_alnum(c) || (c && strchr("._%+@~/:-=", c)) || c & 0x80;
}

static bool is_ipv4(struct span word)
{
	unsigned long value;
	size_t parts = 0;

	for (; word.length; parts++)
		if (!span_number(span_cut(&word, '.'), 255, &value))
			return false;
	return parts == IPV4_PARTS;
}

static bool is_ipv6(struct span word)
{
	size_t colons = 0;

	for (size_t i = 0; i < word.length; i++) {
		colons += word.at[i] == ':';
		if (!ascii_is_digit(word.at[i]) &&
			!(ascii_lower(word.at[i]) >= 'a' &&
				ascii_lower(word.at[i]) <= 'f') &&
			word.at[i] != ':' && word.at[i] != '.')
			return false;
	}
	return colons >= 2;
}

/* With a dot, and letters behind the last. */
static bool is_host(struct span word)
{
	size_t letters = 0;
	bool has_dot = false;

	for (size_t i = 0; i < word.length; i++) {
		char c = word.at[i];

		if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.' &&
			!(c & 0x80))
			return false;
		letters = c == '.'                            ? 0
			  : ascii_is_digit(c) || letters > 99 ? 100
							      : letters + 1;
		has_dot = has_dot || (c == '.' && i);
	}
	return has_dot && letters >= 2 && letters < 100;
}

/* Letters and digits mixed, as no word has them: "SCRAM-SHA-256" has some that
 * are words. */
static bool is_id(struct span word)
{
	bool has_digit = false;
	struct span rest = word;

	if (word.length < ID_LEAST)
		return false;
	while (rest.length) {
		struct span part = span_cut(&rest, '-');
		size_t digits = 0;

		for (size_t i = 0; i < part.length; i++) {
			if (!ascii_is_alnum(part.at[i]))
				return false;
			digits += ascii_is_digit(part.at[i]);
		}
		if (!digits && part.length >= PLAIN_WORD)
			return false;
		has_digit = has_digit || (digits && digits < part.length);
	}
	return has_digit;
}

static bool is_path(struct span word)
{
	return word.length > 1 &&
	       (word.at[0] == '/' || span_starts_with(word, SPAN("~/")));
}

static bool is_address(struct span word)
{
	size_t at = span_find(word, '@');

	return at && at + 1 < word.length;
}

/* The kind of WORD; REDACT_KINDS when it is none. */
static enum redact_kind kind_of(struct span word)
{
	if (is_address(word))
		return REDACT_ADDRESS;
	if (is_path(word))
		return REDACT_PATH;
	if (is_ipv4(word))
		return REDACT_IP;
	if (is_host(word))
		return REDACT_HOST;
	return is_id(word) ? REDACT_ID : REDACT_KINDS;
}

/* ---- a text -------------------------------------------------------------- */

static void put_name(struct redact *redact, enum redact_kind kind,
	struct span word, struct buf *out)
{
	const struct redact_name *name = find(redact, word);

	if (!name && kind != REDACT_KINDS)
		name = name_of(redact, kind, word);
	if (name)
		buf_printf(out, "<%s-%zu>", kinds[name->kind], name->number);
	else
		buf_put_span(out, word);
}

/* Between the colons and signs of equality: "host:587", "include:x.example". */
static void put_parts(struct redact *redact, struct span word, struct buf *out)
{
	while (word.length) {
		size_t end = 0;
		struct span part;

		while (end < word.length && word.at[end] != ':' &&
			word.at[end] != '=')
			end++;
		part = span_make(word.at, end);
		put_name(redact, kind_of(part), part, out);
		if (end < word.length)
			buf_put_byte(out, word.at[end++]);
		word = span_skip(word, end);
	}
}

/* A word, and what only ends the sentence behind it. */
static void put_word(struct redact *redact, struct span word, struct buf *out)
{
	struct span whole = word;

	while (word.length && strchr(".:-", word.at[word.length - 1]))
		word.length--;
	if (find(redact, word))
		put_name(redact, REDACT_KINDS, word, out);
	else if (is_ipv6(word))
		put_name(redact, REDACT_IP, word, out);
	else
		put_parts(redact, word, out);
	buf_put_span(out, span_skip(whole, word.length));
}

void redact_put(struct redact *redact, struct span text, struct buf *out)
{
	while (redact && text.length) {
		size_t length = 0;

		while (length < text.length && is_word_byte(text.at[length]))
			length++;
		if (length)
			put_word(redact, span_make(text.at, length), out);
		else
			buf_put_byte(out, text.at[length++]);
		text = span_skip(text, length);
	}
	buf_put_span(out, text);
}
