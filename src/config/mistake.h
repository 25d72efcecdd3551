/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of a configuration that are written as other programs want them:
 * "key = value", "key: value", "[section]", with blanks that are none.  What
 * may be a password is never said again.
 */
#ifndef CONFIG_MISTAKE_H
#define CONFIG_MISTAKE_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>

/* Whether the file is UTF-16, with or without a byte order mark. */
bool mistake_is_utf16(struct span text);
/* Whether WORD, the first of a line, can be a keyword.  Fails with
 * DIAG_CONFIG_SECTION, DIAG_CONFIG_SEPARATOR or DIAG_CONFIG_NO_KEYWORD. */
bool mistake_check_word(struct span word, struct diag *why);
/* Whether VALUE begins with a separator that is none here ("= x").  Fails with
 * DIAG_CONFIG_SEPARATOR. */
bool mistake_check_value(
	struct span keyword, struct span value, struct diag *why);
/* Whether VALUE, which is no secret, neither begins nor ends with something
 * that a page or a word processor has put there.  Fails with
 * DIAG_CONFIG_ODD_BLANK. */
bool mistake_check_ends(
	const char *keyword, struct span value, struct diag *why);

#endif
