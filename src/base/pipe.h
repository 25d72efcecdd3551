/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pipe between processes, or from a signal to a wait.
 */
#ifndef BASE_PIPE_H
#define BASE_PIPE_H

#include <stdbool.h>

/* One whose ends no command inherits, and at which nobody waits unless he may:
 * poll() tells when there is something.  False with errno, and both ends -1. */
bool pipe_open(int ends[2], bool may_wait);
/* Both ends. */
void pipe_close(const int ends[2]);

#endif
