/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks and folders.  Does not know what is kept there. */
#include <config.h>

#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE_SYS_VFS_H
#include <sys/vfs.h>
#endif

#ifdef O_SEARCH
#define DISK_LOOK O_SEARCH
#elif defined(O_PATH)
#define DISK_LOOK O_PATH
#else
#define DISK_LOOK O_RDONLY
#endif

bool disk_sync(int fd)
{
	int result;

	do {
#ifdef F_FULLFSYNC
		/* macOS: fsync() stops at the drive's cache. */
		result = fcntl(fd, F_FULLFSYNC);
		if (result < 0 && errno != EINTR)
			result = fsync(fd);
#else
		result = fsync(fd);
#endif
	} while (result < 0 && errno == EINTR);
	return result == 0;
}

bool disk_sync_data(int fd)
{
#if defined(F_FULLFSYNC) || !defined(HAVE_FDATASYNC)
	return disk_sync(fd);
#else
	int result;

	do {
		result = fdatasync(fd);
	} while (result < 0 && errno == EINTR);
	return result == 0;
#endif
}

bool disk_is_lasting(int fd)
{
#ifdef HAVE_SYS_VFS_H
	/* From linux/magic.h, which musl systems may not have. */
	static const unsigned long passing[] = {
		0x01021994, /* tmpfs */
		0x858458F6, /* ramfs */
		0x794C7630  /* overlayfs */
	};
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return true;
	for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
		if ((unsigned long)status.f_type == passing[i])
			return false;
#else
	(void)fd;
#endif
	return true;
}

int disk_open_folder(int parent_fd, const char *name)
{
	return openat(parent_fd, name,
		DISK_LOOK | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}
