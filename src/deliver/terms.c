/* SPDX-License-Identifier: GPL-3.0-or-later */
/* On which terms an entry is sent, written down and read again.  Knows no queue
 * and no file. */
#include <config.h>

#include "deliver/terms.h"

#include "base/place.h"

#include <limits.h>
#include <stdlib.h>

enum { SETTING_BYTES = 64 * 1024 };

static const struct origin said = { ORIGIN_COMMAND_LINE, NULL, 0 };

/* ---- written ------------------------------------------------------------- */

static bool is_from_outside(const struct account *account, enum option_id id)
{
	return account->origin[id].kind == ORIGIN_ENVIRONMENT ||
	       account->origin[id].kind == ORIGIN_COMMAND_LINE;
}

/* A profile that is not in any file has to be written down as a whole. */
static bool has_no_file(const struct account *account)
{
	return is_from_outside(
		account, account->socket ? OPTION_socket : OPTION_host);
}

bool terms_must_be_written(const struct account *account, enum option_id id)
{
	return has_no_file(account) ? option_is_said(account, id)
				    : is_from_outside(account, id);
}

static bool is_secret(enum option_id id)
{
	return id == OPTION_password || id == OPTION_proxy_password ||
	       id == OPTION_oauth_client_secret;
}

static void write_setting(struct record *record, const struct account *account,
	enum option_id id, struct arena *arena)
{
	struct record_setting *setting =
		&record->settings[record->setting_count];
	struct buf value = BUF_INIT(SETTING_BYTES);

	option_put(&value, account, id);
	if (!record->is_taken || argv_is_fence_open(id, buf_text(&value))) {
		setting->keyword = option_keyword(id);
		setting->value = arena_strdup(arena, buf_text(&value));
		record->setting_count++;
	}
	buf_free(&value);
}

/* A relative name means another file to a process that is elsewhere. */
static const char *absolute(struct arena *arena, const char *path)
{
	char whole[PATH_MAX];

	if (!path)
		return NULL;
	return arena_strdup(arena, realpath(path, whole) ? whole : path);
}

void terms_write(struct record *record, const struct account *account,
	const char *config_file, struct arena *arena)
{
	if (!record->is_taken)
		record->config = absolute(arena, config_file);
	if (record->is_taken || !has_no_file(account))
		record->account = account->name;
	record->settings =
		arena_alloc(arena, OPTION_COUNT * sizeof *record->settings);
	for (int i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = (enum option_id)i;

		if (!is_secret(id) && terms_must_be_written(account, id))
			write_setting(record, account, id, arena);
	}
}

/* ---- read ---------------------------------------------------------------- */

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static bool read_setting(const struct record_setting *setting, bool is_taken,
	struct arena *arena, struct request *out, struct diag *why)
{
	const char *value = copy(arena, setting->value);
	struct diag ignored;
	enum option_id id = option_resolve(span_of(setting->keyword), &value,
		said, is_taken ? &ignored : why);

	if (is_taken && (id == OPTION_COUNT || !argv_is_fence_open(id, value)))
		return true;
	out->settings[out->setting_count++] =
		(struct request_setting){ id, value };
	return id != OPTION_COUNT;
}

bool terms_read(const struct record *record, const char *own_file,
	struct arena *arena, struct request *out, struct diag *why)
{
	const char *file = own_file ? own_file : place_system.relay_config;

	if (!*file)
		file = NULL;
	*out = (struct request){
		.config_file =
			copy(arena, record->is_taken ? file : record->config),
		.account = copy(arena, record->account),
		.settings = arena_alloc(arena,
			(record->setting_count + 1) * sizeof *out->settings),
	};
	for (size_t i = 0; i < record->setting_count; i++)
		if (!read_setting(&record->settings[i], record->is_taken, arena,
			    out, why))
			return false;
	return true;
}
