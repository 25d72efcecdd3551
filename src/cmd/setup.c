/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailchute setup: from an address to a profile that works.  Asks what only the
 * person can know, tries it, and writes last.
 */
#include <config.h>

#include "cmd/setup.h"

#include "base/process.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "config/preset.h"
#include "deliver/credential.h"
#include "deliver/errand.h"
#include "mail/address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { TRIES = 3 };

static const struct words_option options[] = {
#define SAID        struct setup_said
#define VERB_OPTION WORDS_OPTION
#include "cmd/setup.def"
};

const struct words_table cmd_setup_words = {
	.usage = N_("[OPTION]... ADDRESS | --list [NAME]"),
	.about = N_("Finds the server of an address, asks for what only you "
		    "can know, tries the\nlogin, and writes the profile.  "
		    "Whatever the configuration knows can be said\nas an "
		    "option: --host, --user, --provider=\"ses "
		    "eu-central-1\".\n"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct setup_said),
	.operands = WORDS_SOME,
};

/* ---- who ----------------------------------------------------------------- */

bool setup_wants_secret(const struct setup *setup)
{
	const struct provider *provider = setup->server.provider;
	const char *auth = setup_setting(setup, OPTION_auth);

	if (auth && strcmp(auth, "off") == 0)
		return false;
	return !provider || !provider->login ||
	       (strcmp(provider->login, "none") != 0 &&
		       strcmp(provider->login, "oauth2") != 0);
}

static bool ask_user(struct setup *setup, struct diag *why)
{
	setup_show_page(setup);
	setup->user = setup_ask(&setup->talk, N_("User"), NULL, "--user", why);
	return setup->user != NULL;
}

static bool settle_user(struct setup *setup, struct diag *why)
{
	const struct provider *provider = setup->server.provider;
	const char *form = provider ? provider->user : "%a";

	setup->user = setup_setting(setup, OPTION_user);
	if (setup->user || !setup_wants_secret(setup))
		return true;
	if (form && strcmp(form, "%a") == 0)
		setup->user = setup->address;
	else if (form && strcmp(form, "%l") == 0)
		setup->user = setup->mailbox.local;
	else if (form)
		setup->user = form;
	else if (provider && provider_has_word(provider->login, SPAN("token")))
		return true; /* it is the password */
	else
		return ask_user(setup, why);
	return true;
}

/* ---- the secret ---------------------------------------------------------- */

/* The first line of the standard input. */
static bool read_secret(struct secret *secret)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length = getline(&line, &size, stdin);

	if (length > 0 && line[length - 1] == '\n')
		length--;
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (length > 0)
		secret_set(secret, line, (size_t)length);
	if (line)
		secret_erase(line, size);
	free(line);
	return length > 0;
}

static bool ask_secret(struct setup *setup, struct diag *why)
{
	const struct provider *provider = setup->server.provider;

	if (!setup->talk.may_ask && !terminal_is(STDIN_FILENO) &&
		read_secret(&setup->secret))
		return true;
	if (provider && provider->password_page && setup->talk.may_ask)
		setup_say(_("The password is made at %s\n"),
			provider->password_page);
	return setup_ask_secret(&setup->talk, &setup->secret,
		DIAG_WORDS N_("--passwordeval, or the first line of the "
			      "standard input"),
		why);
}

static bool settle_secret(struct setup *setup, struct diag *why)
{
	if (!ask_secret(setup, why))
		return false;
	if (!setup->secret.length)
		return true; /* it is missing */
	if (!setup_secret_mend(setup->server.provider, setup->server.region,
		    &setup->secret, why))
		return false;
	if (!setup->user ||
		(setup->server.provider &&
			provider_has_word(
				setup->server.provider->login, SPAN("token"))))
		setup->user = arena_strndup(setup->arena, setup->secret.bytes,
			setup->secret.length);
	return true;
}

/* ---- the profile --------------------------------------------------------- */

