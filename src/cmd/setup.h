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
#include "base/place.h"
#include "base/secret.h"
#include "cmd/words.h"
#include "config/account.h"
#include "config/argv.h"
#include "config/profile.h"
#include "config/provider.h"
#include "mail/address.h"

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
	bool is_guess;       /* nobody has said so, but it is there */
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
	SETUP_STORE_COMMAND, /* somewhere else, which a command knows */
	SETUP_STORE_CREDENTIAL, /* systemd-creds(1), for the service */
	SETUP_STORES
};

/* "profile", …, and a line about it, untranslated; NULL behind the last. */
const char *setup_store_name(enum setup_store store);
const char *setup_store_text(enum setup_store store);
/* Whether the program for it is there, and it does for a machine's service.
 * SYSTEM is NULL for a user's profile. */
struct setup_system;
bool setup_store_is_there(
	enum setup_store store, const struct setup_system *system);

/* Files and folders that were not there, each behind the folder around it. */
enum { SETUP_MADE_MAX = 8 };
struct setup_made {
	const char *paths[SETUP_MADE_MAX];
	size_t count;
};

/* PATH, which lives as long, is about to be made. */
void setup_made_note(struct setup_made *made, const char *path);
/* They are not there again, but for a folder that others use. */
void setup_made_undo(struct setup_made *made);

struct setup_keeping {
	enum setup_store store;
	const char *account, *host, *user;
	const char *path; /* of a user's file */
	struct setup_system *system;
	struct setup_made *made;
	struct arena *arena;
	const char *command; /* the person's, for SETUP_STORE_COMMAND */
	bool is_msmtp;       /* msmtp reads the profile, too */
	/* What came of it: a line for the profile (NULL: the keyring is asked
	 * by itself). */
	const char *keyword, *value;
};

/* Puts SECRET there.  Fails with DIAG_SETUP_STORE, DIAG_SETUP_COMMAND,
 * DIAG_FILE_FAILED, or as password_get() does. */
bool setup_store_put(struct setup_keeping *keeping, const struct secret *secret,
	struct diag *why);

/* ---- the profile --------------------------------------------------------- */

enum { SETUP_LINES = 40, SETUP_TEXT_LIMIT = 4 * 1024 * 1024 };

/* What becomes of a file: an account in it. */
struct setup_profile {
	const char *path, *account;
	bool is_new; /* the file */
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

/* The file is again what it was before setup_profile_write(). */
void setup_profile_take_back(const struct setup_profile *profile);

/* ---- a machine ----------------------------------------------------------- */

enum setup_way {
	SETUP_WAY_SERVE, /* a socket for all, and 'mailchute serve' */
	SETUP_WAY_ROOT,  /* one file for root alone */
	SETUP_WAYS       /* none: a user's profile */
};

struct setup_system {
	enum setup_way way;
	const char *path; /* of the file with the account */
	bool has_systemd;
	const struct place *place;
	struct arena *arena;
	uid_t owner;
	gid_t group, service_group;
	const char *unit; /* a file of systemd's that was written; NULL */
};

/* "serve", …, and a line about it, untranslated; NULL behind the last. */
const char *setup_way_name(enum setup_way way);
const char *setup_way_text(enum setup_way way);
/* SETUP_WAYS when there is none of that name. */
enum setup_way setup_way_of(const char *name);

/* Whether it can be done: fails with DIAG_SETUP_NOT_ROOT, DIAG_SETUP_NO_USER,
 * DIAG_SETUP_IN_THE_WAY, or as config_load_only() does. */
bool setup_system_open(struct setup_system *system, enum setup_way way,
	const struct place *place, struct arena *arena, struct diag *why);
/* What stands at the top of a new file of the service. */
void setup_system_begin(
	const struct setup_system *system, struct setup_profile *profile);
/* The service's password, in a file. */
const char *setup_system_secret(const struct setup_system *system);
struct profile_access setup_system_access(const struct setup_system *system);
/* Before anything is written: the folder of the service.  Fails with
 * DIAG_FILE_FAILED, as the next two. */
bool setup_system_prepare(const struct setup_system *system,
	struct setup_made *made, struct diag *why);
/* The service gets CREDENTIAL as its password, decrypted by systemd. */
bool setup_system_put_unit(struct setup_system *system, const char *credential,
	struct setup_made *made, struct diag *why);
/* Behind everything else: what everybody reads. */
bool setup_system_finish(const struct setup_system *system, const char *address,
	struct diag *why);
/* Tells whose the files are, and the next commands. */
void setup_system_tell(const struct setup_system *system, const char *address);

/* ---- PHP ----------------------------------------------------------------- */

struct setup_php {
	struct buf *text;          /* of the caller's */
	size_t count, wrong_count; /* files */
};

/* Appends each ini and pool file of PHP below ROOT ("") and the line that it
 * wants, with PROGRAM behind the fence, and CONFIG if that is not NULL. */
void setup_php_look(const char *root, const char *program, const char *config,
	struct arena *arena, struct setup_php *out);

/* ---- the list ------------------------------------------------------------ */

/* All providers that can be named, or with NAME all about one, for people or as
 * JSON; false: no such provider. */
bool setup_list(const struct providers *providers, const char *name,
	bool is_json, struct buf *out);

/* ---- the run ------------------------------------------------------------- */

struct setup_said {
#define VERB_OPTION WORDS_FIELD
#include "cmd/setup.def"
};

struct setup {
	const struct setup_said *said;
	const struct request *request;
	struct arena *arena;
	struct setup_talk talk;
	struct providers providers;
	struct setup_server server;
	struct setup_profile profile;
	const char *address, *user;
	const char *client_id;  /* of an application that gets tokens; NULL */
	struct mailbox mailbox; /* the address, in its parts */
	struct secret secret;
	struct setup_made made;
	enum setup_way way;
	struct setup_system system;
};

/* What the command line says of ID, or NULL. */
const char *setup_setting(const struct setup *setup, enum option_id id);
/* Where the person finds what is asked next, if that is known. */
void setup_show_page(const struct setup *setup);
/* There is no provider NAME. */
bool setup_fail_provider(
	const struct providers *providers, const char *name, struct diag *why);
/* Which server it is, by what is said, by the table, by the DNS or by the
 * person.  One that is missing leaves setup->server empty. */
bool setup_settle_server(struct setup *setup, struct diag *why);
/* A server of the domain by a usual name, as a guess: one that answers, with a
 * certificate for that name.  False: there is none. */
bool setup_guess(struct setup *setup);
/* The server as the doctor looks at it, and the login: asks for the secret
 * between the two.  A port that does not answer gives way to another one. */
bool setup_try(struct setup *setup, struct diag *why);
bool setup_settle_secret(struct setup *setup, struct diag *why);
/* Whether it takes access tokens, and no password is asked for. */
bool setup_wants_token(const struct setup *setup);
/* Whether there is a password to be asked for. */
bool setup_wants_secret(const struct setup *setup);
/* Whether the command line says where the password is. */
bool setup_names_secret(const struct setup *setup);
/* Whether what the command line says of the secret's place can be. */
bool setup_check_store(const struct setup *setup, struct diag *why);
/* Puts the secret where the person wants it, and writes the files; a failure
 * leaves them as they were. */
bool setup_keep(struct setup *setup, struct diag *why);
void setup_tell_next(const struct setup *setup);

#endif
