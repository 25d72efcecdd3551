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

enum { QUOTED_WORDS_MAX = 4 };

/* Nothing in here is the text's: the code is digits, the status digits and
 * dots, the words are the row's. */
struct quoted {
	const struct known *row;
	unsigned code; /* 0: there was none */
	char status[12];
	struct span words[QUOTED_WORDS_MAX]; /* that were found */
	size_t word_count;
};

/* Looks for what is known in the first QUOTED_TEXT_LIMIT bytes of TEXT: by the
 * name of a row ("known=ID"), by the replies that stand there (in any case,
 * over several lines, folded, behind the marks of a trace), by words whose code
 * stands elsewhere or nowhere, and at last by codes alone.  PROVIDER (of
 * config/providers.def, or NULL) is whose they are, if the text does not name a
 * server that is known.  Of several replies the first one counts that is known
 * by more than its code.  Lines that log in are passed over, and so are a
 * terminal's escape sequences. */
bool quoted_find(struct span text, const char *provider, struct quoted *out);
/* Appends the words that were found, "a, b": in lower case. */
void quoted_put_words(struct buf *out, const struct quoted *found);

#endif
