/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RFC 5322 addresses: lists with groups, comments, quoted local parts, routes
 * and the obsolete forms, parsed into plain mailboxes.  Pure.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* RFC 5321 4.5.3.1 gives 64 and 255; in the wild longer ones work, so the
 * limit is the path's, with room for UTF-8. */
enum { ADDRESS_LOCAL_LIMIT = 512, ADDRESS_DOMAIN_LIMIT = 512 };

/* One mailbox.  Invariant: no control byte, no bare angle bracket; local is in
 * the form that goes on the wire (quoted when it must be, quotes dropped when
 * they need not be); domain is empty for a bare name ("root"); a domain
 * literal keeps its brackets.  Both are NUL-terminated, UTF-8 or ASCII. */
struct mailbox {
	const char *local, *domain;
	const char *name; /* display name, decoded of quotes, or "" */
};

struct mailbox_list {
	struct mailbox *items;
	size_t count;
};

/* Parses an address list (RFC 5322 3.4, obs-addr-list): folded white space,
 * comments, groups ("Team: a@x, b@x;"), routes ("<@r:a@x>": the route is
 * dropped), empty members (tolerated).  On failure returns false, *OFFENDING is
 * the member that does not parse and *REASON a static, untranslated sentence
 * fragment.  Results live in ARENA. */
bool address_list_parse(struct span text, struct arena *arena,
	struct mailbox_list *out, struct span *offending, const char **reason);
/* The same for exactly one mailbox; "<>" and "" give the null address: local
 * and domain both empty. */
bool address_parse(struct span text, struct arena *arena, struct mailbox *out,
	const char **reason);

/* Appends local@domain (or the bare local part). */
void address_put(struct buf *out, const struct mailbox *mailbox);
char *address_string(struct arena *arena, const struct mailbox *mailbox);
bool address_is_null(const struct mailbox *mailbox);
/* Equal to a server: the same local part, the same domain in any case. */
bool address_equal(const struct mailbox *a, const struct mailbox *b);
/* Whether every byte of the local part (whole address) is ASCII. */
bool address_local_is_ascii(const struct mailbox *mailbox);
bool address_is_ascii(const struct mailbox *mailbox);
/* Whether ADDRESS fits PATTERN: without "?*[" an exact match in any case,
 * else a glob (in any case, never across nothing); when it does not fit and has
 * a "+detail" that the pattern has not, tried again without it.  Bounded: no
 * input makes it more than |pattern| * |address| steps. */
bool address_matches(struct span pattern, struct span address);

#endif
