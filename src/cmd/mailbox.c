/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cutting mailboxes into messages. */
#include <config.h>

#include "cmd/mailbox.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_START_BYTES = 5 };

static const struct span separator = { "From ", LINE_START_BYTES };

/* Of a message that is too long the end is missing. */
struct cutter {
	void (*take)(void *context, struct span message);
	void *context;
	struct buf message;
	struct buf line; /* its beginning, as far as it came */
	bool is_mbox, is_full, was_empty;
};

static void end_message(struct cutter *c)
{
	if (c->message.length)
		c->take(c->context, buf_span(&c->message));
	buf_clear(&c->message);
	c->is_full = false;
}

static void keep(struct cutter *c, struct span bytes)
{
	size_t room = MAILBOX_MESSAGE_LIMIT - c->message.length;

	if (bytes.length > room)
		c->is_full = true;
	buf_put_span(&c->message,
		span_make(bytes.at, bytes.length > room ? room : bytes.length));
}

static bool is_separator(const struct cutter *c, struct span line)
{
	return c->is_mbox && c->was_empty && span_starts_with(line, separator);
}

/* A line, or what there is of it at the end. */
static void take_line(struct cutter *c)
{
	struct span line = buf_span(&c->line);

	if (!c->message.length && !c->is_mbox)
		c->is_mbox = span_starts_with(line, separator);
	if (is_separator(c, line))
		end_message(c);
	c->was_empty = !span_trim(line).length;
	keep(c, line);
	buf_clear(&c->line);
}

static void take_piece(struct cutter *c, struct span piece)
{
	while (piece.length) {
		size_t length = span_find(piece, '\n');
		bool is_whole = length < piece.length;

		buf_put_span(&c->line, span_make(piece.at, length + is_whole));
		piece = span_skip(piece, length + is_whole);
		/* A line without an end in sight is no separator. */
		if (is_whole || c->line.length > MAILBOX_MESSAGE_LIMIT / 2)
			take_line(c);
	}
}

bool mailbox_walk_fd(int fd, void (*take)(void *context, struct span message),
	void *context, struct diag *why)
{
	struct cutter cutter = { .take = take,
		.context = context,
		.message = BUF_INIT(MAILBOX_MESSAGE_LIMIT),
		.line = BUF_INIT(2 * MAILBOX_MESSAGE_LIMIT),
		.was_empty = true };
	struct source *source = source_from_fd(fd);
	struct span piece;
	bool is_fine;

	while ((is_fine = source_next(source, &piece, why)) && piece.length)
		take_piece(&cutter, piece);
	take_line(&cutter);
	end_message(&cutter);
	source_close(source);
	buf_free(&cutter.message);
	buf_free(&cutter.line);
	return is_fine;
}

/* ---- files and folders --------------------------------------------------- */

static bool fail(enum diag_id id, const char *path, struct diag *why)
{
	int error = errno;

	return diag_set_errno(why, error, id, path);
}

static int is_message_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* What went away meanwhile has been read by somebody else. */
static bool walk_folder(const char *path,
	void (*take)(void *context, struct span message), void *context,
	struct diag *why)
{
	struct dirent **names;
	int count = scandir(path, &names, is_message_name, alphasort);
	bool is_fine = count >= 0 || fail(DIAG_FILE_UNREADABLE, path, why);
	struct arena *arena = arena_new();

	for (int i = 0; i < count; i++) {
		const char *file =
			arena_printf(arena, "%s/%s", path, names[i]->d_name);

		is_fine = is_fine &&
			  (access(file, F_OK) < 0 ||
				  mailbox_walk(file, take, context, why));
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	arena_free(arena);
	return is_fine;
}

static bool walk_maildir(const char *path,
	void (*take)(void *context, struct span message), void *context,
	struct diag *why)
{
	struct arena *arena = arena_new();
	const char *new = arena_printf(arena, "%s/new", path);
	bool is_fine;

	if (access(new, F_OK) < 0)
		is_fine = diag_set(why, DIAG_FILE_NO_MAILDIR, path);
	else
		is_fine = walk_folder(new, take, context, why) &&
			  walk_folder(arena_printf(arena, "%s/cur", path), take,
				  context, why);
	arena_free(arena);
	return is_fine;
}

bool mailbox_walk(const char *path,
	void (*take)(void *context, struct span message), void *context,
	struct diag *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	bool is_fine;

	if (fd < 0 || fstat(fd, &status) < 0)
		is_fine = fail(DIAG_FILE_UNREADABLE, path, why);
	else if (S_ISDIR(status.st_mode))
		is_fine = walk_maildir(path, take, context, why);
	else
		is_fine = mailbox_walk_fd(fd, take, context, why);
	if (fd >= 0)
		(void)close(fd);
	return is_fine;
}
