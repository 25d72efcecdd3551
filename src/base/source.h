/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where bytes come from, and where they are kept until they are needed: a
 * source gives pieces, a store keeps them (in memory while small, in an
 * unlinked file when large) and can be read again from its beginning.
 *
 *	struct source *in = source_from_fd(STDIN_FILENO);
 *	while (source_next(in, &piece, why) && piece.length)
 *		store_put(store, piece, why);
 *	source_close(in);
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source;

struct source_ops {
	/* The next piece, borrowed until the next call; empty at the end. */
	bool (*next)(
		struct source *source, struct span *piece, struct diag *why);
	/* Back to the beginning; NULL when the source cannot. */
	bool (*rewind)(struct source *source, struct diag *why);
	/* Frees the source (not what it was made from). */
	void (*close)(struct source *source);
};

/* First member of every source; other floors make their own. */
struct source {
	const struct source_ops *ops;
};

static inline bool source_next(
	struct source *source, struct span *piece, struct diag *why)
{
	return source->ops->next(source, piece, why);
}

static inline bool source_rewind(struct source *source, struct diag *why)
{
	return source->ops->rewind(source, why);
}

/* NULL is allowed. */
static inline void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}

/* Reads a descriptor to its end; restarts after signals.  Fails with
 * DIAG_INPUT_CLOSED (EBADF) or DIAG_INPUT_UNREADABLE.  Does not close FD. */
struct source *source_from_fd(int fd);
/* Gives the bytes of SPAN, which must outlive the source, in one piece. */
struct source *source_from_span(struct span bytes);

/* A store: grows at its end, is read from its beginning.  Up to MEMORY_LIMIT
 * bytes stay in memory, more goes to an unlinked file in $TMPDIR, /var/tmp or
 * /tmp (the environment is ignored under AT_SECURE), or to memory after all
 * (memfd) on a machine where none of them can be written. */
enum { STORE_MEMORY_BYTES = 1024 * 1024 };
struct store;
struct store *store_new(size_t memory_limit);
/* Fails with DIAG_INPUT_NOT_KEPT. */
bool store_put(struct store *store, struct span bytes, struct diag *why);
uint64_t store_size(const struct store *store);
/* A new source over the whole store, which must outlive it and must not grow
 * meanwhile. */
struct source *store_source(struct store *store);
void store_free(struct store *store);

#endif
