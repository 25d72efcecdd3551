/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages where people keep them: a file of one, an mbox (lines that begin
 * with "From " between them), a Maildir.  Does not know what is done with them.
 */
#ifndef CMD_MAILBOX_H
#define CMD_MAILBOX_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>

/* Of each message this much is kept. */
enum { MAILBOX_MESSAGE_LIMIT = 2 * 1024 * 1024 };

/* Calls TAKE with each message of PATH; a Maildir's in the order of their
 * names, first the new ones.  Memory: one message.  Fails with
 * DIAG_FILE_UNREADABLE, or (it is a folder, and no Maildir)
 * DIAG_FILE_NO_MAILDIR; what came before was taken. */
bool mailbox_walk(const char *path,
	void (*take)(void *context, struct span message), void *context,
	struct diag *why);
/* The same of what stands in FD, which is read to its end: one message, or an
 * mbox.  Fails as source_from_fd(). */
bool mailbox_walk_fd(int fd, void (*take)(void *context, struct span message),
	void *context, struct diag *why);

#endif
