/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One attempt to deliver one message over a connection of its own, in a process
 * of its own: that reads what the server says, in a sandbox
 * (deliver/confine.h), and whoever answers for the message hears what came of
 * it (deliver/tidings.h).  With 'sandbox off', and where no process can be
 * made, here.  What says that a library is missing is made once more, with the
 * library, when it is not: a sandbox has kept it from being found.
 */
#ifndef DELIVER_ATTEMPT_H
#define DELIVER_ATTEMPT_H

#include "base/mem.h"
#include "deliver/connection.h"

/* OUT is filled as by connection_new() and connection_deliver().  A process
 * that ends without a word has left DIAG_DELIVERY_DIED, or, once the end of the
 * message may have gone out, DIAG_SMTP_POSSIBLE_DUPLICATE. */
void attempt_make(const struct connection_params *peer,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out);

#endif
