/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files, read whole or appended to, with the checks that secrets need. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"

#include <stdbool.h>
#include <sys/stat.h>

enum file_result { FILE_READ, FILE_MISSING, FILE_FAILED };

/* Reads a regular file whole into OUT; anything but a regular file, and a file
 * larger than OUT's limit, is a failure.  STATUS (may be NULL) is what fstat()
 * said of the descriptor that was read, so that a check of owner and mode is a
 * check of what was read.  FILE_MISSING (no such file or folder) sets no
 * diag; failure is DIAG_FILE_FAILED. */
enum file_result file_read(const char *path, struct buf *out,
	struct stat *status, struct diag *why);
/* Appends one line (and a newline) in one write under an advisory lock that is
 * waited for at most one second; creates the file with mode 0600. */
bool file_append_line(const char *path, const char *line, struct diag *why);
/* Writes all of BYTES to FD, however often that takes; false with errno. */
bool file_write(int fd, struct span bytes);
/* Writes one line (and a newline) in one write to FD, which NAME is; fails with
 * DIAG_FILE_FAILED. */
bool file_put_line(
	int fd, const char *name, const char *line, struct diag *why);
/* Writes CONTENT into a new file of MODE and to the medium.  What is there
 * under that name already stays as it is (EEXIST).  Fails with
 * DIAG_FILE_FAILED, and leaves no part of it. */
bool file_create(
	const char *path, mode_t mode, struct span content, struct diag *why);
/* Makes the folder PATH, and those above it as far as they are not there, for
 * nobody else (0700).  Whether something is there now; else errno. */
bool file_make_folder(const char *path);
/* "~" and "~/…" expanded with the home directory; otherwise a copy. */
const char *file_expand_home(struct arena *arena, const char *path);

#endif
