/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A DKIM key in DNS (RFC 6376 3.6.1, RFC 8463 4): the TXT record at
 * SELECTOR._domainkey.DOMAIN, made and read.
 */
#ifndef MAIL_DKIM_RECORD_H
#define MAIL_DKIM_RECORD_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>

/* Whether NAME can be a selector (RFC 6376 3.1): labels of letters, digits and
 * hyphens, and of the underscores that DNS takes besides. */
bool dkim_record_is_selector(struct span name);
/* The text of the record.  KIND is "k=": "rsa" or "ed25519"; PUBLIC is what
 * key_put_public() gives. */
void dkim_record_put(const char *kind, struct span public, struct buf *out);
/* TEXT as a zone file has it, with its newline: in strings of at most 255
 * bytes (RFC 1035 3.3), in brackets when there are several. */
void dkim_record_put_zone(const char *selector, const char *domain,
	struct span text, struct buf *out);
/* Whether a record, its strings put together, lets a verifier use PUBLIC of
 * KIND for mail; else *REASON (static, untranslated) says what is in the
 * way. */
bool dkim_record_holds(struct span text, const char *kind, struct span public,
	const char **reason);

#endif
