/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program, run for its output.  Does not know which. */
#include <config.h>

#include "base/program.h"

#include "base/command.h"
#include "base/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its words are for us, not for a person. */
static const char *const surroundings[] = { "PATH=/usr/bin:/bin", "LC_ALL=C",
	NULL };

static int spawn(const char *const *arguments, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	union {
		const char *const *in;
		char *const *out; /* which it does not change */
	} words = { arguments }, around = { surroundings };
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawn_file_actions_addopen(
		&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(
			&actions, out, STDOUT_FILENO);
	if (!error)
		error = posix_spawn(pid, arguments[0], &actions, NULL,
			words.out, around.out);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

bool program_start(
	const char *const *arguments, struct program *out, struct diag *why)
{
	int ends[2], error;

	if (!pipe_open(ends, true))
		return diag_set_errno(
			why, errno, DIAG_SYSTEM_FAILED, arguments[0]);
	error = spawn(arguments, ends[1], &out->pid);
	close(ends[1]);
	out->out = ends[0];
	if (!error)
		return true;
	close(ends[0]);
	return diag_set_errno(why, error, DIAG_SYSTEM_FAILED, arguments[0]);
}

int program_end(struct program *program, bool is_read)
{
	int status = 0;

	close(program->out);
	if (!is_read)
		kill(program->pid, SIGTERM);
	while (waitpid(program->pid, &status, 0) < 0 && errno == EINTR)
		;
	return command_exit_status(status);
}
