/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A setup's trials: the server before anything is asked, the login before
 * anything is written, and servers that nobody has named. */
#include <config.h>

#include "base/text.h"
#include "cmd/doctor.h"
#include "cmd/report.h"
#include "cmd/setup.h"
#include "deliver/credential.h"
#include "deliver/errand.h"

#include <string.h>
#include <sysexits.h>

enum { TRIES = 3 };

/* ---- the profile --------------------------------------------------------- */

static const char *number(struct arena *arena, long value)
{
	return arena_printf(arena, "%ld", value);
}

/* When it is not the usual one. */
static void put_port(struct setup *setup, const struct setup_server *server)
{
	if (!server->port)
		return;
	setup_profile_line(
		&setup->profile, "port", number(setup->arena, server->port));
	setup_profile_line(&setup->profile, "tls_starttls",
		server->is_implicit ? "off" : "on");
}

/* What the account says, but for its secret. */
static void put_server(struct setup *setup)
{
	struct setup_profile *profile = &setup->profile;
	const struct setup_server *server = &setup->server;

	/* What the account said before. */
	setup_profile_line(profile, "provider", NULL);
	setup_profile_line(profile, "host", NULL);
	setup_profile_line(profile, "port", NULL);
	setup_profile_line(profile, "tls_starttls", NULL);
	if (!server->host) {
		setup_profile_line(profile, "provider",
			server->region ? arena_printf(setup->arena, "%s %s",
						 server->provider->name,
						 server->region)
				       : server->provider->name);
		put_port(setup, server);
		return;
	}
	setup_profile_line(profile, "host", server->host);
	put_port(setup, server);
}

/* What the command line says besides. */
static void put_settings(
	const struct setup *setup, struct setup_profile *profile)
{
	const struct request *request = setup->request;

	for (size_t i = 0; i < request->setting_count; i++)
		if (request->settings[i].id != OPTION_provider)
			setup_profile_line(profile,
				option_keyword(request->settings[i].id),
				request->settings[i].value);
}

static void put_lines(struct setup *setup)
{
	struct setup_profile *profile = &setup->profile;

	put_server(setup);
	if (!setup_setting(setup, OPTION_socket))
		setup_profile_line(profile, "socket", NULL);
	setup_profile_line(profile, "from", setup->address);
	if (setup->client_id) {
		setup_profile_line(profile, "auth", "xoauth2");
		setup_profile_line(
			profile, "oauth_client_id", setup->client_id);
	}
	if (setup->user)
		setup_profile_line(profile, "user", setup->user);
	put_settings(setup, profile);
}

/* msmtp reads this file, too, and knows no providers. */
static void spell_out(struct setup *setup, const struct account *account)
{
	struct setup_profile *profile = &setup->profile;

	if (profile->dialect != DIALECT_MSMTP)
		return;
	setup_profile_line(profile, "provider", NULL);
	setup_profile_line(profile, "host", account->host);
	setup_profile_line(
		profile, "port", number(setup->arena, account->port));
	setup_profile_line(profile, "tls", account->tls ? "on" : "off");
	setup_profile_line(
		profile, "tls_starttls", account->tls_starttls ? "on" : "off");
	setup_profile_line(profile, "auth",
		account->auth == OPTION_AUTH_OFF ? "off" : "on");
}

/* ---- the server ---------------------------------------------------------- */

/* The account as it would be, which lives as long as CONFIG. */
static bool make_account(struct setup *setup, struct config *config,
	const struct account **out, struct diag *why)
{
	put_lines(setup);
	/* Where it is the password, it is not known before. */
	if (!setup->user && setup_wants_secret(setup))
		setup_profile_line(&setup->profile, "user", setup->address);
	if (!setup_profile_account(&setup->profile, setup->request,
		    setup->arena, config, out, why))
		return false;
	spell_out(setup, *out);
	return true;
}

/* What failed is told at the end, with what to do. */
static void print_unless_failed(
	const struct findings *found, const struct finding *finding)
{
	if (finding->status != FINDING_FAIL)
		doctor_print(found, finding);
}

/* The server is known by now. */
static void print_login(
	const struct findings *found, const struct finding *finding)
{
	if (strncmp(finding->id, "auth.", 5) == 0 ||
		strcmp(finding->id, "smtp.sender") == 0)
		print_unless_failed(found, finding);
}

static bool has_found(const struct findings *found, const char *id)
{
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->items[i].id, id) == 0)
			return true;
	return false;
}

/* As the doctor looks at it: with the secret up to the question whether it
 * takes mail, or else to its offers. */
static bool examine(struct setup *setup, struct findings *found,
	bool has_secret, struct diag *why)
{
	struct doctor doctor = { .request = setup->request,
		.arena = setup->arena,
		.found = found,
		.sender = setup->address };
	struct config config = { .account_count = 0 };
	bool is_fine = make_account(setup, &config, &doctor.account, why);

	if (is_fine) {
		secret_set(&doctor.secret, setup->secret.bytes,
			setup->secret.length);
		doctor_server(&doctor, has_secret);
		secret_wipe(&doctor.secret);
	}
	for (size_t i = 0; is_fine && i < found->count; i++)
		if (found->items[i].status == FINDING_FAIL) {
			*why = *found->items[i].why;
			is_fine = false;
		}
	config_wipe(&config);
	return is_fine;
}

