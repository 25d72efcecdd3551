/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who wins: files and environment read into one configuration.  Does not know
 * which account is chosen.
 */
#include <config.h>

#include "config/load.h"

#include "base/place.h"
#include "base/process.h"
#include "config/environment.h"
#include "config/fallback.h"
#include "config/file.h"

static bool check_fallbacks(
	const struct config *config, struct arena *arena, struct diag *why)
{
	for (size_t i = 0; i < config->account_count; i++)
		if (!fallback_check(config, config->accounts[i], arena, why))
			return false;
	return true;
}

/* Whoever started a privileged process chooses none of its files. */
static struct config_places find_places(
	const struct request *request, struct arena *arena)
{
	const char *xdg = process_getenv("XDG_CONFIG_HOME");

	return (struct config_places){
		.config_file =
			process_is_privileged() ? NULL : request->config_file,
		.home = process_home(arena),
		/* XDG: a path that is not absolute is to be ignored. */
		.xdg_config_home = xdg && xdg[0] == '/' ? xdg : NULL,
		.sysconfdir = place_system.settings,
	};
}

static enum environment_scope scope_of(const struct request *request)
{
	return request->is_fenced         ? ENVIRONMENT_FENCED
	       : argv_names_host(request) ? ENVIRONMENT_KEYWORDS
					  : ENVIRONMENT_ALL;
}

bool config_load_noting(const struct request *request,
	struct config_notes *notes, struct arena *arena, struct config *out,
	struct diag *why)
{
	struct config_places places = { .config_file = NULL };
	bool is_fine;

	if (!argv_names_host(request))
		places = find_places(request, arena);
	places.notes = notes;
	is_fine = config_read_files(&places, arena, out, why) &&
		  check_fallbacks(out, arena, why) &&
		  environment_read(out, scope_of(request), arena, why);
	if (!is_fine)
		config_wipe(out);
	return is_fine;
}

bool config_load(const struct request *request, struct arena *arena,
	struct config *out, struct diag *why)
{
	return config_load_noting(request, NULL, arena, out, why);
}

/* The sender has its answer when the message is on the disk. */
static bool set_service_queue(
	struct account *account, struct arena *arena, struct diag *why)
{
	static const struct {
		enum option_id id;
		const char *value;
	} usual[] = { { OPTION_queue, "always" },
		{ OPTION_queue_runner, "external" },
		{ OPTION_queue_dir, NULL } };
	const struct origin origin = { ORIGIN_SERVICE, "mailchute serve", 0 };

	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		const char *value = usual[i].value;

		if (!value)
			value = arena_printf(arena, "%s/mailchute/queue",
				place_system.queues);
		if (!option_is_said(account, usual[i].id) &&
			!option_set(account, usual[i].id, value, origin, arena,
				why))
			return false;
	}
	return true;
}

static void become_services(struct account *account)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (account->origin[id].kind == ORIGIN_ENVIRONMENT)
			account->origin[id].kind = ORIGIN_SERVICE;
}

bool config_load_service(
	struct arena *arena, struct config *out, struct diag *why)
{
	const struct config_places none = { .config_file = NULL };
	struct account *said;
	bool is_fine = config_read_files(&none, arena, out, why) &&
		       environment_read(out, ENVIRONMENT_ALL, arena, why);

	if (is_fine && out->account_count) {
		said = out->environment;
		account_overlay(out->accounts[0], said, true);
		account_wipe(said);
		out->environment =
			account_new("environment", DIALECT_MAILCHUTE, arena);
		become_services(out->accounts[0]);
		is_fine = set_service_queue(out->accounts[0], arena, why);
	}
	if (!is_fine)
		config_wipe(out);
	return is_fine;
}

bool config_load_only(const char *path, struct arena *arena, struct config *out,
	struct diag *why)
{
	const struct config_places places = { .config_file = path };
	bool is_fine = config_read_files(&places, arena, out, why) &&
		       check_fallbacks(out, arena, why);

	out->environment = account_new("environment", DIALECT_MAILCHUTE, arena);
	if (!is_fine)
		config_wipe(out);
	return is_fine;
}
