/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that hold still.  Does not know what is in them. */
#include <config.h>

#include "base/snapshot.h"

#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SNAPSHOT_PIECE_BYTES = 64 * 1024 };

/* Invariant: fd is -1 unless the file is being read; got counts the bytes since
 * it was opened. */
struct snapshot {
	struct source source;
	struct snapshot *older; /* of all that there are */
	const char *path;
	struct stat then;
	int fd;
	bool is_at_end;
	uint64_t got;
	char piece[SNAPSHOT_PIECE_BYTES];
};

static struct snapshot *newest;

static const char *kind(mode_t mode)
{
	if (S_ISDIR(mode))
		return _("a directory");
	if (S_ISFIFO(mode))
		return _("a pipe");
	if (S_ISSOCK(mode))
		return _("a socket");
	return _("a device");
}

/* What to do instead, or NULL. */
static const char *way_out(mode_t mode)
{
	if (S_ISDIR(mode))
		return N_("pack it into one file first, as with tar");
	if (S_ISFIFO(mode))
		return N_("'-' instead of a file name reads standard input");
	return N_("name a file that has an end");
}

static bool unreadable(const char *path, struct diag *why)
{
	int system_error = errno;

	return diag_set_errno(why, system_error, DIAG_FILE_UNREADABLE, path);
}

/* Without O_NONBLOCK a pipe would wait for somebody to write. */
static int open_file(const char *path)
{
	return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool check_unchanged(const struct snapshot *from, struct diag *why)
{
	struct stat now;

	if (fstat(from->fd, &now))
		return unreadable(from->path, why);
	return is_same(&now, &from->then) ||
	       diag_set(why, DIAG_FILE_CHANGED, from->path);
}

static bool begin(struct snapshot *from, struct diag *why)
{
	if (from->fd >= 0 || from->is_at_end)
		return true;
	from->fd = open_file(from->path);
	from->got = 0;
	if (from->fd < 0)
		return unreadable(from->path, why);
	return check_unchanged(from, why);
}

static void end(struct snapshot *from)
{
	if (from->fd >= 0)
		close(from->fd);
	from->fd = -1;
}

static bool finish(struct snapshot *from, struct diag *why)
{
	bool is_same_size = from->got == (uint64_t)from->then.st_size;

	if (!check_unchanged(from, why))
		return false;
	if (!is_same_size)
		return diag_set(why, DIAG_FILE_CHANGED, from->path);
	from->is_at_end = true;
	end(from);
	return true;
}

static bool snapshot_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct snapshot *from = (struct snapshot *)source;
	ssize_t got;

	*piece = SPAN("");
	if (from->is_at_end)
		return true;
	if (!begin(from, why))
		return false;
	do
		got = read(from->fd, from->piece, sizeof from->piece);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return unreadable(from->path, why);
	if (!got)
		return finish(from, why);
	from->got += (uint64_t)got;
	*piece = span_make(from->piece, (size_t)got);
	return true;
}

static bool snapshot_rewind(struct source *source, struct diag *why)
{
	struct snapshot *from = (struct snapshot *)source;

	(void)why;
	end(from);
	from->is_at_end = false;
	return true;
}

static void snapshot_close(struct source *source)
{
	struct snapshot **place = &newest;

	while (*place != (struct snapshot *)source)
		place = &(*place)->older;
	*place = (*place)->older;
	end((struct snapshot *)source);
	mem_free(source);
}

void snapshot_each(void (*each)(void *context, const char *path), void *context)
{
	for (const struct snapshot *from = newest; from; from = from->older)
		each(context, from->path);
}

struct source *snapshot_new(const char *path, struct diag *why)
{
	static const struct source_ops ops = { .next = snapshot_next,
		.rewind = snapshot_rewind,
		.close = snapshot_close };
	struct snapshot *from;
	struct stat then;
	int fd = open_file(path);

	/* A socket cannot be opened, but what it is can be said. */
	if (fd < 0 && (errno != ENXIO || stat(path, &then))) {
		unreadable(path, why);
		return NULL;
	}
	if (fd >= 0 && fstat(fd, &then)) {
		unreadable(path, why);
		close(fd);
		return NULL;
	}
	if (fd >= 0)
		close(fd);
	if (!S_ISREG(then.st_mode)) {
		diag_set(why, DIAG_FILE_NOT_REGULAR, path, kind(then.st_mode));
		diag_add_hint(why, way_out(then.st_mode));
		return NULL;
	}
	from = mem_zalloc(sizeof *from);
	from->source.ops = &ops;
	from->path = path;
	from->then = then;
	from->fd = -1;
	from->older = newest;
	newest = from;
	return &from->source;
}
