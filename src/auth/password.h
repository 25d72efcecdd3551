/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a password comes from: the profile, a command, the desktop's keyring,
 * netrc, the terminal. */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

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
	bool use_keyring;                  /* through secret-tool(1) */
	/* Files of netrc's form, in their order, ended by NULL; NULL: none. */
	const char *const *netrc;
	bool may_ask; /* on the terminal, if there is one */
};

/* The first that is given: the password itself; the first line of the
 * command's output (exit status 0, not empty, no NUL; 30 s unless it has the
 * terminal); what the keyring has for host, service=smtp and user; the entry of
 * a netrc file for host and user; the terminal.  A keyring or file that is not
 * there, or has nothing, is no failure.  Fails with DIAG_SECRET_….  The caller
 * wipes. */
bool password_get(const struct password_params *params, struct secret *out,
	struct diag *why);

/* What about a password that was refused looks like an accident of writing or
 * copying it, as quotes around it: what to do (an untranslated msgid), or
 * NULL. */
const char *password_oddity(struct span password);

#endif
