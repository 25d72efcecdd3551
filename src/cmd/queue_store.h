/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a queue that hosts share: made, and looked at. */
#ifndef CMD_QUEUE_STORE_H
#define CMD_QUEUE_STORE_H

#include "cmd/queue.h"

#include <stdbool.h>

/* Makes or upgrades the tables of each shared queue in SET, or prints the SQL.
 * An exit code; what goes wrong is told. */
int queue_store_init(const struct queue_set *set, bool is_dry_run);
/* Prints how each does, and whether a database host that dies takes mail with
 * it.  The exit code is that of the first trouble. */
int queue_store_check(const struct queue_set *set);

#endif
