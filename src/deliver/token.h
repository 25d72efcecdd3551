/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The access token of an account: the one that is kept while it is good, and
 * else a new one.  Knows how tokens are renewed, and no person: 'mailchute
 * login' makes the first login.
 */
#ifndef DELIVER_TOKEN_H
#define DELIVER_TOKEN_H

#include "base/secret.h"
#include "deliver/inquiry.h"
#include "deliver/login_store.h"

#include <stdbool.h>

/* The account's access token.  While the one that is kept is good nobody is
 * asked; else a child process asks the issuer and stores what comes, under the
 * lock of the store, and goes on when we are killed.  Fails with
 * DIAG_OAUTH_NO_LOGIN, DIAG_OAUTH_ENDED (a person is needed),
 * DIAG_OAUTH_STORE, DIAG_OAUTH_DAMAGED, DIAG_OAUTH_BUSY, and as inquire() and
 * inquiry_explain() do.  The caller wipes OUT. */
bool token_get(
	const struct account *account, struct secret *out, struct diag *why);

/* The server has refused TOKEN (DIAG_SMTP_TOKEN_REFUSED in *WHY): another one
 * replaces it.  False when there is none: then *WHY is the reason, or, when
 * TOKEN has only just come, the refusal as something that passes: the clocks of
 * issuer and server may be some seconds apart. */
bool token_renew(
	const struct account *account, struct secret *token, struct diag *why);

/* Whether a later process will have one without a person. */
bool token_lasts(const struct account *account);
/* Whether the account asks for itself ('oauth_flow client' and 'jwt'). */
bool token_needs_no_login(const struct account *account);

/* ---- for 'mailchute login' ----------------------------------------------- */

/* Asks URL with FORM, to which who asks is added: the account's client id and
 * secret, or those that were REGISTERED (may be NULL).  As inquire(). */
bool token_ask(const struct account *account, const struct answer *registered,
	const char *url, struct buf *form, bool is_apart, struct answer *out,
	struct diag *why);
/* The same where a status is all of the answer (RFC 7009 2.2). */
bool token_tell(const struct account *account, const struct answer *registered,
	const char *url, struct buf *form, struct diag *why);
/* Takes the tokens of ANSWER, as of now.  Fails with DIAG_OAUTH_UNREADABLE when
 * there is no access token, or one of another type than Bearer. */
bool token_take(const char *url, const struct answer *answer,
	struct login *login, struct diag *why);

#endif
