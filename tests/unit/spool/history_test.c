/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history is turned over when it is large, and once. */
#include <config.h>

#include "spool/history.h"
#include "tap.h"
#include "unit/spool/room.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static long size_of(const char *path)
{
	struct stat status;

	return stat(path, &status) < 0 ? -1 : (long)status.st_size;
}

/* Opened when it has BYTES: the sizes of it and of the one before, then.  Who
 * turns it over has written the last of the old one. */
static void check(int folder, long bytes, long now, long before)
{
	int fd = open("history", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	tap_ok(fd >= 0 && ftruncate(fd, bytes) == 0, "%ld bytes", bytes);
	close(fd);
	fd = history_open(folder);
	tap_ok(fd >= 0, "is opened");
	close(fd);
	tap_is_number(size_of("history"), now, "its size");
	tap_is_number(size_of("history.1"), before, "that of the one before");
}

int main(void)
{
	int folder;

	(void)room_enter();
	folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(folder, HISTORY_BYTES - 1, HISTORY_BYTES - 1, -1);
	check(folder, HISTORY_BYTES, -1, HISTORY_BYTES);
	check(folder, 10, 10, HISTORY_BYTES);
	check(folder, HISTORY_BYTES + 5, -1, HISTORY_BYTES + 5);
	close(folder);
	room_leave();
	return tap_done();
}
