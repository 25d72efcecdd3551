/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The expansions of msmtp's that 'from' and 'domain' may have. */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include "base/diag.h"
#include "base/mem.h"

enum { EXPAND_LIMIT = 4096, EXPAND_TIMEOUT_S = 10 };

/* TEXT with %U (who we are: $USER, $LOGNAME, the login name), %H ($HOSTNAME, or
 * the host's name), %C (that with its domain), %M (the first line of
 * SYSCONFDIR/mailname) and %F (AUTHOR, the address in the message's From)
 * replaced; any other percent sign is itself.  LETTERS are those that count.
 * NULL when there is %F and AUTHOR is NULL; NULL and *WHY (DIAG_CONFIG_…)
 * when there is no mail name.  TEXT itself when there is nothing to do. */
const char *expand_text(const char *text, const char *letters,
	const char *author, struct arena *arena, struct diag *why);

#endif
