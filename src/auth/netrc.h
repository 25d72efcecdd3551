/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords in a text of netrc's form.  Pure. */
#ifndef AUTH_NETRC_H
#define AUTH_NETRC_H

#include "base/secret.h"
#include "base/span.h"

#include <stdbool.h>

/* The password of the first entry for exactly that machine (in any case) and
 * login.  "default" entries are for no machine that is named, and macros are
 * skipped.  A token may be in double quotes, with backslashes.  OUT is the
 * caller's to wipe; false, and OUT untouched, when there is none. */
bool netrc_find(struct span text, const char *machine, const char *login,
	struct secret *out);

#endif
