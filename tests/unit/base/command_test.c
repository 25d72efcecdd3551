/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands: what they print, what they take, and those that misbehave. */
#include <config.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/process.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const struct {
	const char *name, *command, *want;
	int exit_status;
} commands[] = {
	{ "one line", "echo secret", "secret\n", 0 },
	{ "no newline", "printf secret", "secret", 0 },
	{ "nothing", ":", "", 0 },
	{ "an exit code", "echo x; exit 3", "x\n", 3 },
	{ "false", "false", "", 1 },
	{ "a shell's syntax", "echo a | tr a b; (echo c) && echo \"$0\"",
		"b\nc\nsh\n", 0 },
	{ "no such command", "exec /nonexistent/command 2>/dev/null", "", 127 },
	{ "a signal", "kill -KILL $$", "", 128 + 9 },
	{ "stdin is empty", "wc -c | tr -d ' '", "0\n", 0 },
	{ "output after a child", "sleep 0; echo a; echo b >&2", "a\n", 0 },
	{ "no terminal to wait for", "(: </dev/tty) 2>/dev/null || echo none",
		"none\n", 0 },
	{ "SIGPIPE is the default again", "sh -c 'kill -PIPE $$'; echo $?",
		"141\n", 0 },
	{ "no descriptor but its own",
		"for n in 3 4 5 6 7 8 9; do"
		" (eval \": <&$n\") 2>/dev/null && echo $n; done; :",
		"", 0 },
};

static void check_commands(void)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		struct buf out = BUF_INIT(1000);
		struct command_result result;
		struct diag why;
		bool is_run = command_capture(commands[i].command, false,
			clock_deadline(30), &out, &result, &why);

		tap_ok(is_run && !result.timed_out && !result.overflowed, "%s",
			commands[i].name);
		tap_is_text(buf_text(&out), commands[i].want, "its output");
		tap_is_number(result.exit_status, commands[i].exit_status,
			"its exit status");
		buf_free(&out);
	}
}

static const struct {
	const char *name, *words[4], *input, *want;
	int exit_status;
} programs[] = {
	{ "a program", { "printf", "%s,", "a b" }, "", "a b,", 0 },
	{ "no shell reads its words", { "echo", "$HOME;", "`x` 'y'" }, "",
		"$HOME; `x` 'y'\n", 0 },
	{ "with input", { "cat" }, "protocol=smtp\n\n", "protocol=smtp\n\n",
		0 },
	{ "without", { "cat" }, "", "", 0 },
	{ "input that nobody reads", { "true" }, "x", "", 0 },
	{ "its exit status", { "false" }, "", "", 1 },
	{ "a program that is not there", { "/nonexistent/x" }, "", "", 127 },
	{ "nor in $PATH", { "mailchute-no-such-program" }, "", "", 127 },
	{ "a folder", { "/" }, "", "", 126 },
};

/* A folder of $PATH that nobody may look into hides no program that is not
 * there. */
static void check_closed_path(void)
{
	static const char *const words[] = { "mailchute-no-such-program",
		NULL };
	char folder[] = "/tmp/mailchute-path-XXXXXX", path[PATH_MAX];
	struct buf out = BUF_INIT(1000);
	struct command_result result = { .exit_status = 0 };
	struct diag why;
	char *before = mem_strdup(getenv("PATH"));

	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof path, "%s/in:/usr/bin:/bin", folder);
	(void)chmod(folder, 0);
	(void)setenv("PATH", path, 1);
	(void)command_capture_words(words, span_of(""), false,
		clock_deadline(30), &out, &result, &why);
	tap_is_number(result.exit_status, 127,
		"a folder of $PATH that is closed hides nothing");
	(void)setenv("PATH", before, 1);
	(void)rmdir(folder);
	mem_free(before);
	buf_free(&out);
}

static void check_programs(void)
{
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		struct buf out = BUF_INIT(1000);
		struct command_result result;
		struct diag why;
		bool is_run = command_capture_words(programs[i].words,
			span_of(programs[i].input), false, clock_deadline(30),
			&out, &result, &why);

		tap_ok(is_run && !result.timed_out && !result.overflowed, "%s",
			programs[i].name);
		tap_is_text(buf_text(&out), programs[i].want, "its output");
		tap_is_number(result.exit_status, programs[i].exit_status,
			"its exit status");
		buf_free(&out);
	}
}

/* Standard error is ours, so whatever a command started holds it open: the end
 * of file tells that all of them are gone. */
static bool are_all_gone(int end)
{
	struct pollfd wait = { .fd = end, .events = POLLIN };
	char bytes[100];

	return poll(&wait, 1, 5000) == 1 && read(end, bytes, sizeof bytes) == 0;
}

/* Runs a command that has to be stopped; its result. */
static struct command_result stop(
	const char *command, int64_t deadline_ms, struct buf *out)
{
	int ends[2], saved = dup(STDERR_FILENO);
	struct command_result result = { .exit_status = -1 };
	int64_t before = clock_now_ms();
	struct diag why = { .id = DIAG_NONE };
	bool is_run;

	if (pipe(ends) < 0)
		return result;
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	is_run = command_capture(
		command, false, deadline_ms, out, &result, &why);
	dup2(saved, STDERR_FILENO);
	close(saved);
	/* A machine at its limits of processes fails here, not below. */
	tap_ok(is_run, "started (%s)", strerror(why.system_error));
	tap_ok(clock_now_ms() - before < 10000, "stopped: %s", command);
	tap_ok(are_all_gone(ends[0]), "with all that it started");
	close(ends[0]);
	return result;
}

