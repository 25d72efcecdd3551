/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords in a text of netrc's form.  Pure. */
#ifndef AUTH_NETRC_H
#define AUTH_NETRC_H

#include "base/secret.h"
#include "base/span.h"

#include <stdbool.h>

/* How words are written: ours may be in double quotes, with a backslash before
 * what stands for itself; in msmtp's, quotes of both kinds may stand anywhere
 * in a word, and a backslash is one.  No word goes over the end of its line. */
enum netrc_dialect { NETRC_OURS, NETRC_MSMTP };

/* The password of the first entry for exactly that machine (in any case) and
 * login.  "default" entries are for no machine that is named, and macros are
 * skipped.  OUT is the caller's to wipe; false, and OUT untouched, when there
 * is none. */
bool netrc_find(struct span text, enum netrc_dialect dialect,
	const char *machine, const char *login, struct secret *out);

#endif
