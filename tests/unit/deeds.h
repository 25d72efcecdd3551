/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What must not work for whoever is confined, whichever sandbox it is: tried
 * from within, and told as TAP outside.
 *
 *	deeds_try(shared->works);            (in the sandbox)
 *	deeds_check("the sender", shared->works, kernel.files, kernel.calls);
 */
#ifndef TESTS_UNIT_DEEDS_H
#define TESTS_UNIT_DEEDS_H

#include <stdbool.h>

enum { DEED_READ_PASSWD, DEED_COUNT = 10 };

/* The parent of whoever tries is one that is not confined. */
void deeds_try(volatile bool works[DEED_COUNT]);
/* That nothing of it has worked; what the kernel confines not, FILES or CALLS,
 * is skipped. */
void deeds_check(const char *who, const volatile bool works[DEED_COUNT],
	bool files, bool calls);
/* Whether PATH can be opened; what is made has mode 0600. */
bool deed_opens(const char *path, int flags);

#endif
