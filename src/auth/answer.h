/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An issuer's answers: token, device, metadata, registration and error are
 * objects of JSON, of which the rows of answer.def are read.  Pure; knows
 * neither where they come from nor what is made of them.
 *
 *	struct answer answer = { 0 };
 *	if (answer_parse(body, &answer, why))
 *		… answer_text(&answer, ANSWER_access_token) …
 *	answer_wipe(&answer);
 */
#ifndef AUTH_ANSWER_H
#define AUTH_ANSWER_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/secret.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum answer_field {
#define ANSWER(field, kind, name, limit) ANSWER_##field,
#include "auth/answer.def"
#undef ANSWER
	ANSWER_COUNT
};

enum { ANSWER_BODY_LIMIT = 64 * 1024 };

/* Invariant: what is there has the form of its row's kind; numbers are
 * decimal. */
struct answer {
	struct secret values[ANSWER_COUNT];
	int64_t date; /* by the clock of who answered; 0: it did not say */
};

/* Reads the object BODY; what stood in OUT is wiped.  Fails with
 * DIAG_JSON_INVALID, DIAG_OAUTH_MEMBER (one that is not of its kind), or
 * DIAG_LIBRARY_…; OUT is empty then. */
bool answer_parse(struct span body, struct answer *out, struct diag *why);
/* NULL when it is not there. */
const char *answer_text(const struct answer *answer, enum answer_field field);
/* -1 when it is not there. */
int64_t answer_number(const struct answer *answer, enum answer_field field);
bool answer_has(const struct answer *answer, enum answer_field field);
/* Replaces one; NULL or "" takes it away. */
void answer_set(
	struct answer *answer, enum answer_field field, const char *text);

/* Reads the text of the member NAME, as answer_parse() would; false when there
 * is no such row, or it is not of its kind. */
bool answer_take(struct answer *answer, struct span name, struct span text);
/* The text of the member NAME; NULL when it is not there. */
const char *answer_named(const struct answer *answer, const char *name);

/* From one process to another: the whole answer, and back.  answer_get() is
 * false, and OUT empty, for anything that answer_put() has not written. */
bool answer_put(const struct answer *answer, struct buf *out);
bool answer_get(struct span bytes, struct answer *out);
void answer_wipe(struct answer *answer);

/* Whether every word of WANTED stands in GRANTED; *MISSING is the first that
 * does not.  Both are lists with spaces (RFC 6749 3.3). */
bool answer_scope_covers(
	struct span granted, struct span wanted, struct span *missing);
/* Whether it can be a URL that tokens are sent to: https, visible ASCII, a
 * host and no user in it, no fragment. */
bool answer_is_url(struct span text);

#endif
