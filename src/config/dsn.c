/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts in a URL.  Does not know where the URL is from. */
#include <config.h>

#include "config/dsn.h"

#include "auth/form.h"

#include <string.h>

enum { DSN_LIMIT = 64 * 1024, DSN_PORT_MAX = 65535 };

struct dsn {
	struct account *account;
	struct origin origin;
	struct arena *arena;
	struct diag *why;
};

static bool fail(struct dsn *dsn, const char *reason)
{
	struct buf text = BUF_INIT(DIAG_TEXT_BYTES);

	buf_printf(&text, "%s%s", DIAG_WORDS, reason);
	diag_set(dsn->why, DIAG_CONFIG_URL, dsn->origin.name, buf_text(&text));
	buf_free(&text);
	return false;
}

static bool set(struct dsn *dsn, enum option_id id, const char *value)
{
	return option_set(
		dsn->account, id, value, dsn->origin, dsn->arena, dsn->why);
}

/* TEXT as it is, or decoded. */
static bool set_decoded(struct dsn *dsn, enum option_id id, struct span text)
{
	struct buf value = BUF_INIT(DSN_LIMIT);
	bool is_fine = form_put_decoded(&value, text, false)
			       ? set(dsn, id, buf_text(&value))
			       : fail(dsn, N_("a percent sign in it is not "
					      "followed by two hexadecimal "
					      "digits"));

	buf_wipe_free(&value);
	return is_fine;
}

/* ---- behind the '?' -------------------------------------------------------
 */

/* What a parameter means; without an option it counts for nothing. */
static const struct parameter {
	const char *name, *value; /* NULL: any */
	enum option_id id;
	const char *means; /* NULL: its value */
} parameters[] = {
	{ "from", NULL, OPTION_from, NULL },
	{ "local_domain", NULL, OPTION_domain, NULL },
	{ "source_ip", NULL, OPTION_source_ip, NULL },
	{ "timeout", NULL, OPTION_timeout, NULL },
	{ "auth_mode", NULL, OPTION_auth, NULL },
	{ "peer_fingerprint", NULL, OPTION_tls_fingerprint, NULL },
	{ "verify_peer", "0", OPTION_tls_certcheck, "off" },
	{ "verify_peer", "false", OPTION_tls_certcheck, "off" },
	{ "verify_peer", NULL, OPTION_tls_certcheck, "on" },
	{ "auto_tls", "0", OPTION_tls, "off" },
	{ "auto_tls", "false", OPTION_tls, "off" },
	{ "auto_tls", NULL, OPTION_tls, "on" },
	{ "require_tls", "0", OPTION_COUNT, NULL },
	{ "require_tls", "false", OPTION_COUNT, NULL },
	{ "require_tls", NULL, OPTION_tls, "on" },
	{ "encryption", "tls", OPTION_tls, "on" },
	{ "encryption", "starttls", OPTION_tls, "on" },
	{ "encryption", "ssl", OPTION_tls_starttls, "off" },
	{ "region", NULL, OPTION_COUNT, NULL },
	{ "ping_threshold", NULL, OPTION_COUNT, NULL },
	{ "restart_threshold", NULL, OPTION_COUNT, NULL },
	{ "restart_threshold_sleep", NULL, OPTION_COUNT, NULL },
	{ "max_per_second", NULL, OPTION_COUNT, NULL },
};

static const struct parameter *find_parameter(
	struct span name, const char *value)
{
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
		if (span_equal(name, span_of(parameters[i].name)) &&
			(!parameters[i].value ||
				strcmp(value, parameters[i].value) == 0))
			return &parameters[i];
	return NULL;
}

static bool take_parameter(struct dsn *dsn, struct span field)
{
	struct span name = span_cut(&field, '=');
	struct buf value = BUF_INIT(DSN_LIMIT);
	const struct parameter *found = NULL;
	bool is_fine = form_put_decoded(&value, field, true);

	if (is_fine)
		found = find_parameter(name, buf_text(&value));
	if (!found)
		is_fine = fail(
			dsn, N_("it has a parameter that is not known: from, "
				"local_domain, source_ip, timeout, auth_mode, "
				"peer_fingerprint, verify_peer, auto_tls, "
				"require_tls, encryption and region are"));
	else if (found->id != OPTION_COUNT)
		is_fine = set(dsn, found->id,
			found->means ? found->means : buf_text(&value));
	buf_wipe_free(&value);
	return is_fine;
}

static bool take_query(struct dsn *dsn, struct span query)
{
	while (query.length) {
		struct span field = span_cut(&query, '&');

		if (field.length && !take_parameter(dsn, field))
			return false;
	}
	return true;
}

