/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A log's lines, over rotations.  Does not know what they say. */
#include <config.h>

#include "cmd/log_tail.h"

#include "base/mem.h"
#include "base/program.h"
#include "log/line.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, DATE_DIGITS = 8 };

/* Invariant: LINES is NULL unless FD is open. */
struct log_tail {
	const char *path; /* NULL: a program, or standard input */
	int fd;
	struct lines *lines;
	struct program program;
	bool has_program, is_older, was_there, is_read;
	uint64_t passed_over; /* in what was closed */
};

static void close_file(struct log_tail *tail)
{
	if (tail->lines)
		tail->passed_over += lines_passed_over(tail->lines);
	lines_free(tail->lines);
	if (tail->fd > STDIN_FILENO && !tail->has_program)
		close(tail->fd);
	tail->lines = NULL;
	tail->fd = -1;
}

static void read_from(struct log_tail *tail, int fd)
{
	tail->fd = fd;
	tail->lines = lines_new(fd, LOG_LINE_LIMIT);
	tail->was_there = true;
}

/* A fifo or a device in the place of a log would be waited for. */
static int open_log(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)))
		return fd;
	close(fd);
	errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
	return -1;
}

static bool open_current(struct log_tail *tail, struct diag *why)
{
	int fd = open_log(tail->path);

	if (fd >= 0) {
		read_from(tail, fd);
		return true;
	}
	if (errno == ENOENT)
		return true;
	return diag_set_errno(why, errno, DIAG_FILE_UNREADABLE, tail->path);
}

/* ---- what was rotated away ----------------------------------------------- */

/* "mail.log-20261130" is the date that "mail.log" was rotated on. */
static bool is_dated(const char *name, const char *base, size_t length)
{
	if (strncmp(name, base, length) != 0 || name[length] != '-')
		return false;
	name += length + 1;
	for (size_t i = 0; i < DATE_DIGITS; i++)
		if (!ascii_is_digit(name[i]))
			return false;
	return !name[DATE_DIGITS];
}

static void find_dated(const char *path, char *out, size_t room)
{
	const char *slash = strrchr(path, '/'),
		   *base = slash ? slash + 1 : path;
	size_t folder = slash ? (size_t)(base - path) : 0;
	char place[PATH_BYTES], newest[NAME_MAX + 1] = "";
	struct dirent *entry;
	DIR *list;

	out[0] = '\0';
	if (folder >= sizeof place)
		return;
	memcpy(place, path, folder);
	memcpy(place + folder, ".", folder ? 1 : 2);
	place[folder ? folder : 1] = '\0';
	list = opendir(place);
	while (list && (entry = readdir(list)))
		if (is_dated(entry->d_name, base, strlen(base)) &&
			strcmp(entry->d_name, newest) > 0)
			snprintf(newest, sizeof newest, "%s", entry->d_name);
	if (list)
		closedir(list);
	if (newest[0])
		snprintf(out, room, "%.*s%s", (int)folder, path, newest);
}

static int open_older(const char *path, int64_t since)
{
	char name[2 * PATH_BYTES];
	struct stat status;
	int fd;

	snprintf(name, sizeof name, "%s.1", path);
	fd = open_log(name);
	if (fd < 0) {
		find_dated(path, name, sizeof name);
		fd = name[0] ? open_log(name) : -1;
	}
	if (fd >= 0 &&
		(fstat(fd, &status) || (int64_t)status.st_mtime < since)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* ---- the run of lines ---------------------------------------------------- */

static struct log_tail *new_tail(void)
{
	struct log_tail *tail = mem_alloc(sizeof *tail);

	*tail = (struct log_tail){ .fd = -1 };
	return tail;
}

struct log_tail *log_tail_file(
	const char *path, int64_t since, struct diag *why)
{
	struct log_tail *tail = new_tail();
	int older;

	if (strcmp(path, "-") == 0) {
		read_from(tail, STDIN_FILENO);
		return tail;
	}
	tail->path = path;
	older = open_older(path, since);
	tail->is_older = older >= 0;
	if (tail->is_older)
		read_from(tail, older);
	else if (!open_current(tail, why)) {
		mem_free(tail);
		return NULL;
	}
	return tail;
}

struct log_tail *log_tail_program(
	const char *const *arguments, bool is_followed, struct diag *why)
{
	struct log_tail *tail = new_tail();

	if (!program_start(arguments, &tail->program, why)) {
		mem_free(tail);
		return NULL;
	}
	tail->has_program = true;
	if (is_followed)
		(void)fcntl(tail->program.out, F_SETFL, O_NONBLOCK);
	read_from(tail, tail->program.out);
	return tail;
}

enum lines_result log_tail_next(
	struct log_tail *tail, struct span *line, struct diag *why)
{
	enum lines_result result;

	while (tail->lines) {
		result = lines_next(tail->lines, line, why);
		if (result == LINES_FAILED && tail->path)
			diag_add_where(why, tail->path);
		if (result != LINES_END)
			return result;
		if (!tail->is_older)
			break;
		if (lines_rest(tail->lines, line))
			return LINES_GOT;
		tail->is_older = false;
		close_file(tail);
		if (!open_current(tail, why))
			return LINES_FAILED;
	}
	tail->is_read = true;
	return LINES_END;
}

bool log_tail_rest(struct log_tail *tail, struct span *line)
{
	return tail->lines && lines_rest(tail->lines, line);
}

bool log_tail_follow(struct log_tail *tail)
{
	struct stat read, now;
	struct diag why;

	if (!tail->path || stat(tail->path, &now) != 0)
		return false;
	if (!tail->lines)
		return open_current(tail, &why) && tail->lines;
	if (fstat(tail->fd, &read) != 0)
		return false;
	if (read.st_dev == now.st_dev && read.st_ino == now.st_ino &&
		now.st_size >= lseek(tail->fd, 0, SEEK_CUR))
		return false;
	close_file(tail);
	return open_current(tail, &why) && tail->lines;
}

int log_tail_fd(const struct log_tail *tail)
{
	return tail->path ? -1 : tail->fd;
}

bool log_tail_was_there(const struct log_tail *tail)
{
	return tail->was_there;
}

uint64_t log_tail_passed_over(const struct log_tail *tail)
{
	return tail->passed_over +
	       (tail->lines ? lines_passed_over(tail->lines) : 0);
}

int log_tail_close(struct log_tail *tail)
{
	int exit_status = 0;

	if (!tail)
		return 0;
	close_file(tail);
	if (tail->has_program)
		exit_status = program_end(&tail->program, tail->is_read);
	if (!tail->is_read)
		exit_status = 0;
	mem_free(tail);
	return exit_status;
}
