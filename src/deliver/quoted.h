/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reply that stands in another text: a log line, a bounce, a trace, what
 * somebody typed.  Pure.
 *
 *	struct quoted found;
 *
 *	if (quoted_find(text, NULL, &found))
 *		… found.row->cause …
 */
#ifndef DELIVER_QUOTED_H
#define DELIVER_QUOTED_H

#include "base/buf.h"
#include "base/span.h"
#include "deliver/known.h"

#include <stdbool.h>

enum { QUOTED_TEXT_LIMIT = 64 * 1024 };

/* Nothing in here is the text's: the code is digits, the status digits and
 * dots. */
struct quoted {
	const struct known *row;
	unsigned code; /* 0: there was none */
	char status[12];
};

/* Looks for what is known in the first QUOTED_TEXT_LIMIT bytes of TEXT: by the
 * name of a row ("known=ID"), by the replies that stand there, and at last by
 * words without a code.  PROVIDER (of config/providers.def, or NULL) is whose
 * they are, if the text does not name a server that is known.  Of several
 * replies the first one that is known by more than its code counts, then the
 * first one that is known at all.  Lines that log in are passed over. */
bool quoted_find(struct span text, const char *provider, struct quoted *out);
/* Appends the words of the row that were found in TEXT, "a, b": ours, in lower
 * case. */
void quoted_put_words(
	struct buf *out, struct span text, const struct known *row);

#endif
