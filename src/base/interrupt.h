/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Being told to end: SIGTERM, SIGINT and SIGHUP as an answer that a wait gives,
 * so that whoever waited can say what became of its work.
 *
 *	interrupt_hear();              once, before the work
 *	interrupt_poll(…) < 0 && errno == ECANCELED
 *		→ interrupt_explain(why)
 *	… the work's end is told …
 *	interrupt_end();
 */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include "base/diag.h"

#include <poll.h>
#include <stdbool.h>

/* As many descriptors interrupt_poll() takes. */
enum { INTERRUPT_FDS_MAX = 32 };

/* From here on the first of the three signals is noted, and ends waits; a
 * second one ends the process.  One that the caller ignores (nohup) stays
 * ignored.  Without descriptors left, nothing changes. */
void interrupt_hear(void);
/* Readable once a signal came, and then for ever; -1 when nobody hears. */
int interrupt_fd(void);
bool interrupt_is_there(void);
/* Its number, or 0. */
int interrupt_number(void);
/* In a child process: what it hears from here on is its own. */
void interrupt_begin_child(void);
/* poll(2) that fails with ECANCELED when a signal is there. */
int interrupt_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
/* DIAG_INTERRUPTED; false. */
bool interrupt_explain(struct diag *why);
/* Ends the process as the signal would have; returns without one. */
void interrupt_end(void);

#endif
