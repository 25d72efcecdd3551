/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a password comes from: the profile, a command, a file, a store, the
 * desktop's keyring, netrc, the terminal. */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include "auth/netrc.h"
#include "base/diag.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PASSWORD_LIMIT = 64 * 1024,
	PASSWORD_COMMAND_TIMEOUT_S = 30,
	PASSWORD_NETRC_LIMIT = 1024 * 1024
};

struct password_params {
	const char *account, *user, *host; /* for sentences and the prompt */
	const struct secret *password;     /* empty: not given */
	const char *command;               /* passwordeval, or NULL */
	const char *words; /* password_command, for text_split(), or NULL */
	const char *file;  /* password_file, or NULL */
	const char *store; /* password_store, or NULL */
	long port;         /* of the host, for git */
	bool use_keyring;  /* through secret-tool(1) */
	/* Files of netrc's form, in their order, ended by NULL; NULL: none. */
	const char *const *netrc;
	enum netrc_dialect netrc_dialect;
	bool may_ask; /* on the terminal, if there is one */
};

/* What 'password_store' takes: secret-tool, pass [NAME], git.  Whether WORDS
 * is one of them. */
bool password_is_store(struct span words);

/* The first that is given: the password itself; the first line of a command's
 * output (exit status 0, not empty, no NUL; 30 s unless it has the terminal) or
 * of the file (as base/closed has it; a name without a folder is one of
 * $CREDENTIALS_DIRECTORY); the store's.  When none is given: what the keyring
 * has for host, service=smtp and user; the entry of a netrc file for host and
 * user; the terminal.  Of these a keyring or file that is not there, or has
 * nothing, is no failure.  *HAS_MORE (may be NULL): there was more than a line.
 * Fails with DIAG_SECRET_….  The caller wipes. */
bool password_get(const struct password_params *params, struct secret *out,
	bool *has_more, struct diag *why);

/* The first of the netrc files that has another password for host and user when
 * its words are read in the other dialect; NULL when there is none. */
const char *password_ambiguous_netrc(const struct password_params *params);

/* What the server said to it, for a store that wants to know (git): good, or
 * wrong.  What the store makes of it is no concern of the mail. */
void password_report(const struct password_params *params,
	const struct secret *password, bool is_good);

/* What about a password that was refused looks like an accident of writing or
 * copying it, as quotes around it: what to do (an untranslated msgid), or
 * NULL. */
const char *password_oddity(struct span password);

#endif
