/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a command, and says of every process that it makes, when that ends,
 * what it was allowed to do then.  Knows nothing of mail.
 *
 *	warden COMMAND ARGUMENT... 9>FILE
 *		to descriptor 9 a line for each: "confined", with a filter for
 *		system calls more than we have and no new privileges, or "free";
 *		the exit code is the command's, or 77 where nobody can know
 */
#include <config.h>

#include <stdio.h>

enum { NOBODY_KNOWS = 77 };

#ifdef __linux__

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_BYTES = 200, OUT_FD = 9 };

#ifndef __WALL
#define __WALL 0x40000000
#endif

/* The number behind NAME in /proc/PID/status, or -1. */
static long status_of(pid_t pid, const char *name)
{
	char line[LINE_BYTES];
	size_t length = strlen(name);
	long number = -1;
	FILE *file;

	snprintf(line, sizeof line, "/proc/%ld/status", (long)pid);
	file = fopen(line, "r");
	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, name, length) && line[length] == ':')
			number = strtol(line + length + 1, NULL, 10);
	if (file)
		fclose(file);
	return number;
}

/* A thread is no process. */
static void judge(pid_t pid, long filters)
{
	bool is_confined = status_of(pid, "NoNewPrivs") == 1 &&
			   status_of(pid, "Seccomp_filters") > filters;

	if (status_of(pid, "Tgid") == pid)
		dprintf(OUT_FD, "%s\n", is_confined ? "confined" : "free");
}

/* The signal that it gets with it: none, when the stop was ours. */
static int signal_of(int status)
{
	int number = WSTOPSIG(status);

	return status >> 16 || number == SIGTRAP || number == SIGSTOP ? 0
								      : number;
}

static int watch(pid_t first, long filters)
{
	int status, code = NOBODY_KNOWS;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid <= 0)
			continue;
		if (!WIFSTOPPED(status)) {
			if (pid == first && WIFEXITED(status))
				code = WEXITSTATUS(status);
			continue;
		}
		if (status >> 16 == PTRACE_EVENT_EXIT && pid != first)
			judge(pid, filters);
		(void)ptrace(PTRACE_CONT, pid, NULL, (long)signal_of(status));
	}
	return code;
}

int main(int argc, char **argv)
{
	const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT;
	long filters = status_of(getpid(), "Seccomp_filters");
	pid_t first;
	int status;

	if (argc < 2 || filters < 0)
		return NOBODY_KNOWS;
	first = fork();
	if (first == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(NOBODY_KNOWS);
		(void)raise(SIGSTOP);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (first < 0 || waitpid(first, &status, 0) < 0 ||
		!WIFSTOPPED(status) ||
		ptrace(PTRACE_SETOPTIONS, first, NULL, options) < 0)
		return NOBODY_KNOWS;
	(void)ptrace(PTRACE_CONT, first, NULL, 0L);
	return watch(first, filters);
}

#else

int main(void)
{
	return NOBODY_KNOWS;
}

#endif
