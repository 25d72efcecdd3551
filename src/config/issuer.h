/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Issuers of access tokens, as data: what an account says of its issuer, and
 * what is known of it beforehand (issuers.def).  Asks nobody.
 */
#ifndef CONFIG_ISSUER_H
#define CONFIG_ISSUER_H

#include "base/mem.h"
#include "config/account.h"

#include <stdbool.h>

/* Everything may be "", but for redirect and name. */
struct issuer {
	const char *name;   /* of the row, or the URL that was given */
	const char *issuer; /* its identifier: iss must be this */
	const char *authorization, *token, *device, *revocation, *registration;
	const char *metadata; /* where they stand, when they are not known */
	const char *scope;
	const char *redirect;    /* "%p" is the port */
	const char *more;        /* of the authorization request */
	bool may_guess_metadata; /* ISSUER is a URL: look below it */
	bool wants_offline;      /* a login with it is for later, too */
	bool says_who;           /* its redirect always names it (RFC 9207) */
};

/* What ACCOUNT says ('oauth_issuer', 'oauth_metadata', 'oauth_token_url', …),
 * and else the row for its host; lives in ARENA.  Fails with
 * DIAG_CONFIG_BAD_VALUE for an issuer that is neither a row's name nor an https
 * URL.  An account of which nothing is known gets an empty name. */
bool issuer_of_account(const struct account *account, struct arena *arena,
	struct issuer *out, struct diag *why);
/* The names of the rows, in their order; NULL behind the last. */
const char *issuer_name(size_t index);

#endif
