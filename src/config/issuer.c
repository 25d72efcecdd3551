/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of issuers.  Asks nobody. */
#include <config.h>

#include "config/issuer.h"

#include "auth/answer.h"

#include <string.h>

enum { URL_LIMIT = 4096 };

static const struct row {
	const char *name, *hosts, *issuer, *authorization, *token, *device,
		*revocation, *metadata, *scope, *own_scope, *redirect, *more;
} rows[] = {
#define ISSUER(name, ...) { #name, __VA_ARGS__ },
#include "base/text.h"
#include "config/issuers.def"
#undef ISSUER
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

/* For an account that is in nobody's table (RFC 8252 7.3). */
static const char usual_redirect[] = "http://127.0.0.1:%p/";
/* Without it an issuer of OpenID Connect gives no refresh token, and no error
 * either (OpenID Connect Core 1.0, 11). */
static const char usual_more[] = "prompt=consent";
/* Microsoft's, when none is named: of work, school and private accounts. */
static const char usual_tenant[] = "common";

const char *issuer_name(size_t index)
{
	return index < ROW_COUNT ? rows[index].name : NULL;
}

static const struct row *row_of_host(const char *host)
{
	for (size_t i = 0; host && i < ROW_COUNT; i++) {
		struct span hosts = span_of(rows[i].hosts), word;

		while ((word = span_cut_word(&hosts)).length)
			if (span_equal_nocase(word, span_of(host)))
				return &rows[i];
	}
	return NULL;
}

/* "microsoft/TENANT", too. */
static const struct row *row_of_name(struct span name, struct span *tenant)
{
	struct span rest = name;
	struct span first = span_cut(&rest, '/');

	for (size_t i = 0; i < ROW_COUNT; i++)
		if (span_equal_nocase(first, span_of(rows[i].name))) {
			*tenant = rest;
			return &rows[i];
		}
	return NULL;
}

static bool is_tenant(struct span tenant)
{
	for (size_t i = 0; i < tenant.length; i++)
		if (!ascii_is_alpha(tenant.at[i]) &&
			!ascii_is_digit(tenant.at[i]) && tenant.at[i] != '-' &&
			tenant.at[i] != '.')
			return false;
	return true;
}

static const char *with_tenant(
	const char *url, struct span tenant, struct arena *arena)
{
	const char *at = strstr(url, "%t");

	if (!at)
		return url;
	if (!tenant.length)
		tenant = span_of(usual_tenant);
	return arena_printf(arena, "%.*s%.*s%s", (int)(at - url), url,
		(int)tenant.length, tenant.at, at + 2);
}

static void take_row(const struct row *row, struct span tenant, bool is_alone,
	struct arena *arena, struct issuer *out)
{
	out->name = row->name;
	out->issuer = row->issuer;
	out->authorization = with_tenant(row->authorization, tenant, arena);
	out->token = with_tenant(row->token, tenant, arena);
	out->device = with_tenant(row->device, tenant, arena);
	out->revocation = row->revocation;
	out->metadata = row->metadata;
	out->scope = is_alone ? row->own_scope : row->scope;
	out->redirect = row->redirect;
	out->more = row->more;
	out->wants_offline = false; /* as the row has it */
}

static bool take_name(const struct account *account, bool is_alone,
	struct arena *arena, struct issuer *out, struct diag *why)
{
	const char *said = account->oauth_issuer;
	struct span tenant = { "", 0 };
	const struct row *row;

	if (answer_is_url(span_of(said))) {
		out->name = out->issuer = said;
		out->may_guess_metadata = true;
		return true;
	}
	row = row_of_name(span_of(said), &tenant);
	if (!row || !is_tenant(tenant) ||
		(tenant.length && !strstr(row->token, "%t")))
		return account_bad_value(account, OPTION_oauth_issuer, said,
			DIAG_WORDS N_(
				"a name of the list, or a URL with https://"),
			why);
	take_row(row, tenant, is_alone, arena, out);
	return true;
}

static bool take_url(const struct account *account, enum option_id id,
	const char *said, const char **out, struct diag *why)
{
	if (!said)
		return true;
	if (!answer_is_url(span_of(said)))
		return account_bad_value(account, id, said,
			DIAG_WORDS N_("a URL with https://"), why);
	*out = said;
	return true;
}

/* Without a person the application asks for itself. */
static bool is_without_person(const struct account *account)
{
	return account->oauth_flow == OPTION_OAUTH_FLOW_CLIENT ||
	       account->oauth_flow == OPTION_OAUTH_FLOW_JWT;
}

bool issuer_of_account(const struct account *account, struct arena *arena,
	struct issuer *out, struct diag *why)
{
	const struct row *row = row_of_host(account->host);
	bool is_alone = is_without_person(account);

	*out = (struct issuer){ "", "", "", "", "", "", "", "", "",
		usual_redirect, usual_more, false, !is_alone, false };
	if (account->oauth_issuer) {
		if (!take_name(account, is_alone, arena, out, why))
			return false;
	} else if (row && !account->oauth_metadata &&
		   !account->oauth_token_url) {
		take_row(row, span_make("", 0), is_alone, arena, out);
	}
	if (account->oauth_scope)
		out->scope = account->oauth_scope;
	if (account->oauth_redirect)
		out->redirect = account->oauth_redirect;
	if (account->oauth_metadata)
		out->may_guess_metadata = false;
	if (!take_url(account, OPTION_oauth_metadata, account->oauth_metadata,
		    &out->metadata, why) ||
		!take_url(account, OPTION_oauth_token_url,
			account->oauth_token_url, &out->token, why))
		return false;
	if (!out->name[0])
		out->name = out->metadata[0] ? out->metadata : out->token;
	return true;
}
