/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netrc's form.  Knows no file. */
#include <config.h>

#include "auth/netrc.h"

#include "auth/password.h"
#include "base/buf.h"

/* What is looked for. */
struct wanted {
	const char *machine, *login;
	enum netrc_dialect dialect;
};

/* What has been read of an entry. */
struct entry {
	bool fits_machine, fits_login;
	struct buf password;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_spaces(struct span *text)
{
	while (text->length && is_space(text->at[0]))
		*text = span_skip(*text, 1);
}

static bool is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

/* A quote at the front, and a backslash before what stands for itself; neither
 * goes over the end of a line. */
static void take_escaped(struct span *text, struct buf *out)
{
	bool is_quoted = text->at[0] == '"';

	if (is_quoted)
		*text = span_skip(*text, 1);
	while (text->length && !is_line_end(text->at[0]) &&
		(is_quoted || !is_space(text->at[0]))) {
		char c = text->at[0];

		*text = span_skip(*text, 1);
		if (c == '"' && is_quoted)
			break;
		if (c == '\\' && text->length && !is_line_end(text->at[0])) {
			c = text->at[0];
			*text = span_skip(*text, 1);
		}
		buf_put_byte(out, c);
	}
}

/* As msmtp 1.8.23 does: quotes of both kinds open and close anywhere in a word,
 * and a backslash is a backslash. */
static void take_plain(struct span *text, struct buf *out)
{
	char quote = '\0';

	while (text->length && !is_line_end(text->at[0]) &&
		(quote || !is_space(text->at[0]))) {
		char c = text->at[0];

		*text = span_skip(*text, 1);
		if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? '\0' : c;
		else
			buf_put_byte(out, c);
	}
}

/* The next token; false at the end. */
static bool take_token(
	struct span *text, enum netrc_dialect dialect, struct buf *out)
{
	buf_wipe(out);
	skip_spaces(text);
	if (!text->length)
		return false;
	(dialect == NETRC_MSMTP ? take_plain : take_escaped)(text, out);
	return true;
}

/* A macro ends at an empty line. */
static void skip_macro(struct span *text)
{
	while (text->length)
		if (!span_trim(span_cut(text, '\n')).length)
			return;
}

static bool is_complete(const struct entry *entry)
{
	return entry->fits_machine && entry->fits_login &&
	       entry->password.length;
}

static void begin(struct entry *entry, bool fits)
{
	entry->fits_machine = fits;
	entry->fits_login = false;
	buf_wipe(&entry->password);
}

static bool is(const struct buf *token, const char *word)
{
	return span_equal(buf_span(token), span_of(word));
}

/* One word and, where it has one, its value. */
static bool take_word(struct span *text, struct buf *token,
	const struct wanted *wanted, struct entry *entry)
{
	if (!take_token(text, wanted->dialect, token))
		return false;
	if (is(token, "default")) {
		begin(entry, false);
	} else if (is(token, "macdef")) {
		skip_macro(text);
	} else if (is(token, "machine")) {
		take_token(text, wanted->dialect, token);
		begin(entry, span_equal_nocase(buf_span(token),
				     span_of(wanted->machine)));
	} else if (is(token, "login")) {
		take_token(text, wanted->dialect, token);
		entry->fits_login = is(token, wanted->login);
	} else if (is(token, "password")) {
		take_token(text, wanted->dialect, &entry->password);
	}
	return true;
}

bool netrc_find(struct span text, enum netrc_dialect dialect,
	const char *machine, const char *login, struct secret *out)
{
	const struct wanted wanted = { machine, login, dialect };
	struct entry entry = { .password = BUF_INIT(PASSWORD_LIMIT) };
	struct buf token = BUF_INIT(PASSWORD_LIMIT);
	bool is_found = false;

	while (!is_found && take_word(&text, &token, &wanted, &entry))
		is_found = is_complete(&entry);
	if (is_found)
		secret_set(out, entry.password.data, entry.password.length);
	buf_wipe_free(&entry.password);
	buf_wipe_free(&token);
	return is_found;
}
