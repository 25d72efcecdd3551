/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a descriptor.  Does not know what stands in them. */
#include <config.h>

#include "base/lines.h"

#include "base/mem.h"

#include <errno.h>
#include <unistd.h>

enum { LINES_PIECE = 256 * 1024 };

/* Invariant: the bytes from START to END are there and not given yet; none of
 * those before SEEN is a newline. */
struct lines {
	int fd;
	size_t limit, room, start, seen, end;
	uint64_t passed_over;
	bool is_passing_over; /* up to the next newline */
	char *bytes;
};

struct lines *lines_new(int fd, size_t limit)
{
	struct lines *lines = mem_alloc(sizeof *lines);

	*lines = (struct lines){
		.fd = fd, .limit = limit, .room = limit + LINES_PIECE
	};
	lines->bytes = mem_alloc(lines->room);
	return lines;
}

void lines_free(struct lines *lines)
{
	if (lines)
		mem_free(lines->bytes);
	mem_free(lines);
}

uint64_t lines_passed_over(const struct lines *lines)
{
	return lines->passed_over;
}

/* Cuts the next line off what is there. */
static bool cut_line(struct lines *lines, struct span *line)
{
	const char *begin = lines->bytes + lines->start;
	const char *newline = memchr(
		lines->bytes + lines->seen, '\n', lines->end - lines->seen);

	if (!newline) {
		lines->seen = lines->end;
		return false;
	}
	*line = span_make(begin, (size_t)(newline - begin));
	lines->start = lines->seen = (size_t)(newline - lines->bytes) + 1;
	return true;
}

/* Makes room for more, and forgets what is too long. */
static void make_room(struct lines *lines)
{
	size_t length = lines->end - lines->start;

	if (length > lines->limit || lines->is_passing_over) {
		lines->passed_over += !lines->is_passing_over;
		lines->is_passing_over = true;
		length = 0;
	}
	if (length && lines->start)
		memmove(lines->bytes, lines->bytes + lines->start, length);
	lines->start = 0;
	lines->seen = lines->end = length;
}

static enum lines_result read_more(struct lines *lines, struct diag *why)
{
	ssize_t got;

	make_room(lines);
	do
		got = read(lines->fd, lines->bytes + lines->end,
			lines->room - lines->end);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return LINES_END;
	if (got < 0) {
		diag_set(why, DIAG_INPUT_UNREADABLE);
		diag_add_errno(why, errno);
		return LINES_FAILED;
	}
	lines->end += (size_t)got;
	return got ? LINES_GOT : LINES_END;
}

enum lines_result lines_next(
	struct lines *lines, struct span *line, struct diag *why)
{
	enum lines_result result;

	for (;;) {
		while (cut_line(lines, line)) {
			if (!lines->is_passing_over &&
				line->length <= lines->limit)
				return LINES_GOT;
			lines->passed_over += !lines->is_passing_over;
			lines->is_passing_over = false;
		}
		result = read_more(lines, why);
		if (result != LINES_GOT)
			return result;
	}
}

bool lines_rest(struct lines *lines, struct span *line)
{
	*line = span_make(
		lines->bytes + lines->start, lines->end - lines->start);
	if (!line->length || lines->is_passing_over ||
		line->length > lines->limit)
		return false;
	lines->start = lines->seen = lines->end;
	return true;
}
