/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of a descriptor, with a stated maximum: a longer one is passed over,
 * and counted.
 *
 *	struct lines *lines = lines_new(fd, LIMIT);
 *	while (lines_next(lines, &line, why) == LINES_GOT)
 *		…
 *	if (lines_rest(lines, &line)) … what had no newline yet …
 *	lines_free(lines);
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lines_result { LINES_GOT, LINES_END, LINES_FAILED };

struct lines;

/* FD stays the caller's. */
struct lines *lines_new(int fd, size_t limit);
/* The next line without its newline, borrowed until the next call.  After
 * LINES_END more may come: a file may grow, a pipe that is not waited for
 * (O_NONBLOCK) may be empty.  Fails with
 * DIAG_INPUT_UNREADABLE. */
enum lines_result lines_next(
	struct lines *lines, struct span *line, struct diag *why);
/* After LINES_END: what stands behind the last newline; false when there is
 * nothing, or too much. */
bool lines_rest(struct lines *lines, struct span *line);
/* How many were too long. */
uint64_t lines_passed_over(const struct lines *lines);
void lines_free(struct lines *lines);

#endif
