/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands and programs, run for what they print or take.  Does not know what
 * they are for. */
#include <config.h>

#include "base/command.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/pipe.h"
#include "base/process.h"
#include "base/secret.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PIECE_BYTES = 4096,
	PRINTED_LIMIT = 64 * 1024, /* that nobody looks at */
	TICK_MS = 20,
	SIGNALS = 32 /* as process_normalise() has it */
};

struct command {
	const char *program; /* looked for in $PATH, if it has no slash */
	const char *const *words;
	bool is_known; /* the program is ours to know: it must be there */
};

struct child {
	pid_t pid;
	bool has_group; /* of its own: it can be killed whole */
	int stdout_fd, failure_fd;
};

static void reset_child_signals(void)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < SIGNALS; number++)
		(void)sigaction(number, &standard, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: async-signal-safe calls only, another thread may have held any
 * lock when we forked. */
static _Noreturn void run_words(const struct command *command, int stdin_fd,
	int stdout_fd, int failure_fd)
{
	char *const *arguments;
	int system_error;

	/* execvp(3) takes char * for historical reasons; it writes nothing. */
	memcpy(&arguments, &command->words, sizeof arguments);
	reset_child_signals();
	if (dup2(stdin_fd, STDIN_FILENO) >= 0 &&
		dup2(stdout_fd, STDOUT_FILENO) >= 0 &&
		dup2(failure_fd, STDERR_FILENO + 1) >= 0 &&
		fcntl(STDERR_FILENO + 1, F_SETFD, FD_CLOEXEC) >= 0) {
		process_close_from(STDERR_FILENO + 2);
		failure_fd = STDERR_FILENO + 1;
		(void)execvp(command->program, arguments);
	}
	system_error = errno;
	/* Nobody is left to be told that telling failed. */
	if (write(failure_fd, &system_error, sizeof system_error) < 0)
		_exit(127);
	_exit(127);
}

static _Noreturn void run_with_argument(
	const char *command, const char *argument)
{
	reset_child_signals();
	execl("/bin/sh", "sh", "-c", "eval \"$1 \\\"\\$2\\\"\"", "sh", command,
		argument, (char *)NULL);
	_exit(127);
}

bool command_run(const char *command, const char *argument)
{
	struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct sigaction interrupt, quit;
	int status = -1;
	pid_t pid;

	sigaction(SIGINT, &ignored, &interrupt);
	sigaction(SIGQUIT, &ignored, &quit);
	pid = fork();
	if (pid == 0)
		run_with_argument(command, argument);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* With a terminal the command stays in our process group, which may read it
 * and which the terminal's ^C and ^Z reach; without, it gets a session of its
 * own, so that it cannot wait for a terminal either. */
static bool fork_command(
	const struct command *command, int stdin_fd, struct child *child)
{
	int output[2], failure[2];

	if (!pipe_open(output, true))
		return false;
	if (!pipe_open(failure, true)) {
		pipe_close(output);
		return false;
	}
	child->pid = fork();
	if (child->pid == 0) {
		if (child->has_group)
			(void)setsid();
		run_words(command, stdin_fd, output[1], failure[1]);
	}
	close(output[1]);
	close(failure[1]);
	if (child->pid > 0) {
		child->stdout_fd = output[0];
		child->failure_fd = failure[0];
		return true;
	}
	close(output[0]);
	close(failure[0]);
	return false;
}

/* 0 when the program runs, else the errno of the child's failing call. */
static int exec_error(const struct child *child)
{
	int system_error = 0;
	ssize_t got;

	do
		got = read(
			child->failure_fd, &system_error, sizeof system_error);
	while (got < 0 && errno == EINTR);
	close(child->failure_fd);
	return got == sizeof system_error ? system_error : 0;
}

/* One piece; false at the end, which is also a full OUT or the deadline. */
static bool read_output(const struct child *child, int64_t deadline_ms,
	struct buf *out, struct command_result *result)
{
	struct pollfd wait = { .fd = child->stdout_fd, .events = POLLIN };
	int ready = interrupt_poll(&wait, 1, clock_left_ms(deadline_ms));
	char piece[PIECE_BYTES];
	ssize_t got;

	if (ready < 0)
		return errno == EINTR;
	if (ready == 0) {
		result->timed_out = clock_left_ms(deadline_ms) == 0;
		return !result->timed_out;
	}
	got = read(child->stdout_fd, piece, sizeof piece);
	if (got > 0 && !buf_put(out, piece, (size_t)got))
		result->overflowed = true;
	secret_erase(piece, sizeof piece);
	return got > 0 ? !result->overflowed : got < 0 && errno == EINTR;
}

static void kill_child(const struct child *child)
{
	if (child->has_group)
		(void)kill(-child->pid, SIGKILL);
	(void)kill(child->pid, SIGKILL);
}

int command_exit_status(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return 128 + (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* The output has ended, but the command may run on: POSIX has no waitpid()
 * with a deadline, so it is asked now and then. */
static void await_end(const struct child *child, int64_t deadline_ms,
	struct command_result *result)
{
	bool is_killed =
		result->timed_out || result->overflowed || interrupt_is_there();
	int status = 0, pause_ms = 1;
	pid_t ended;

	if (is_killed)
		kill_child(child);
	while ((ended = waitpid(
			child->pid, &status, is_killed ? 0 : WNOHANG)) <= 0) {
		if (ended < 0 && errno != EINTR)
			break;
		if (!is_killed && (interrupt_is_there() ||
					  clock_left_ms(deadline_ms) == 0)) {
			is_killed = result->timed_out = true;
			kill_child(child);
		} else if (!is_killed) {
			(void)poll(NULL, 0, pause_ms);
			if (pause_ms < TICK_MS)
				pause_ms *= 2;
		}
	}
	result->exit_status = command_exit_status(status);
}

/* execvp(3) has EACCES also for a name that is nowhere, when one of $PATH's
 * folders is closed. */
static bool is_anywhere(const char *program)
{
	const char *path = getenv("PATH");
	struct span rest = span_of(path ? path : ""), folder;
	bool is_there = strchr(program, '/') != NULL;

	while (!is_there && rest.length) {
		char name[PATH_MAX];

		folder = span_cut(&rest, ':');
		is_there = snprintf(name, sizeof name, "%.*s/%s",
				   (int)folder.length, folder.at,
				   program) < (int)sizeof name &&
			   access(name, F_OK) == 0;
	}
	return is_there;
}

/* As a shell has it: not there, or not to be run. */
static int status_of_error(const char *program, int system_error)
{
	return system_error == ENOENT || system_error == ENOTDIR ||
			       (system_error == EACCES && !is_anywhere(program))
		       ? 127
		       : 126;
}

/* STDIN_FD is closed. */
static bool run(const struct command *command, int stdin_fd,
	struct child *child, int64_t deadline_ms, struct buf *out,
	struct command_result *result, struct diag *why)
{
	bool is_started =
		stdin_fd >= 0 && fork_command(command, stdin_fd, child);
	int system_error = errno;

	*result = (struct command_result){ .exit_status = 0 };
	if (is_started) {
		system_error = exec_error(child);
		while (!system_error &&
			read_output(child, deadline_ms, out, result))
			;
		await_end(child, deadline_ms, result);
		close(child->stdout_fd);
	}
	if (stdin_fd >= 0)
		close(stdin_fd);
	if (interrupt_is_there())
		return interrupt_explain(why);
	if (is_started && system_error && !command->is_known) {
		result->exit_status =
			status_of_error(command->program, system_error);
		return true;
	}
	if (is_started && !system_error)
		return true;
	return diag_set_errno(
		why, system_error, DIAG_SYSTEM_FAILED, command->program);
}

static bool run_shell(const char *text, int stdin_fd, struct child *child,
	int64_t deadline_ms, struct buf *out, struct command_result *result,
	struct diag *why)
{
	const char *const words[] = { "sh", "-c", text, NULL };
	const struct command command = { "/bin/sh", words, true };

	return run(&command, stdin_fd, child, deadline_ms, out, result, why);
}

/* The terminal, when there is one, or nothing. */
static int open_input(bool with_terminal, struct child *child)
{
	int fd = -1;

	if (with_terminal)
		fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	child->has_group = fd < 0;
	return fd < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : fd;
}

bool command_capture(const char *command, bool with_terminal,
	int64_t deadline_ms, struct buf *out, struct command_result *result,
	struct diag *why)
{
	struct child child = { .pid = -1 };
	int stdin_fd = open_input(with_terminal, &child);

	return run_shell(
		command, stdin_fd, &child, deadline_ms, out, result, why);
}

/* A pipe with all of INPUT in it, and nobody at its other end. */
static int filled_pipe(struct span input)
{
	int ends[2];
	bool is_filled;

	if (!pipe_open(ends, false))
		return -1;
	is_filled = write(ends[1], input.at, input.length) ==
			    (ssize_t)input.length &&
		    fcntl(ends[0], F_SETFL, 0) == 0;
	close(ends[1]);
	if (is_filled)
		return ends[0];
	close(ends[0]);
	errno = EFBIG;
	return -1;
}

bool command_feed(const char *command, struct span input, int64_t deadline_ms,
	struct command_result *result, struct diag *why)
{
	struct child child = { .pid = -1, .has_group = true };
	struct buf printed = BUF_INIT(PRINTED_LIMIT);
	bool is_fine = run_shell(command, filled_pipe(input), &child,
		deadline_ms, &printed, result, why);

	buf_wipe_free(&printed);
	return is_fine;
}

bool command_capture_words(const char *const *words, struct span input,
	bool with_terminal, int64_t deadline_ms, struct buf *out,
	struct command_result *result, struct diag *why)
{
	const struct command command = { words[0], words, false };
	struct child child = { .pid = -1 };
	int stdin_fd = open_input(with_terminal, &child);

	if (input.length) {
		(void)close(stdin_fd);
		stdin_fd = filled_pipe(input);
	}
	return run(&command, stdin_fd, &child, deadline_ms, out, result, why);
}

void command_explain(const struct command_result *result, size_t limit,
	char *text, size_t size)
{
	if (result->overflowed)
		snprintf(text, size, "%s%zu",
			DIAG_WORDS N_("it printed more than %s bytes")
				DIAG_NEXT,
			limit);
	else if (result->exit_status > 128)
		snprintf(text, size, "%s%d",
			DIAG_WORDS N_("it was killed by signal %s") DIAG_NEXT,
			result->exit_status - 128);
	else
		snprintf(text, size, "%s%d",
			DIAG_WORDS N_("its exit status is %s") DIAG_NEXT,
			result->exit_status);
}
