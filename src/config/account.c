/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The value of an account, and what can be asked of it.  Does not know how
 * files and variables are read, nor which account is chosen.
 */
#include <config.h>

#include "config/account.h"

#include "base/text.h"
#include "config/provider.h"

#include <string.h>
#include <syslog.h>

/* ---- the value ----------------------------------------------------------- */

struct account *account_new(
	const char *name, enum dialect dialect, struct arena *arena)
{
	struct account *account = arena_alloc(arena, sizeof *account);

	account->name = name;
	account->dialect = dialect;
	for (int id = 0; id < OPTION_COUNT; id++)
		option_reset(account, (enum option_id)id);
	return account;
}

void account_overlay(
	struct account *into, const struct account *from, bool is_owner)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_is_said(from, (enum option_id)id))
			option_copy(into, from, (enum option_id)id, is_owner);
}

void account_wipe(struct account *account)
{
	secret_wipe(&account->password);
	secret_wipe(&account->proxy_password);
	secret_wipe(&account->oauth_client_secret);
}

bool account_bad_value(const struct account *account, enum option_id id,
	const char *value, const char *reason, struct diag *why)
{
	struct buf where = BUF_INIT(DIAG_WHERE_BYTES);

	diag_set(why, DIAG_CONFIG_BAD_VALUE, option_keyword(id), value, reason);
	origin_put(&where, &account->origin[id]);
	diag_add_where(why, buf_text(&where));
	buf_free(&where);
	return false;
}

bool account_conflict(
	const struct account *account, const char *what, struct diag *why)
{
	return diag_set(why, DIAG_CONFIG_CONFLICT, account->name, what);
}

/* ---- everything that was read -------------------------------------------- */

void config_wipe(struct config *config)
{
	for (size_t i = 0; i < config->account_count; i++)
		account_wipe(config->accounts[i]);
	config->account_count = 0;
	if (config->environment)
		account_wipe(config->environment);
}

const struct account *config_account(
	const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->account_count; i++)
		if (strcmp(config->accounts[i]->name, name) == 0)
			return config->accounts[i];
	return NULL;
}

const char *config_files_text(
	const struct config *config, bool looked_for, struct arena *arena)
{
	struct buf text = BUF_INIT(DIAG_TEXT_BYTES);
	const char *copy;

	if (looked_for || !config->file_count)
		buf_puts(&text, config->looked_for);
	else
		for (size_t i = 0; i < config->file_count; i++)
			buf_printf(
				&text, "%s%s", i ? ", " : "", config->files[i]);
	for (size_t i = 0; i < config->unreadable_count; i++)
		buf_printf(&text, "; %s", config->unreadable[i]);
	copy = arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return copy;
}

const char *config_names_text(const struct config *config, struct arena *arena)
{
	struct buf text = BUF_INIT(DIAG_TEXT_BYTES);
	const char *copy;

	for (size_t i = 0; i < config->account_count; i++)
		buf_printf(&text, "%s%s", i ? ", " : "",
			config->accounts[i]->name);
	copy = arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return copy;
}

bool config_fail_unknown(const struct config *config, const char *name,
	struct arena *arena, struct diag *why)
{
	diag_set_args(
		why, (struct diag_args){ .id = DIAG_CONFIG_ACCOUNT_UNKNOWN,
			     .a = name,
			     .b = config_files_text(config, false, arena),
			     .c = config_names_text(config, arena) });
	if (config->account_count)
		diag_add_hint(why, N_("the accounts there are: %3$s"));
	return false;
}

/* ---- questions ----------------------------------------------------------- */

const char *account_trust_file(const struct account *account)
{
	const char *file = account->tls_trust_file;

	return file && strcmp(file, "system") != 0 ? file : NULL;
}

const char *account_mechanism(const struct account *account)
{
#define NAME(choice, word, name) name,
	static const char *const names[] = { OPTION_CHOICES_AUTH(NAME) };
#undef NAME

	return names[account->auth];
}

size_t account_connections_max(const struct account *account, size_t most)
{
	const struct provider *provider = account->known;
	const char *text = provider ? provider->max_connections : NULL;
	unsigned long number;

	return text && span_number(span_of(text), most, &number) && number
		       ? (size_t)number
		       : most;
}

bool account_needs_password(const struct account *account)
{
	return account->auth != OPTION_AUTH_OFF &&
	       account->auth != OPTION_AUTH_EXTERNAL &&
	       account->auth != OPTION_AUTH_GSSAPI;
}

bool account_names_secret(const struct account *account)
{
	return account->password.length || account->passwordeval ||
	       account->password_command || account->password_file ||
	       account->password_store;
}

static bool has_issuer(const struct account *account)
{
	return account->oauth_issuer || account->oauth_metadata ||
	       account->oauth_client_id || account->oauth_key_file ||
	       account->oauth_token_url;
}

bool account_uses_login(const struct account *account)
{
	if (account_names_secret(account))
		return false;
	return account->auth == OPTION_AUTH_OAUTHBEARER ||
	       account->auth == OPTION_AUTH_XOAUTH2 ||
	       (account->auth == OPTION_AUTH_ON && has_issuer(account));
}

bool account_store_commands(const struct account *account, struct arena *arena,
	const char **read_command, const char **write_command)
{
	struct span rest =
		span_of(account->oauth_store ? account->oauth_store : "");
	struct span first;

	if (span_find(rest, '|') == rest.length)
		return false;
	first = span_trim(span_cut(&rest, '|'));
	rest = span_trim(rest);
	*read_command = arena_strndup(arena, first.at, first.length);
	*write_command = arena_strndup(arena, rest.at, rest.length);
	return true;
}

bool account_permits_clear_password(const struct account *account)
{
	return account->socket ||
	       (!account->tls && option_is_said(account, OPTION_tls));
}

int account_syslog_facility(const struct account *account)
{
#define FACILITY(choice, word, facility) facility,
	static const int facilities[] = { OPTION_CHOICES_SYSLOG(FACILITY) };
#undef FACILITY

	if (!account)
		return LOG_MAIL;
	if (account->dialect == DIALECT_MSMTP &&
		account->syslog == OPTION_SYSLOG_ON)
		return LOG_USER;
	return facilities[account->syslog];
}

const char *account_log_time_format(const struct account *account)
{
	const char *format = account->logfile_time_format;

	return format && strcmp(format, "none") != 0 ? format : "";
}
