/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A span is a piece of somebody else's bytes: what parsers return.  It is
 * never NUL-terminated and lives as long as the bytes it points into.
 * Letters compare as ASCII, whatever the locale.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *at;
	size_t length;
};

static inline struct span span_make(const char *at, size_t length)
{
	return (struct span){ at, length };
}

static inline struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ascii_is_alnum(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* C0 and DEL. */
static inline bool ascii_is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7F;
}

/* atext, RFC 5322 3.2.3. */
static inline bool ascii_is_atext(char c)
{
	return ascii_is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Space or tab: the WSP of RFC 5234. */
static inline bool ascii_is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* What a hexadecimal digit stands for, of either case; -1 of any other. */
static inline int ascii_hex_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool span_equal(struct span a, struct span b);
bool span_equal_nocase(struct span a, struct span b);
bool span_starts_with(struct span whole, struct span prefix);
bool span_starts_with_nocase(struct span whole, struct span prefix);
/* Whether the host or domain NAME is DOMAIN or lies below it. */
bool span_is_below(struct span name, struct span domain);
/* Without leading and trailing spaces, tabs, CRs and LFs. */
struct span span_trim(struct span whole);
/* What follows the first LENGTH bytes; empty when there are fewer. */
struct span span_skip(struct span whole, size_t length);
/* The position of the first C, or whole.length when there is none. */
size_t span_find(struct span whole, char c);
/* Cuts the next word (ended by spaces and tabs) off the front of *REST; an
 * empty span means that there is none. */
struct span span_cut_word(struct span *rest);
/* Cuts everything before SEPARATOR, and the separator, off *REST; without a
 * separator the whole rest. */
struct span span_cut(struct span *rest, char separator);
/* The same for a line, without its LF or CRLF. */
struct span span_cut_line(struct span *rest);
/* Reads a whole span as a decimal number of at most MAX; no sign, no space. */
bool span_number(struct span digits, unsigned long max, unsigned long *value);

#endif
