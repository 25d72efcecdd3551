/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults on demand: tests/crash/chute is mailchute with the calls below routed
 * through here (ld --wrap).  FAULT="NAME:K:ACTION" in the environment says
 * which one goes wrong how, and FAULT_MARK names a file that is made then:
 *
 *	kill     the process is gone before the call is made
 *	short    a write or read does one byte
 *	EIO …    the call fails with this errno
 *
 * Calls are counted in each process; a child begins with its parent's count.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum fault { FAULT_NONE, FAULT_FAIL, FAULT_SHORT };

static const struct {
	const char *name;
	int number;
} errors[] = { { "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EINTR", EINTR },
	{ "EDQUOT", EDQUOT }, { "EROFS", EROFS }, { "EMFILE", EMFILE },
	{ "ENOMEM", ENOMEM } };

static void mark(void)
{
	const char *path = getenv("FAULT_MARK");
	int fd = path ? open(path, O_WRONLY | O_CREAT, 0600) : -1;

	if (fd >= 0)
		(void)!fcntl(fd, F_GETFD);
}

static enum fault act(const char *action)
{
	mark();
	if (strcmp(action, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(action, "short") == 0)
		return FAULT_SHORT;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, action) == 0)
			errno = errors[i].number;
	return FAULT_FAIL;
}

/* Whether it is this call's turn. */
static enum fault next_fault(const char *name)
{
	static char wanted[64];
	static long number = -1, seen;
	static char action[16];
	const char *spec = getenv("FAULT");

	if (number < 0) {
		number = 0;
		if (spec)
			(void)sscanf(spec, "%63[^:]:%ld:%15s", wanted, &number,
				action);
	}
	if (!number || strcmp(name, wanted) != 0 || ++seen != number)
		return FAULT_NONE;
	return act(action);
}

static size_t shorter(enum fault fault, size_t length)
{
	return fault == FAULT_SHORT && length > 1 ? 1 : length;
}

int __real_openat(int folder, const char *name, int flags, ...);
int __wrap_openat(int folder, const char *name, int flags, ...);
int __wrap_openat(int folder, const char *name, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
	va_end(list);
	if (next_fault("openat") == FAULT_FAIL)
		return -1;
	return __real_openat(folder, name, flags, mode);
}

int __real_mkdirat(int folder, const char *name, mode_t mode);
int __wrap_mkdirat(int folder, const char *name, mode_t mode);
int __wrap_mkdirat(int folder, const char *name, mode_t mode)
{
	return next_fault("mkdirat") == FAULT_FAIL
		       ? -1
		       : __real_mkdirat(folder, name, mode);
}

ssize_t __real_pwrite(int fd, const void *bytes, size_t length, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t length, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	enum fault fault = next_fault("pwrite");

	return fault == FAULT_FAIL ? -1
				   : __real_pwrite(fd, bytes,
					     shorter(fault, length), offset);
}

ssize_t __real_pread(int fd, void *bytes, size_t length, off_t offset);
ssize_t __wrap_pread(int fd, void *bytes, size_t length, off_t offset);
ssize_t __wrap_pread(int fd, void *bytes, size_t length, off_t offset)
{
	enum fault fault = next_fault("pread");

	return fault == FAULT_FAIL ? -1
				   : __real_pread(fd, bytes,
					     shorter(fault, length), offset);
}

ssize_t __real_read(int fd, void *bytes, size_t length);
ssize_t __wrap_read(int fd, void *bytes, size_t length);
ssize_t __wrap_read(int fd, void *bytes, size_t length)
{
	enum fault fault = next_fault("read");

	return fault == FAULT_FAIL
		       ? -1
		       : __real_read(fd, bytes, shorter(fault, length));
}

ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
	enum fault fault = next_fault("write");

	return fault == FAULT_FAIL
		       ? -1
		       : __real_write(fd, bytes, shorter(fault, length));
}

ssize_t __real_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags)
{
	enum fault fault = next_fault("send");

	return fault == FAULT_FAIL
		       ? -1
		       : __real_send(fd, bytes, shorter(fault, length), flags);
}

ssize_t __real_recv(int fd, void *bytes, size_t length, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t length, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t length, int flags)
{
	enum fault fault = next_fault("recv");

	return fault == FAULT_FAIL
		       ? -1
		       : __real_recv(fd, bytes, shorter(fault, length), flags);
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
	return next_fault("fdatasync") == FAULT_FAIL ? -1
						     : __real_fdatasync(fd);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	return next_fault("fsync") == FAULT_FAIL ? -1 : __real_fsync(fd);
}

int __real_renameat(int from, const char *old, int to, const char *name);
int __wrap_renameat(int from, const char *old, int to, const char *name);
int __wrap_renameat(int from, const char *old, int to, const char *name)
{
	return next_fault("renameat") == FAULT_FAIL
		       ? -1
		       : __real_renameat(from, old, to, name);
}

int __real_unlinkat(int folder, const char *name, int flags);
int __wrap_unlinkat(int folder, const char *name, int flags);
int __wrap_unlinkat(int folder, const char *name, int flags)
{
	return next_fault("unlinkat") == FAULT_FAIL
		       ? -1
		       : __real_unlinkat(folder, name, flags);
}

int __real_flock(int fd, int how);
int __wrap_flock(int fd, int how);
int __wrap_flock(int fd, int how)
{
	return next_fault("flock") == FAULT_FAIL ? -1 : __real_flock(fd, how);
}

int __real_ftruncate(int fd, off_t length);
int __wrap_ftruncate(int fd, off_t length);
int __wrap_ftruncate(int fd, off_t length)
{
	return next_fault("ftruncate") == FAULT_FAIL
		       ? -1
		       : __real_ftruncate(fd, length);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	/* A close() that fails has closed all the same. */
	enum fault fault = next_fault("close");
	int error = errno, result = __real_close(fd);

	if (fault != FAULT_FAIL)
		return result;
	errno = error;
	return -1;
}

pid_t __real_fork(void);
pid_t __wrap_fork(void);
pid_t __wrap_fork(void)
{
	return next_fault("fork") == FAULT_FAIL ? -1 : __real_fork();
}
