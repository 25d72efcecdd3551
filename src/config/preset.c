/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Providers' rows as defaults of an account.  Does not know where the rows come
 * from.
 */
#include <config.h>

#include "config/preset.h"

#include "base/duration.h"
#include "base/place.h"
#include "base/process.h"
#include "mail/address.h"

#include <stdio.h>
#include <string.h>

/* ---- where providers are read from --------------------------------------- */

static const char *user_folder(struct arena *arena)
{
	const char *xdg = process_getenv("XDG_CONFIG_HOME");
	const char *home = process_home(arena);

	if (xdg && xdg[0] == '/')
		return arena_printf(arena, "%s/mailchute/providers.d", xdg);
	return home ? arena_printf(
			      arena, "%s/.config/mailchute/providers.d", home)
		    : NULL;
}

/* A service's relay must not depend on whose HOME is set. */
static bool is_machines(const struct account *account)
{
	struct span path =
		span_of(account && account->file ? account->file : "");

	return span_starts_with(path, span_of(place_system.settings)) &&
	       path.at[strlen(place_system.settings)] == '/';
}

const char *const *preset_folders(
	const struct account *account, struct arena *arena)
{
	const char **folders = arena_alloc(arena, 4 * sizeof *folders);

	folders[0] = place_system.providers;
	folders[1] = place_system.system_providers;
	folders[2] = is_machines(account) || process_is_privileged()
			     ? NULL
			     : user_folder(arena);
	return folders;
}

/* ---- which one ----------------------------------------------------------- */

static bool fail(const struct account *account, struct diag *why)
{
	struct buf where = BUF_INIT(DIAG_WHERE_BYTES);

	origin_put(&where, &account->origin[OPTION_provider]);
	diag_add_where(why, buf_text(&where));
	buf_free(&where);
	return false;
}

static bool fail_unknown(const struct account *account,
	const struct providers *providers, const char *name, struct diag *why)
{
	const char *near = providers_nearest(providers, span_of(name));

	if (providers->problem_count) {
		*why = providers->problems[0].why;
		return false;
	}
	if (near)
		diag_set(why, DIAG_PROVIDER_DID_YOU_MEAN, name, near);
	else
		diag_set(why, DIAG_PROVIDER_UNKNOWN, name);
	return fail(account, why);
}

/* A row half of whose lines were passed over is not to be used. */
static const struct diag *problem_of(
	const struct providers *providers, const struct provider *provider)
{
	for (size_t i = 0; provider->file && i < providers->problem_count; i++)
		if (strcmp(providers->problems[i].file, provider->file) == 0)
			return &providers->problems[i].why;
	return NULL;
}

/* ---- one value ----------------------------------------------------------- */

struct preset {
	struct account *account;
	const struct provider *provider;
	struct origin origin;
	struct arena *arena;
	struct diag *why;
};

static bool set(struct preset *preset, enum option_id id, const char *value)
{
	if (option_is_said(preset->account, id) || !value)
		return true;
	return option_set(preset->account, id, value, preset->origin,
		preset->arena, preset->why);
}

static bool set_host(struct preset *preset, struct span region)
{
	struct span host = span_of(preset->provider->host);
	struct buf text = BUF_INIT(DIAG_WHERE_BYTES);
	bool is_fine;

	while (host.length) {
		struct span before = span_cut(&host, '{');
		bool has_region = span_starts_with(host, SPAN("region}"));

		buf_put_span(&text, before);
		if (has_region) {
			host = span_skip(host, sizeof "region}" - 1);
			buf_put_span(&text, region);
		}
	}
	is_fine = set(preset, OPTION_host, buf_text(&text));
	buf_free(&text);
	return is_fine;
}

/* The part of 'provider ses eu-central-1' behind the name, or the row's. */
static bool take_host(struct preset *preset, struct span region)
{
	const struct provider *provider = preset->provider;

	if (!provider->host || preset->account->socket)
		return true;
	if (!region.length && provider->region)
		region = span_of(provider->region);
	if (!region.length && provider->region_is &&
		!option_is_said(preset->account, OPTION_host)) {
		diag_set(preset->why, DIAG_PROVIDER_REGION, provider->name,
			arena_printf(preset->arena, DIAG_WORDS "%s",
				provider->region_is));
		return fail(preset->account, preset->why);
	}
	return set_host(preset, region);
}

/* ---- port and TLS -------------------------------------------------------- */

static bool fits(const struct account *account, struct provider_port port)
{
	if (option_is_said(account, OPTION_port) &&
		account->port != port.number)
		return false;
	if (option_is_said(account, OPTION_tls) &&
		account->tls != (port.tls != PROVIDER_NO_TLS))
		return false;
	return !option_is_said(account, OPTION_tls_starttls) ||
	       account->tls_starttls == (port.tls == PROVIDER_STARTTLS);
}

