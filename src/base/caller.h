/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process that started us, which often is the one that writes the message:
 * whether it died while it wrote.  The end of a pipe does not tell.
 *
 *	caller_watch(&caller);          before the first byte is read
 *	... the input has ended ...
 *	caller_end(&caller, true)
 *	caller_close(&caller);
 */
#ifndef BASE_CALLER_H
#define BASE_CALLER_H

#include <stdbool.h>
#include <stdint.h>

struct caller {
	int64_t pid; /* 0: init, or nobody */
	int fd;      /* of the process, or -1 where there is no such thing */
};

enum caller_end {
	CALLER_LIVES,
	CALLER_LEFT,  /* it has ended, by itself and content */
	CALLER_ENDED, /* … and that is all that is known */
	CALLER_KILLED /* … by a signal */
};

/* To be closed with caller_close(). */
void caller_watch(struct caller *caller);
void caller_close(struct caller *caller);
/* What became of it by now.  A process that ends closes its files first: one
 * that is on its way out is waited for.  Where the system does not tell that,
 * some milliseconds are waited if the message is SUSPICIOUS. */
enum caller_end caller_end(const struct caller *caller, bool is_suspicious);
/* Whether FD is the end of a pipe or a socket, which somebody writes into. */
bool caller_feeds(int fd);

#endif
