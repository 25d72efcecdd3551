/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results of authentication, read off a field.  Knows no message. */
#include <config.h>

#include "mail/authres.h"

#include "base/buf.h"

enum { SEGMENT_BYTES = 64 * 1024, NESTED_MAX = 100 };

/* Those of RFC 8601 first, then what was and is written instead of them. */
static const struct {
	const char *name;
	enum authres_result result;
} result_words[] = {
	{ "none", AUTHRES_NONE },
	{ "pass", AUTHRES_PASS },
	{ "fail", AUTHRES_FAIL },
	{ "softfail", AUTHRES_SOFTFAIL },
	{ "neutral", AUTHRES_NEUTRAL },
	{ "policy", AUTHRES_POLICY },
	{ "temperror", AUTHRES_TEMPERROR },
	{ "permerror", AUTHRES_PERMERROR },
	{ "hardfail", AUTHRES_FAIL },
	{ "discard", AUTHRES_FAIL },
	{ "error", AUTHRES_TEMPERROR },
	{ "unknown", AUTHRES_PERMERROR },
	{ "bestguesspass", AUTHRES_NONE },
};

bool authres_result_of(struct span word, enum authres_result *out)
{
	for (size_t i = 0; i < sizeof result_words / sizeof *result_words; i++)
		if (span_equal_nocase(word, span_of(result_words[i].name))) {
			*out = result_words[i].result;
			return true;
		}
	return false;
}

const char *authres_result_name(enum authres_result result)
{
	for (size_t i = 0; i < sizeof result_words / sizeof *result_words; i++)
		if (result_words[i].result == result)
			return result_words[i].name;
	return "";
}

struct span authres_domain_of(struct span address)
{
	static const char ends[] = "<>\"'[]().,; \t\r\n";

	for (size_t at = address.length; at > 0; at--)
		if (address.at[at - 1] == '@') {
			address = span_skip(address, at);
			break;
		}
	while (address.length && strchr(ends, address.at[0]))
		address = span_skip(address, 1);
	while (address.length && strchr(ends, address.at[address.length - 1]))
		address.length--;
	return address;
}

/* ---- a segment ----------------------------------------------------------- */

/* What stands up to a ';', without comments, with one blank for white space,
 * and the words of comments and quotes by themselves. */
struct segment {
	struct buf plain, words;
};

static bool is_white(char c)
{
	return ascii_is_wsp(c) || c == '\r' || c == '\n';
}

/* A comment, RFC 5322 3.2.2: nested, and with quoted pairs. */
static struct span take_comment(struct span rest, struct buf *words)
{
	unsigned depth = 0;

	while (rest.length) {
		char c = rest.at[0];

		rest = span_skip(rest, 1);
		if (c == '\\') {
			rest = span_skip(rest, 1);
		} else if (c == '(') {
			if (++depth > NESTED_MAX)
				break;
		} else if (c == ')') {
			if (--depth == 0)
				break;
		} else {
			buf_put_byte(words, is_white(c) ? ' ' : ascii_lower(c));
		}
	}
	buf_put_byte(words, ' ');
	return rest;
}

/* A quoted string is one word, whatever is in it. */
static struct span take_quoted(struct span rest, struct segment *out)
{
	for (rest = span_skip(rest, 1); rest.length && rest.at[0] != '"';
		rest = span_skip(rest, 1)) {
		char c;

		if (rest.at[0] == '\\' && rest.length > 1)
			rest = span_skip(rest, 1);
		c = rest.at[0];
		buf_put_byte(&out->words, is_white(c) ? ' ' : ascii_lower(c));
		buf_put_byte(&out->plain, is_white(c) ? '_' : c);
	}
	buf_put_byte(&out->words, ' ');
	return span_skip(rest, 1);
}

static void put_blank(struct buf *plain)
{
	if (plain->length && !strchr(" =/", plain->data[plain->length - 1]))
		buf_put_byte(plain, ' ');
}

/* "a = b" is "a=b". */
static void put_plain(struct buf *plain, char c)
{
	if ((c == '=' || c == '/') && plain->length &&
		plain->data[plain->length - 1] == ' ')
		plain->length--;
	buf_put_byte(plain, c);
}

