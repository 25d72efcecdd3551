/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a receiver wrote into Authentication-Results (RFC 8601): of SPF, DKIM
 * and DMARC, each result by itself.  Pure; believes nothing and judges nothing.
 *
 *	authres_open(value, arena, &results);
 *	while (authres_next(&results, &item))
 *		… item.method, item.result, item.domain …
 */
#ifndef MAIL_AUTHRES_H
#define MAIL_AUTHRES_H

#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>

enum authres_method { AUTHRES_SPF, AUTHRES_DKIM, AUTHRES_DMARC, AUTHRES_OTHER };

/* RFC 8601 2.7; what nobody knows is AUTHRES_NONE. */
enum authres_result {
	AUTHRES_NONE,
	AUTHRES_PASS,
	AUTHRES_FAIL,
	AUTHRES_SOFTFAIL,
	AUTHRES_NEUTRAL,
	AUTHRES_POLICY,
	AUTHRES_TEMPERROR,
	AUTHRES_PERMERROR
};

struct authres_item {
	enum authres_method method;
	enum authres_result result;
	/* In whose name: of smtp.mailfrom (else smtp.helo), header.d (else
	 * header.i), header.from; or empty. */
	struct span domain;
	struct span words; /* comments and reason, in lower case; or empty */
};

/* The rest of a field; ID is who wrote it, or empty: some leave it out. */
struct authres {
	struct span id, rest;
	struct arena *arena;
};

/* VALUE is what follows the colon, folded or not; it and ARENA outlive what is
 * found. */
void authres_open(struct span value, struct arena *arena, struct authres *out);
/* False at the end.  What is no result is passed over. */
bool authres_next(struct authres *results, struct authres_item *out);

/* "pass" in any case, also as older receivers wrote it; false when it is no
 * such word. */
bool authres_result_of(struct span word, enum authres_result *out);
/* "pass": static, lower case. */
const char *authres_result_name(enum authres_result result);
/* What follows the last '@', without brackets, quotes and a last dot. */
struct span authres_domain_of(struct span address);

#endif
