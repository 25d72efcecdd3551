/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What 'mailchute setup' does, a file a step: find the server (setup_find),
 * hear the secret and keep it (setup_secret), list the providers (setup_list).
 */
#ifndef CMD_SETUP_H
#define CMD_SETUP_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/secret.h"
#include "config/account.h"
#include "config/argv.h"
#include "config/profile.h"
#include "config/provider.h"

#include <stdbool.h>

/* ---- the person ---------------------------------------------------------- */

enum { SETUP_MISSING_MAX = 8 };

struct setup_talk {
	bool may_ask;
	struct arena *arena;
	/* What nobody could be asked for. */
	struct setup_missing {
		const char *what, *option;
	} missing[SETUP_MISSING_MAX];
	size_t missing_count;
};

/* Prints at once. */
void setup_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The answer to WHAT (untranslated), USUAL for an empty one; asked again while
 * there is neither.  When nobody can be asked, "", and that is noted with the
 * OPTION that would have said it.  NULL, with DIAG_SETUP_STOPPED, when the
 * person has enough. */
const char *setup_ask(struct setup_talk *talk, const char *what,
	const char *usual, const char *option, struct diag *why);
bool setup_is_yes(const char *answer);
/* The same for what is not shown. */
bool setup_ask_secret(struct setup_talk *talk, struct secret *secret,
	const char *option, struct diag *why);
/* False with DIAG_SETUP_MISSING for the last thing that is missing; the others
 * are told already. */
bool setup_has_all(const struct setup_talk *talk, struct diag *why);

/* ---- the server ---------------------------------------------------------- */

/* Either the provider, or a host. */
struct setup_server {
	const struct provider *provider;
	const char *region; /* of the provider; NULL */
	const char *host;
	long port;
	bool is_implicit;    /* TLS from the first byte */
	const char *told_by; /* where that stands, untranslated */
	bool is_certain;     /* else a person is asked */
};

/* Who takes mail from the users of DOMAIN: the table of providers, its MX, its
 * SRV records (RFC 6186, RFC 8314), in this order.  Fails with
 * DIAG_NET_NO_SERVICE, DIAG_NET_NAME_SERVER. */
bool setup_find(const char *domain, const struct providers *providers,
	struct arena *arena, struct setup_server *out, struct diag *why);

/* ---- the secret ---------------------------------------------------------- */

/* What the person pasted, as the provider wants it: an app password without its
 * blanks, SES's password from the secret key.  USER and REGION are those of the
 * account. */
bool setup_secret_mend(const struct provider *provider, const char *region,
	struct secret *secret, struct diag *why);

/* Where it is kept. */
enum setup_store {
	SETUP_STORE_PROFILE, /* a line of the file, which is closed to others */
	SETUP_STORE_FILE,    /* a file of its own */
	SETUP_STORE_KEYRING, /* secret-tool(1) */
	SETUP_STORE_PASS,    /* pass(1) */
	SETUP_STORES
};

/* "profile", …, and a line about it, untranslated; NULL behind the last. */
const char *setup_store_name(enum setup_store store);
const char *setup_store_text(enum setup_store store);
/* Whether the program for it is there. */
bool setup_store_is_there(enum setup_store store);
/* Puts SECRET there; *COMMAND is what 'passwordeval' is then, or NULL: the
 * profile holds it, or the keyring is asked by itself.  FOLDER is that of the
 * file.  Fails with DIAG_SETUP_STORE, DIAG_FILE_FAILED. */
bool setup_store_put(enum setup_store store, const char *account,
	const char *host, const char *user, const char *folder,
	const struct secret *secret, struct arena *arena, const char **command,
	struct diag *why);

/* ---- the profile --------------------------------------------------------- */

enum { SETUP_LINES = 40, SETUP_TEXT_LIMIT = 4 * 1024 * 1024 };

/* What becomes of a file: an account in it. */
struct setup_profile {
	const char *path, *account;
	enum dialect dialect;
	struct buf before; /* the text that is there; a buf of the caller's */
	struct profile_line lines[SETUP_LINES];
	size_t count;
};

/* The file that an account is put into, read, and the account's name: the one
 * that ADDRESS has there already, or a new one.  Fails as config_load() does,
 * so that nothing is added to a file that is broken. */
bool setup_profile_open(struct setup_profile *profile,
	const struct request *request, const char *address, const char *name,
	struct arena *arena, struct diag *why);
/* A line; VALUE NULL takes such lines away. */
void setup_profile_line(
	struct setup_profile *profile, const char *keyword, const char *value);
/* The account as it would be.  The secrets are CONFIG's: config_wipe(). */
bool setup_profile_account(struct setup_profile *profile,
	const struct request *request, struct arena *arena,
	struct config *config, const struct account **out, struct diag *why);
/* Whose it is may be said with ACCESS; without, a file that a password comes
 * into is closed to others. */
bool setup_profile_write(struct setup_profile *profile,
	const struct profile_access *access, struct diag *why);

/* ---- the list ------------------------------------------------------------ */

/* All providers that can be named, or with NAME all about one, for people or as
 * JSON; false: no such provider. */
bool setup_list(const struct providers *providers, const char *name,
	bool is_json, struct buf *out);

#endif
