/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file that a setup changes.  Asks nobody. */
#include <config.h>

#include "base/file.h"
#include "base/place.h"
#include "base/text.h"
#include "cmd/setup.h"
#include "config/choose.h"
#include "config/file.h"
#include "config/load.h"
#include "config/syntax.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Neither settings of the command line nor the environment choose the file. */
static struct request plain(const struct request *request)
{
	struct request plain = *request;

	plain.setting_count = 0;
	plain.account = NULL;
	return plain;
}

static bool is_machines(const char *path)
{
	struct span folder = span_of(place_system.settings);

	return span_starts_with(span_of(path), folder) &&
	       path[folder.length] == '/';
}

/* The user's own file; root's own is the machine's when there is no other. */
static const char *choose_path(const struct config *config,
	const struct request *request, struct arena *arena)
{
	if (request->config_file)
		return request->config_file;
	for (size_t i = 0; i < config->file_count; i++)
		if (geteuid() == 0 || !is_machines(config->files[i]))
			return config->files[i];
	return file_expand_home(arena, "~/.mailchuterc");
}

static bool is_of(const struct account *account, const char *address)
{
	return (account->user && span_equal_nocase(span_of(account->user),
					 span_of(address))) ||
	       (account->from && span_equal_nocase(span_of(account->from),
					 span_of(address)));
}

static bool has_name(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->account_count; i++)
		if (strcmp(config->accounts[i]->name, name) == 0)
			return true;
	return false;
}

static bool is_in(const struct account *account, const char *path)
{
	return account->file && strcmp(account->file, path) == 0;
}

static const char *choose_name(const struct config *config, const char *path,
	const char *address, struct arena *arena)
{
	for (size_t i = 0; i < config->account_count; i++)
		if (is_in(config->accounts[i], path) &&
			is_of(config->accounts[i], address))
			return config->accounts[i]->name;
	return has_name(config, "default") ? arena_strdup(arena, address)
					   : "default";
}

bool setup_profile_open(struct setup_profile *profile,
	const struct request *request, const char *address, const char *name,
	struct arena *arena, struct diag *why)
{
	const struct request asked = plain(request);
	struct config config;
	enum file_result found;

	/* One that is named with -C may be new. */
	if (request->config_file && access(request->config_file, F_OK) < 0) {
		profile->path = request->config_file;
		profile->account = name ? name : "default";
		profile->is_new = true;
		profile->dialect = config_dialect(profile->path, arena);
		return profile_may_write(profile->path, why);
	}
	if (!config_load(&asked, arena, &config, why))
		return false;
	profile->path = choose_path(&config, request, arena);
	profile->dialect = config_dialect(profile->path, arena);
	profile->account =
		name ? name
		     : choose_name(&config, profile->path, address, arena);
	config_wipe(&config);
	found = file_read(profile->path, &profile->before, NULL, why);
	profile->is_new = found == FILE_MISSING;
	return found != FILE_FAILED && profile_may_write(profile->path, why);
}

void setup_profile_line(
	struct setup_profile *profile, const char *keyword, const char *value)
{
	size_t i = 0;

	while (i < profile->count &&
		strcmp(profile->lines[i].keyword, keyword) != 0)
		i++;
	if (i == SETUP_LINES)
		return;
	profile->lines[i] = (struct profile_line){ keyword, value };
	if (i == profile->count)
		profile->count++;
}

static void put(const struct setup_profile *profile, struct buf *out)
{
	profile_put(buf_span(&profile->before), profile->account,
		profile->lines, profile->count, out);
}

bool setup_profile_account(struct setup_profile *profile,
	const struct request *request, struct arena *arena,
	struct config *config, const struct account **out, struct diag *why)
{
	struct request asked = plain(request);
	struct buf text = BUF_INIT(SETUP_TEXT_LIMIT);
	const struct config_text source = { .name = profile->path,
		.dialect = profile->dialect,
		.may_run = true };
	struct config_text whole = source;
	struct account_list list;
	bool is_fine;

	put(profile, &text);
	whole.text = buf_span(&text);
	is_fine = config_parse(&whole, arena, &list, why);
	*config = (struct config){ .accounts = list.items,
		.account_count = list.count,
		.environment =
			account_new("environment", profile->dialect, arena),
		.looked_for = profile->path };
	asked.account = profile->account;
	is_fine = is_fine &&
		  account_choose(config, &asked, NULL, arena, out, why);
	buf_wipe_free(&text);
	return is_fine;
}

static bool has_secret(const struct setup_profile *profile)
{
	for (size_t i = 0; i < profile->count; i++)
		if (profile->lines[i].value &&
			strcmp(profile->lines[i].keyword, "password") == 0)
			return true;
	return false;
}

/* A file that others may read would be refused once a password stands in it:
 * from now on it is its owner's.  NULL: nothing changes. */
static const struct profile_access *close_it(
	const struct setup_profile *profile, struct profile_access *access)
{
	struct stat old;

	if (!has_secret(profile) || stat(profile->path, &old) < 0)
		return NULL;
	*access = (struct profile_access){ old.st_uid, old.st_gid,
		old.st_mode & (S_IRUSR | S_IWUSR) };
	return access;
}

bool setup_profile_write(struct setup_profile *profile,
	const struct profile_access *access, struct diag *why)
{
	struct buf text = BUF_INIT(SETUP_TEXT_LIMIT);
	struct profile_access closed;
	bool is_written;

	put(profile, &text);
	is_written = profile_write(profile->path, buf_span(&text),
		access ? access : close_it(profile, &closed), why);
	buf_wipe_free(&text);
	return is_written;
}

void setup_profile_take_back(const struct setup_profile *profile)
{
	struct diag ignored;

	if (profile->is_new)
		(void)unlink(profile->path);
	else
		(void)profile_write(profile->path, buf_span(&profile->before),
			NULL, &ignored);
}