static void check_stopped(void)
{
	static const char *const endless[] = {
		"sleep 60",
		"echo some; sleep 60; echo more",
		"sleep 60 & sleep 60 & wait",
		"trap '' TERM HUP INT; while :; do sleep 1; done",
		"(sleep 60 & sleep 60)",
		"exec >&-; sleep 60",
	};
	struct command_result result;
	struct buf out = BUF_INIT(1000);

	for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
		buf_clear(&out);
		result = stop(endless[i], clock_now_ms() + 150, &out);
		tap_ok(result.timed_out && !result.overflowed, "too late");
		tap_is_number(result.exit_status, 128 + SIGKILL, "killed");
	}
	buf_clear(&out);
	result = stop(
		"while :; do echo 0123456789; done", clock_deadline(30), &out);
	tap_ok(result.overflowed && !result.timed_out && out.overflowed,
		"too much");
	tap_is_number(result.exit_status, 128 + SIGKILL, "killed as well");
	tap_ok(out.length <= 1000, "no more than the limit");
	buf_free(&out);
}

static void check_run(void)
{
	char path[] = "/tmp/process test.XXXXXX";
	struct stat status;
	int fd = mkstemp(path);

	close(fd);
	tap_ok(command_run("rm -f", path), "a command with its argument");
	tap_ok(stat(path, &status), "  which it got as one word");
	tap_ok(!command_run("false", path), "a command that fails");
	tap_ok(!command_run("/no/such/command", path), "and one that is none");
	tap_ok(!command_run("kill -9 $$;", path), "and one that is killed");
}

static void check_background(void)
{
	struct buf out = BUF_INIT(1000);
	struct command_result result;
	struct diag why;

	command_capture("(sleep 0.2; echo late) & echo early", false,
		clock_deadline(30), &out, &result, &why);
	tap_is_text(buf_text(&out), "early\nlate\n",
		"the end of the output is waited for");
	buf_free(&out);
}

/* ---- a command at a terminal --------------------------------------------- */

/* Whether the command may read the terminal as its standard input, without a
 * session of its own; told by the exit code. */
static _Noreturn void run_at_terminal(const char *name)
{
	struct command_result result = { .exit_status = -1 };
	struct buf out = BUF_INIT(1000);
	struct diag why;
	bool is_right;

	setsid();
	if (name) {
		int fd = open(name, O_RDWR);

#ifdef TIOCSCTTY
		(void)ioctl(fd, TIOCSCTTY, 0);
#endif
		is_right = fd >= 0;
	} else {
		is_right = true;
	}
	command_capture("test -t 0 && printf '? ' >/dev/tty; read -r x;"
			" echo \"$x\"",
		true, clock_deadline(20), &out, &result, &why);
	is_right &= strcmp(buf_text(&out), name ? "yes\n" : "\n") == 0 &&
		    result.exit_status == 0 && !result.timed_out;
	buf_free(&out);
	_exit(!is_right);
}

static bool await_question(int terminal)
{
	struct pollfd wait = { .fd = terminal, .events = POLLIN };
	char shown[10] = "";
	size_t length = 0;

	while (length < 2 && poll(&wait, 1, 10000) == 1) {
		ssize_t got = read(
			terminal, shown + length, sizeof shown - 1 - length);

		if (got <= 0)
			return false;
		length += (size_t)got;
	}
	return strcmp(shown, "? ") == 0;
}

static void check_with_terminal(void)
{
	int status = -1, terminal = posix_openpt(O_RDWR | O_NOCTTY);
	pid_t pid;

	if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0) {
		tap_skip("a command at a terminal", "no pseudo terminals");
		return;
	}
	pid = fork();
	if (pid == 0)
		run_at_terminal(ptsname(terminal));
	tap_ok(await_question(terminal), "a command asks at the terminal");
	if (write(terminal, "yes\n", 4) != 4)
		tap_note("cannot type");
	waitpid(pid, &status, 0);
	tap_is_number(status, 0, "and reads the answer");
	close(terminal);
}

static void check_without_terminal(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		run_at_terminal(NULL);
	waitpid(pid, &status, 0);
	tap_is_number(status, 0, "without one it reads nothing");
}

static void check_failure_to_start(void)
{
	struct rlimit before, few = { .rlim_cur = 0 };
	struct command_result result;
	struct buf out = BUF_INIT(1000);
	struct diag why = { .id = DIAG_NONE };
	bool is_run;

	getrlimit(RLIMIT_NOFILE, &before);
	few.rlim_cur = (rlim_t)dup(0) + 2;
	close((int)few.rlim_cur - 2);
	few.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &few);
	is_run = command_capture(
		"echo x", false, CLOCK_NEVER, &out, &result, &why);
	setrlimit(RLIMIT_NOFILE, &before);
	tap_ok(!is_run, "without descriptors nothing is started");
	tap_is_diag(&why, DIAG_SYSTEM_FAILED, "which is a failure");
	tap_is_number(why.system_error, EMFILE, "with a reason");
	buf_free(&out);
}

int main(void)
{
	/* What no command may inherit. */
	signal(SIGPIPE, SIG_IGN);
	(void)dup2(STDOUT_FILENO, 9);
	check_commands();
	check_programs();
	check_closed_path();
	check_stopped();
	check_run();
	check_background();
	check_with_terminal();
	check_without_terminal();
	check_failure_to_start();
	return tap_done();
}
