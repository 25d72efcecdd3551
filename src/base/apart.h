/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work in a child process that ends: for a library that shall be gone
 * afterwards, and for bytes from elsewhere that shall be read without our
 * descriptors at hand.
 *
 *	enum apart_result result = apart_run(ask, &question, deadline_ms, &out);
 */
#ifndef BASE_APART_H
#define BASE_APART_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum apart_result {
	APART_DONE,
	APART_FAILED, /* the work said so, died, or put more than fits */
	APART_LATE,   /* it was killed at the deadline */
	APART_NEVER   /* there is no child; errno */
};

/* Runs WORK in a child that has our memory, and of our descriptors 0 to 2
 * alone; what it puts into its OUT, which has the limit of ours, is appended to
 * ours.  The caller wipes OUT. */
enum apart_result apart_run(bool (*work)(void *context, struct buf *out),
	void *context, int64_t deadline_ms, struct buf *out);

#endif
