/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A setup's first question: which server it is. */
#include <config.h>

#include "base/text.h"
#include "cmd/setup.h"

#include <string.h>

enum { SUBMISSIONS_PORT = 465, TCP_PORT_MAX = 65535 };

bool setup_fail_provider(
	const struct providers *providers, const char *name, struct diag *why)
{
	const char *near = providers_nearest(providers, span_of(name));

	return near ? diag_set(why, DIAG_PROVIDER_DID_YOU_MEAN, name, near)
		    : diag_set(why, DIAG_PROVIDER_UNKNOWN, name);
}

static bool take_provider(
	struct setup *setup, const char *value, struct diag *why)
{
	struct span region = span_of(value), name = span_cut_word(&region);

	region = span_trim(region);
	setup->server.provider = providers_find(&setup->providers, name);
	if (region.length)
		setup->server.region =
			arena_strndup(setup->arena, region.at, region.length);
	return setup->server.provider ||
	       setup_fail_provider(&setup->providers,
		       arena_strndup(setup->arena, name.at, name.length), why);
}

/* "gmail", "mail.example.org" or "mail.example.org:465". */
static void take_server(struct setup *setup, const char *said)
{
	struct setup_server *server = &setup->server;
	struct span rest = span_of(said), host = span_cut(&rest, ':');
	unsigned long port;

	*server = (struct setup_server){ .is_certain = true };
	server->provider = providers_find(&setup->providers, span_of(said));
	if (server->provider)
		return;
	if (!span_number(rest, TCP_PORT_MAX, &port) || !port) {
		host = span_of(said);
		port = 0;
	}
	server->host = arena_strndup(setup->arena, host.at, host.length);
	server->port = (long)port;
	server->is_implicit = port == SUBMISSIONS_PORT;
	server->provider = providers_of_host(&setup->providers, host);
}

static bool ask_server(struct setup *setup, struct diag *why)
{
	const char *said = setup_ask(
		&setup->talk, N_("Server"), NULL, "--host, --provider", why);

	if (said && *said)
		take_server(setup, said);
	return said != NULL;
}

static bool ask_unknown(struct setup *setup, struct diag *why)
{
	/* What is written without a login is not guessed. */
	if (setup->talk.may_ask && !setup->said->is_untried &&
		setup_guess(setup))
		return true;
	if (setup->talk.may_ask)
		setup_say(_("The DNS does not say which server takes mail from "
			    "%s; the provider's help\npages do: look for "
			    "'SMTP' or 'outgoing server'.\n"),
			setup->address);
	setup->server = (struct setup_server){ .is_certain = true };
	return ask_server(setup, why);
}

static bool find_server(struct setup *setup, struct diag *why)
{
	const char *provider = setup_setting(setup, OPTION_provider);

	setup->server = (struct setup_server){ .is_certain = true };
	if (provider)
		return take_provider(setup, provider, why);
	setup->server.host = setup_setting(setup, OPTION_host);
	if (setup->server.host) {
		setup->server.provider = providers_of_host(
			&setup->providers, span_of(setup->server.host));
		return true;
	}
	if (setup_find(setup->mailbox.domain, &setup->providers, setup->arena,
		    &setup->server, why))
		return true;
	return (why->id == DIAG_NET_NO_SERVICE ||
		       (why->id == DIAG_NET_NAME_SERVER &&
			       setup->talk.may_ask)) &&
	       ask_unknown(setup, why);
}

static void show_server(const struct setup *setup)
{
	const struct setup_server *server = &setup->server;
	const struct provider *provider = server->provider;
	const char *name = server->host      ? server->host
			   : provider->title ? provider->title
					     : provider->name;

	setup_say("%s: %s", setup->address, name);
	if (server->told_by)
		setup_say(" (%s)", _(server->told_by));
	setup_say("\n");
	if (provider && provider->note)
		setup_say("  %s\n", _(provider->note));
}

/* Answers of the DNS are not signed: what no table knows is asked for. */
static bool confirm(struct setup *setup, struct diag *why)
{
	struct setup_server *server = &setup->server;
	const char *answer;

	if (server->is_certain || (!setup->talk.may_ask && !server->host))
		return true;
	answer = setup_ask(&setup->talk, N_("Is that right? (yes, no)"),
		server->is_guess ? "no" : "yes", "--provider, --host", why);
	if (!answer || !*answer || setup_is_yes(answer))
		return answer != NULL;
	return ask_server(setup, why);
}

/* "eu-central-1", also when it is typed as a profile has it. */
static const char *plain_region(struct setup *setup, const char *said)
{
	struct span rest = span_of(said), word = span_cut_word(&rest);

	if (!span_equal(word, SPAN("provider")))
		return said;
	(void)span_cut_word(&rest);
	rest = span_trim(rest);
	return arena_strndup(setup->arena, rest.at, rest.length);
}

static bool settle_region(struct setup *setup, struct diag *why)
{
	struct setup_server *server = &setup->server;
	const struct provider *provider = server->provider;
	const char *said;

	if (server->host || !provider || !provider->region_is ||
		provider->region || server->region)
		return true;
	setup_show_page(setup);
	said = setup_ask(&setup->talk, provider->region_is, NULL,
		"--provider=\"NAME REGION\"", why);
	if (said)
		server->region = plain_region(setup, said);
	return said != NULL;
}

bool setup_settle_server(struct setup *setup, struct diag *why)
{
	const struct provider *provider;

	if (!find_server(setup, why))
		return false;
	if (!setup->server.provider && !setup->server.host)
		return true; /* it is missing */
	show_server(setup);
	if (!confirm(setup, why))
		return false;
	provider = setup->server.provider;
	if (provider && provider->impossible)
		return diag_set(why, DIAG_PROVIDER_IMPOSSIBLE, provider->name,
			arena_printf(setup->arena, DIAG_WORDS "%s",
				provider->impossible));
	return settle_region(setup, why);
}
