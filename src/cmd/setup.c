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

enum { TRIES = 3, SUBMISSIONS_PORT = 465, TCP_PORT_MAX = 65535 };

struct said {
#define VERB_OPTION WORDS_FIELD
#include "cmd/setup.def"
};

static const struct words_option options[] = {
#define SAID        struct said
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
	.said_bytes = sizeof(struct said),
	.operands = WORDS_SOME,
};

struct setup {
	const struct said *said;
	const struct request *request;
	struct arena *arena;
	struct setup_talk talk;
	struct providers providers;
	struct setup_server server;
	struct setup_profile profile;
	enum setup_store store;
	const char *address, *user;
	struct mailbox mailbox; /* the address, in its parts */
	struct secret secret;
};

/* ---- the server ---------------------------------------------------------- */

static const char *setting(const struct request *request, enum option_id id)
{
	const char *value = NULL;

	for (size_t i = 0; i < request->setting_count; i++)
		if (request->settings[i].id == id)
			value = request->settings[i].value;
	return value;
}

/* Whether the command line says where the password is. */
static bool names_secret(const struct request *request)
{
	return setting(request, OPTION_passwordeval) ||
	       setting(request, OPTION_password_command) ||
	       setting(request, OPTION_password_file) ||
	       setting(request, OPTION_password_store);
}

static bool fail_provider(
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
	       fail_provider(&setup->providers,
		       arena_strndup(setup->arena, name.at, name.length), why);
}

/* Where the person finds the answer. */
static void show_page(const struct setup *setup)
{
	const struct provider *provider = setup->server.provider;

	if (provider && provider->password_page && setup->talk.may_ask)
		setup_say(_("It stands at %s\n"), provider->password_page);
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
	const char *provider = setting(setup->request, OPTION_provider);

	setup->server = (struct setup_server){ .is_certain = true };
	if (provider)
		return take_provider(setup, provider, why);
	setup->server.host = setting(setup->request, OPTION_host);
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
	answer = setup_ask(&setup->talk, N_("Is that right? (yes, no)"), "yes",
		"--provider, --host", why);
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
	show_page(setup);
	said = setup_ask(&setup->talk, provider->region_is, NULL,
		"--provider=\"NAME REGION\"", why);
	if (said)
		server->region = plain_region(setup, said);
	return said != NULL;
}

static bool settle_server(struct setup *setup, struct diag *why)
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

/* ---- who ----------------------------------------------------------------- */

static bool wants_secret(const struct setup *setup)
{
	const struct provider *provider = setup->server.provider;
	const char *auth = setting(setup->request, OPTION_auth);

	if (auth && strcmp(auth, "off") == 0)
		return false;
	return !provider || !provider->login ||
	       (strcmp(provider->login, "none") != 0 &&
		       strcmp(provider->login, "oauth2") != 0);
}

static bool ask_user(struct setup *setup, struct diag *why)
{
	show_page(setup);
	setup->user = setup_ask(&setup->talk, N_("User"), NULL, "--user", why);
	return setup->user != NULL;
}

static bool settle_user(struct setup *setup, struct diag *why)
{
	const struct provider *provider = setup->server.provider;
	const char *form = provider ? provider->user : "%a";

	setup->user = setting(setup->request, OPTION_user);
	if (setup->user || !wants_secret(setup))
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
		"--passwordeval, or the first line of the standard input", why);
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

static bool settle_store(struct setup *setup, struct diag *why)
{
	const char *name = setup->said->store;

	setup->store = SETUP_STORE_PROFILE;
	if (!name && setup->talk.may_ask) {
		setup_say("%s\n", _("Where shall the password be kept?"));
		for (enum setup_store i = 0; i < SETUP_STORES; i++)
			if (setup_store_is_there(i))
				setup_say("  %-8s %s\n", setup_store_name(i),
					_(setup_store_text(i)));
		name = setup_ask(
			&setup->talk, N_("Place"), "profile", "--store", why);
		if (!name)
			return false;
	}
	while (name && setup->store < SETUP_STORES &&
		strcmp(setup_store_name(setup->store), name) != 0)
		setup->store++;
	return setup->store < SETUP_STORES ||
	       diag_set(why, DIAG_USAGE_BAD_VALUE, "--store", name,
		       DIAG_WORDS N_("one of profile, file, keyring, pass"));
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
	bool has_command = names_secret(setup->request);
	bool asks = wants_secret(setup) && !has_command;

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

/* ---- keeping ------------------------------------------------------------- */

static const char *folder_of(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path
		       ? "/"
		       : arena_strndup(arena, path, (size_t)(slash - path));
}

static bool keep_secret(struct setup *setup, struct diag *why)
{
	struct config config = { .account_count = 0 };
	const struct account *account;
	const char *command = NULL;
	bool is_fine = setup_profile_account(&setup->profile, setup->request,
		setup->arena, &config, &account, why);

	if (is_fine)
		is_fine = setup_store_put(setup->store, setup->profile.account,
			account->host, account->user ? account->user : "",
			folder_of(setup->profile.path, setup->arena),
			&setup->secret, setup->arena, &command, why);
	config_wipe(&config);
	setup_profile_line(&setup->profile, "passwordeval", command);
	setup_profile_line(&setup->profile, "password",
		setup->store == SETUP_STORE_PROFILE ? setup->secret.bytes
						    : NULL);
	return is_fine;
}

static bool write_all(struct setup *setup, struct diag *why)
{
	if (setup->secret.length && !names_secret(setup->request) &&
		(!settle_store(setup, why) || !keep_secret(setup, why)))
		return false;
	if (!setup_profile_write(&setup->profile, NULL, why))
		return false;
	setup_say(_("Written: account %s in %s\n"), setup->profile.account,
		setup->profile.path);
	if (setup->server.provider && setup->server.provider->login &&
		strcmp(setup->server.provider->login, "oauth2") == 0)
		setup_say(_("Now log in: mailchute login %s\n"),
			setup->profile.account);
	else
		setup_say(_("A test mail: mailchute -a %s test %s\n"),
			setup->profile.account, setup->address);
	return true;
}

/* A new run, which reads what was written. */
static bool send_test(struct setup *setup, struct diag *why)
{
	const char *const arguments[] = { "mailchute", "-C",
		setup->profile.path, "-a", setup->profile.account, "test",
		setup->address, NULL };
	struct diag ignored;
	const char *answer;

	if (!setup->talk.may_ask || setup->said->is_untried ||
		!wants_secret(setup))
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
	const char *reason = N_("it has no domain");

	if (!address_parse(
		    span_of(text), setup->arena, &setup->mailbox, &reason) ||
		!setup->mailbox.domain[0])
		return diag_set(why, DIAG_ADDRESS_INVALID, text, reason);
	setup->address = address_string(setup->arena, &setup->mailbox);
	return true;
}

static bool run(struct setup *setup, struct diag *why)
{
	return take_address(setup, why) && settle_server(setup, why) &&
	       setup_profile_open(&setup->profile, setup->request,
		       setup->address, setup->request->account, setup->arena,
		       why) &&
	       settle_user(setup, why) && try_login(setup, why) &&
	       write_all(setup, why) && send_test(setup, why);
}

static int list(const struct said *said, const struct request *request,
	const struct providers *providers)
{
	struct buf text = BUF_INIT(SETUP_TEXT_LIMIT);
	const char *name = request->operand_count ? request->operands[0] : NULL;
	struct diag why;

	if (setup_list(providers, name, said->is_json, &text))
		return cmd_print(&text);
	buf_free(&text);
	fail_provider(providers, name, &why);
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
