/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of what is done with.  Knows no entry and no lock of one. */
#include <config.h>

#include "spool/history.h"

#include "base/mem.h"
#include "spool/folder.h"
#include "spool/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* In front of each line of a head. */
static const char head_word[] = "head ";

struct name {
	char text[sizeof "jobs//history" + RECORD_JOB_LENGTH];
};

static struct name name_of_job(const char *id)
{
	struct name name;

	snprintf(name.text, sizeof name.text, "jobs/%.*s/history",
		RECORD_JOB_LENGTH, id);
	return name;
}

int history_open_job(int folder_fd, uid_t owner, const char *id)
{
	struct name name = name_of_job(id);
	int fd = openat(folder_fd, name.text,
		O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
			      status.st_uid == owner))
		return fd;
	folder_close(fd);
	return -1;
}

/* Opens history for appending, turned over when it has grown. */
int history_open(int folder_fd)
{
	int fd = openat(folder_fd, "history",
		O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK |
			O_CLOEXEC,
		S_IRUSR | S_IWUSR);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
		status.st_size < HISTORY_BYTES)
		return fd;
	/* Only one of several may turn it over. */
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		struct stat now;

		if (fstatat(folder_fd, "history", &now, AT_SYMLINK_NOFOLLOW) ==
				0 &&
			now.st_ino == status.st_ino)
			(void)renameat(
				folder_fd, "history", folder_fd, "history.1");
	}
	return fd;
}

bool history_put(int fd, struct span record, struct span head)
{
	struct buf block = BUF_INIT(RECORD_LIMIT);
	bool is_put;

	buf_put_span(&block, record);
	while (head.length) {
		buf_puts(&block, head_word);
		buf_put_span(&block, span_cut(&head, '\n'));
		buf_put_byte(&block, '\n');
	}
	buf_put_byte(&block, '\n');
	is_put = write(fd, block.data, block.length) == (ssize_t)block.length;
	buf_free(&block);
	return is_put;
}

static void take_block(struct span block, struct buf *out, struct buf *head)
{
	struct span word = span_of(head_word);

	/* A crash can have written it twice: the last one counts. */
	buf_clear(out);
	if (head)
		buf_clear(head);
	while (block.length) {
		struct span line = span_cut(&block, '\n');
		bool is_head = span_starts_with(line, word);
		struct buf *into = is_head ? head : out;

		if (!into)
			continue;
		buf_put_span(
			into, is_head ? span_skip(line, word.length) : line);
		buf_put_byte(into, '\n');
	}
}

/* Blocks are separated by an empty line; the id is the second line of one. */
static bool find_block(
	struct span text, const char *id, struct buf *out, struct buf *head)
{
	bool is_found = false;

	while (text.length) {
		const char *end = NULL;
		struct span block = text, rest, line;

		for (size_t i = 0; i + 1 < text.length && !end; i++)
			if (text.at[i] == '\n' && text.at[i + 1] == '\n')
				end = text.at + i + 1;
		if (end)
			block.length = (size_t)(end - text.at);
		text = span_skip(text, block.length + 1);
		rest = block;
		span_cut(&rest, '\n');
		line = span_cut(&rest, '\n');
		if (span_starts_with(line, SPAN("id ")) &&
			span_equal(span_skip(line, 3), span_of(id))) {
			take_block(block, out, head);
			is_found = true;
		}
	}
	return is_found;
}

bool history_find(int folder_fd, uid_t owner, const char *id, struct buf *out,
	struct buf *head)
{
	const struct name of_job = name_of_job(id);
	const char *const names[] = { "history.1", "history", of_job.text };
	bool is_found = false;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct arena *arena = arena_new();
		const char *reason;
		struct stat status;
		struct span text;
		int fd = -1;

		if (folder_open_file(folder_fd, names[i], O_RDONLY, owner, &fd,
			    &status, &reason) == FOLDER_OK &&
			status.st_size <= RECORD_LIMIT &&
			folder_read(
				fd, 0, (size_t)status.st_size, arena, &text) &&
			find_block(text, id, out, head))
			is_found = true;
		folder_close(fd);
		arena_free(arena);
	}
	return is_found;
}
