/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What keeps bytes through a power cut, and what does not: the parts of it
 * that differ between systems.
 */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include <stdbool.h>

/* Returns when everything about the file or folder FD is on the medium itself
 * (not only in a drive's cache, where the system can ask for that); false with
 * errno set.  Restarts after signals. */
bool disk_sync(int fd);
/* The same, but for times and modes: content and size of a file. */
bool disk_sync_data(int fd);
/* Whether the file system of FD is there after a restart: not tmpfs, ramfs or
 * the overlay of a container.  Where that cannot be known, it is. */
bool disk_is_lasting(int fd);
/* Opens a folder only to look things up in it, which needs no permission to
 * read it; never through a symbolic link.  -1 with errno set. */
int disk_open_folder(int parent_fd, const char *name);

#endif
