/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an issuer is asked: a form to a URL, and the JSON that comes back.
 * Knows HTTPS's ways of failing and OAuth's words for errors; no flow.
 *
 * libcurl and jansson are loaded for it: inquire() belongs into a process that
 * ends (base/apart); inquire_apart() makes one.
 */
#ifndef DELIVER_INQUIRY_H
#define DELIVER_INQUIRY_H

#include "auth/answer.h"
#include "base/mem.h"
#include "config/account.h"
#include "config/issuer.h"

#include <stdbool.h>

struct inquiry {
	const struct account *account; /* trust and proxy are its */
	const char *url;
	struct span form;  /* at is NULL: a GET */
	bool wants_status; /* … alone: the answer to a success is empty */
	const char *type;  /* of FORM, if it is none; NULL */
	/* The client's own name and secret, in the header instead of in FORM
	 * (RFC 6749 2.3.1); NULL. */
	const char *basic_user, *basic_secret;
};

/* True with an answer, which may be one of errors: "error" is there then.
 * Fails with DIAG_HTTPS_…, DIAG_OAUTH_ANSWER (something else than an answer:
 * worth trying again), DIAG_OAUTH_UNREADABLE (the same with 2yz: whatever was
 * asked for was given, and is lost), DIAG_LIBRARY_…; OUT is empty then, else
 * the caller wipes it. */
bool inquire(
	const struct inquiry *inquiry, struct answer *out, struct diag *why);
bool inquire_apart(
	const struct inquiry *inquiry, struct answer *out, struct diag *why);

/* What became of a question, for a child that tells its parent: WHY when it
 * failed. */
bool inquiry_put_result(bool is_fine, const struct diag *why,
	const struct answer *answer, struct buf *out);
bool inquiry_get_result(
	struct span bytes, struct answer *out, struct diag *why);

/* ISSUER's endpoints, from its metadata where they are not known yet (RFC 8414,
 * OpenID Connect Discovery 1.0); what is new lives in ARENA.  What the metadata
 * says it is must be what was asked for.  Fails as inquire(), and with
 * DIAG_OAUTH_NO_ISSUER. */
bool inquire_endpoints(const struct account *account, struct issuer *issuer,
	struct arena *arena, struct diag *why);

/* What an answer of errors means: DIAG_OAUTH_CLIENT when asking again is no
 * use, DIAG_OAUTH_REFUSED when it may be.  HIDDEN (may be NULL) is not
 * repeated.  Always false. */
bool inquiry_explain(const char *issuer, const struct answer *answer,
	const struct secret *hidden, struct diag *why);

#endif
