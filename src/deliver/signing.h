/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DKIM for an account: its keys, loaded before anything is connected, and
 * messages signed with them as they really go out.
 *
 *	if (!signing_open(account, &signing, why))
 *		return false;
 *	if (signing && !signing_apply(signing, message, &signed, &growth, why))
 *		…
 *	source_close(signed);
 *	signing_close(signing);
 */
#ifndef DELIVER_SIGNING_H
#define DELIVER_SIGNING_H

#include "base/diag.h"
#include "base/source.h"
#include "config/account.h"

#include <stdbool.h>
#include <stdint.h>

struct signing;

/* *OUT is NULL for an account without 'dkim_domain'.  Fails with
 * DIAG_CONFIG_BAD_VALUE (a selector; as many selectors as keys),
 * DIAG_CONFIG_KEY_READABLE, DIAG_KEY_UNUSABLE, DIAG_KEY_KIND,
 * DIAG_ADDRESS_DOMAIN_INVALID. */
bool signing_open(
	const struct account *account, struct signing **out, struct diag *why);
/* Reads MESSAGE to its end and rewinds it.  *OUT gives it with its signatures
 * in front, which are *GROWTH bytes, and can be rewound; NULL when nothing is
 * signed, because no author is of the domain.  It reads MESSAGE, which must
 * live longer, and does not close it.  Fails as MESSAGE and the keys do. */
bool signing_apply(struct signing *signing, struct source *message,
	struct source **out, uint64_t *growth, struct diag *why);
/* Where the public half of a key is looked for, SELECTOR._domainkey.DOMAIN;
 * false behind the last.  They live as long as SIGNING. */
bool signing_place(const struct signing *signing, size_t index,
	const char **selector, const char **domain);
/* Whether the TXT record TEXT has it; else *REASON (static, untranslated) says
 * why not. */
bool signing_matches(const struct signing *signing, size_t index,
	struct span text, const char **reason);
/* NULL is allowed. */
void signing_close(struct signing *signing);

#endif