static const char *number(struct arena *arena, long value)
{
	return arena_printf(arena, "%ld", value);
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
		return;
	}
	setup_profile_line(profile, "host", server->host);
	if (!server->port)
		return;
	setup_profile_line(profile, "port", number(setup->arena, server->port));
	setup_profile_line(
		profile, "tls_starttls", server->is_implicit ? "off" : "on");
}

static void put_lines(struct setup *setup)
{
	struct setup_profile *profile = &setup->profile;
	const struct request *request = setup->request;

	put_server(setup);
	if (!setup_setting(setup, OPTION_socket))
		setup_profile_line(profile, "socket", NULL);
	setup_profile_line(profile, "from", setup->address);
	if (setup->user)
		setup_profile_line(profile, "user", setup->user);
	for (size_t i = 0; i < request->setting_count; i++)
		if (request->settings[i].id != OPTION_provider)
			setup_profile_line(profile,
				option_keyword(request->settings[i].id),
				request->settings[i].value);
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

/* ---- trying -------------------------------------------------------------- */

static bool visit(
	struct setup *setup, const struct account *account, struct diag *why)
{
	const struct errand_params params = { .account = account,
		.debug = setup->request->debug };
	struct errand_visit visit = { .mechanism = NULL };
	bool is_fine;

	setup_say(_("Trying %s:%ld ...\n"), account->host, account->port);
	errand_info_init(&visit.info);
	is_fine = errand_visit(
		&params, &setup->secret, setup->address, &visit, why);
	if (is_fine)
		setup_say(_("%s takes mail from %s.\n"), account->host,
			setup->address);
	errand_info_free(&visit.info);
	return is_fine;
}

/* Whether another password may help. */
static bool is_about_secret(const struct diag *why)
{
	return why->exit_code == EX_NOPERM;
}

static bool try_once(struct setup *setup, bool has_command, struct diag *why)
{
	struct config config = { .account_count = 0 };
	const struct account *account;
	bool is_fine = setup_profile_account(&setup->profile, setup->request,
		setup->arena, &config, &account, why);

	if (is_fine) {
		spell_out(setup, account);
		if (has_command)
			is_fine = credential_get(
				account, false, &setup->secret, NULL, why);
		is_fine = is_fine && (setup->said->is_untried ||
					     visit(setup, account, why));
	}
	config_wipe(&config);
	return is_fine;
}

static bool try_login(struct setup *setup, struct diag *why)
{
	bool has_command = setup_names_secret(setup);
	bool asks = setup_wants_secret(setup) && !has_command;

	for (int i = 1;; i++) {
		if ((asks && !settle_secret(setup, why)) ||
			!setup_has_all(&setup->talk, why))
			return false;
		put_lines(setup);
		if (try_once(setup, has_command, why))
			return true;
		if (!asks || i == TRIES || !setup->talk.may_ask ||
			!is_about_secret(why))
			return false;
		report_problem(why);
	}
}

/* ---- a test mail --------------------------------------------------------- */

/* A new run, which reads what was written. */
static bool send_test(struct setup *setup, struct diag *why)
{
	const char *const arguments[] = { "mailchute", "-C",
		setup->profile.path, "-a", setup->profile.account, "test",
		setup->address, NULL };
	struct diag ignored;
	const char *answer;

	if (!setup->talk.may_ask || setup->said->is_untried ||
		!setup_wants_secret(setup))
		return true;
	answer = setup_ask(&setup->talk,
		N_("Send a test mail to this address?"), "yes", "", &ignored);
	if (!answer || !setup_is_yes(answer) || process_become(arguments))
		return true;
	diag_set(why, DIAG_SYSTEM_FAILED, "mailchute test");
	return diag_add_errno(why, errno);
}

/* ---- the verb ------------------------------------------------------------ */

static bool take_address(struct setup *setup, struct diag *why)
{
	const char *text = setup->request->operands[0];
	const char *reason = DIAG_WORDS N_("it has no domain");

	if (!address_parse(
		    span_of(text), setup->arena, &setup->mailbox, &reason) ||
		!setup->mailbox.domain[0])
		return diag_set(why, DIAG_ADDRESS_INVALID, text, reason);
	setup->address = address_string(setup->arena, &setup->mailbox);
	return true;
}

static bool ask_way(struct setup *setup, const char **name, struct diag *why)
{
	setup_say("%s\n", _("Who may send on this machine?"));
	for (enum setup_way i = 0; i < SETUP_WAYS; i++)
		setup_say("  %-10s %s\n", setup_way_name(i),
			_(setup_way_text(i)));
	*name = setup_ask(&setup->talk, N_("Way"), *name, "--way", why);
	return *name != NULL;
}

static bool settle_way(struct setup *setup, struct diag *why)
{
	const char *name = setup->said->way ? setup->said->way : "serve";

	setup->way = SETUP_WAYS;
	if (!setup->said->is_system && !setup->said->way)
		return true;
	if (setup->request->config_file)
		return diag_set(why, DIAG_USAGE_CONFLICT, "--system", "-C");
	if (!setup->said->way && setup->talk.may_ask &&
		!ask_way(setup, &name, why))
		return false;
	setup->way = setup_way_of(name);
	if (setup->way == SETUP_WAYS)
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "--way", name,
			DIAG_WORDS N_("one of serve, root"));
	return setup_system_open(
		&setup->system, setup->way, &place_system, setup->arena, why);
}

