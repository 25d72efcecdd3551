/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of SASL (RFC 4422): PLAIN, LOGIN, EXTERNAL, CRAM-MD5 and
 * the mechanisms for access tokens are our own; SCRAM, GSSAPI, DIGEST-MD5 and
 * NTLM are libgsasl's.  Knows nothing of SMTP or TLS: channel binding data is
 * an argument.
 *
 *	name = sasl_choose(&params, "SCRAM-SHA-256 PLAIN", why);
 *	sasl = sasl_new(name, &params, why);
 *	if (sasl_has_initial(sasl)) sasl_step(sasl, span_of(""), &out, why)
 *	… sasl_step() for each challenge …
 *	sasl_finish(sasl, why) once the server has said yes
 */
#ifndef AUTH_SASL_H
#define AUTH_SASL_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/secret.h"
#include "base/span.h"

#include <stdbool.h>

/* RFC 5802 5.1: a server may not ask for less; nor for more, which is half a
 * second's work that no deadline interrupts.  (Servers are seen with 4,096 to
 * 600,000.) */
enum { SASL_ITERATIONS_MIN = 4096, SASL_ITERATIONS_MAX = 1000000 };

struct sasl_params {
	const char *mechanism; /* the only one allowed, or NULL to choose */
	const char *user;
	const struct secret *password;
	/* The password is an access token: of the mechanisms only those for
	 * tokens are allowed, and MECHANISM may be any of them. */
	bool is_token;
	const char *domain; /* NTLM's, or NULL */
	/* The connection is verified TLS, or local by the profile's word:
	 * without it PLAIN and LOGIN are never used. */
	bool is_secure;
	const char *binding_type; /* "tls-exporter", "tls-unique", or NULL */
	struct span binding;
	const char *host;
	unsigned port; /* 0: none */
	/* PBKDF2 (RFC 8018 5.2), if somebody has a faster one than libgsasl:
	 * with the HMAC of the hash whose size OUT_SIZE is (20: SHA-1, 32:
	 * SHA-256).  False when it cannot.  May be NULL. */
	bool (*derive)(struct span password, struct span salt,
		unsigned long iterations, unsigned char *out, size_t out_size);
	/* HMAC-MD5 (RFC 2104), 16 bytes, for CRAM-MD5; false when it cannot.
	 * May be NULL. */
	bool (*hmac_md5)(struct span key, struct span data, unsigned char *out);
};

struct sasl;

/* The best mechanism that OFFERED (space-separated) and PARAMS allow, in the
 * order SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256, SCRAM-SHA-1,
 * PLAIN, LOGIN, after AFTER (NULL: from the top); the others (EXTERNAL,
 * OAUTHBEARER, XOAUTH2, CRAM-MD5, GSSAPI, DIGEST-MD5, NTLM) only when PARAMS
 * names them, or has a token (OAUTHBEARER, XOAUTH2).  SCRAM is passed over for
 * a user or a password that SASLprep (RFC 4013) does not take.  NULL when none
 * is left (no diag).  Static string. */
const char *sasl_choose(const struct sasl_params *params, struct span offered,
	const char *after);
/* The first that OFFERED has and PARAMS would allow if they named it; NULL when
 * there is none.  *IS_TOKEN: it takes an access token in place of a password.
 * Static string. */
const char *sasl_choose_by_name(
	const struct sasl_params *params, struct span offered, bool *is_token);
/* Beside REFUSED, which shows the password itself, another that does and that
 * OFFERED has and PARAMS would allow: some servers list one that never works.
 * NULL when there is none.  Static string. */
const char *sasl_choose_other(const struct sasl_params *params,
	struct span offered, const char *refused);
/* Whether this build knows the mechanism at all. */
bool sasl_knows(const char *mechanism);

/* Borrows PARAMS and what it points to.  NULL: DIAG_SMTP_AUTH_PROTOCOL (a
 * mechanism that is not known or not allowed here, a NUL in the password). */
struct sasl *sasl_new(const char *mechanism, const struct sasl_params *params,
	struct diag *why);
/* Whether the client speaks first (PLAIN, EXTERNAL, SCRAM, GSSAPI, NTLM). */
bool sasl_has_initial(const struct sasl *sasl);
/* What its row says of how it goes over the wire: it ends in one round trip;
 * its name and its first message are two steps; its challenges are for people.
 */
struct sasl_manner {
	bool is_one_trip, is_two_steps, is_for_people;
};
struct sasl_manner sasl_manner(const struct sasl *sasl);
/* Answers CHALLENGE (empty for the initial response); the answer is appended
 * to OUT, which the caller wipes.  Fails with DIAG_SMTP_AUTH_PROTOCOL; with
 * DIAG_SMTP_NO_TICKET when Kerberos has none; or with DIAG_SMTP_AUTH_REFUSED
 * when the server says within SCRAM that the password
 * is wrong (RFC 5802 7, "e="). */
bool sasl_step(struct sasl *sasl, struct span challenge, struct buf *out,
	struct diag *why);
/* The server says that we are in: is it who it must be?  Fails
 * (DIAG_SMTP_AUTH_PROTOCOL) when SCRAM's server signature never came. */
bool sasl_finish(struct sasl *sasl, struct diag *why);
/* The server has refused us, as *WHY says.  Of a token it tells the reason (RFC
 * 7628 3.2.2, DIAG_SMTP_TOKEN_REFUSED); one that says nothing of the token has
 * not been able to ask about it, and may tomorrow: DIAG_SMTP_TOKEN_UNCHECKED,
 * temporary whatever the code.  Both are permanent rows. */
void sasl_explain_refusal(const struct sasl *sasl, struct diag *why);
/* After a refusal: whether it can only be about channel binding, and says
 * nothing of the password: the server said so within SCRAM, or refused before
 * it had seen a proof. */
bool sasl_blames_binding(const struct sasl *sasl);
void sasl_free(struct sasl *sasl);
/* The version of libgsasl that this was built with, "" in a build without it;
 * with IS_LOADED that of the one at run time, and NULL when it cannot be
 * loaded. */
const char *sasl_library_version(bool is_loaded);

#endif
