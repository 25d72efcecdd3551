/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A log for machines that have none.  Does not know what it says. */
#include <config.h>

#include "cmd/log_fallback.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/place.h"
#include "base/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_to_stderr;

/* That of a process that nobody looks at goes nowhere. */
static bool is_nowhere(int fd)
{
	struct stat ours, null;

	return fstat(fd, &ours) != 0 ||
	       (stat("/dev/null", &null) == 0 && S_ISCHR(ours.st_mode) &&
		       ours.st_rdev == null.st_rdev);
}

void log_fallback_to_stderr(void)
{
	is_to_stderr = !is_nowhere(STDERR_FILENO);
}

/* One that is not there is not made, and root leaves nothing in another's. */
static bool is_our_home(const char *home)
{
	struct stat status;

	return home && home[0] == '/' && stat(home, &status) == 0 &&
	       status.st_uid == geteuid();
}

const char *log_fallback_path(struct arena *arena)
{
	const char *state = process_getenv("XDG_STATE_HOME");
	const char *home = process_getenv("HOME");

	if (state && state[0] == '/')
		return arena_printf(arena, "%s/mailchute/log", state);
	if (is_our_home(home))
		return arena_printf(
			arena, "%s/.local/state/mailchute/log", home);
	return place_system.log;
}

/* Whether FD, of PATH, is still what stands there, and too large. */
static bool is_full(const char *path, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && ours.st_size > LOG_FALLBACK_BYTES &&
	       stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
	       ours.st_dev == there.st_dev;
}

/* Of several at once one turns it over: who gets the lock later finds another
 * file in its place. */
static void turn_over(const char *path, struct arena *arena)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return;
	if (is_full(path, fd) && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		is_full(path, fd))
		(void)rename(path, arena_printf(arena, "%s.1", path));
	close(fd);
}

/* The machine's own folder is there, or it is not ours to make. */
static bool has_folder(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	return path == place_system.log ||
	       (slash && file_make_folder(arena_strndup(
				 arena, path, (size_t)(slash - path))));
}

static void put_in_file(const char *line)
{
	struct arena *arena = arena_new();
	const char *path = log_fallback_path(arena);
	struct diag why;

	turn_over(path, arena);
	if (has_folder(path, arena))
		(void)log_file(path, "%Y-%m-%dT%H:%M:%S%z", line, &why);
	arena_free(arena);
}

void log_fallback_put(const char *line)
{
	struct diag why;

	if (is_to_stderr)
		(void)file_put_line(STDERR_FILENO, "-", line, &why);
	else
		put_in_file(line);
}
