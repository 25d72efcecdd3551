/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key in place of a secret (RFC 7523): what 'oauth_key_file' holds, and the
 * signed JWTs that are made with it.  Asks nobody.
 *
 *	if (assertion_open(account, &assertion, why) &&
 *		assertion_put_grant(&assertion, &claims, &jwt, why))
 *		… an issuer gives a token for it …
 *	assertion_close(&assertion);
 */
#ifndef DELIVER_ASSERTION_H
#define DELIVER_ASSERTION_H

#include "auth/answer.h"
#include "config/account.h"
#include "net/keys.h"

#include <stdbool.h>
#include <time.h>

enum { ASSERTION_LIMIT = 32 * 1024 };

struct assertion {
	const char *path;
	struct signing_key *key;
	struct answer file; /* of a service account; else empty */
	unsigned char thumbprint[32];
	bool has_certificate;
};

struct assertion_claims {
	const char *client;   /* 'oauth_client_id', or NULL */
	const char *user;     /* the mailbox, for a grant */
	const char *scope;    /* for a grant; "" for none */
	const char *audience; /* the URL of the token endpoint */
	time_t now;
};

/* Fails with DIAG_OAUTH_KEY, DIAG_KEY_UNUSABLE, DIAG_CONFIG_KEY_READABLE and
 * DIAG_FILE_FAILED; OUT can be closed in any case. */
bool assertion_open(
	const struct account *account, struct assertion *out, struct diag *why);
/* "jwt-bearer" (RFC 7523 2.1): the service account asks in the user's name.
 * Fails with DIAG_OAUTH_KEY, DIAG_KEY_UNUSABLE. */
bool assertion_put_grant(const struct assertion *assertion,
	const struct assertion_claims *claims, struct buf *out,
	struct diag *why);
/* "private_key_jwt" (RFC 7523 2.2): the client says who it is. */
bool assertion_put_client(const struct assertion *assertion,
	const struct assertion_claims *claims, struct buf *out,
	struct diag *why);
void assertion_close(struct assertion *assertion);

#endif
