/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What nobody who is confined may do.  Does not know who that is. */
#include <config.h>

#include "unit/deeds.h"

#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 64, NO_SUCH_CALL = 490 };

bool deed_opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool read_passwd(void)
{
	return deed_opens("/etc/passwd", O_RDONLY);
}

static bool read_parent(void)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof path, "/proc/%ld/mem", (long)getppid());
	return deed_opens(path, O_RDONLY);
}

static bool write_outside(void)
{
	char path[PATH_BYTES];
	bool is_made;

	snprintf(path, sizeof path, "/tmp/deeds.%ld", (long)getpid());
	is_made = deed_opens(path, O_WRONLY | O_CREAT | O_EXCL);
	if (is_made)
		(void)unlink(path);
	return is_made;
}

/* Fails one way or the other; only a right is in question. */
static bool execute(void)
{
	static char name[] = "/nonexistent/program";
	char *arguments[] = { name, NULL };

	execve(name, arguments, arguments + 1);
	return errno != ENOSYS;
}

static bool trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 || errno != ENOSYS;
}

static bool split(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child > 0 && waitpid(child, NULL, 0) == child;
}

static bool limit_parent(void)
{
	struct rlimit limit;

	return syscall(SYS_prlimit64, getppid(), RLIMIT_CORE, NULL, &limit) ==
	       0;
}

/* Its thread: kill() itself is a lane's. */
static bool signal_thread(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0) == 0;
}

/* As the one that types for somebody is; this one works on everything. */
static bool ask_device(void)
{
	return ioctl(STDERR_FILENO, FIOCLEX) == 0 &&
	       ioctl(STDERR_FILENO, FIONCLEX) == 0;
}

/* Whoever asks for what nobody knows lives on. */
static bool ask_unknown(void)
{
	return syscall(NO_SUCH_CALL, 0) != -1 || errno != ENOSYS;
}

static const struct {
	const char *name;
	bool (*works)(void);
	bool is_about_files;
} deeds[DEED_COUNT] = {
	[DEED_READ_PASSWD] = { "read /etc/passwd", read_passwd, true },
	{ "read /proc/PARENT/mem", read_parent, true },
	{ "write outside", write_outside, true },
	{ "run a program", execute, false },
	{ "trace", trace, false },
	{ "make a process", split, false },
	{ "the parent's limits", limit_parent, false },
	{ "signal the parent's thread", signal_thread, false },
	{ "ask a device", ask_device, false },
	{ "a call that is not there", ask_unknown, false },
};

void deeds_try(volatile bool works[DEED_COUNT])
{
	for (size_t i = 0; i < DEED_COUNT; i++)
		works[i] = deeds[i].works();
}

void deeds_check(const char *who, const volatile bool works[DEED_COUNT],
	bool files, bool calls)
{
	for (size_t i = 0; i < DEED_COUNT; i++)
		if (deeds[i].is_about_files ? files : calls)
			tap_ok(!works[i], "%s: %s fails", who, deeds[i].name);
		else
			tap_skip(deeds[i].name, "not by this kernel");
}
