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

/* Finds and reads the files and the environment (config/file,
 * config/environment); lives in ARENA.  With --host no file is read.  Passwords
 * are taken out of the environment, so that no child inherits them.  Fails with
 * DIAG_CONFIG_…, also for a fallback of any account that is none; finding no
 * file is no failure yet. */
bool config_load(const struct request *request, struct arena *arena,
	struct config *out, struct diag *why);
/* The same, going on behind what is wrong in a file: that is told to NOTES. */
struct config_notes;
bool config_load_noting(const struct request *request,
	struct config_notes *notes, struct arena *arena, struct config *out,
	struct diag *why);
/* Reads this file and nothing else: no other file, no environment. */
bool config_load_only(const char *path, struct arena *arena, struct config *out,
	struct diag *why);
/* The secrets of all accounts are wiped; the rest goes with the arena. */
void config_wipe(struct config *config);

/* The one profile this message goes through: --host, -a, the sender given with
 * -f or (with -t) the From address against each account's 'from' patterns,
 * then 'default'.  FROM_HEADER may be NULL.  Command-line settings are applied
 * and what follows from others is filled in (port, tls, from …), so that the
 * rest of the program never asks for a default again.  'from' is an address or
 * NULL then, never a pattern.  Secrets are borrowed from CONFIG.  Fails with
 * DIAG_CONFIG_…, or DIAG_USAGE_… for what the command line said. */
bool account_choose(const struct config *config, const struct request *request,
	const char *from_header, struct arena *arena,
	const struct account **out, struct diag *why);
/* The same without asking whether the profile makes sense: for
 * 'mailchute config'. */
bool account_find(const struct config *config, const struct request *request,
	const char *from_header, struct arena *arena, struct account **out,
	struct diag *why);
/* The accounts that stand in for FIRST ('fallback'), in their order, with NULL
 * behind the last: each as its file has it, since the environment and the
 * command line speak of the first.  Their own fallback does not count, so that
 * two accounts can stand in for each other.  Fails as account_choose() does. */
bool account_fallbacks(const struct config *config,
	const struct request *request, const struct account *first,
	struct arena *arena, const struct account *const **out,
	struct diag *why);
/* Whether it makes sense.  Fails with DIAG_CONFIG_NO_HOST, _CONFLICT; and with
 * DIAG_CONFIG_KEY_READABLE, but not in msmtp's dialect. */
bool account_check(const struct account *account, struct diag *why);
/* Whether password and key are closed to others; else
 * DIAG_CONFIG_SECRET_READABLE or _KEY_READABLE. */
bool account_is_closed(const struct account *account, struct diag *why);

/* A new account of that dialect, with the dialect's defaults. */
struct account *account_new(
	const char *name, enum dialect dialect, struct arena *arena);
/* Wipes the secrets that it owns. */
void account_wipe(struct account *account);
/* Puts everything that FROM says on top of INTO (defaults are left out); see
 * option_copy() for IS_OWNER. */
void account_overlay(
	struct account *into, const struct account *from, bool is_owner);

/* The envelope sender before the envelope is made: -f if it was given and may
 * be used ("" is the null sender), but a bare or this-host one (cron's "root")
 * gives way to 'from' if there is one; else 'from'; NULL without any. */
const char *account_sender(const struct account *account,
	const struct request *request, struct arena *arena);
/* The certificates to trust; NULL is the system's store. */
const char *account_trust_file(const struct account *account);
/* The name of the only SASL mechanism allowed, or NULL to choose. */
const char *account_mechanism(const struct account *account);
/* Whether the login needs a password: not with a certificate or a ticket. */
bool account_needs_password(const struct account *account);
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