/* ---- before it ------------------------------------------------------------
 */

/* "smtp", "smtps", and either behind "PROVIDER+". */
static bool take_scheme(struct dsn *dsn, struct span scheme, struct span query,
	bool *is_providers)
{
	struct span provider = span_cut(&scheme, '+');
	struct buf name = BUF_INIT(DSN_LIMIT);
	bool is_fine = true;

	*is_providers = scheme.length != 0;
	if (*is_providers) {
		struct buf region = BUF_INIT(DSN_LIMIT);

		buf_put_span(&name, provider);
		if (form_find(query, "region", &region))
			buf_printf(&name, " %s", buf_text(&region));
		buf_free(&region);
		is_fine = set(dsn, OPTION_provider, buf_text(&name));
	} else {
		scheme = provider;
	}
	buf_free(&name);
	if (span_equal_nocase(scheme, SPAN("smtps")))
		return is_fine && set(dsn, OPTION_tls, "on") &&
		       set(dsn, OPTION_tls_starttls, "off");
	return is_fine && (span_equal_nocase(scheme, SPAN("smtp")) ||
				  fail(dsn, N_("it begins neither with smtp:// "
					       "nor with smtps://")));
}

/* Of a provider a name alone is the key to its interface. */
static bool take_login(struct dsn *dsn, struct span login, bool is_providers)
{
	bool has_password = span_find(login, ':') < login.length;
	struct span user = span_cut(&login, ':');

	if (is_providers && !has_password)
		return set_decoded(dsn, OPTION_password, user);
	return (!user.length || set_decoded(dsn, OPTION_user, user)) &&
	       (!login.length || set_decoded(dsn, OPTION_password, login));
}

/* What is wrong is not shown: it may be a part of a password. */
static bool take_port(struct dsn *dsn, struct span port)
{
	unsigned long number;

	if (!port.length)
		return true;
	return span_number(port, DSN_PORT_MAX, &number) && number
		       ? set(dsn, OPTION_port,
				 arena_strndup(
					 dsn->arena, port.at, port.length))
		       : fail(dsn, N_("its port is no number from 1 to 65535"));
}

static bool is_host(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.at[i] <= ' ' ||
			strchr("%\"'\\<>@", text.at[i]))
			return false;
	return text.length != 0;
}

static bool take_host(struct dsn *dsn, struct span place, bool is_providers)
{
	struct span host;

	if (place.length && place.at[0] == '[') {
		place = span_skip(place, 1);
		host = span_cut(&place, ']');
		if (place.length && span_cut(&place, ':').length)
			return fail(dsn, N_("it has no host"));
	} else {
		host = span_cut(&place, ':');
	}
	if (!is_host(host))
		return fail(dsn, N_("it has no host"));
	if (is_providers && span_equal(host, SPAN("default")))
		return take_port(dsn, place);
	return set(dsn, OPTION_host,
		       arena_strndup(dsn->arena, host.at, host.length)) &&
	       take_port(dsn, place);
}

static size_t authority_length(struct span text)
{
	size_t length = 0;

	while (length < text.length && !strchr("/?#", text.at[length]))
		length++;
	return length;
}

/* A user may have an '@' as it is. */
static size_t find_at(struct span authority)
{
	size_t at = authority.length;

	while (at && authority.at[at - 1] != '@')
		at--;
	return at;
}

bool dsn_read(struct account *account, const char *name, const char *url,
	struct arena *arena, struct diag *why)
{
	struct dsn dsn = { .account = account,
		.origin = { ORIGIN_ENVIRONMENT, arena_strdup(arena, name), 0 },
		.arena = arena,
		.why = why };
	const char *middle = strstr(url, "://");
	struct span rest, authority, query;
	bool is_providers;
	size_t at;

	if (!middle)
		return fail(&dsn,
			N_("it begins neither with smtp:// nor with smtps://"));
	rest = span_of(middle + 3);
	authority = span_make(rest.at, authority_length(rest));
	query = rest;
	(void)span_cut(&query, '?');
	at = find_at(authority);
	/* A '/' in a password would make a host of its first half. */
	if (!at && span_find(span_skip(rest, authority.length), '@') <
			   rest.length - authority.length - query.length)
		return fail(&dsn, N_("a '/', '?' or '#' in its user or "
				     "password is not encoded"));
	return take_scheme(&dsn, span_make(url, (size_t)(middle - url)), query,
		       &is_providers) &&
	       (!at || take_login(&dsn, span_make(authority.at, at - 1),
			       is_providers)) &&
	       take_host(&dsn, span_skip(authority, at), is_providers) &&
	       take_query(&dsn, query);
}
