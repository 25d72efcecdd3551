/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person at a terminal of their own, for suites:
 *
 *	typist COLUMNS SCRIPT COMMAND ARGUMENT...
 *
 * SCRIPT has a line for each answer, "WHAT IS SEEN|KEYS": when the left side
 * has been seen, the keys are typed, with a newline; "^C" and "^D" are those
 * keys.  Prints everything that the terminal shows; the exit code is the
 * command's, 128 and the signal, 99 when a minute passes without the text that
 * is waited for, or 98 when the command leaves a terminal without its echo.
 */
#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { SEEN_BYTES = 1024 * 1024, PATIENCE_MS = 60000, LOST = 99, MUTE = 98 };

static char seen[SEEN_BYTES];
static size_t seen_length, looked_at;

static _Noreturn void work(const char *terminal, char **command)
{
	int fd;

	setsid();
	fd = open(terminal, O_RDWR);
#ifdef TIOCSCTTY
	(void)ioctl(fd, TIOCSCTTY, 0);
#endif
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	execvp(command[0], command);
	_exit(127);
}

/* Reads more; false at the end, or when nothing comes. */
static bool look(int terminal)
{
	struct pollfd fds = { .fd = terminal, .events = POLLIN };
	ssize_t got;

	if (poll(&fds, 1, PATIENCE_MS) <= 0)
		return false;
	got = read(terminal, seen + seen_length, SEEN_BYTES - 1 - seen_length);
	if (got <= 0)
		return false;
	seen_length += (size_t)got;
	return true;
}

static bool await(int terminal, const char *text)
{
	for (;;) {
		char *found = strstr(seen + looked_at, text);

		if (found) {
			looked_at = (size_t)(found - seen) + strlen(text);
			return true;
		}
		if (!look(terminal))
			return false;
	}
}

static void type(int terminal, const char *keys)
{
	if (strcmp(keys, "^C") == 0)
		(void)!write(terminal, "\x03", 1);
	else if (strcmp(keys, "^D") == 0)
		(void)!write(terminal, "\x04", 1);
	else if (write(terminal, keys, strlen(keys)) >= 0)
		(void)!write(terminal, "\n", 1);
}

static bool follow(int terminal, FILE *script)
{
	char line[4096];

	while (fgets(line, sizeof line, script)) {
		char *bar = strchr(line, '|');

		line[strcspn(line, "\n")] = '\0';
		if (!bar)
			continue;
		*bar = '\0';
		if (!await(terminal, line))
			return false;
		type(terminal, bar + 1);
	}
	while (look(terminal))
		;
	return true;
}

/* As the command has left it. */
static bool has_echo(int terminal)
{
	struct termios now;

	return tcgetattr(terminal, &now) < 0 || (now.c_lflag & (tcflag_t)ECHO);
}

int main(int argc, char **argv)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), status = 0;
	FILE *script = argc > 3 ? fopen(argv[2], "r") : NULL;
	struct winsize size = { .ws_row = 24 };
	bool is_followed;
	pid_t child;

	if (!script || terminal < 0 || grantpt(terminal) < 0 ||
		unlockpt(terminal) < 0)
		return LOST;
	size.ws_col = (unsigned short)strtoul(argv[1], NULL, 10);
	(void)ioctl(terminal, TIOCSWINSZ, &size);
	fcntl(terminal, F_SETFD, FD_CLOEXEC);
	child = fork();
	if (child == 0)
		work(ptsname(terminal), argv + 3);
	is_followed = follow(terminal, script);
	fwrite(seen, 1, seen_length, stdout);
	if (!is_followed)
		kill(child, SIGKILL);
	waitpid(child, &status, 0);
	if (!is_followed)
		return LOST;
	if (!has_echo(terminal))
		return MUTE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
