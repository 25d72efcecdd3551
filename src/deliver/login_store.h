/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the login of an account is kept: one file of the user's own, 0600, or
 * the refresh token by a command and the rest in that file.  Knows neither
 * issuers nor what tokens are good for.
 *
 *	if (login_store_open(account, arena, &store, why) &&
 *		login_store_lock(&store, deadline_ms, why) &&
 *		login_store_read(&store, &login, why) == LOGIN_READ &&
 *		login_store_reserve(&store, why)) {
 *		… the login is renewed …
 *		login_store_write(&store, &login, why);
 *	}
 *	login_wipe(&login);
 *	login_store_close(&store);
 *
 * Whoever renews a login holds the lock from reading it to storing it: some
 * issuers take a refresh token once, and take all back when it comes twice.
 */
#ifndef DELIVER_LOGIN_STORE_H
#define DELIVER_LOGIN_STORE_H

#include "auth/answer.h"
#include "base/mem.h"
#include "config/account.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Times are of our own clock; 0 for none. */
struct login {
	struct answer is;        /* access_token, refresh_token, scope, … */
	time_t fetched, expires; /* the access token */
	time_t ended; /* the issuer has said that a person is needed */
};

enum login_found { LOGIN_READ, LOGIN_MISSING, LOGIN_FAILED };

struct login_store {
	const char *account; /* its name, for sentences */
	const char *folder, *file, *draft, *lock;
	const char *reader, *writer; /* commands, or NULL */
	int lock_fd, draft_fd;
};

/* Where it is; nothing is opened.  'oauth_store' says by what commands; the
 * file is USER@HOST in $XDG_STATE_HOME/mailchute/tokens or
 * ~/.local/state/mailchute/tokens, and for a profile of the system's own folder
 * in /var/lib/mailchute/tokens.  Fails with DIAG_OAUTH_STORE without a home. */
bool login_store_open(const struct account *account, struct arena *arena,
	struct login_store *out, struct diag *why);
/* Fails with DIAG_OAUTH_STORE when it cannot be read, is open to others, or is
 * damaged.  With WITH_REFRESH the command is asked, too.  The caller wipes OUT
 * in any case. */
enum login_found login_store_read(const struct login_store *store,
	bool with_refresh, struct login *out, struct diag *why);
/* Makes the folder, and waits for the lock.  Fails with DIAG_OAUTH_STORE,
 * DIAG_OAUTH_BUSY. */
bool login_store_lock(
	struct login_store *store, int64_t deadline_ms, struct diag *why);
/* Takes the room that a login may need, so that a full disk is known before the
 * issuer is asked.  Fails with DIAG_OAUTH_STORE. */
bool login_store_reserve(struct login_store *store, struct diag *why);
/* Stores it for good, in what was reserved; WITH_REFRESH: the command takes the
 * refresh token, too.  Fails with DIAG_OAUTH_STORE; what was stored before is
 * still there then. */
bool login_store_write(struct login_store *store, bool with_refresh,
	const struct login *login, struct diag *why);
/* Takes the file away; a command's own store is told nothing. */
bool login_store_remove(const struct login_store *store, struct diag *why);
/* Gives the lock back. */
void login_store_close(struct login_store *store);

void login_wipe(struct login *login);

#endif
