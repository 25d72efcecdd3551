/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A FIFO between those who queue and the one who runs.  Knows ids only. */
#include <config.h>

#include "deliver/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WHO_LIMIT = 100 };

static const char fifo_name[] = "wake";
static const char lock_name[] = "runner";
static const char full_name[] = "wake.full";

/* Opening for writing fails with ENXIO when nobody reads. */
static int open_for_writing(const struct spool *spool)
{
	struct stat status;
	int fd = openat(spool_fd(spool), fifo_name,
		O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISFIFO(status.st_mode))) {
		folder_close(fd);
		return -1;
	}
	return fd;
}

bool wake_is_heard(const struct spool *spool)
{
	int fd = open_for_writing(spool);

	folder_close(fd);
	return fd >= 0;
}

/* The reader finds it when it has read what there is. */
static void mark_full(const struct spool *spool)
{
	int fd = openat(spool_fd(spool), full_name,
		O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		S_IRUSR | S_IWUSR);

	spool_give(spool, fd);
	folder_close(fd);
}

bool wake_send(const struct spool *spool, const char *id)
{
	int fd = open_for_writing(spool);
	char line[RECORD_ID_LENGTH + 2];
	ssize_t put;
	bool is_full;

	if (fd < 0)
		return false;
	snprintf(line, sizeof line, "%s\n", id);
	put = write(fd, line, strlen(line));
	is_full = put < 0 && errno == EAGAIN;
	if (is_full) {
		mark_full(spool);
		/* It may have read everything, and looked for the mark, just
		 * before: then there is room now, and it wakes up. */
		put = write(fd, line, strlen(line));
		is_full = put < 0 && errno == EAGAIN;
	}
	folder_close(fd);
	return put > 0 || is_full;
}

bool wake_send_many(const struct spool *spool, const char *id)
{
	if (!wake_is_heard(spool))
		return false;
	mark_full(spool);
	return wake_send(spool, id);
}

/* ---- the runner's end ---------------------------------------------------- */

static int open_for_reading(const struct spool *spool)
{
	int queue = spool_fd(spool), fd;
	struct stat status;

	if (mkfifoat(queue, fifo_name, S_IRUSR | S_IWUSR) < 0 &&
		errno != EEXIST)
		return -1;
	fd = openat(queue, fifo_name,
		O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISFIFO(status.st_mode))) {
		folder_close(fd);
		errno = EINVAL;
		return -1;
	}
	spool_give(spool, fd);
	return fd;
}

/* For people who want to know who it is: nothing hangs on it. */
static void put_name(int fd, const char *who)
{
	char line[WHO_LIMIT];
	int length = snprintf(
		line, sizeof line, "%s (pid %ld)\n", who, (long)getpid());

	if (ftruncate(fd, 0) < 0 || pwrite(fd, line, (size_t)length, 0) < 0)
		errno = 0;
}

/* Up to the first byte that has no business in a sentence: the file is that of
 * the queue's owner, the reader may be root. */
const char *wake_listener(const struct spool *spool, struct arena *arena)
{
	char line[WHO_LIMIT];
	size_t length = 0;
	ssize_t got = -1;
	int fd;

	if (!wake_is_heard(spool))
		return NULL;
	fd = openat(spool_fd(spool), lock_name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		got = pread(fd, line, sizeof line, 0);
	folder_close(fd);
	while (got > 0 && length < (size_t)got && line[length] >= ' ' &&
		line[length] <= '~')
		length++;
	return length ? arena_strndup(arena, line, length) : NULL;
}

enum wake_result wake_listen(
	const struct spool *spool, struct wake *wake, const char *who)
{
	int error;

	*wake = (struct wake){ -1, -1, -1 };
	wake->lock_fd = openat(spool_fd(spool), lock_name,
		O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		S_IRUSR | S_IWUSR);
	spool_give(spool, wake->lock_fd);
	if (wake->lock_fd < 0)
		return WAKE_FAILED;
	if (flock(wake->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		error = errno;
		wake_close(wake);
		errno = error;
		return error == EWOULDBLOCK ? WAKE_TAKEN : WAKE_FAILED;
	}
	put_name(wake->lock_fd, who);
	if (wake_resume(spool, wake))
		return WAKE_LISTENING;
	error = errno;
	wake_close(wake);
	errno = error;
	return WAKE_FAILED;
}

bool wake_resume(const struct spool *spool, struct wake *wake)
{
	wake->fd = open_for_reading(spool);
	if (wake->fd >= 0)
		wake->keep_fd = open_for_writing(spool);
	return wake->fd >= 0;
}

/* Lines are written whole (they are shorter than PIPE_BUF), so that so many
 * bytes are always one. */
bool wake_receive(struct wake *wake, char *id, size_t size)
{
	char line[RECORD_ID_LENGTH + 1];
	ssize_t got = wake->fd < 0 ? 0 : read(wake->fd, line, sizeof line);

	if (got != (ssize_t)sizeof line)
		return false;
	snprintf(id, size, "%.*s", RECORD_ID_LENGTH, line);
	return true;
}

bool wake_was_full(const struct spool *spool)
{
	return unlinkat(spool_fd(spool), full_name, 0) == 0;
}

void wake_stop_listening(struct wake *wake)
{
	folder_close(wake->fd);
	folder_close(wake->keep_fd);
	wake->fd = wake->keep_fd = -1;
}

void wake_close(struct wake *wake)
{
	wake_stop_listening(wake);
	folder_close(wake->lock_fd);
	*wake = (struct wake){ -1, -1, -1 };
}
