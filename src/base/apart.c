/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work in a child process.  Does not know what it is for. */
#include <config.h>

#include "base/apart.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/pipe.h"
#include "base/process.h"
#include "base/secret.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { APART_PIECE_BYTES = 4096, APART_FD = STDERR_FILENO + 1 };

/* ---- the child ----------------------------------------------------------- */

/* A reader that is gone must not end us before our memory is wiped; a group of
 * our own is killed whole. */
static _Noreturn void be_child(bool (*work)(void *context, struct buf *out),
	void *context, int fd, size_t limit)
{
	struct buf out = BUF_INIT(limit);
	bool is_fine;

	(void)setpgid(0, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGTERM, SIG_DFL);
	if (dup2(fd, APART_FD) < 0)
		_exit(1);
	process_close_from(APART_FD + 1);
	is_fine = work(context, &out) && !out.overflowed &&
		  file_write(APART_FD, buf_span(&out));
	buf_wipe_free(&out);
	_exit(is_fine ? 0 : 1);
}

/* ---- the parent ---------------------------------------------------------- */

/* One piece; false at its end, which is also a full OUT or the deadline. */
static bool read_piece(
	int fd, int64_t deadline_ms, struct buf *out, enum apart_result *result)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int ready = poll(&wait, 1, clock_left_ms(deadline_ms));
	char piece[APART_PIECE_BYTES];
	ssize_t got;

	if (ready < 0)
		return errno == EINTR;
	if (ready == 0) {
		if (clock_left_ms(deadline_ms) != 0)
			return true;
		*result = APART_LATE;
		return false;
	}
	got = read(fd, piece, sizeof piece);
	if (got > 0 && !buf_put(out, piece, (size_t)got))
		*result = APART_FAILED;
	secret_erase(piece, sizeof piece);
	return got > 0 ? *result == APART_DONE : got < 0 && errno == EINTR;
}

/* It has closed its end and has nothing left to do, or is killed. */
static int await_end(pid_t child, bool is_killed)
{
	int status = -1;

	if (is_killed) {
		(void)kill(-child, SIGKILL);
		(void)kill(child, SIGKILL);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

enum apart_result apart_run(bool (*work)(void *context, struct buf *out),
	void *context, int64_t deadline_ms, struct buf *out)
{
	enum apart_result result = APART_DONE;
	int ends[2], status;
	pid_t child;

	if (!pipe_open(ends, true))
		return APART_NEVER;
	child = fork();
	if (child == 0)
		be_child(work, context, ends[1], out->limit - out->length);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return APART_NEVER;
	}
	while (read_piece(ends[0], deadline_ms, out, &result))
		;
	close(ends[0]);
	status = await_end(child, result != APART_DONE);
	if (result == APART_DONE &&
		!(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		result = APART_FAILED;
	return result;
}
