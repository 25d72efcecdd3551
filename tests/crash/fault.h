/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults on demand.  FAULT="NAME:K:ACTION" in the environment says which call
 * goes wrong how, and FAULT_MARK names a file that is made then:
 *
 *	kill     the process is gone before the call is made
 *	short    a write or read does one byte
 *	EIO …    the call fails with this errno
 *
 * Calls are counted in each process; a child begins with its parent's count.
 *
 * FAULT_READ_ONLY names a file: as long as it is there, nothing that lies below
 * an open folder can be opened for writing (EROFS).
 *
 * Included once, by what says how a call of ours is spelled, and the real one:
 * FAULT_MINE(name), FAULT_FIND(type, name, parameters), FAULT_REAL(name).
 */
#ifndef TESTS_CRASH_FAULT_H
#define TESTS_CRASH_FAULT_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum fault { FAULT_NONE, FAULT_FAIL, FAULT_SHORT };

static const struct {
	const char *name;
	int number;
} errors[] = { { "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EINTR", EINTR },
	{ "EDQUOT", EDQUOT }, { "EROFS", EROFS }, { "EMFILE", EMFILE },
	{ "ENOMEM", ENOMEM } };

static bool is_marking;

static void mark(void)
{
	const char *path = getenv("FAULT_MARK");
	int fd;

	/* What is done here is not counted. */
	is_marking = true;
	fd = path ? open(path, O_WRONLY | O_CREAT, 0600) : -1;
	if (fd >= 0)
		(void)close(fd);
	is_marking = false;
}

static enum fault act(const char *action)
{
	mark();
	if (strcmp(action, "kill") == 0)
		(void)raise(SIGKILL);
	if (strcmp(action, "short") == 0)
		return FAULT_SHORT;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, action) == 0)
			errno = errors[i].number;
	return FAULT_FAIL;
}

/* A pipe is no file of the disk. */
static bool is_read_only(int folder, const char *name, int flags)
{
	const char *path = getenv("FAULT_READ_ONLY");
	struct stat status;

	if (!path || folder == AT_FDCWD || strcmp(name, "wake") == 0 ||
		!(flags & (O_WRONLY | O_RDWR | O_CREAT)) ||
		stat(path, &status) < 0)
		return false;
	errno = EROFS;
	return true;
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
	if (is_marking || !number || strcmp(name, wanted) != 0 ||
		++seen != number)
		return FAULT_NONE;
	return act(action);
}

static size_t shorter(enum fault fault, size_t length)
{
	return fault == FAULT_SHORT && length > 1 ? 1 : length;
}

#define FAULT_CALL(type, name, params, args)                                   \
	type FAULT_MINE(name) params;                                          \
	type FAULT_MINE(name) params                                           \
	{                                                                      \
		FAULT_FIND(type, name, params);                                \
		if (next_fault(#name) == FAULT_FAIL)                           \
			return (type)-1;                                       \
		return FAULT_REAL(name) args;                                  \
	}
#define FAULT_BYTES(name, params, args)                                        \
	ssize_t FAULT_MINE(name) params;                                       \
	ssize_t FAULT_MINE(name) params                                        \
	{                                                                      \
		FAULT_FIND(ssize_t, name, params);                             \
		enum fault fault = next_fault(#name);                          \
                                                                               \
		if (fault == FAULT_FAIL)                                       \
			return -1;                                             \
		length = shorter(fault, length);                               \
		return FAULT_REAL(name) args;                                  \
	}
#include "calls.def"
#undef FAULT_CALL
#undef FAULT_BYTES

/* ---- calls with a rest ----------------------------------------------------
 */

int FAULT_MINE(openat)(int folder, const char *name, int flags, ...);
int FAULT_MINE(openat)(int folder, const char *name, int flags, ...)
{
	FAULT_FIND(int, openat, (int, const char *, int, ...));
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
	va_end(list);
	if (next_fault("openat") == FAULT_FAIL ||
		is_read_only(folder, name, flags))
		return -1;
	return FAULT_REAL(openat)(folder, name, flags, mode);
}

int FAULT_MINE(open)(const char *name, int flags, ...);
int FAULT_MINE(open)(const char *name, int flags, ...)
{
	FAULT_FIND(int, open, (const char *, int, ...));
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
	va_end(list);
	if (next_fault("open") == FAULT_FAIL)
		return -1;
	return FAULT_REAL(open)(name, flags, mode);
}

/* Its last argument is a number or nothing here. */
int FAULT_MINE(fcntl)(int fd, int command, ...);
int FAULT_MINE(fcntl)(int fd, int command, ...)
{
	FAULT_FIND(int, fcntl, (int, int, ...));
	va_list list;
	long argument;

	va_start(list, command);
	argument = va_arg(list, long);
	va_end(list);
	if (next_fault("fcntl") == FAULT_FAIL)
		return -1;
	return FAULT_REAL(fcntl)(fd, command, argument);
}

/* A close() that fails has closed all the same. */
int FAULT_MINE(close)(int fd);
int FAULT_MINE(close)(int fd)
{
	FAULT_FIND(int, close, (int));
	enum fault fault = next_fault("close");
	int error = errno, result = FAULT_REAL(close)(fd);

	if (fault != FAULT_FAIL)
		return result;
	errno = error;
	return -1;
}

#endif
