/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of exit codes, sysexits.h: "EX_TEMPFAIL". */
#ifndef BASE_EXITS_H
#define BASE_EXITS_H

#include "base/span.h"

#include <stdbool.h>

/* Static; "EX_OTHER" for what sysexits.h does not have. */
const char *exits_name(int exit_code);
/* Whether NAME is one of those, whole; *OUT is -1 for EX_OTHER. */
bool exits_find(struct span name, int *out);

#endif
