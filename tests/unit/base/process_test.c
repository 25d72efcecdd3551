/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This process: what a careless caller leaves, and users without a name.
 * getpwuid(3) is the test's own. */
#include <config.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* ---- who we are ---------------------------------------------------------- */

static struct passwd user;
static bool has_user;

struct passwd *getpwuid(uid_t uid)
{
	(void)uid;
	return has_user ? &user : NULL;
}

static void check_home(struct arena *arena)
{
	static char home[] = "/home/entry", relative[] = "entry";

	has_user = true;
	user.pw_dir = home;
	setenv("HOME", "/home/variable", 1);
	tap_is_text(process_home(arena), "/home/variable", "HOME");
	setenv("HOME", "variable", 1);
	tap_is_text(process_home(arena), home, "a HOME that is not absolute");
	setenv("HOME", "", 1);
	tap_is_text(process_home(arena), home, "an empty HOME");
	unsetenv("HOME");
	tap_is_text(process_home(arena), home, "the passwd entry");
	user.pw_dir = relative;
	tap_ok(!process_home(arena), "an entry that is not absolute");
	has_user = false;
	tap_ok(!process_home(arena), "no home at all");
}

static void check_names(struct arena *arena)
{
	static char login[] = "jane", empty[] = "";
	static const struct {
		const char *gecos, *want;
	} cases[] = {
		{ "Jane Doe", "Jane Doe" },
		{ "Jane Doe,Room 5,,", "Jane Doe" },
		{ "& Doe", "Jane Doe" },
		{ "Dr. & & Doe", "Dr. Jane Jane Doe" },
		{ "J\xC3\xBCrgen", "J\xC3\xBCrgen" },
		{ "", NULL },
		{ ",Room", NULL },
	};

	has_user = true;
	user.pw_name = login;
	tap_is_text(process_user_name(arena), "jane", "a login name");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		user.pw_gecos = arena_strdup(arena, cases[i].gecos);
		tap_is_text(process_full_name(arena), cases[i].want,
			cases[i].gecos);
	}
	user.pw_gecos = arena_alloc(arena, 5000);
	memset(user.pw_gecos, 'x', 4999);
	tap_ok(!process_full_name(arena), "a name without end is none");
	user.pw_name = empty;
	tap_is_text(process_user_name(arena),
		arena_printf(arena, "uid-%lu", (unsigned long)getuid()),
		"an empty login name");
	has_user = false;
	tap_is_text(process_user_name(arena),
		arena_printf(arena, "uid-%lu", (unsigned long)getuid()),
		"no passwd entry");
	tap_ok(!process_full_name(arena), "nor a full name");
}

static void check_environment(struct arena *arena)
{
	setenv("MAILCHUTE_TEST", "x", 1);
	tap_ok(!process_is_privileged(), "not privileged");
	tap_is_text(process_getenv("MAILCHUTE_TEST"), "x", "a variable");
	unsetenv("MAILCHUTE_TEST");
	tap_ok(!process_getenv("MAILCHUTE_TEST"), "not set");
	tap_ok(strlen(process_host_name(arena)) > 0, "the host has a name");
}

/* ---- what the caller left us --------------------------------------------- */

enum {
	LEFT_STDIN = 1,
	LEFT_STDOUT = 2,
	LEFT_STDERR = 4,
	LEFT_MASK = 8,
	LEFT_IGNORED = 16,
	LEFT_NOHUP = 32,
	LEFT_OTHERS = 64
};

static void leave(unsigned what)
{
	sigset_t all;

	for (int fd = 0; fd < 3; fd++)
		if (what & 1u << fd)
			close(fd);
	sigfillset(&all);
	if (what & LEFT_MASK)
		sigprocmask(SIG_SETMASK, &all, NULL);
	if (what & LEFT_IGNORED) {
		signal(SIGCHLD, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		signal(SIGALRM, SIG_IGN);
	}
	if (what & LEFT_NOHUP) {
		signal(SIGHUP, SIG_IGN);
		signal(SIGINT, SIG_IGN);
	}
	if (what & LEFT_OTHERS)
		for (int fd = 3; fd < 200; fd++)
			(void)dup2(0, fd);
}

static bool has_disposition(int number, void (*want)(int))
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == want;
}

/* 0 when all is as it should be, else the number of what is not. */
static int judge(unsigned left, bool stdin_was_closed)
{
	sigset_t mask;
	char byte;

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			return 1;
	for (int fd = 3; fd < 250; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 2;
	if (stdin_was_closed != ((left & LEFT_STDIN) != 0))
		return 3;
	if ((left & LEFT_STDIN) && read(0, &byte, 1) != 0)
		return 4;
	if ((left & LEFT_STDOUT) && write(1, "x", 1) != 1)
		return 5;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int number = 1; number < 32; number++)
		if (sigismember(&mask, number) == 1)
			return 6;
	if (!has_disposition(SIGPIPE, SIG_IGN) ||
		!has_disposition(SIGXFSZ, SIG_IGN))
		return 7;
	if (!has_disposition(SIGCHLD, SIG_DFL) ||
		!has_disposition(SIGTERM, SIG_DFL) ||
		!has_disposition(SIGALRM, SIG_DFL))
		return 8;
	if ((left & LEFT_NOHUP) && (!has_disposition(SIGHUP, SIG_IGN) ||
					   !has_disposition(SIGINT, SIG_IGN)))
		return 9;
	return 0;
}

static void check_normalise(void)
{
	static const struct {
		const char *name;
		unsigned left;
	} cases[] = {
		{ "a good caller", 0 },
		{ "no stdin", LEFT_STDIN },
		{ "no stdout", LEFT_STDOUT },
		{ "no stderr", LEFT_STDERR },
		{ "none of the three", LEFT_STDIN | LEFT_STDOUT | LEFT_STDERR },
		{ "all signals blocked", LEFT_MASK },
		{ "signals ignored", LEFT_IGNORED },
		{ "nohup", LEFT_NOHUP },
		{ "many descriptors", LEFT_OTHERS },
		{ "all at once", 127 - LEFT_STDOUT },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int status = -1;
		pid_t pid = fork();

		if (pid == 0) {
			bool was_closed = false;

			leave(cases[i].left);
			process_normalise(&was_closed);
			_exit(judge(cases[i].left, was_closed));
		}
		waitpid(pid, &status, 0);
		tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s (%d)",
			cases[i].name, status);
	}
}

int main(void)
{
	struct arena *arena = arena_new();

	check_home(arena);
	check_names(arena);
	check_environment(arena);
	check_normalise();
	arena_free(arena);
	return tap_done();
}
