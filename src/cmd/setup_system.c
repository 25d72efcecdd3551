/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A setup for a whole machine: whose its files are, and who may read them
 * (mailchute-serve(8)).  Starts nothing, and asks nobody.
 */
#include <config.h>

#include "base/file.h"
#include "base/text.h"
#include "cmd/setup.h"
#include "config/load.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char service_user[] = "mailchute";

enum {
	ALONE = S_IRUSR | S_IWUSR,
	WITH_GROUP = ALONE | S_IRGRP,
	FOR_ALL = ALONE | S_IRGRP | S_IROTH,
	FOLDER_WITH_GROUP = WITH_GROUP | S_IXUSR | S_IXGRP,
	FOLDER_FOR_ALL = FOR_ALL | S_IXUSR | S_IXGRP | S_IXOTH
};

static const struct {
	const char *name, *text;
} ways[SETUP_WAYS] = {
	[SETUP_WAY_SERVE] = { "serve",
		N_("whoever is on this machine may send; the password is with "
		   "'mailchute serve' alone") },
	[SETUP_WAY_ROOT] = { "root",
		N_("root's own programs may send, as cron and monitoring; one "
		   "file, which root alone can read") },
};

const char *setup_way_name(enum setup_way way)
{
	return way < SETUP_WAYS ? ways[way].name : NULL;
}

const char *setup_way_text(enum setup_way way)
{
	return ways[way].text;
}

enum setup_way setup_way_of(const char *name)
{
	enum setup_way way = 0;

	while (way < SETUP_WAYS && strcmp(ways[way].name, name) != 0)
		way++;
	return way;
}

/* ---- what there is ------------------------------------------------------- */

static const char *folder_of(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	return arena_strndup(arena, path, slash ? (size_t)(slash - path) : 0);
}

/* What all read; without a secret when there is a service. */
static const char *open_file(const struct place *place, struct arena *arena)
{
	return arena_printf(arena, "%s/mailchuterc", place->settings);
}

/* A file with accounts of another kind is not opened to everybody. */
static bool is_free(const char *path, struct arena *arena, struct diag *why)
{
	struct config config = { .account_count = 0 };
	bool is_fine = true;

	if (access(path, F_OK) < 0)
		return true;
	if (!config_load_only(path, arena, &config, why))
		is_fine = false;
	for (size_t i = 0; is_fine && i < config.account_count; i++)
		if (!config.accounts[i]->socket)
			is_fine = diag_set(why, DIAG_SETUP_IN_THE_WAY, path);
	config_wipe(&config);
	return is_fine;
}

static bool find_service(struct setup_system *system, struct diag *why)
{
	const struct passwd *entry = getpwnam(service_user);

	if (!entry)
		return diag_set(why, DIAG_SETUP_NO_USER, service_user);
	system->service_group = entry->pw_gid;
	return true;
}

bool setup_system_open(struct setup_system *system, enum setup_way way,
	const struct place *place, struct arena *arena, struct diag *why)
{
	*system = (struct setup_system){ .way = way,
		.place = place,
		.arena = arena,
		.owner = geteuid(),
		.group = getegid() };
	system->path = way == SETUP_WAY_ROOT ? open_file(place, arena)
					     : place->relay_config;
	system->has_systemd = access(place->systemd, F_OK) == 0;
	if (access(place->settings, W_OK) < 0)
		return diag_set_errno(
			why, errno, DIAG_SETUP_NOT_ROOT, place->settings);
	return way == SETUP_WAY_ROOT ||
	       (is_free(open_file(place, arena), arena, why) &&
		       find_service(system, why));
}

/* ---- what is written ----------------------------------------------------- */

void setup_system_begin(
	const struct setup_system *system, struct setup_profile *profile)
{
	if (system->way != SETUP_WAY_SERVE || profile->before.length)
		return;
	buf_printf(&profile->before,
		"# Read by 'mailchute serve' alone: mailchute-serve(8).\n"
		"defaults\n"
		"# The sender has its answer when the message is on the disk.\n"
		"queue always\n"
		"queue_dir %s/mailchute\n"
		"queue_runner external\n",
		system->place->queues);
}

const char *setup_system_secret(const struct setup_system *system)
{
	return arena_printf(system->arena, "%s/relay-password",
		folder_of(system->place->relay_config, system->arena));
}

static bool fail(const char *path, struct diag *why)
{
	int system_error = errno;

	return diag_set_errno(why, system_error, DIAG_FILE_FAILED, path);
}

/* Into the folder, too, only root and the service can look. */
bool setup_system_prepare(const struct setup_system *system,
	struct setup_made *made, struct diag *why)
{
	const char *folder =
		folder_of(system->place->relay_config, system->arena);

