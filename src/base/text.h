/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text for people: gettext, and bytes from elsewhere made safe to show.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdint.h>

#ifdef ENABLE_NLS
#include <libintl.h>
#define _(text)                 gettext(text)
#define ngettext_(one, many, n) ngettext(one, many, n)
#else
#define _(text)                 (text)
#define ngettext_(one, many, n) text_choose_plural((one), (many), (n))
#endif
/* English, for a build without gettext. */
__attribute__((format_arg(1), format_arg(2))) static inline const char *
text_choose_plural(const char *one, const char *many, unsigned long n)
{
	return n == 1 ? one : many;
}

/* A sentence as people get it, or as the log does.  The translation of "" would
 * be the catalogue's own header: it stays. */
const char *text_translated(const char *text, bool is_translated);

/* Marks a string for translation where it is defined, not used. */
#define N_(text) text

/* Appends TEXT so that it cannot move a cursor, change a colour or end a line:
 * CR and LF become one space; other control bytes (C0, DEL, and C1 as UTF-8)
 * and bytes that are not UTF-8 become "\xHH"; so does what of Unicode is
 * invisible or changes directions (text_invisible_length()). */
void text_put_printable(struct buf *out, struct span text);
/* Whether that would append TEXT as it is. */
bool text_is_printable(struct span text);
/* Cuts TEXT into the words of a command, without a shell's other meanings:
 * blanks stand between them, quotes of either kind keep what is between, and a
 * backslash the next byte (not between single quotes).  *WORDS ends with NULL.
 * False for a quote that does not end, a backslash at the end, no word. */
bool text_split(struct span text, struct arena *arena, const char ***words);
/* Appends WORD in single quotes, as a shell takes it for one word. */
void text_put_shell(struct buf *out, const char *word);
/* Appends " KEY='VALUE'", printable, as msmtp's log has it: inner quotes become
 * "?", so that a parser finds the end. */
void text_put_quoted(struct buf *out, const char *key, struct span value);
/* As text_put_printable(), a URI with "********" for its pin-value (RFC
 * 7512 2.4). */
void text_put_uri(struct buf *out, struct span uri);
/* Whether it has one: then it is a secret. */
bool text_has_pin(struct span uri);
/* Whether the span is well-formed UTF-8 (RFC 3629: no surrogates, no overlong
 * forms). */
bool text_is_utf8(struct span text);
/* Appends the first word of TEXT, and " …" in the place of more: in a value
 * that should have one word, the next one may be a password. */
void text_put_first_word(struct buf *out, struct span text);
/* The length of the blank of Unicode at the front of TEXT that no keyboard has
 * (U+00A0, U+2009 …; nothing to see, from a web page or a word processor), 0
 * when there is none. */
size_t text_odd_blank_length(struct span text);
/* The length of the character at the front if it is beyond ASCII and nobody
 * would see it, or it would turn what others see around: C1 controls, U+00AD,
 * U+200B…, U+2028…, U+2060…, U+FE00…, U+E0000… (Default_Ignorable_Code_Point
 * and line separators); else 0. */
size_t text_invisible_length(struct span text);
/* The code point of the well-formed UTF-8 sequence at the front. */
uint32_t text_rune(struct span text);
/* The beginning of TEXT, of at most LIMIT bytes, that cuts no character in two;
 * bytes that are no UTF-8 are one each. */
struct span text_cut(struct span text, size_t limit);
/* Appends a code point as UTF-8; false for what is none: beyond U+10FFFF, half
 * of a pair of UTF-16. */
bool text_put_rune(struct buf *out, unsigned long rune);
/* Two lower-case digits a byte; false when OUT is full. */
bool text_put_hex(struct buf *out, const void *bytes, size_t count);
/* What XTEXT (RFC 3461 4) stands for; false, with part of it, at a '+' without
 * two upper-case digits. */
bool text_put_from_xtext(struct buf *out, struct span xtext);
/* With < > & " ' as entities, so that it can stand anywhere in a page. */
void text_put_html(struct buf *out, struct span text);
/* Base 32 without the letters that people take for digits, and in one case, so
 * that an id survives being read out on the telephone. */
#define TEXT_ID_LETTERS "0123456789abcdefghjkmnpqrstvwxyz"
/* The length of the UTF-8 sequence at the front (1..4), 0 when malformed. */
size_t text_utf8_length(struct span text);
bool text_is_ascii(struct span text);
/* The field width that makes printf's %*s fill COLUMNS columns with TEXT, which
 * is UTF-8: printf counts bytes, a reader characters. */
int text_field_width(const char *text, int columns);
/* The number of single-byte edits between two words, in any case; two
 * neighbours that changed places are one.  At most LIMIT + 1. */
size_t text_distance(struct span a, struct span b, size_t limit);

/* The one of several names that a mistyped word is nearest to:
 *
 *	struct text_nearest nearest = { .word = word };
 *
 *	for (...)
 *		text_consider(&nearest, names[i]);
 *	if (nearest.name)
 *		...
 */
struct text_nearest {
	struct span word;
	const char *name; /* NULL: none is near; borrowed */
	size_t distance;
};
void text_consider(struct text_nearest *nearest, const char *name);

#endif
