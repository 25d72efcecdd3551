/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same faults by LD_PRELOAD: the program is the one that will be installed,
 * and the calls of its libraries go wrong as well.  Not for a build with
 * sanitizers, which want to be first.
 */
#include <config.h>

/* The GNU headers' own idea of accept() is no C. */
#undef _GNU_SOURCE
#undef _FORTIFY_SOURCE
#define _DEFAULT_SOURCE 1

#include <dlfcn.h>

/* Of GNU, and everywhere by now. */
#ifndef RTLD_NEXT
#define RTLD_NEXT ((void *)-1l)
#endif

#define FAULT_MINE(name) name
#define FAULT_FIND(type, name, params)                                         \
	static type(*real_##name) params;                                      \
                                                                               \
	if (!real_##name)                                                      \
	*(void **)(void *)&real_##name = dlsym(RTLD_NEXT, #name)
#define FAULT_REAL(name) real_##name

#include "fault.h"

/* What a hardened build makes of an openat() that creates nothing. */
int __openat_2(int folder, const char *name, int flags);
int __openat_2(int folder, const char *name, int flags)
{
	return openat(folder, name, flags);
}

int __open_2(const char *name, int flags);
int __open_2(const char *name, int flags)
{
	return open(name, flags);
}
