/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/crash/chute is mailchute with its calls routed through here (ld
 * --wrap): also in a build with sanitizers, which then look at what a failure
 * leaves. */
#include <config.h>

#define FAULT_MINE(name)               __wrap_##name
#define FAULT_FIND(type, name, params) type __real_##name params
#define FAULT_REAL(name)               __real_##name

#include "fault.h"

/* What a hardened build makes of an openat() that creates nothing. */
int __wrap___openat_2(int folder, const char *name, int flags);
int __wrap___openat_2(int folder, const char *name, int flags)
{
	return FAULT_MINE(openat)(folder, name, flags);
}

int __wrap___open_2(const char *name, int flags);
int __wrap___open_2(const char *name, int flags)
{
	return FAULT_MINE(open)(name, flags);
}
