/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file that is read more than once and must be the same each time: what was
 * counted is what is sent.
 *
 *	source = snapshot_new(path, why);      (not open yet: any number will
 *do) … content_scan(), source_rewind(), and once more … source_close(source);
 */
#ifndef BASE_SNAPSHOT_H
#define BASE_SNAPSHOT_H

#include "base/diag.h"
#include "base/source.h"

/* A source of the regular file PATH as it is now; it can be rewound.  NULL with
 * DIAG_FILE_UNREADABLE or DIAG_FILE_NOT_REGULAR; nothing is ever waited for.
 * When the file changes (its size, its time, or the file of that name) while
 * or before it is read to its end, reading fails with DIAG_FILE_CHANGED.
 * Borrows PATH. */
struct source *snapshot_new(const char *path, struct diag *why);
/* The paths of all that there are, the newest first: what may still be opened.
 */
void snapshot_each(
	void (*each)(void *context, const char *path), void *context);

#endif
