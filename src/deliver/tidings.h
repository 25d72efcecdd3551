/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An attempt's outcome on its way from the process that made it, which may be
 * in a stranger's hands, to the one that answers for the message.  Whatever
 * comes, what is read from it is a sound outcome: printable, of the lengths and
 * with the numbers that a diag may have.
 *
 * It is: any number of marks, TIDINGS_BEFORE_END alone and TIDINGS_PROGRESS
 * with two numbers; then TIDINGS_OUTCOME and the fields in the order of
 * tidings.c, numbers as eight bytes (the lowest first), texts with their length
 * in front.
 */
#ifndef DELIVER_TIDINGS_H
#define DELIVER_TIDINGS_H

#include "base/buf.h"
#include "base/mem.h"
#include "deliver/outcome.h"

#include <stdbool.h>

enum {
	TIDINGS_BEFORE_END = 'E', /* the end of the message will go out */
	TIDINGS_PROGRESS = 'P',
	TIDINGS_OUTCOME = 'O'
};

struct tidings_mark {
	char kind;
	uint64_t sent, total;
};

/* Appends a mark: so much of the message has gone. */
void tidings_put_progress(struct buf *out, uint64_t sent, uint64_t total);
/* Takes the next mark from the front of BYTES; false when none is there, or
 * none that is complete. */
bool tidings_take_mark(struct span *bytes, struct tidings_mark *mark);
/* Appends what an attempt has filled in of OUTCOME. */
void tidings_put(struct buf *out, const struct outcome *outcome);
/* Fills in *OUTCOME, whose envelope has as many recipients as that of the
 * attempt; what it points to is in ARENA, and what its diags point to lives as
 * long as the program.  False, with OUTCOME as it was, when that is not what
 * BYTES are, or they have more different sentences than a program says. */
bool tidings_take(
	struct span bytes, struct arena *arena, struct outcome *outcome);
/* Frees what diags point to; nobody may look at one any more. */
void tidings_forget(void);

#endif
