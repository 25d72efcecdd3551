/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What became of a message's content, as a set that the log has a word for each
 * of.  Pure.
 *
 *	unsigned changes = CHANGE_FOLDED | CHANGE_ENCODED;
 *	change_put(&line, changes);	("folded,encoded")
 */
#ifndef MAIL_CHANGE_H
#define MAIL_CHANGE_H

#include "base/buf.h"

#include <stddef.h>

enum change_index {
#define CHANGE(name, word) CHANGE_INDEX_##name,
#include "mail/change.def"
	CHANGE_COUNT
};

enum change {
#define CHANGE(name, word) CHANGE_##name = 1 << CHANGE_INDEX_##name,
#include "mail/change.def"
};

/* Appends the words of CHANGES, with commas between them. */
void change_put(struct buf *out, unsigned changes);
/* One word after the other, for the manual's check; NULL after the last. */
const char *change_word(size_t index);

#endif
