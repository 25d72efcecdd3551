/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of changes.  Knows nobody who makes any. */
#include <config.h>

#include "mail/change.h"

static const char *const words[] = {
#define CHANGE(name, word) word,
#include "mail/change.def"
};

void change_put(struct buf *out, unsigned changes)
{
	const char *comma = "";

	for (size_t i = 0; i < CHANGE_COUNT; i++) {
		if (!(changes & 1u << i))
			continue;
		buf_printf(out, "%s%s", comma, words[i]);
		comma = ",";
	}
}

const char *change_word(size_t index)
{
	return index < CHANGE_COUNT ? words[index] : NULL;
}