static void take_segment(struct span *rest, struct segment *out)
{
	while (rest->length) {
		char c = rest->at[0];

		if (c == '(') {
			*rest = take_comment(*rest, &out->words);
			put_blank(&out->plain);
			continue;
		}
		if (c == '"') {
			*rest = take_quoted(*rest, out);
			continue;
		}
		*rest = span_skip(*rest, 1);
		if (c == ';')
			break;
		if (is_white(c))
			put_blank(&out->plain);
		else
			put_plain(&out->plain, c);
	}
}

static struct span kept(struct arena *arena, const struct buf *text)
{
	struct span part = span_trim(buf_span(text));

	return part.length
		       ? span_make(arena_memdup(arena, part.at, part.length),
				 part.length)
		       : SPAN("");
}

/* The next one's text, which lies in the arena. */
static struct span cut_segment(struct authres *results, struct span *words)
{
	struct segment segment = { .plain = BUF_INIT(SEGMENT_BYTES),
		.words = BUF_INIT(SEGMENT_BYTES) };
	struct span plain;

	take_segment(&results->rest, &segment);
	plain = kept(results->arena, &segment.plain);
	*words = kept(results->arena, &segment.words);
	buf_free(&segment.plain);
	buf_free(&segment.words);
	return plain;
}

/* ---- a result ------------------------------------------------------------ */

static enum authres_method method_of(struct span name)
{
	static const char *const names[] = { [AUTHRES_SPF] = "spf",
		[AUTHRES_DKIM] = "dkim",
		[AUTHRES_DMARC] = "dmarc" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_equal_nocase(name, span_of(names[i])))
			return (enum authres_method)i;
	return AUTHRES_OTHER;
}

/* The properties that say in whose name, the better ones first. */
static const char *const property_names[][3] = {
	[AUTHRES_SPF] = { "smtp.mailfrom", "smtp.mail", "smtp.helo" },
	[AUTHRES_DKIM] = { "header.d", "header.i", "" },
	[AUTHRES_DMARC] = { "header.from", "", "" },
	[AUTHRES_OTHER] = { "", "", "" },
};

static struct span find_property(struct span words, const char *name)
{
	struct span word;

	while ((word = span_cut_word(&words)).length) {
		struct span key = span_cut(&word, '=');

		if (*name && span_equal_nocase(key, span_of(name)))
			return authres_domain_of(word);
	}
	return SPAN("");
}

static struct span find_domain(enum authres_method method, struct span words)
{
	struct span found = SPAN("");

	for (size_t i = 0; i < 3 && !found.length; i++)
		found = find_property(words, property_names[method][i]);
	return found;
}

/* False when TEXT is none. */
static bool read_result(struct span text, struct authres_item *out)
{
	struct span result = span_cut_word(&text);
	struct span method = span_cut(&result, '=');

	*out = (struct authres_item){ .domain = SPAN("") };
	if (!result.length)
		return false;
	out->method = method_of(span_cut(&method, '/'));
	/* "pass_(p=none)" and "pass," are "pass". */
	for (size_t i = 0; i < result.length; i++)
		if (!ascii_is_alpha(result.at[i]))
			result.length = i;
	if (!authres_result_of(result, &out->result))
		out->result = AUTHRES_NONE;
	out->domain = find_domain(out->method, text);
	return true;
}

void authres_open(struct span value, struct arena *arena, struct authres *out)
{
	struct span words, plain;
	struct authres_item item;

	*out = (struct authres){ .rest = value, .arena = arena };
	plain = cut_segment(out, &words);
	/* Exchange begins with a result. */
	if (read_result(plain, &item))
		*out = (struct authres){ .rest = value, .arena = arena };
	else
		out->id = span_cut_word(&plain);
}

bool authres_next(struct authres *results, struct authres_item *out)
{
	while (results->rest.length) {
		struct span words, plain = cut_segment(results, &words);

		if (!read_result(plain, out))
			continue;
		out->words = words;
		return true;
	}
	return false;
}
