/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the log is: the files that are named, or those of the accounts, the
 * system's journal or its log files, and what is kept where there is none.
 */
#ifndef CMD_LOG_SOURCES_H
#define CMD_LOG_SOURCES_H

#include "base/mem.h"
#include "cmd/log_tail.h"
#include "config/argv.h"
#include "log/line.h"

#include <stdbool.h>
#include <stddef.h>

enum { LOG_SOURCES_LIMIT = 100 };

struct log_source {
	struct log_tail *tail;
	const char *name; /* a path, or "the journal" translated */
	bool is_program;
	/* Accounts log here too that have a file of their own: what they say is
	 * there. */
	bool is_shared;
};

struct log_sources {
	struct arena *arena;
	struct log_source *items;
	size_t count;
	const char **own_files; /* the accounts with a logfile, by name */
	size_t own_file_count;
	int exit_code; /* of what could not be read, or 0 */
};

struct log_wish {
	const struct request *request; /* its operands are files */
	int64_t since;                 /* seconds since the epoch; 0: all */
	bool is_followed;
};

/* Opens what there is; what cannot be read is told on stderr and is in the exit
 * code.  Everything lives in SOURCES->arena, which is the caller's. */
void log_sources_open(struct log_sources *sources, const struct log_wish *wish);
/* Whether the line, of SOURCE, stands in another source as well. */
bool log_sources_have_twice(const struct log_sources *sources,
	const struct log_source *source, const struct log_line *line);
void log_sources_close(struct log_sources *sources);

#endif
