/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The service of systemd that this process belongs to, as its control group and
 * the unit's files tell.  Nobody is asked: whoever is locked in cannot.
 */
#ifndef BASE_UNIT_H
#define BASE_UNIT_H

#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <sys/types.h>

struct unit_params {
	struct span cgroup; /* /proc/self/cgroup */
	const char *root;   /* what stands for "/"; "" but in tests */
	const char *home;   /* absolute, or NULL */
	uid_t uid;
};

/* The name of our unit when everything in it ends with its job: a service of
 * type oneshot, or a transient one (systemd-run), whose control group is killed
 * at its end.  NULL when there is none, or it stays, as cron's does. */
const char *unit_that_ends(
	const struct unit_params *params, struct arena *arena);
/* The same for this process. */
const char *unit_of_ours_that_ends(struct arena *arena);

/* The timer that runs USER's queue in any case, if one is enabled: the
 * system's, or that of a manager of his own that runs.  Else NULL. */
const char *unit_queue_timer(const struct unit_params *params, const char *user,
	struct arena *arena);

#endif
