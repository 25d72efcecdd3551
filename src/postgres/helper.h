/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The helper's side: a process that has libpq and one connection, and runs
 * statements of the table for those who ask.  Knows no message.
 *
 * A question (frame.h) is of one kind:
 *
 *   RUN    milliseconds left, flags, the generation of the connection that it
 *          must be run on (0: any); then for each step the statement's number
 *          and its parameters.  All of it is one transaction
 *   SHARE  a descriptor comes along: another who asks
 *   INIT   milliseconds left: makes or upgrades the schema
 *   HEAR   milliseconds left: whether a NOTIFY to ourselves comes back
 *   WAKE   nothing: whoever sleeps shall look
 *
 * The answer is, only when all was done, rows (step, values) and counts (step,
 * how many); and in any case one END: outcome, generation, SQLSTATE, words, a
 * number.  Puts that wait together are one transaction.
 */
#ifndef POSTGRES_HELPER_H
#define POSTGRES_HELPER_H

#include "postgres/server.h"

enum {
	HELPER_RUN = 1,
	HELPER_SHARE,
	HELPER_INIT,
	HELPER_HEAR,
	HELPER_WAKE,

	HELPER_ROW = 101,
	HELPER_COUNT,
	HELPER_END,

	/* Flags of RUN. */
	HELPER_IS_PUT = 1,         /* may share a transaction, and wakes */
	HELPER_WITHOUT_SCHEMA = 2, /* of whatever version it is */

	HELPER_STEPS_MAX = 512
};

/* What an END says beyond server_outcome. */
enum {
	HELPER_OLD_TIMELINE = 100, /* words: the one seen before */
	HELPER_WRONG_VERSION,      /* number: that of the schema */
	HELPER_MOVED,              /* another connection; nothing was done */
	HELPER_SENSELESS           /* no question of ours */
};

struct helper_params {
	const char *url;
	int fd;      /* of who asks first */
	int wake_fd; /* gets a byte when there may be something to take */
};

/* Answers until nobody can ask any more.  server_load() was done. */
void helper_serve(const struct helper_params *params);

#endif
