/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The name of a shared store.  Knows no connection. */
#include <config.h>

#include "config/storeurl.h"

static const char hidden[] = "********";

/* ---- which it is --------------------------------------------------------- */

/* Skips "postgresql://"; false: these are words. */
static bool skip_scheme(struct span *text)
{
	static const char *const schemes[] = { "postgresql://", "postgres://" };

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (span_starts_with(*text, span_of(schemes[i]))) {
			*text = span_skip(*text, span_of(schemes[i]).length);
			return true;
		}
	return false;
}

static bool is_printable(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.at[i] < ' ' ||
			(unsigned char)text.at[i] > '~')
			return false;
	return true;
}

/* ---- words --------------------------------------------------------------- */

struct setting {
	struct span name, value; /* the value as it stands, quotes and all */
};

/* Up to the blank that ends the value: not one in quotes, nor one behind a
 * backslash. */
static size_t find_end(struct span text)
{
	bool is_quoted = false;

	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '\\')
			i++;
		else if (text.at[i] == '\'')
			is_quoted = !is_quoted;
		else if (text.at[i] == ' ' && !is_quoted)
			return i;
	}
	return text.length;
}

/* "name = value": blanks may stand around the sign. */
static bool next_word(struct span *rest, struct setting *out)
{
	struct span value;
	size_t end;

	*rest = span_trim(*rest);
	if (!rest->length)
		return false;
	out->name = span_trim(span_cut(rest, '='));
	value = span_trim(*rest);
	end = find_end(value);
	out->value = span_make(value.at, end);
	*rest = span_skip(value, end);
	return true;
}

static bool next_parameter(struct span *rest, struct setting *out)
{
	if (!rest->length)
		return false;
	out->value = span_cut(rest, '&');
	out->name = span_cut(&out->value, '=');
	return true;
}

/* A name may be written with "%70", and there will be new ones. */
static bool is_harmless(struct span name)
{
	static const char *const names[] = { "application_name",
		"connect_timeout", "dbname", "gssencmode", "host", "hostaddr",
		"load_balance_hosts", "port", "service", "sslcert", "sslkey",
		"sslmode", "sslrootcert", "target_session_attrs", "user",
		"passfile" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_equal(name, span_of(names[i])))
			return true;
	return false;
}

static void put_setting(struct buf *out, const struct setting *setting)
{
	buf_put_span(out, setting->name);
	buf_put_byte(out, '=');
	if (is_harmless(setting->name))
		buf_put_span(out, setting->value);
	else
		buf_puts(out, hidden);
}

/* ---- a URL --------------------------------------------------------------- */

/* What is before the path is "user:password@hosts"; a password may have any
 * sign in it, so the last '@' counts.  With a question mark that is not written
 * as "%3F" it ends behind that, and so does an '@'. */
struct url {
	struct span user, password, rest, parameters;
	bool has_user, has_password, has_parameters;
	bool is_unclear; /* a password that was not written as it has to be */
};

static struct url split(struct span text)
{
	struct url url = { .has_user = false };
	size_t question = span_find(text, '?'), at = question;
	struct span user;

	url.has_parameters = question < text.length;
	if (url.has_parameters)
		url.parameters = span_skip(text, question + 1);
	url.is_unclear = span_find(url.parameters, '@') < url.parameters.length;
	while (at > 0 && text.at[at - 1] != '@')
		at--;
	url.rest = span_make(text.at + at, question - at);
	url.has_user = at > 0;
	if (!url.has_user)
		return url;
	user = span_make(text.at, at - 1);
	url.has_password = span_find(user, ':') < user.length;
	url.user = span_cut(&user, ':');
	url.password = user;
	return url;
}

static void put_url(struct buf *out, struct span text)
{
	struct url url = split(text);
	struct setting setting;
	char before = '?';

	if (url.is_unclear) {
		buf_puts(out, hidden);
		return;
	}
	if (url.has_user) {
		buf_put_span(out, url.user);
		if (url.has_password)
			buf_printf(out, ":%s", hidden);
		buf_put_byte(out, '@');
	}
	buf_put_span(out, url.rest);
	while (next_parameter(&url.parameters, &setting)) {
		buf_put_byte(out, before);
		put_setting(out, &setting);
		before = '&';
	}
}

/* ---- the whole ----------------------------------------------------------- */

bool storeurl_is_valid(struct span text)
{
	struct setting setting;
	struct span rest = text;
	bool has_place = false;

	if (!is_printable(text))
		return false;
	if (skip_scheme(&rest))
		return true;
	while (next_word(&rest, &setting))
		has_place |= (span_equal(setting.name, SPAN("service")) ||
				     span_equal(setting.name, SPAN("host"))) &&
			     setting.value.length;
	return has_place;
}

bool storeurl_has_secret(struct span text)
{
	struct span rest = text;
	bool is_url = skip_scheme(&rest);
	struct url url = split(rest);
	struct setting setting;

	if (is_url && (url.has_password || url.is_unclear))
		return true;
	if (is_url)
		rest = url.parameters;
	while (is_url ? next_parameter(&rest, &setting)
		      : next_word(&rest, &setting))
		if (!is_harmless(setting.name))
			return true;
	return false;
}

void storeurl_put(struct buf *out, struct span text)
{
	struct span rest = text;
	struct setting setting;
	const char *before = "";

	if (skip_scheme(&rest)) {
		buf_puts(out, "postgresql://");
		put_url(out, rest);
		return;
	}
	while (next_word(&rest, &setting)) {
		buf_puts(out, before);
		put_setting(out, &setting);
		before = " ";
	}
}
