/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of its own for each test, and looks at what is in it. */
#ifndef TESTS_UNIT_SPOOL_ROOM_H
#define TESTS_UNIT_SPOOL_ROOM_H

#include "spool/store.h"

#include <stdbool.h>

/* Makes a new empty folder and changes into it; its path (absolute) lives as
 * long as the program. */
const char *room_enter(void);
/* Removes it and everything in it. */
void room_leave(void);
/* The same with an open queue in it, q/; ends the test when it does not open.
 */
struct spool *room_begin(void);
void room_end(struct spool *spool);
bool room_has(const char *path);
/* How many names a folder has; -1 when it is not there. */
int room_count(const char *path);
/* Writes a file anew, or at its end. */
void room_write(const char *path, const char *text);
void room_append(const char *path, const char *text);
/* The text of a file, cut at 64 KiB; valid until the next call. */
const char *room_read(const char *path);

#endif
