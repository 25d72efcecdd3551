/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Byte sources and the store.  Does not know what a line is. */
#include <config.h>

#include "base/source.h"

#include "base/interrupt.h"
#include "base/mem.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>
#ifdef HAVE_MEMFD_CREATE
#include <sys/mman.h>
#endif

enum { SOURCE_PIECE_BYTES = 64 * 1024, STORE_PATH_BYTES = 4096 };

/* ---- from a descriptor --------------------------------------------------- */

struct fd_source {
	struct source source;
	int fd;
	bool is_at_end;
	char piece[SOURCE_PIECE_BYTES];
};

/* Standard input may have been left non-blocking by whoever shares it. */
static ssize_t read_patiently(int fd, char *into, size_t size)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	for (;;) {
		ssize_t got = -1;

		if (interrupt_fd() < 0 || interrupt_poll(&wait, 1, -1) >= 0)
			got = read(fd, into, size);
		if (got >= 0)
			return got;
		if (errno == EAGAIN)
			(void)interrupt_poll(&wait, 1, -1);
		else if (errno != EINTR)
			return -1;
	}
}

static bool fd_next(struct source *source, struct span *piece, struct diag *why)
{
	struct fd_source *from = (struct fd_source *)source;
	ssize_t got = 0;

	if (!from->is_at_end)
		got = read_patiently(from->fd, from->piece, sizeof from->piece);
	if (got < 0) {
		if (errno == EBADF)
			return diag_set(why, DIAG_INPUT_CLOSED);
		if (errno == ECANCELED)
			return interrupt_explain(why);
		return diag_set(why, DIAG_INPUT_UNREADABLE) ||
		       diag_add_errno(why, errno);
	}
	from->is_at_end = got == 0;
	*piece = span_make(from->piece, (size_t)got);
	return true;
}

static void source_free(struct source *source)
{
	mem_free(source);
}

struct source *source_from_fd(int fd)
{
	static const struct source_ops ops = { .next = fd_next,
		.close = source_free };
	struct fd_source *from = mem_alloc(sizeof *from);

	from->source.ops = &ops;
	from->fd = fd;
	from->is_at_end = false;
	return &from->source;
}

/* ---- from memory --------------------------------------------------------- */

struct span_source {
	struct source source;
	struct span bytes;
	bool is_at_end;
};

static bool span_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct span_source *from = (struct span_source *)source;

	(void)why;
	*piece = from->is_at_end ? SPAN("") : from->bytes;
	from->is_at_end = true;
	return true;
}

static bool span_rewind(struct source *source, struct diag *why)
{
	(void)why;
	((struct span_source *)source)->is_at_end = false;
	return true;
}

struct source *source_from_span(struct span bytes)
{
	static const struct source_ops ops = {
		.next = span_next, .rewind = span_rewind, .close = source_free
	};
	struct span_source *from = mem_alloc(sizeof *from);

	*from = (struct span_source){ .source.ops = &ops, .bytes = bytes };
	return &from->source;
}

/* ---- the store ----------------------------------------------------------- */

/* Invariant: either fd is -1 and the bytes are in memory, or memory is empty
 * and the first `size` bytes of fd are the content. */
struct store {
	struct buf memory;
	uint64_t size;
	int fd;
	char place[STORE_PATH_BYTES]; /* of the file: for the diagnostic */
};

struct store_reader {
	struct source source;
	const struct store *store;
	uint64_t at;
	char piece[SOURCE_PIECE_BYTES];
};

struct store *store_new(size_t memory_limit)
{
	struct store *store = mem_zalloc(sizeof *store);

	buf_init(&store->memory, memory_limit);
	store->fd = -1;
	return store;
}

/* A file that has no name any more, or -1. */
static int open_unlinked(const char *folder)
{
	char path[STORE_PATH_BYTES];
	int length, fd;

	length = snprintf(path, sizeof path, "%s/mailchute.XXXXXX", folder);
	if (length < 0 || (size_t)length >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	(void)unlink(path);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static int open_in_memory(void)
{
#ifdef HAVE_MEMFD_CREATE
	return memfd_create("mailchute", MFD_CLOEXEC);
#else
	return -1;
#endif
}

static bool not_kept(
	const struct store *store, int system_error, struct diag *why)
{
	return diag_set_errno(
		why, system_error, DIAG_INPUT_NOT_KEPT, store->place);
}

static bool open_file(struct store *store, struct diag *why)
{
	const char *const folders[] = { process_getenv("TMPDIR"), "/var/tmp",
		"/tmp" };
	int system_error = ENOENT;

	for (size_t i = 0; store->fd < 0 && i < 3; i++) {
		if (!folders[i] || !*folders[i])
			continue;
		snprintf(store->place, sizeof store->place, "%s", folders[i]);
		store->fd = open_unlinked(folders[i]);
		if (store->fd < 0)
			system_error = errno;
	}
	if (store->fd < 0)
		store->fd = open_in_memory();
	return store->fd >= 0 || not_kept(store, system_error, why);
}

static bool write_file(struct store *store, struct span bytes, struct diag *why)
{
	while (bytes.length) {
		ssize_t written = write(store->fd, bytes.at, bytes.length);

		if (written < 0 && errno != EINTR)
			return not_kept(store, errno, why);
		if (written > 0)
			bytes = span_skip(bytes, (size_t)written);
	}
	return true;
}

static bool move_to_file(struct store *store, struct diag *why)
{
	if (!open_file(store, why) ||
		!write_file(store, buf_span(&store->memory), why))
		return false;
	buf_free(&store->memory);
	return true;
}

bool store_put(struct store *store, struct span bytes, struct diag *why)
{
	bool is_put = store->fd < 0 && buf_put_span(&store->memory, bytes);

	if (!is_put && store->fd < 0 && !move_to_file(store, why))
		return false;
	if (!is_put && !write_file(store, bytes, why))
		return false;
	store->size += bytes.length;
	return true;
}

uint64_t store_size(const struct store *store)
{
	return store->size;
}

static ssize_t read_at(const struct store_reader *from, char *into, size_t size)
{
	ssize_t got;

	do
		got = pread(from->store->fd, into, size, (off_t)from->at);
	while (got < 0 && errno == EINTR);
	return got;
}

static bool reader_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct store_reader *from = (struct store_reader *)source;
	uint64_t left = from->store->size - from->at;
	size_t length =
		left < SOURCE_PIECE_BYTES ? (size_t)left : SOURCE_PIECE_BYTES;
	ssize_t got;

	*piece = SPAN("");
	if (!length)
		return true;
	if (from->store->fd < 0) {
		*piece = span_skip(
			buf_span(&from->store->memory), (size_t)from->at);
		from->at = from->store->size;
		return true;
	}
	got = read_at(from, from->piece, length);
	if (got <= 0)
		/* A file that lost its end is a broken disk. */
		return not_kept(from->store, got < 0 ? errno : EIO, why);
	from->at += (uint64_t)got;
	*piece = span_make(from->piece, (size_t)got);
	return true;
}

static bool reader_rewind(struct source *source, struct diag *why)
{
	(void)why;
	((struct store_reader *)source)->at = 0;
	return true;
}

struct source *store_source(struct store *store)
{
	static const struct source_ops ops = { .next = reader_next,
		.rewind = reader_rewind,
		.close = source_free };
	struct store_reader *from = mem_alloc(sizeof *from);

	from->source.ops = &ops;
	from->store = store;
	from->at = 0;
	return &from->source;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	if (store->fd >= 0)
		close(store->fd);
	buf_free(&store->memory);
	mem_free(store);
}
