/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What others wrote is read by a child that can do nothing else: whoever takes
 * it over with his bytes has no file, no program and no connection, and what it
 * says is believed no more than they are.
 */
#ifndef CMD_READER_H
#define CMD_READER_H

#include "base/buf.h"
#include "base/diag.h"

#include <stdbool.h>

/* Runs WORK, which only reads CONTEXT and puts into OUT, in a child that is
 * SANDBOX_READER; here where no child can be had.  False with
 * DIAG_SYSTEM_FAILED when it said so, or died: OUT is to be thrown away. */
bool reader_run(bool (*work)(void *context, struct buf *out), void *context,
	struct buf *out, struct diag *why);
/* The lines of TEXT, which came from there, fit for a terminal. */
void reader_put_lines(struct buf *out, struct span text);

#endif