/* The network may block a port, or the provider have another one. */
static bool take_other_port(struct setup *setup, struct diag *why)
{
	const struct provider *provider = setup->server.provider;
	struct span rest = span_of(
		provider && provider->ports ? provider->ports : "587 465/tls");
	struct provider_port port;

	while (provider_next_port(&rest, &port)) {
		struct findings found = { .arena = setup->arena,
			.listener = print_unless_failed };
		struct diag ignored;

		if (port.tls == PROVIDER_NO_TLS)
			continue;
		setup->server.port = port.number;
		setup->server.is_implicit = port.tls == PROVIDER_TLS_FIRST;
		if (examine(setup, &found, false, &ignored))
			return true;
	}
	(void)why;
	return false;
}

static bool look_at_server(struct setup *setup, struct diag *why)
{
	struct findings found = { .arena = setup->arena,
		.listener = print_unless_failed };
	long before = setup->server.port;

	if (examine(setup, &found, false, why))
		return true;
	if (!has_found(&found, "tcp.other") || before ||
		setup_setting(setup, OPTION_port))
		return false;
	return take_other_port(setup, why);
}

/* ---- the login ----------------------------------------------------------- */

/* Whether another password may help. */
static bool is_about_secret(const struct diag *why)
{
	return why->exit_code == EX_NOPERM;
}

static bool get_secret(struct setup *setup, struct diag *why)
{
	struct config config = { .account_count = 0 };
	const struct account *account;
	bool is_fine = make_account(setup, &config, &account, why) &&
		       credential_get(account, setup->talk.may_ask,
			       &setup->secret, NULL, why);

	config_wipe(&config);
	return is_fine;
}

static bool try_once(struct setup *setup, struct diag *why)
{
	struct findings found = { .arena = setup->arena,
		.listener = print_login };
	struct config config = { .account_count = 0 };
	const struct account *account;
	bool is_fine;

	if (!setup->said->is_untried && !setup_wants_token(setup))
		return examine(setup, &found, true, why);
	is_fine = make_account(setup, &config, &account, why);
	config_wipe(&config);
	return is_fine;
}

bool setup_try(struct setup *setup, struct diag *why)
{
	bool has_source = setup_names_secret(setup);
	bool asks = setup_wants_secret(setup) && !has_source;

	if (!setup->talk.missing_count && !setup->said->is_untried &&
		!look_at_server(setup, why))
		return false;
	for (int i = 1;; i++) {
		if ((asks && !setup_settle_secret(setup, why)) ||
			!setup_has_all(&setup->talk, why) ||
			(has_source && !get_secret(setup, why)))
			return false;
		if (try_once(setup, why))
			return true;
		if (!asks || i == TRIES || !setup->talk.may_ask ||
			!is_about_secret(why))
			return false;
		report_problem(why);
	}
}

/* ---- servers that nobody has named --------------------------------------- */

/* With a certificate for its name; nothing is logged in. */
static bool answers(struct setup *setup, const char *host, bool is_implicit)
{
	struct setup_profile guess = { .path = "guess",
		.account = "guess",
		.dialect = DIALECT_MAILCHUTE,
		.before = BUF_INIT(SETUP_TEXT_LIMIT) };
	struct errand_params params = { .debug = setup->request->debug };
	struct config config = { .account_count = 0 };
	struct errand_info info;
	struct diag ignored;
	bool is_there;

	setup_profile_line(&guess, "timeout", "5");
	put_settings(setup, &guess);
	setup_profile_line(&guess, "host", host);
	if (!setup_setting(setup, OPTION_port))
		setup_profile_line(&guess, "port", is_implicit ? "465" : "587");
	setup_profile_line(&guess, "tls_starttls", is_implicit ? "off" : "on");
	setup_profile_line(&guess, "tls", "on");
	setup_profile_line(&guess, "tls_certcheck", "on");
	setup_profile_line(&guess, "auth", "off");
	errand_info_init(&info);
	is_there = setup_profile_account(&guess, setup->request, setup->arena,
			   &config, &params.account, &ignored) &&
		   errand_server_info(&params, &info, &ignored);
	errand_info_free(&info);
	config_wipe(&config);
	buf_free(&guess.before);
	return is_there;
}

bool setup_guess(struct setup *setup)
{
	static const char *const names[] = { "mail", "smtp" };
	const char *domain = setup->mailbox.domain;

	for (size_t i = 0; i < 4; i++) {
		const char *host = arena_printf(
			setup->arena, "%s.%s", names[i / 2], domain);
		bool is_implicit = i % 2 == 0;

		if (!answers(setup, host, is_implicit))
			continue;
		setup->server = (struct setup_server){ .host = host,
			.port = is_implicit ? 465 : 587,
			.is_implicit = is_implicit,
			.is_guess = true,
			.told_by = N_("a guess: it answers, with a "
				      "certificate for that name") };
		return true;
	}
	return false;
}
