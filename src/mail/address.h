/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RFC 5322 addresses: lists with groups, comments, quoted local parts, routes
 * and the obsolete forms, parsed into plain mailboxes.  Pure; linear in the
 * length of the text.
 *
 *	struct mailbox_list list;
 *	if (!address_list_parse(value, arena, &list, &offending, &reason))
 *		… offending does not parse, because of reason …
 *	for (size_t i = 0; i < list.count; i++)
 *		address_put(&line, &list.items[i]);
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* RFC 5321 4.5.3.1 gives 64 and 255; in the wild longer ones work, so the
 * limit is the path's, with room for UTF-8.  Both count the wire form. */
enum { ADDRESS_LOCAL_LIMIT = 512, ADDRESS_DOMAIN_LIMIT = 512 };
/* Members of one list; twice what an envelope takes, so that a list with
 * duplicates still gets the envelope's own diagnosis. */
enum { ADDRESS_LIST_LIMIT = 200000 };

/* One mailbox.  Invariant: no control byte, CR, LF or angle bracket in local
 * and domain; local is in the form that goes on the wire (quoted when it must
 * be, quotes dropped when they need not be); domain is empty for a bare name
 * ("root"); a domain literal keeps its brackets.  Both are NUL-terminated and
 * well-formed UTF-8.  name has no control bytes either, but may be any 8-bit
 * text: no charset is known for it. */
struct mailbox {
	const char *local, *domain;
	const char *name; /* display name, decoded of quotes, with a comment
			   * in it ("Ann (work) <a@x>"); or the last comment
			   * ("root (Cron Daemon)"); or "" */
	bool is_verbatim; /* "\\root": means the name itself, not its alias */
};

/* A member that is no address: a piece of the list's text, and a static,
 * untranslated sentence fragment. */
struct address_fault {
	struct span text;
	const char *reason;
};

struct mailbox_list {
	struct mailbox *items;
	size_t count;
	struct address_fault *faults;
	size_t fault_count;
	bool is_too_long; /* the last fault is the first of too many members */
};

/* Parses an address list (RFC 5322 3.4 and 4.4, RFC 6532): folded white space,
 * comments, groups ("Team: a@x, b@x;"), routes ("<@r:a@x>": the route is
 * dropped), obsolete white space around dots.  Tolerated because they can mean
 * only one thing: empty members ("," and "<>" and "Bob <>"), ";" between
 * members, a group without its end, "undisclosed-recipients" without its
 * colon, a dot at the end of a domain, quoted pairs outside quotes
 * ("o\'neil@x"), encoded words with commas in them, and any text before the
 * only "<…>" of a member ("[ACME] Ann) <a@x>", "'a@x' <a@x>").  A list without
 * any member is no failure.  Results live in ARENA, but for the text of
 * faults, which is TEXT's.
 *
 * address_list_read() takes what is an address and names what is none in the
 * list's faults.  It stops at ADDRESS_LIST_LIMIT (is_too_long). */
void address_list_read(
	struct span text, struct arena *arena, struct mailbox_list *out);
/* The same for a list that is good as a whole or not at all: false at a fault,
 * with *OFFENDING and *REASON of the first, *OUT untouched. */
bool address_list_parse(struct span text, struct arena *arena,
	struct mailbox_list *out, struct span *offending, const char **reason);
/* The same for exactly one mailbox; "<>" and "" give the null address: local
 * and domain both empty.  A group is none. */
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

#endif
