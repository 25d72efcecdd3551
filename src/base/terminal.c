/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking the person at the terminal.  Does not know what the answer is for. */
#include <config.h>

#include "base/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

enum { TERMINAL_LINE_BYTES = 4096, TERMINAL_SIGNALS = 5 };

/* What would end or stop us while the echo is off. */
static const int deferred[TERMINAL_SIGNALS] = { SIGHUP, SIGINT, SIGQUIT,
	SIGTERM, SIGTSTP };

struct signals {
	sigset_t mask;
	struct sigaction actions[TERMINAL_SIGNALS];
};

static volatile sig_atomic_t caught;

static void catch (int number)
{
	caught = number;
}

bool terminal_is(int fd)
{
	return isatty(fd) == 1;
}

bool terminal_has_colour(int fd)
{
	const char *unwanted = getenv("NO_COLOR"), *kind = getenv("TERM");

	return terminal_is(fd) && !(unwanted && *unwanted) && kind && *kind &&
	       strcmp(kind, "dumb") != 0;
}

static int open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	/* select(2) cannot watch a larger number. */
	if (fd >= FD_SETSIZE) {
		close(fd);
		return -1;
	}
	return fd;
}

bool terminal_exists(void)
{
	int fd = open_terminal();

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Outside pselect() the signals are blocked, so that none is lost between
 * looking at the flag and waiting.  SIGTTOU is blocked as well: the state must
 * come back even if we were put into the background meanwhile. */
static void signals_defer(struct signals *saved)
{
	struct sigaction action = { .sa_handler = catch };
	sigset_t blocked;

	caught = 0;
	sigemptyset(&action.sa_mask);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTTOU);
	for (size_t i = 0; i < TERMINAL_SIGNALS; i++)
		sigaddset(&blocked, deferred[i]);
	sigprocmask(SIG_BLOCK, &blocked, &saved->mask);
	for (size_t i = 0; i < TERMINAL_SIGNALS; i++) {
		sigaction(deferred[i], NULL, &saved->actions[i]);
		if (saved->actions[i].sa_handler != SIG_IGN)
			sigaction(deferred[i], &action, NULL);
	}
}

/* A signal that came meanwhile is delivered here, to its old owner. */
static void signals_restore(const struct signals *saved)
{
	for (size_t i = 0; i < TERMINAL_SIGNALS; i++)
		sigaction(deferred[i], &saved->actions[i], NULL);
	if (caught)
		(void)raise(caught);
	sigprocmask(SIG_SETMASK, &saved->mask, NULL);
}

static void print(int fd, const char *text)
{
	size_t length = strlen(text);

	while (length) {
		ssize_t written = write(fd, text, length);

		if (written <= 0)
			return;
		text += written;
		length -= (size_t)written;
	}
}

/* The length of the line without its end, or -1: end of file, an error, a
 * signal, or a line that does not fit. */
static ssize_t read_line(int fd, const sigset_t *waiting_mask, char *line)
{
	size_t length = 0;

	while (length < TERMINAL_LINE_BYTES && !caught) {
		fd_set readable;
		ssize_t got;

		FD_ZERO(&readable);
		FD_SET((unsigned)fd, &readable);
		if (pselect(fd + 1, &readable, NULL, NULL, NULL, waiting_mask) <
			0)
			continue;
		got = read(fd, line + length, TERMINAL_LINE_BYTES - length);
		if (got <= 0)
			return -1;
		length += (size_t)got;
		if (line[length - 1] == '\n')
			return (ssize_t)length - 1;
	}
	return -1;
}

static ssize_t ask(int fd, const char *prompt, bool has_echo, char *line)
{
	struct termios before, silent;
	struct signals saved;
	ssize_t length = -1;

	if (tcgetattr(fd, &before) < 0)
		return -1;
	silent = before;
	if (!has_echo)
		silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	silent.c_lflag |= ICANON | ISIG;
	signals_defer(&saved);
	if (tcsetattr(fd, TCSAFLUSH, &silent) == 0) {
		print(fd, prompt);
		length = read_line(fd, &saved.mask, line);
		(void)tcsetattr(fd, TCSAFLUSH, &before);
		if (!has_echo || length < 0)
			print(fd, "\n");
	}
	signals_restore(&saved);
	return length;
}

static ssize_t ask_again(const char *prompt, bool has_echo, char *line)
{
	int fd = open_terminal();
	ssize_t length;

	if (fd < 0)
		return -1;
	do
		length = ask(fd, prompt, has_echo, line);
	while (length < 0 && caught == SIGTSTP);
	close(fd);
	return length;
}

bool terminal_ask_secret(const char *prompt, struct secret *answer)
{
	char line[TERMINAL_LINE_BYTES];
	ssize_t length = ask_again(prompt, false, line);

	if (length > 0)
		secret_set(answer, line, (size_t)length);
	secret_erase(line, sizeof line);
	return length > 0;
}

bool terminal_ask_line(const char *prompt, struct buf *answer)
{
	char line[TERMINAL_LINE_BYTES];
	ssize_t length = ask_again(prompt, true, line);

	buf_clear(answer);
	return length >= 0 && buf_put(answer, line, (size_t)length);
}
