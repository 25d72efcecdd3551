/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two SASL mechanisms that carry an OAuth 2.0 access token: OAUTHBEARER
 * (RFC 7628) and XOAUTH2 (Google's and Microsoft's older form of it).  Knows
 * neither where a token comes from nor how it is sent.
 */
#ifndef AUTH_OAUTH_H
#define AUTH_OAUTH_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>

struct oauth_params {
	const char *user;
	struct span token;
	const char *host; /* may be NULL */
	unsigned port;    /* 0: not told */
};

/* Whether TOKEN can stand in a response: not empty, and of visible ASCII
 * (RFC 6750 2.1). */
bool oauth_is_token(struct span token);
/* Append the client's response; false when it does not fit.  The token is in
 * it: the caller wipes OUT. */
bool oauth_put_bearer(const struct oauth_params *params, struct buf *out);
bool oauth_put_xoauth2(const struct oauth_params *params, struct buf *out);
/* Appends what the server's JSON says of a token that it refuses (RFC 7628
 * 3.2.2), for people: "invalid_token, scope mail"; or all of CHALLENGE when it
 * is something else.  Is cut at OUT's limit. */
void oauth_put_reason(struct span challenge, struct buf *out);
/* Appends the URL of the issuer's metadata that the server's JSON names
 * ("openid-configuration", RFC 7628 3.2.2); false when there is none. */
bool oauth_put_metadata(struct span challenge, struct buf *out);

#endif