/* The first one that goes with what the account says itself; when none does,
 * the account knows better. */
static bool take_port(struct preset *preset)
{
	struct span ports =
		span_of(preset->provider->ports ? preset->provider->ports : "");
	struct provider_port port;
	char number[24];

	if (preset->account->socket)
		return true;
	while (provider_next_port(&ports, &port)) {
		if (!fits(preset->account, port))
			continue;
		snprintf(number, sizeof number, "%ld", port.number);
		return set(preset, OPTION_port, number) &&
		       set(preset, OPTION_tls,
			       port.tls == PROVIDER_NO_TLS ? "off" : "on") &&
		       set(preset, OPTION_tls_starttls,
			       port.tls == PROVIDER_TLS_FIRST ? "off" : "on");
	}
	return set(preset, OPTION_tls, "on");
}

/* ---- user and login ------------------------------------------------------ */

/* %a or %l of the account's address; NULL without one. */
static const char *user_of(const struct preset *preset)
{
	const char *form = preset->provider->user;
	const char *from = preset->account->from;
	struct mailbox mailbox;
	const char *reason;

	if (!form || strchr(form, '%') != form)
		return form;
	if (!from || strpbrk(from, "*?[%") ||
		!address_parse(
			span_of(from), preset->arena, &mailbox, &reason) ||
		!mailbox.domain[0])
		return NULL;
	return strcmp(form, "%l") == 0
		       ? mailbox.local
		       : address_string(preset->arena, &mailbox);
}

static bool take_login(struct preset *preset)
{
	const struct account *account = preset->account;

	if (account->socket || (option_is_said(account, OPTION_auth) &&
				       account->auth == OPTION_AUTH_OFF))
		return true;
	if (preset->provider->auth) {
		if (!set(preset, OPTION_auth, preset->provider->auth))
			return false;
	} else if (!provider_has_word(preset->provider->login, SPAN("none"))) {
		/* Without a user this is told, and not sent without a login. */
		if (!set(preset, OPTION_auth, "on"))
			return false;
	}
	return set(preset, OPTION_user, user_of(preset));
}

/* ---- limits -------------------------------------------------------------- */

static bool take_messages(struct preset *preset)
{
	const char *most = preset->provider->max_messages_per_connection;
	unsigned long number;

	if (!most || !span_number(span_of(most), 100000, &number) ||
		(long)number >= preset->account->max_messages_per_connection)
		return true;
	return set(preset, OPTION_max_messages_per_connection, most);
}

/* They hold the queue back, and nothing that is sent at once. */
static bool take_rate(struct preset *preset)
{
	return set(preset, OPTION_rate, preset->provider->limits);
}

/* ---- the whole ----------------------------------------------------------- */

static bool apply(struct preset *preset, struct span region)
{
	const struct provider *provider = preset->provider;

	if (provider->impossible) {
		diag_set(preset->why, DIAG_PROVIDER_IMPOSSIBLE, provider->name,
			arena_printf(preset->arena, DIAG_WORDS "%s",
				provider->impossible));
		return fail(preset->account, preset->why);
	}
	return take_host(preset, region) && take_port(preset) &&
	       take_login(preset) && take_messages(preset) && take_rate(preset);
}

static bool apply_named(struct account *account,
	const struct providers *providers, struct arena *arena,
	struct diag *why)
{
	struct span rest = span_of(account->provider);
	struct span word = span_cut_word(&rest);
	const char *name = arena_strndup(arena, word.at, word.length);
	struct preset preset = { .account = account,
		.provider = providers_find(providers, word),
		.arena = arena,
		.why = why };
	const struct diag *problem;

	if (!preset.provider)
		return fail_unknown(account, providers, name, why);
	problem = problem_of(providers, preset.provider);
	if (problem) {
		*why = *problem;
		return false;
	}
	account->known = preset.provider;
	preset.origin = (struct origin){ ORIGIN_PROVIDER,
		arena_printf(arena, "provider %s", preset.provider->name), 0 };
	return apply(&preset, span_trim(rest));
}

bool preset_apply(
	struct account *account, struct arena *arena, struct diag *why)
{
	static const char *const no_folders[] = { NULL };
	struct providers providers;

	providers_read(
		account->provider ? preset_folders(account, arena) : no_folders,
		arena, &providers);
	if (account->provider)
		return apply_named(account, &providers, arena, why);
	if (account->host)
		account->known =
			providers_of_host(&providers, span_of(account->host));
	return true;
}
