/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a password comes from: the profile, a command, the terminal. */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include "base/diag.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stdint.h>

enum { PASSWORD_LIMIT = 64 * 1024, PASSWORD_COMMAND_TIMEOUT_S = 30 };

struct password_params {
	const char *account, *user, *host; /* for sentences and the prompt */
	const struct secret *password;     /* empty: not given */
	const char *command;               /* passwordeval, or NULL */
	bool may_ask; /* on the terminal, if there is one */
};

/* The first that is given: the password itself; the first line of the
 * command's output (exit status 0, not empty, no NUL; 30 s unless it has the
 * terminal); the terminal.  Fails with DIAG_SECRET_….  The caller wipes. */
bool password_get(const struct password_params *params, struct secret *out,
	struct diag *why);

#endif
