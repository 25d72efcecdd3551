/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox of whoever speaks with an account's server: what that account
 * needs, and nothing else.  'sandbox off' is whoever calls this to know.
 */
#ifndef DELIVER_CONFINE_H
#define DELIVER_CONFINE_H

#include "config/account.h"

#include <stdbool.h>

/* Confines this process to what a message to the account's server needs, with
 * all snapshots that there are (base/snapshot.h); as
 * connection_params.confine.  What came of it is told on stderr when it
 * IS_TRACED. */
void confine_sender(const struct account *account, bool is_traced);

#endif
