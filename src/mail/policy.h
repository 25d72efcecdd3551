/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the owner of a domain publishes about its mail, as far as it can be read
 * off the text: SPF (RFC 7208) and records of tags, as DMARC's (RFC 9989).
 * Pure: asks no name server.
 *
 *	if (spf_is_record(text))
 *		while (spf_next(&text, &term))
 *			... term.name, term.value ...
 */
#ifndef MAIL_POLICY_H
#define MAIL_POLICY_H

#include "base/span.h"

#include <stdbool.h>

/* RFC 7208 4.6.4 */
enum { SPF_LOOK_UPS_MAX = 10 };

struct spf_term {
	char qualifier;    /* '+', '-', '~' or '?' */
	struct span name;  /* "include", "ip4", "redirect" */
	struct span value; /* without its ':' or '='; or empty */
};

/* Whether TEXT is an SPF record, and not about something else (4.5). */
bool spf_is_record(struct span text);
/* Cuts the next term off *TEXT, the version first; false at its end. */
bool spf_next(struct span *text, struct spf_term *out);
bool spf_is(const struct spf_term *term, const char *name);
/* Whether a receiver has to ask the DNS for it (4.6.4). */
bool spf_is_look_up(const struct spf_term *term);

/* Whether TEXT begins with "v=VERSION" and ends there or goes on with ';'. */
bool tags_are(struct span text, const char *version);
/* The value of the tag NAME in "v=DMARC1; p=none"; empty when it is not
 * there. */
struct span tags_value(struct span text, const char *name);

#endif
