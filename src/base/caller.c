/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linux tells of a process that is no child of ours (pidfd_open(2), and
 * PIDFD_GET_INFO since 6.15; before, as long as nobody has waited for it, its
 * line in /proc); elsewhere there is getppid().  Knows no message. */
#include <config.h>

#include "base/caller.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	/* Twice this is waited for the end of a process that has closed its
	 * files. */
	ORPHAN_MS = 25,
	/* … and this if it is known to be ending. */
	EXITING_MS = 2000,
	LINE_BYTES = 1024,
	FLAG_EXITING = 4,      /* PF_EXITING of the kernel */
	INFO_EXIT = 8,         /* PIDFD_INFO_EXIT */
	FIELDS_TO_FLAGS = 6,   /* of /proc/PID/stat, behind the state */
	FIELDS_TO_STATUS = 49, /* exit_code, the last one */
};

/* struct pidfd_info of Linux 6.15; later ones are longer. */
struct info {
	uint64_t mask, cgroup;
	uint32_t ids[11];
	int32_t exit_code;
};

void caller_watch(struct caller *caller)
{
	pid_t pid = getppid();

	caller->pid = pid > 1 ? pid : 0;
	caller->fd = -1;
#ifdef SYS_pidfd_open
	if (caller->pid)
		caller->fd = (int)syscall(SYS_pidfd_open, pid, 0);
#endif
}

void caller_close(struct caller *caller)
{
	if (caller->fd >= 0)
		close(caller->fd);
	caller->fd = -1;
}

bool caller_feeds(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 &&
	       (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

/* The process's line, from its state on; false when there is none.  The name
 * before it may hold anything, but ends in the last bracket. */
static bool read_line(const struct caller *caller, char line[LINE_BYTES])
{
	char path[64];
	const char *state;
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "/proc/%lld/stat", (long long)caller->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, line, LINE_BYTES - 1);
	close(fd);
	line[length > 0 ? length : 0] = '\0';
	state = strrchr(line, ')');
	if (!state || state[1] != ' ')
		return false;
	memmove(line, state + 2, strlen(state + 2) + 1);
	return true;
}

static unsigned long field(const char *line, int skipped)
{
	for (; line && skipped; skipped--) {
		line = strchr(line, ' ');
		line += line != NULL;
	}
	return line ? strtoul(line, NULL, 10) : 0;
}

static bool is_gone(const struct caller *caller)
{
	return getppid() != caller->pid;
}

static bool is_ending(const struct caller *caller)
{
	char line[LINE_BYTES];

	return is_gone(caller) ||
	       (read_line(caller, line) &&
		       field(line, FIELDS_TO_FLAGS) & FLAG_EXITING);
}

/* By syscall(): the libraries do not agree on the type of a request. */
static bool get_info(int fd, struct info *info)
{
	*info = (struct info){ .mask = INFO_EXIT };
	return syscall(SYS_ioctl, fd, _IOWR(0xFF, 11, struct info), info) ==
		       0 &&
	       info->mask & INFO_EXIT;
}

/* Its wait status, however it is to be had. */
static bool find_status(const struct caller *caller, int *status)
{
	struct pollfd wait = { .fd = caller->fd, .events = POLLIN };
	struct info info;
	char line[LINE_BYTES];

	if (caller->fd < 0 || poll(&wait, 1, EXITING_MS) != 1)
		return false;
	/* Whoever waits for it may do so between the two. */
	for (int tries = 0; tries < 2; tries++) {
		if (get_info(caller->fd, &info)) {
			*status = info.exit_code;
			return true;
		}
		if (read_line(caller, line) && line[0] == 'Z') {
			*status = (int)field(line, FIELDS_TO_STATUS);
			return true;
		}
	}
	return false;
}

/* For systems that only tell when it is gone. */
static bool await_gone(const struct caller *caller)
{
	for (int pause_ms = 1; !is_gone(caller); pause_ms *= 2) {
		if (pause_ms > ORPHAN_MS)
			return false;
		(void)poll(NULL, 0, pause_ms);
	}
	return true;
}

enum caller_end caller_end(const struct caller *caller, bool is_suspicious)
{
	int status;

	if (!caller->pid)
		return CALLER_LIVES;
	if (!is_ending(caller) && !(is_suspicious && await_gone(caller)))
		return CALLER_LIVES;
	if (!find_status(caller, &status))
		return CALLER_ENDED;
	if (WIFSIGNALED(status))
		return CALLER_KILLED;
	return WEXITSTATUS(status) ? CALLER_ENDED : CALLER_LEFT;
}
