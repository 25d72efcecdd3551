/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of machine this is: one that stays, or one that is thrown away. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stdbool.h>

/* Whether a process that is left behind may die with its caller's job: in an
 * application container (Docker, Podman, Kubernetes) or a CI run.  NULL when
 * not, else what it is, untranslated. */
const char *machine_passing_kind(void);

#endif
