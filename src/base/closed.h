/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may read and write a file with a secret or a command in it: the one rule.
 * It may be read by its owner, and by one group when root owns it; written by
 * its owner alone; and it is its reader's own, or root's.
 */
#ifndef BASE_CLOSED_H
#define BASE_CLOSED_H

#include "base/buf.h"

#include <stdbool.h>
#include <sys/stat.h>

/* Whether the rule holds for this process.  Else *REASON says what is wrong
 * (an untranslated msgid), and *NEXT what to do. */
bool closed_check(
	const struct stat *status, const char **reason, const char **next);
/* Appends why the file PATH cannot be read by this process, and who can; an
 * argument of a diag, with its DIAG_WORDS. */
void closed_put_readers(struct buf *out, const char *path);

#endif
