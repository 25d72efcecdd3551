/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a browser brings back.  Knows no socket. */
#include <config.h>

#include "auth/redirect.h"

#include "auth/form.h"

enum { REDIRECT_VALUE_LIMIT = 8 * 1024, REDIRECT_WORDS_LIMIT = 512 };

/* "/" and what follows the host, without a query. */
static struct span path_of(const char *uri)
{
	struct span rest = span_skip(span_of(uri), sizeof "http://" - 1);

	rest = span_skip(rest, span_find(rest, '/'));
	rest.length = span_find(rest, '?');
	return rest.length ? rest : SPAN("/");
}

static bool is_value(struct span query, const char *name, const char *wanted)
{
	struct buf value = BUF_INIT(REDIRECT_VALUE_LIMIT);
	bool is_same = form_find(query, name, &value) &&
		       span_equal(buf_span(&value), span_of(wanted));

	buf_wipe_free(&value);
	return is_same;
}

static bool has_other_issuer(const struct redirect *wanted, struct span query)
{
	struct buf value = BUF_INIT(REDIRECT_VALUE_LIMIT);
	bool is_one = form_find(query, "iss", &value);
	bool is_said = is_one || value.length; /* twice is another */
	bool is_same =
		is_one && span_equal(buf_span(&value), span_of(wanted->issuer));

	buf_free(&value);
	return *wanted->issuer && !is_same && (is_said || wanted->must_say);
}

/* "access_denied, AADSTS65004: …": the word is for programs, and the text, if
 * there is one that can be read, for people (RFC 6749 4.1.2.1). */
static bool put_error(struct span query, struct buf *out)
{
	struct buf more = BUF_INIT(REDIRECT_WORDS_LIMIT);

	if (!form_find(query, "error", out) || !out->length)
		return false;
	if (form_find(query, "error_description", &more) && more.length)
		buf_printf(out, ", %s", buf_text(&more));
	buf_free(&more);
	return true;
}

static enum redirect_kind read_query(
	const struct redirect *wanted, struct span query, struct buf *out)
{
	if (!is_value(query, "state", wanted->state) ||
		has_other_issuer(wanted, query))
		return REDIRECT_NOT_OURS;
	if (put_error(query, out))
		return REDIRECT_ERROR;
	buf_wipe(out);
	return form_find(query, "code", out) && out->length ? REDIRECT_CODE
							    : REDIRECT_NOT_OURS;
}

enum redirect_kind redirect_read(
	const struct redirect *wanted, struct span head, struct buf *out)
{
	struct span line = span_cut(&head, '\n'), target;

	line = span_trim(line);
	if (!span_equal(span_cut(&line, ' '), SPAN("GET")))
		return REDIRECT_NOT_OURS;
	target = span_cut(&line, ' ');
	if (!span_starts_with(line, SPAN("HTTP/1.")) ||
		!span_equal(span_cut(&target, '?'), path_of(wanted->uri)))
		return REDIRECT_NOT_OURS;
	return read_query(wanted, target, out);
}

enum redirect_kind redirect_read_pasted(
	const struct redirect *wanted, struct span text, struct buf *out)
{
	text = span_trim(text);
	if (span_find(text, '?') < text.length)
		text = span_skip(text, span_find(text, '?') + 1);
	text.length = span_find(text, '#');
	return read_query(wanted, text, out);
}
