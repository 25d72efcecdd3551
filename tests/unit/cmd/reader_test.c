/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reader, from within: what whoever takes it over can do. */
#include <config.h>

#include "base/sandbox.h"
#include "base/text.h"
#include "cmd/reader.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIMIT = 4000, PATH_BYTES = 64 };

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool read_passwd(void)
{
	return opens("/etc/passwd", O_RDONLY);
}

static bool write_outside(void)
{
	return opens("/tmp", O_WRONLY | O_TMPFILE);
}

static bool read_parent(void)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof path, "/proc/%ld/mem", (long)getppid());
	return opens(path, O_RDONLY);
}

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
	return child > 0;
}

static bool connect_out(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool signal_parent(void)
{
	return kill(getppid(), 0) == 0;
}

static const struct {
	const char *name;
	bool (*works)(void);
} deeds[] = {
	{ "read /etc/passwd", read_passwd },
	{ "write outside", write_outside },
	{ "read /proc/PARENT/mem", read_parent },
	{ "run a program", execute },
	{ "trace", trace },
	{ "make a process", split },
	{ "make a socket", connect_out },
	{ "signal the parent", signal_parent },
};

enum { DEEDS = sizeof deeds / sizeof *deeds };

static bool try_deeds(void *context, struct buf *out)
{
	(void)context;
	for (size_t i = 0; i < DEEDS; i++)
		buf_put_byte(out, deeds[i].works() ? 'y' : 'n');
	return true;
}

static bool die(void *context, struct buf *out)
{
	(void)context;
	buf_puts(out, "half");
	return raise(SIGKILL) == 0;
}

static bool refuse(void *context, struct buf *out)
{
	return context && out->overflowed;
}

static void test_deeds(void)
{
	struct buf out = BUF_INIT(LIMIT);
	struct sandbox_state kernel;
	struct diag why;

	sandbox_ask(&kernel);
	tap_ok(reader_run(try_deeds, NULL, &out, &why), "it reads");
	tap_is_number((int64_t)out.length, DEEDS, "and says so");
	for (size_t i = 0; i < DEEDS && out.length == DEEDS; i++)
		if (kernel.calls)
			tap_ok(out.data[i] == 'n', "%s", deeds[i].name);
		else
			tap_skip(deeds[i].name, "not by this kernel");
	buf_free(&out);
}

static void test_deaths(void)
{
	struct buf out = BUF_INIT(LIMIT);
	struct diag why;

	tap_ok(!reader_run(die, NULL, &out, &why), "one that dies");
	tap_is_diag(&why, DIAG_SYSTEM_FAILED, "the reason");
	tap_ok(!reader_run(refuse, NULL, &out, &why), "one that gives up");
	buf_free(&out);
}

static void test_lines(void)
{
	struct buf out = BUF_INIT(LIMIT);

	reader_put_lines(&out, SPAN("one\n\033[2Jtwo\nl\303\244ter"));
	tap_is_text(buf_text(&out), "one\n\\x1B[2Jtwo\nl\303\244ter\n",
		"lines, and nothing for a terminal");
	buf_free(&out);
}

int main(void)
{
	test_deeds();
	test_deaths();
	test_lines();
	return tap_done();
}
