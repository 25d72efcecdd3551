/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One log as a run of lines: a file, with what was rotated away from it last
 * before it, or what a program prints; and what is added later.  Knows nothing
 * of what the lines say.
 *
 *	tail = log_tail_file(path, since, why);
 *	while (log_tail_next(tail, &line, why) == LINES_GOT)
 *		…
 *	log_tail_close(tail);
 */
#ifndef CMD_LOG_TAIL_H
#define CMD_LOG_TAIL_H

#include "base/diag.h"
#include "base/lines.h"

#include <stdbool.h>
#include <stdint.h>

struct log_tail;

/* PATH, which lives as long, and "-" is standard input.  The file before it is
 * PATH.1, or the newest PATH-20261130, unless it was not written to after SINCE
 * (seconds since the epoch).  A file that is not there has no lines, and
 * log_tail_was_there() says so.  Fails with DIAG_FILE_UNREADABLE. */
struct log_tail *log_tail_file(
	const char *path, int64_t since, struct diag *why);
/* What the program prints (base/program); with IS_FOLLOWED it does not end. */
struct log_tail *log_tail_program(
	const char *const *arguments, bool is_followed, struct diag *why);
/* The next line, borrowed until the next call.  LINES_END: there is none now;
 * then log_tail_follow() may find more later. */
enum lines_result log_tail_next(
	struct log_tail *tail, struct span *line, struct diag *why);
/* The last line without a newline, if there is one: after LINES_END, when
 * nobody wants to wait for the rest of it. */
bool log_tail_rest(struct log_tail *tail, struct span *line);
/* After LINES_END: goes over to the file that has taken the place of the one
 * that was read, or back to its begin when it was emptied.  Whether
 * log_tail_next() is to be asked at once. */
bool log_tail_follow(struct log_tail *tail);
/* A descriptor that becomes readable when there is more, or -1. */
int log_tail_fd(const struct log_tail *tail);
/* Whether its file is there, or was when it was read. */
bool log_tail_was_there(const struct log_tail *tail);
uint64_t log_tail_passed_over(const struct log_tail *tail);
/* The exit status of a program whose output was read to its end, else 0. */
int log_tail_close(struct log_tail *tail);

#endif
