/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files.  Does not know what is in them, nor which ones matter. */
#include <config.h>

#include "base/file.h"

#include "base/clock.h"
#include "base/disk.h"
#include "base/process.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

enum {
	FILE_PIECE_BYTES = 16384,
	FILE_LINE_BYTES = 1024 * 1024,
	FILE_LOCK_SECONDS = 1, /* who holds it longer holds up every mail */
	FILE_LOCK_STEP_MS = 20
};

static bool failed(struct diag *why, const char *path, int system_error)
{
	diag_set(why, DIAG_FILE_FAILED, path);
	if (system_error == EEXIST)
		diag_add_hint(why, N_("move away what is there, or choose "
				      "another name"));
	if (system_error == ENOENT)
		diag_add_hint(why, N_("is its name right, and does the folder "
				      "exist?"));
	return diag_add_errno(why, system_error);
}

/* 0, or the errno that says what is wrong. */
static int check_regular(int fd, struct stat *status)
{
	if (fstat(fd, status) < 0)
		return errno;
	if (S_ISDIR(status->st_mode))
		return EISDIR;
	return S_ISREG(status->st_mode) ? 0 : ENOTSUP;
}

/* Where the next bytes go: into the room that OUT has, or into more of it, or,
 * when it is full, to BEYOND. */
static char *next_room(struct buf *out, char *beyond, size_t *size)
{
	size_t allowed = out->limit - out->length;

	*size = 1;
	if (!allowed)
		return beyond;
	if (out->capacity > out->length + 1)
		*size = out->capacity - out->length - 1;
	else
		*size = allowed < FILE_PIECE_BYTES ? allowed : FILE_PIECE_BYTES;
	return buf_reserve(out, *size);
}

/* Room for EXPECTED bytes and one more, with which the end is seen, spares the
 * copies of a buffer that grows. */
static int read_whole(int fd, size_t expected, struct buf *out)
{
	ssize_t got;

	if (expected < out->limit - out->length)
		(void)buf_reserve(out, expected + 1);
	do {
		size_t size;
		char beyond;
		char *end = next_room(out, &beyond, &size);

		got = read(fd, end, size);
		if (got < 0 && errno != EINTR)
			return errno;
		if (got > 0 && end == &beyond) {
			(void)buf_put_byte(out, beyond);
			return EFBIG;
		}
		if (got > 0)
			buf_grow(out, (size_t)got);
	} while (got != 0);
	return 0;
}

enum file_result file_read(const char *path, struct buf *out,
	struct stat *status, struct diag *why)
{
	/* Without O_NONBLOCK, opening a FIFO would wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat own_status;
	int system_error;

	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return FILE_MISSING;
		failed(why, path, errno);
		return FILE_FAILED;
	}
	if (!status)
		status = &own_status;
	system_error = check_regular(fd, status);
	if (!system_error)
		system_error = read_whole(fd, (size_t)status->st_size, out);
	close(fd);
	if (!system_error)
		return FILE_READ;
	failed(why, path, system_error);
	return FILE_FAILED;
}

/* 0, or an errno.  A file system that knows no locks does without: O_APPEND
 * alone keeps lines whole on a local disk. */
static int wait_for_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int64_t deadline = clock_deadline(FILE_LOCK_SECONDS);

	while (fcntl(fd, F_SETLK, &lock) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EACCES && errno != EAGAIN)
			return 0;
		if (clock_left_ms(deadline) == 0)
			return ETIMEDOUT;
		(void)poll(NULL, 0, FILE_LOCK_STEP_MS);
	}
	return 0;
}

bool file_write(int fd, struct span bytes)
{
	while (bytes.length) {
		ssize_t written = write(fd, bytes.at, bytes.length);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0)
			bytes = span_skip(bytes, (size_t)written);
	}
	return true;
}

static int put_line(int fd, const char *line)
{
	struct buf whole = BUF_INIT(FILE_LINE_BYTES);
	int system_error = EMSGSIZE;

	buf_puts(&whole, line);
	if (buf_put_byte(&whole, '\n'))
		system_error = file_write(fd, buf_span(&whole)) ? 0 : errno;
	buf_free(&whole);
	return system_error;
}

static int append(int fd, const char *line)
{
	int system_error = wait_for_lock(fd);

	return system_error ? system_error : put_line(fd, line);
}

bool file_put_line(int fd, const char *name, const char *line, struct diag *why)
{
	int system_error = put_line(fd, line);

	return !system_error || failed(why, name, system_error);
}

bool file_append_line(const char *path, const char *line, struct diag *why)
{
	int fd = open(path,
		O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY |
			O_NONBLOCK,
		0600);
	int system_error;

	if (fd < 0)
		return failed(why, path, errno);
	system_error = append(fd, line);
	if (close(fd) < 0 && !system_error)
		system_error = errno;
	return !system_error || failed(why, path, system_error);
}

bool file_create(
	const char *path, mode_t mode, struct span content, struct diag *why)
{
	int fd = open(
		path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, mode);
	int system_error;

	if (fd < 0)
		return failed(why, path, errno);
	system_error = file_write(fd, content) ? 0 : errno;
	if (!system_error && !disk_sync(fd))
		system_error = errno;
	if (close(fd) < 0 && !system_error)
		system_error = errno;
	if (!system_error)
		return true;
	unlink(path);
	return failed(why, path, system_error);
}

/* Above, what is there already may say so in many ways. */
static bool make_one(const char *path, bool is_above)
{
	return mkdir(path, S_IRWXU) == 0 || errno == EEXIST ||
	       (is_above && (errno == EROFS || errno == EACCES));
}

bool file_make_folder(const char *path)
{
	char *part = mem_strdup(path);
	bool is_made = true;
	int system_error;

	for (char *at = part + (*part != 0); *at && is_made; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		is_made = make_one(part, true);
		*at = '/';
	}
	is_made = is_made && make_one(part, false);
	system_error = errno;
	mem_free(part);
	errno = system_error;
	return is_made;
}

const char *file_expand_home(struct arena *arena, const char *path)
{
	const char *home;

	if (path[0] != '~' || (path[1] && path[1] != '/'))
		return arena_strdup(arena, path);
	home = process_home(arena);
	if (!home)
		return arena_strdup(arena, path);
	return arena_printf(arena, "%s%s", home, path + 1);
}
