/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailchute setup: from an address to a profile that works.  Asks what only the
 * person can know, tries it, and writes last.
 */
#include <config.h>

#include "cmd/setup.h"

#include "base/interrupt.h"
#include "base/process.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "config/preset.h"
#include "mail/address.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

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
	if (setup->user ||
		(!setup_wants_secret(setup) && !setup_wants_token(setup)))
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

/* ---- access tokens ------------------------------------------------------- */

/* Where tokens are wanted, or come first, an application of one's own has to be
 * registered; some still take a password. */
static bool settle_token(struct setup *setup, struct diag *why)
{
	const struct provider *provider = setup->server.provider;
	bool is_only = setup_wants_token(setup);
	bool comes_first =
		provider && provider->login &&
		span_starts_with(span_of(provider->login), SPAN("oauth2"));
	const char *answer;

	setup->client_id = setup_setting(setup, OPTION_oauth_client_id);
	if (setup->client_id || setup_names_secret(setup) ||
		!(is_only || (comes_first && setup->talk.may_ask)))
		return true;
	if (setup->talk.may_ask)
		setup_say(_("Access tokens (OAuth2) want an application that "
			    "you register once:\nmailchute-login(1) tells "
			    "where, and what its client id is.\n"));
	answer = is_only ? setup_ask(&setup->talk, N_("Client id"), NULL,
				   "--oauth-client-id", why)
			 : setup_ask(&setup->talk,
				   N_("Client id (empty: a password)"), "",
				   "--oauth-client-id", why);
	if (answer && *answer)
		setup->client_id = answer;
	return answer != NULL;
}

/* ---- a test mail --------------------------------------------------------- */

/* A new run, which reads what was written. */
static bool log_in(struct setup *setup, struct diag *why)
{
	const char *const arguments[] = { "mailchute", "-C",
		setup->profile.path, "login", setup->profile.account, NULL };
	struct diag ignored;
	const char *answer =
		setup_ask(&setup->talk, N_("Log in now?"), "yes", "", &ignored);

	if (!answer || !setup_is_yes(answer) || process_become(arguments))
		return true;
	return diag_set_errno(
		why, errno, DIAG_SYSTEM_FAILED, "mailchute login");
}

static bool send_test(struct setup *setup, struct diag *why)
{
	const char *const arguments[] = { "mailchute", "-C",
		setup->profile.path, "-a", setup->profile.account, "test",
		setup->address, NULL };
	struct diag ignored;
	const char *answer;

	if (!setup->talk.may_ask || setup->said->is_untried)
		return true;
	if (setup_wants_token(setup))
		return log_in(setup, why);
	if (!setup_wants_secret(setup))
		return true;
	answer = setup_ask(&setup->talk,
		N_("Send a test mail to this address?"), "yes", "", &ignored);
	if (!answer || !setup_is_yes(answer) || process_become(arguments))
		return true;
	return diag_set_errno(why, errno, DIAG_SYSTEM_FAILED, "mailchute test");
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

/* Which is on the disk, under whatever name it was called. */
static const char *own_path(struct arena *arena)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path);

	return length > 0 ? arena_strndup(arena, path, (size_t)length)
			  : "/usr/bin/mailchute";
}

static void show_php(struct setup *setup)
{
	struct buf text = BUF_INIT(SETUP_TEXT_LIMIT);
	struct setup_php php = { .text = &text };

	setup_php_look(place_system.root, own_path(setup->arena),
		setup->request->config_file, setup->arena, &php);
	if (!php.count)
		setup_say("%s\n", _("There are no files of PHP here."));
	setup_say("%s", buf_text(&text));
	if (php.wrong_count)
		setup_say("%s\n",
			_("Write these lines, and start PHP again; .user.ini "
			  "does not take them.  PHP's\nuser has to read the "
			  "profile: 'mailchute setup --system' makes one for "
			  "all."));
	buf_free(&text);
}

static bool run(struct setup *setup, struct diag *why)
{
	if (!take_address(setup, why) || !settle_way(setup, why) ||
		!setup_check_store(setup, why) ||
		!setup_settle_server(setup, why) || !open_profile(setup, why) ||
		!settle_token(setup, why) || !settle_user(setup, why) ||
		!setup_try(setup, why) || !setup_keep(setup, why))
		return false;
	setup_tell_next(setup);
	if (setup->said->is_php)
		show_php(setup);
	return setup->way != SETUP_WAYS || send_test(setup, why);
}

static int list(const struct setup_said *said, const struct request *request,
	const struct providers *providers)
{
	struct buf text = BUF_INIT(SETUP_TEXT_LIMIT);
	const char *name = request->operand_count ? request->operands[0] : NULL;
	struct diag why;

	for (size_t i = 0; i < providers->problem_count; i++)
		report_problem(&providers->problems[i].why);
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
	if (setup.said->is_php && !request->operand_count) {
		show_php(&setup);
		return EX_OK;
	}
	if (request->operand_count != 1) {
		if (request->operand_count)
			diag_set(&why, DIAG_USAGE_UNWANTED_WORD, "setup",
				request->operands[1]);
		else
			diag_set(&why, DIAG_USAGE_VERB_NEEDS, "setup");
		return report_problem(&why);
	}
	interrupt_hear();
	if (!run(&setup, &why)) {
		/* Whatever it was that the signal cut short. */
		if (interrupt_is_there())
			diag_set(&why, DIAG_SETUP_STOPPED);
		exit_code = report_problem(&why);
	}
	secret_wipe(&setup.secret);
	buf_wipe_free(&setup.profile.before);
	interrupt_end();
	return exit_code;
}