static bool open_profile(struct setup *setup, struct diag *why)
{
	struct request request = *setup->request;

	if (setup->way != SETUP_WAYS)
		request.config_file = setup->system.path;
	if (!setup_profile_open(&setup->profile, &request, setup->address,
		    request.account, setup->arena, why))
		return false;
	if (setup->way != SETUP_WAYS)
		setup_system_begin(&setup->system, &setup->profile);
	return true;
}

static bool run(struct setup *setup, struct diag *why)
{
	if (!take_address(setup, why) || !settle_way(setup, why) ||
		!setup_check_store(setup, why) ||
		!setup_settle_server(setup, why) || !open_profile(setup, why) ||
		!settle_user(setup, why) || !try_login(setup, why) ||
		!setup_keep(setup, why))
		return false;
	setup_tell_next(setup);
	return setup->way != SETUP_WAYS || send_test(setup, why);
}

static int list(const struct setup_said *said, const struct request *request,
	const struct providers *providers)
{
	struct buf text = BUF_INIT(SETUP_TEXT_LIMIT);
	const char *name = request->operand_count ? request->operands[0] : NULL;
	struct diag why;

	if (setup_list(providers, name, said->is_json, &text))
		return cmd_print(&text);
	buf_free(&text);
	setup_fail_provider(providers, name, &why);
	return report_problem(&why);
}

int cmd_setup(const struct cmd_context *context)
{
	const struct request *request = context->request;
	struct setup setup = { .said = context->said,
		.request = request,
		.arena = context->arena,
		.talk = { .arena = context->arena },
		.profile = { .before = BUF_INIT(SETUP_TEXT_LIMIT) } };
	struct diag why;
	int exit_code = EX_OK;

	setup.talk.may_ask = !setup.said->is_quiet && terminal_exists();
	providers_read(preset_folders(NULL, context->arena), context->arena,
		&setup.providers);
	if (setup.said->is_list)
		return list(setup.said, request, &setup.providers);
	if (request->operand_count != 1) {
		if (request->operand_count)
			diag_set(&why, DIAG_USAGE_UNWANTED_WORD, "setup",
				request->operands[1]);
		else
			diag_set(&why, DIAG_USAGE_VERB_NEEDS, "setup");
		return report_problem(&why);
	}
	if (!run(&setup, &why))
		exit_code = report_problem(&why);
	secret_wipe(&setup.secret);
	buf_wipe_free(&setup.profile.before);
	return exit_code;
}
