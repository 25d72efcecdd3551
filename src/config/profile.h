/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A configuration file that is changed: an account added or mended, and every
 * other byte as it was.
 *
 *	const struct profile_line lines[] = {
 *		{ "host", "mail.example.org" },
 *		{ "passwordeval", NULL },       no such line is left
 *	};
 *	profile_put(text, "work", lines, 2, &out);
 *	profile_write(path, buf_span(&out), why);
 */
#ifndef CONFIG_PROFILE_H
#define CONFIG_PROFILE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct profile_line {
	const char *keyword;
	const char *value; /* NULL: none */
};

/* Appends TEXT to OUT with an account NAME that says LINES.  One that is there
 * keeps its other lines, and their order; its lines of these keywords are
 * changed where they stand, or left out, and new ones stand at its end.  A new
 * account stands at the end of the text. */
void profile_put(struct span text, const char *name,
	const struct profile_line *lines, size_t count, struct buf *out);

struct profile_access {
	uid_t owner;
	gid_t group;
	mode_t mode;
};

/* Replaces PATH, links followed, by TEXT in one step.  Without ACCESS it keeps
 * owner, group and mode; a new one is ours and 0600, in a folder that is made.
 * Fails with DIAG_FILE_FAILED, and PATH is what it was. */
bool profile_write(const char *path, struct span text,
	const struct profile_access *access, struct diag *why);
/* Whether that can be done, as far as it can be told before: to be asked before
 * a person is asked for anything.  Fails in the same way. */
bool profile_may_write(const char *path, struct diag *why);

#endif
