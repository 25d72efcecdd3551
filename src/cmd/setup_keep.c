/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a setup: where the secret goes, and the files. */
#include <config.h>

#include "base/interrupt.h"
#include "base/text.h"
#include "cmd/report.h"
#include "cmd/setup.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- where the secret goes ----------------------------------------------- */

static bool is_offered(const struct setup *setup, enum setup_store store)
{
	return setup_store_is_there(
		store, setup->way == SETUP_WAYS ? NULL : &setup->system);
}

static const char *offered(const struct setup *setup)
{
	struct buf names = BUF_INIT(SETUP_TEXT_LIMIT);
	const char *text;

	for (enum setup_store i = 0; i < SETUP_STORES; i++)
		if (is_offered(setup, i))
			buf_printf(&names, names.length ? ", %s" : "%s",
				setup_store_name(i));
	text = arena_printf(setup->arena, DIAG_WORDS "%s" DIAG_NEXT "%s",
		N_("one of %s"), buf_text(&names));
	buf_free(&names);
	return text;
}

static void show_offers(const struct setup *setup)
{
	setup_say("%s\n", _("Where shall the password be kept?"));
	for (enum setup_store i = 0; i < SETUP_STORES; i++)
		if (is_offered(setup, i))
			setup_say("  %-10s %s\n", setup_store_name(i),
				_(setup_store_text(i)));
}

/* What needs nothing else, and is closed best. */
static enum setup_store usual_store(const struct setup *setup)
{
	return setup->way == SETUP_WAY_SERVE &&
			       is_offered(setup, SETUP_STORE_FILE)
		       ? SETUP_STORE_FILE
		       : SETUP_STORE_PROFILE;
}

static bool take_store(const struct setup *setup, const char *name,
	enum setup_store *store, struct diag *why)
{
	*store = 0;
	while (*store < SETUP_STORES &&
		strcmp(setup_store_name(*store), name) != 0)
		++*store;
	return (*store < SETUP_STORES && is_offered(setup, *store)) ||
	       diag_set(why, DIAG_USAGE_BAD_VALUE, "--store", name,
		       offered(setup));
}

bool setup_check_store(const struct setup *setup, struct diag *why)
{
	enum setup_store store;

	return !setup->said->store ||
	       take_store(setup, setup->said->store, &store, why);
}

static bool settle_store(
	struct setup *setup, enum setup_store *store, struct diag *why)
{
	const char *usual = setup_store_name(usual_store(setup));
	const char *name = setup->said->store ? setup->said->store : usual;

	if (!setup->said->store && setup->talk.may_ask) {
		show_offers(setup);
		name = setup_ask(
			&setup->talk, N_("Place"), usual, "--store", why);
	}
	return name && take_store(setup, name, store, why);
}

/* A file beside the profile; absolute, as others read it from elsewhere. */
static const char *beside(const struct setup *setup)
{
	const char *path = setup->profile.path, *slash = strrchr(path, '/');
	const char *folder = slash ? arena_strndup(setup->arena, path,
					     (size_t)(slash - path))
				   : ".";
	char whole[PATH_MAX];

	if (*folder && realpath(folder, whole))
		folder = whole;
	return arena_printf(
		setup->arena, "%s/%s.password", folder, setup->profile.account);
}

/* One of these lines is left, of which the first would count. */
static void put_secret_lines(
	struct setup *setup, const char *keyword, const char *value)
{
	static const enum option_id ids[] = { OPTION_password,
		OPTION_passwordeval, OPTION_password_command,
		OPTION_password_file, OPTION_password_store };

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		setup_profile_line(&setup->profile, option_keyword(ids[i]),
			setup_setting(setup, ids[i]));
	if (keyword)
		setup_profile_line(&setup->profile, keyword, value);
}

static bool ask_command(
	struct setup *setup, struct setup_keeping *keeping, struct diag *why)
{
	if (keeping->store != SETUP_STORE_COMMAND)
		return true;
	keeping->command = setup_ask(&setup->talk, N_("Command that prints it"),
		NULL, "--passwordeval", why);
	return keeping->command && setup_has_all(&setup->talk, why);
}

/* Behind all questions: a person who has enough leaves nothing behind. */
static bool prepare(struct setup *setup, struct diag *why)
{
	return setup->way == SETUP_WAYS ||
	       setup_system_prepare(&setup->system, &setup->made, why);
}

static bool keep_secret(struct setup *setup, struct diag *why)
{
	struct setup_keeping keeping = { .account = setup->profile.account,
		.path = beside(setup),
		.user = "",
		.system = setup->way == SETUP_WAYS ? NULL : &setup->system,
		.made = &setup->made,
		.is_msmtp = setup->profile.dialect == DIALECT_MSMTP,
		.arena = setup->arena };
	struct config config = { .account_count = 0 };
	const struct account *account;
	bool is_fine = setup_profile_account(&setup->profile, setup->request,
			       setup->arena, &config, &account, why) &&
		       settle_store(setup, &keeping.store, why) &&
		       ask_command(setup, &keeping, why);

	if (is_fine) {
		keeping.host = account->host;
		if (account->user)
			keeping.user = account->user;
		is_fine = prepare(setup, why) &&
			  setup_store_put(&keeping, &setup->secret, why);
	}
	config_wipe(&config);
	if (is_fine)
		put_secret_lines(setup, keeping.keyword, keeping.value);
	return is_fine;
}

/* A place that fails is not the end: there are others. */
static bool keep_somewhere(struct setup *setup, struct diag *why)
{
	while (!keep_secret(setup, why)) {
		setup_made_undo(&setup->made);
		if (!setup->talk.may_ask || setup->said->store ||
			why->id == DIAG_SETUP_STOPPED || interrupt_is_there())
			return false;
		report_problem(why);
	}
	return true;
}

/* ---- the files ----------------------------------------------------------- */

static bool write_files(struct setup *setup, struct diag *why)
{
	struct profile_access access;

	if (setup->way == SETUP_WAYS)
		return setup_profile_write(&setup->profile, NULL, why);
	access = setup_system_access(&setup->system);
	if (!setup_profile_write(&setup->profile, &access, why))
		return false;
	if (setup_system_finish(&setup->system, setup->address, why))
		return true;
	setup_profile_take_back(&setup->profile);
	return false;
}

static bool has_own_secret(const struct setup *setup)
{
	return setup->secret.length && !setup_names_secret(setup);
}

bool setup_keep(struct setup *setup, struct diag *why)
{
	if (setup_names_secret(setup))
		put_secret_lines(setup, NULL, NULL);
	if (has_own_secret(setup) && !keep_somewhere(setup, why))
		return false;
	if (prepare(setup, why) && write_files(setup, why))
		return true;
	setup_made_undo(&setup->made);
	return false;
}

/* ---- what comes next ----------------------------------------------------- */

static void tell_user(const struct setup *setup)
{
	const struct setup_profile *profile = &setup->profile;

	if (setup_wants_token(setup))
		setup_say(_("Now log in: mailchute login %s\n"),
			profile->account);
	else
		setup_say(_("A test mail: mailchute -a %s test %s\n"),
			profile->account, setup->address);
}

void setup_tell_next(const struct setup *setup)
{
	setup_say(_("Written: account %s in %s\n"), setup->profile.account,
		setup->profile.path);
	if (setup->way == SETUP_WAYS)
		tell_user(setup);
	else
		setup_system_tell(&setup->system, setup->address);
}
