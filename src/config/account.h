/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An account: one profile, a plain value for each row of options.def, and the
 * origin of each.  Const once account_choose() has given it.
 */
#ifndef CONFIG_ACCOUNT_H
#define CONFIG_ACCOUNT_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/argv.h"
#include "config/option.h"
#include "mail/address.h"

#include <stdbool.h>

struct provider;
struct account {
	const char *name;
	/* Where it begins; NULL: in no file. */
	const char *file;
	unsigned line;
	enum dialect dialect;
	/* The file, open to everybody, that its password stands in (only
	 * msmtp's system file may); NULL. */
	const char *exposed_in;
	/* The provider, by 'provider' or by the host's name; NULL: unknown. */
	const struct provider *known;
#define OPTION(field, kind, ...) OPTION_TYPE_##kind field;
#include "config/options.def"
#undef OPTION
	struct origin origin[OPTION_COUNT];
};

/* Everything that was read: the accounts in the order of their files (the
 * user's first), what the environment says on top, and which files there were.
 * Invariant: two accounts never have the same name. */
struct config {
	struct account **accounts;
	size_t account_count;
	struct account *environment; /* MAILCHUTE_…: only what was said */
	const char *const *files;    /* that were read */
	size_t file_count;
	const char *looked_for; /* "/root/.mailchuterc, …", for sentences */
	const char *const *hidden; /* files that another one hides */
	size_t hidden_count;
	/* Files that are there but closed to us: "FILE cannot be read: …". */
	const char *const *unreadable;
	size_t unreadable_count;
};

/* A new account of that dialect, with the dialect's defaults. */
struct account *account_new(
	const char *name, enum dialect dialect, struct arena *arena);
/* Wipes the secrets that it owns. */
void account_wipe(struct account *account);
/* What the option ID cannot take, and why: DIAG_CONFIG_BAD_VALUE, where it was
 * said.  False. */
bool account_bad_value(const struct account *account, enum option_id id,
	const char *value, const char *reason, struct diag *why);
/* Sets DIAG_CONFIG_CONFLICT: WHAT two settings say together.  False. */
bool account_conflict(
	const struct account *account, const char *what, struct diag *why);
/* Puts everything that FROM says on top of INTO (defaults are left out); see
 * option_copy() for IS_OWNER. */
void account_overlay(
	struct account *into, const struct account *from, bool is_owner);

/* The secrets of all accounts are wiped; the rest goes with the arena. */
void config_wipe(struct config *config);
/* The account of that name, or NULL. */
const struct account *config_account(
	const struct config *config, const char *name);
/* "/etc/mailchuterc; FILE cannot be read": the files that were read, or that
 * were looked for, in ARENA. */
const char *config_files_text(
	const struct config *config, bool looked_for, struct arena *arena);
/* "home, work": the names of all accounts, in ARENA. */
const char *config_names_text(const struct config *config, struct arena *arena);
/* DIAG_CONFIG_ACCOUNT_UNKNOWN, with those there are as the next step; always
 * false. */
bool config_fail_unknown(const struct config *config, const char *name,
	struct arena *arena, struct diag *why);

/* The certificates to trust; NULL is the system's store. */
const char *account_trust_file(const struct account *account);
/* The name of the only SASL mechanism allowed, or NULL to choose. */
const char *account_mechanism(const struct account *account);
/* How many connections side by side the provider is known to take, MOST at the
 * most. */
size_t account_connections_max(const struct account *account, size_t most);
/* Whether the login needs a password: not with a certificate or a ticket. */
bool account_needs_password(const struct account *account);
/* Whether it says where its password is, in one of the ways there are. */
bool account_names_secret(const struct account *account);
/* Whether its secret is an access token that 'mailchute login' or the issuer
 * provides, and not a password, nor a command that prints either. */
bool account_uses_login(const struct account *account);
/* The two commands of 'oauth_store READ | WRITE', in ARENA; false when it is a
 * file. */
bool account_store_commands(const struct account *account, struct arena *arena,
	const char **read_command, const char **write_command);
/* Whether a password may go to a peer on this machine without TLS: only when
 * the profile says 'tls off' or 'socket' by name. */
bool account_permits_clear_password(const struct account *account);
/* The LOG_… facility, or -1 for none.  ACCOUNT may be NULL (the configuration
 * could not be read): LOG_MAIL. */
int account_syslog_facility(const struct account *account);
/* For strftime(); "" for none. */
const char *account_log_time_format(const struct account *account);

#endif
