/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a line was meant to be.  Knows the keywords, not what they are for. */
#include <config.h>

#include "config/mistake.h"

#include "base/buf.h"
#include "base/text.h"
#include "config/option.h"

#include <string.h>

enum { WORD_LIMIT = 64 };

bool mistake_is_utf16(struct span text)
{
	if (text.length < 2)
		return false;
	return span_starts_with(text, SPAN("\xFF\xFE")) ||
	       span_starts_with(text, SPAN("\xFE\xFF")) ||
	       (!text.at[0] && text.at[1]) || (text.at[0] && !text.at[1]);
}

static bool is_letter(char byte)
{
	byte = ascii_lower(byte);
	return (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '-';
}

/* What stands at the front of TEXT in the place of a blank; NULL when it is
 * something that is not said. */
static const char *separator(struct span text)
{
	if (span_starts_with(text, SPAN("=")))
		return "'='";
	if (span_starts_with(text, SPAN(":")))
		return "':'";
	if (text_odd_blank_length(text))
		return DIAG_WORDS N_(
			"a blank of another kind (no-break space)");
	return NULL;
}

/* The keyword that WORD is, or is meant to be; NULL for none. */
static const char *meant(struct span word)
{
	static const char *const others[] = { "account", "defaults", "eval" };
	enum option_id id = option_find(word);

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (span_equal_nocase(word, span_of(others[i])))
			return others[i];
	return id == OPTION_COUNT ? option_nearest(word) : option_keyword(id);
}

static bool fail_separator(struct span keyword, const char *found,
	const char *right, struct diag *why)
{
	struct buf word = BUF_INIT(WORD_LIMIT);

	buf_put_span(&word, keyword);
	diag_set(why, DIAG_CONFIG_SEPARATOR, buf_text(&word), found, right);
	buf_free(&word);
	return false;
}

/* "tls_force_sslv2", but not "S3cret", which is near to "socket". */
static bool is_near_a_number(struct span word)
{
	const char *nearest = option_nearest(word);

	return nearest && strpbrk(nearest, "0123456789");
}

/* Of a .ini file, SQL, C: "; x", "-- x", "// x". */
static bool begins_comment(struct span word)
{
	return span_starts_with(word, SPAN(";")) ||
	       span_starts_with(word, SPAN("//")) ||
	       span_equal(word, SPAN("--"));
}

bool mistake_check_word(struct span word, struct diag *why)
{
	struct span rest = word;
	const char *right, *found;

	if (is_near_a_number(word))
		return true;
	if (begins_comment(word)) {
		diag_set(why, DIAG_CONFIG_NO_KEYWORD);
		return diag_add_hint(why, N_("a comment begins with '#'"));
	}
	while (rest.length && is_letter(rest.at[0]))
		rest = span_skip(rest, 1);
	if (!rest.length)
		return true;
	word.length -= rest.length;
	if (!word.length && rest.at[0] == '[')
		return diag_set(why, DIAG_CONFIG_SECTION);
	right = word.length ? meant(word) : NULL;
	found = separator(rest);
	return right && found ? fail_separator(word, found, right, why)
			      : diag_set(why, DIAG_CONFIG_NO_KEYWORD);
}

bool mistake_check_value(
	struct span keyword, struct span value, struct diag *why)
{
	const char *right = meant(keyword), *found = separator(value);
	bool is_alone;

	if (!right || !found)
		return true;
	/* A password may begin with one; it does not stand alone then. */
	is_alone = value.length == 1 || value.at[1] == ' ' ||
		   value.at[1] == '\t' || (value.at[0] & 0x80);
	return !is_alone || fail_separator(keyword, found, right, why);
}

/* U+2018 to U+201F. */
static bool is_typographic_quote(struct span text)
{
	return span_starts_with(text, SPAN("\xE2\x80")) && text.length > 2 &&
	       (unsigned char)text.at[2] >= 0x98 &&
	       (unsigned char)text.at[2] <= 0x9F;
}

static const char *odd(struct span text)
{
	if (text_odd_blank_length(text))
		return DIAG_WORDS N_(
			"a blank of another kind (no-break space)");
	return is_typographic_quote(text)
		       ? DIAG_WORDS N_("a typographic quotation mark")
		       : NULL;
}

/* A file's name may have a " #" in it, a name or an address has none. */
static bool has_comment(const char *keyword, struct span value)
{
	static const char *const keywords[] = { "user", "from", "domain",
		"maildomain", "proxy_user" };
	bool is_one_word = false;

	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		is_one_word = is_one_word || !strcmp(keyword, keywords[i]);
	for (size_t i = 1; is_one_word && i < value.length; i++)
		if (value.at[i] == '#' && strchr(" \t", value.at[i - 1]))
			return true;
	return false;
}

bool mistake_check_ends(
	const char *keyword, struct span value, struct diag *why)
{
	const char *found = odd(value);

	if (has_comment(keyword, value))
		return diag_set(why, DIAG_CONFIG_COMMENT, keyword);
	/* Each of them has two or three bytes. */
	for (size_t length = 2; !found && length <= 3; length++)
		if (value.length >= length)
			found = odd(span_skip(value, value.length - length));
	return !found || diag_set(why, DIAG_CONFIG_ODD_BLANK, keyword, found);
}