	if (system->way != SETUP_WAY_SERVE || access(folder, F_OK) == 0)
		return true;
	setup_made_note(made, folder);
	if (mkdir(folder, S_IRWXU) == 0 &&
		chown(folder, system->owner, system->service_group) == 0 &&
		chmod(folder, FOLDER_WITH_GROUP) == 0)
		return true;
	return fail(folder, why);
}

struct profile_access setup_system_access(const struct setup_system *system)
{
	return system->way == SETUP_WAY_SERVE
		       ? (struct profile_access){ system->owner,
				 system->service_group, WITH_GROUP }
		       : (struct profile_access){ system->owner, system->group,
				 ALONE };
}

static bool put_open(const struct setup_system *system, const char *address,
	const char *path, struct diag *why)
{
	const struct profile_line lines[] = {
		{ "socket", system->place->socket }, { "from", address }
	};
	const struct profile_access access = { system->owner, system->group,
		FOR_ALL };
	struct buf before = BUF_INIT(SETUP_TEXT_LIMIT),
		   after = BUF_INIT(SETUP_TEXT_LIMIT);
	bool is_written = file_read(path, &before, NULL, why) != FILE_FAILED;

	if (!before.length)
		buf_puts(&before,
			"# Everybody reads this: the password is with "
			"'mailchute serve'.\n");
	profile_put(buf_span(&before), "default", lines, 2, &after);
	is_written = is_written &&
		     profile_write(path, buf_span(&after), &access, why);
	buf_free(&before);
	buf_free(&after);
	return is_written;
}

bool setup_system_finish(const struct setup_system *system, const char *address,
	struct diag *why)
{
	return system->way != SETUP_WAY_SERVE ||
	       put_open(system, address,
		       open_file(system->place, system->arena), why);
}

/* ---- a credential of systemd --------------------------------------------- */

bool setup_system_put_unit(struct setup_system *system, const char *credential,
	struct setup_made *made, struct diag *why)
{
	const struct profile_access for_all = { system->owner, system->group,
		FOR_ALL };
	const char *folder = arena_printf(system->arena,
		"%s/systemd/system/mailchute.service.d",
		system->place->settings);
	struct buf text = BUF_INIT(SETUP_TEXT_LIMIT);
	bool is_written = true;

	system->unit =
		arena_printf(system->arena, "%s/credential.conf", folder);
	setup_made_note(made, folder);
	setup_made_note(made, system->unit);
	if (access(folder, F_OK) < 0)
		is_written = (file_make_folder(folder) &&
				     chmod(folder, FOLDER_FOR_ALL) == 0) ||
			     fail(folder, why);
	buf_printf(&text,
		"# By 'mailchute setup': the password is encrypted for this "
		"machine.\n"
		"[Service]\n"
		"LoadCredential=\n"
		"LoadCredentialEncrypted=relay-password:%s\n",
		credential);
	is_written = is_written && profile_write(system->unit, buf_span(&text),
					   &for_all, why);
	buf_free(&text);
	return is_written;
}

/* ---- what comes next ----------------------------------------------------- */

static void tell_file(const char *path, const char *who)
{
	setup_say("  %s\n    %s\n", path, who);
}

static void tell_start(const struct setup_system *system)
{
	const char *script = arena_printf(
		system->arena, "%s/init.d/mailchute", system->place->settings);

	if (system->unit)
		setup_say("  systemctl daemon-reload\n");
	if (system->has_systemd)
		setup_say("  systemctl enable --now mailchute.socket "
			  "mailchute.service\n");
	else if (access(script, F_OK) == 0)
		setup_say("  rc-update add mailchute && rc-service mailchute "
			  "start\n");
	else
		setup_say(_("  (start 'mailchute serve' as the user %s: "
			    "mailchute-serve(8))\n"),
			service_user);
}

void setup_system_tell(const struct setup_system *system, const char *address)
{
	if (system->way == SETUP_WAY_SERVE) {
		tell_file(system->path,
			_("for root and the group mailchute: the account"));
		tell_file(open_file(system->place, system->arena),
			_("for everybody: the way to 'mailchute serve'"));
	} else {
		tell_file(system->path, _("for root alone"));
	}
	setup_say(_("Nothing was started.  The next commands:\n"));
	if (system->way == SETUP_WAY_SERVE)
		tell_start(system);
	setup_say("  mailchute test %s\n", address);
	setup_say(_("Programs that call sendmail: make install-sendmail, or "
		    "the package mailchute-mta.\n"));
}
