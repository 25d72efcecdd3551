/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a browser brings back from an issuer (RFC 6749 4.1.2, RFC 8252 7.3): a
 * request for the address that it was led to, or that address, pasted.  Pure;
 * all else that may knock at a port is nobody's.
 */
#ifndef AUTH_REDIRECT_H
#define AUTH_REDIRECT_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>

enum redirect_kind { REDIRECT_NOT_OURS, REDIRECT_CODE, REDIRECT_ERROR };

struct redirect {
	const char *uri;    /* where it must lead: "http://127.0.0.1:4711/" */
	const char *state;  /* what must come back */
	const char *issuer; /* who must say so, if it says (RFC 9207); "" */
	bool must_say;      /* … and it always says so */
};

/* HEAD is the head of an HTTP request: only a GET of the very path counts, with
 * the right state, and from the right issuer.  Appends the code, or the error
 * and the text beside it.  An OUT that is too small is not ours. */
enum redirect_kind redirect_read(
	const struct redirect *wanted, struct span head, struct buf *out);
/* The same for the address itself, or its query, as a person has pasted it. */
enum redirect_kind redirect_read_pasted(
	const struct redirect *wanted, struct span text, struct buf *out);

#endif
