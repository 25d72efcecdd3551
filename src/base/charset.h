/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The charset of the words we are given, and their way into UTF-8. */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>

/* "ISO-8859-1" when the user's locale says so; NULL when it says UTF-8, or (as
 * the "C" locale of a cron job) nothing beyond ASCII. */
const char *charset_of_locale(void);
/* Whether the user's locale says UTF-8. */
bool charset_is_utf8(void);
/* TEXT as UTF-8 in ARENA.  What is well-formed UTF-8 is taken as it is,
 * whatever the locale says: nothing else looks like it by chance.  Other text
 * is converted from CHARSET; NULL when there is none (NULL) or it does not fit.
 */
char *charset_to_utf8(
	struct arena *arena, struct span text, const char *charset);

#endif
