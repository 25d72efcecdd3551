/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens what may be trusted.  Knows nothing of what is in the files. */
#include <config.h>

#include "spool/folder.h"

#include "base/disk.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { WRITE_BYTES = 64 * 1024 };

void folder_close(int fd)
{
	int kept = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = kept;
}

/* A link that root put into a folder of root's (/home on some systems) leads
 * where root wants. */
static bool is_roots_link(int parent_fd, const char *name)
{
	struct stat parent, link;

	return fstat(parent_fd, &parent) == 0 && parent.st_uid == 0 &&
	       (parent.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	       fstatat(parent_fd, name, &link, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(link.st_mode) && link.st_uid == 0;
}

/* What was looked up may not be open for reading.  A folder that we may write
 * to but not list cannot be synced. */
static bool sync_parent(int parent_fd)
{
	int fd = openat(parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd < 0 ? errno == EACCES : disk_sync(fd);

	folder_close(fd);
	return is_synced;
}

/* A queue whose name is lost in a power cut has lost its mail.  Synced as well
 * when another process was faster: ours may be done before its sync is. */
static bool make_step(int parent_fd, const char *name)
{
	int error;

	if (mkdirat(parent_fd, name, S_IRWXU) < 0 && errno != EEXIST)
		return false;
	if (sync_parent(parent_fd))
		return true;
	error = errno;
	(void)unlinkat(parent_fd, name, AT_REMOVEDIR);
	errno = error;
	return false;
}

static int open_step(int parent_fd, const char *name, bool may_create)
{
	int fd = disk_open_folder(parent_fd, name);

	if (fd < 0 && errno == ENOENT && may_create &&
		make_step(parent_fd, name))
		fd = disk_open_folder(parent_fd, name);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR)) {
		int error = errno;

		if (is_roots_link(parent_fd, name))
			return openat(parent_fd, name,
				O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		errno = error;
	}
	return fd;
}

/* Replaces *FD by the folder PATH below it. */
static bool walk(int *fd, const char *path, bool may_create)
{
	struct span rest = span_of(path);

	while (rest.length) {
		struct span step = span_cut(&rest, '/');
		char name[NAME_MAX + 1];
		int next;

		if (!step.length)
			continue;
		if (step.length > NAME_MAX) {
			errno = ENAMETOOLONG;
			return false;
		}
		memcpy(name, step.at, step.length);
		name[step.length] = '\0';
		next = open_step(*fd, name, may_create);
		folder_close(*fd);
		*fd = next;
		if (next < 0)
			return false;
	}
	return true;
}

static const char *find_fault(const struct stat *status)
{
	uid_t us = geteuid();

	if (us != 0 && status->st_uid != us)
		return DIAG_WORDS N_("it belongs to another user");
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return DIAG_WORDS N_("others can write to it");
	return NULL;
}

static bool base_is_trusted(int fd, const struct folder_params *params)
{
	struct stat status;

	return !params->base_is_ours ||
	       (fstat(fd, &status) == 0 && status.st_uid == geteuid());
}

static bool complain(const struct folder_params *params, const char *reason,
	struct diag *why)
{
	struct buf path = BUF_INIT(PATH_MAX);
	int error = errno;

	buf_printf(&path, "%s/%s", params->base, params->rest);
	if (reason) {
		diag_set(why, DIAG_QUEUE_NOT_OURS, buf_text(&path), reason);
	} else {
		diag_set(why, DIAG_QUEUE_FOLDER, buf_text(&path));
		diag_add_errno(why, error);
	}
	buf_free(&path);
	return false;
}

/* What was looked up is opened for reading, and is still the same folder. */
static int open_for_reading(int *fd)
{
	int reading = openat(*fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	folder_close(*fd);
	*fd = reading;
	return reading;
}

int folder_open(const struct folder_params *params, struct diag *why)
{
	struct stat status;
	const char *fault = NULL;
	int fd = -1;

	if (params->base[0] != '/') {
		complain(params,
			DIAG_WORDS N_("its name does not begin with '/'"), why);
		return -1;
	}
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || !walk(&fd, params->base, false))
		goto done;
	if (!base_is_trusted(fd, params)) {
		fault = DIAG_WORDS N_(
			"the home folder belongs to another user");
		goto done;
	}
	if (!walk(&fd, params->rest, params->may_create) ||
		open_for_reading(&fd) < 0 || fstat(fd, &status) < 0)
		goto done;
	fault = find_fault(&status);
	if (!fault)
		return fd;
done:
	complain(params, fault, why);
	folder_close(fd);
	return -1;
}

/* ---- files --------------------------------------------------------------- */

static const char *find_file_fault(const struct stat *status, uid_t owner)
{
	if (!S_ISREG(status->st_mode))
		return DIAG_WORDS N_("it is no regular file");
	if (status->st_uid != owner)
		return DIAG_WORDS N_("it belongs to another user");
	if (status->st_nlink > 1)
		return DIAG_WORDS N_("it has a second name");
	return NULL;
}

static enum folder_result why_not_open(const char **reason)
{
	*reason = NULL;
	if (errno == ENOENT)
		return FOLDER_MISSING;
	if (errno == EISDIR)
		return FOLDER_IS_FOLDER;
	if (errno != ELOOP && errno != ENXIO && errno != ENOTDIR)
		return FOLDER_FAILED;
	*reason = DIAG_WORDS N_("it is no regular file");
	return FOLDER_WRONG;
}

static enum folder_result check_file(
	const struct stat *status, uid_t owner, const char **reason)
{
	if (S_ISDIR(status->st_mode))
		return FOLDER_IS_FOLDER;
	*reason = find_file_fault(status, owner);
	return *reason ? FOLDER_WRONG : FOLDER_OK;
}

enum folder_result folder_open_file(int folder_fd, const char *name, int flags,
	uid_t owner, int *fd, struct stat *status, const char **reason)
{
	enum folder_result result = FOLDER_FAILED;

	*fd = openat(folder_fd, name,
		flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd < 0)
		return why_not_open(reason);
	*reason = NULL;
	if (fstat(*fd, status) == 0)
		result = check_file(status, owner, reason);
	if (result == FOLDER_OK)
		return FOLDER_OK;
	folder_close(*fd);
	*fd = -1;
	return result;
}

bool folder_read(int fd, off_t offset, size_t size, struct arena *arena,
	struct span *out)
{
	char *bytes = arena_alloc(arena, size + 1);
	size_t length = 0;

	while (length < size) {
		ssize_t got = pread(fd, bytes + length, size - length,
			offset + (off_t)length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	*out = span_make(bytes, length);
	return true;
}

bool folder_write(int fd, struct span bytes, off_t offset)
{
	while (bytes.length) {
		ssize_t put = pwrite(fd, bytes.at, bytes.length, offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			if (put == 0)
				errno = ENOSPC;
			return false;
		}
		bytes = span_skip(bytes, (size_t)put);
		offset += (off_t)put;
	}
	return true;
}

/* Pieces of a source are small where lines are edited; writes are not. */
struct writer {
	int fd;
	off_t offset;
	struct buf pending;
};

static bool writer_flush(struct writer *writer)
{
	if (!folder_write(
		    writer->fd, buf_span(&writer->pending), writer->offset))
		return false;
	writer->offset += (off_t)writer->pending.length;
	buf_clear(&writer->pending);
	return true;
}

static bool writer_put(struct writer *writer, struct span piece)
{
	while (piece.length) {
		size_t room = WRITE_BYTES - writer->pending.length;
		size_t length = piece.length < room ? piece.length : room;

		buf_put(&writer->pending, piece.at, length);
		piece = span_skip(piece, length);
		if (writer->pending.length == WRITE_BYTES &&
			!writer_flush(writer))
			return false;
	}
	return true;
}

enum folder_copied folder_copy(int fd, off_t offset, struct source *source,
	uint64_t *size_bytes, struct diag *why)
{
	struct writer writer = { fd, offset, BUF_INIT(WRITE_BYTES) };
	enum folder_copied result = FOLDER_NOT_WRITTEN;
	struct span piece;

	do {
		if (!source_next(source, &piece, why)) {
			result = FOLDER_NOT_READ;
			goto done;
		}
		if (!writer_put(&writer, piece))
			goto done;
	} while (piece.length);
	if (writer_flush(&writer))
		result = FOLDER_COPIED;
	*size_bytes = (uint64_t)(writer.offset - offset);
done:
	buf_free(&writer.pending);
	return result;
}
