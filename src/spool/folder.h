/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folder of a queue, and files in it, opened so that nobody else can lead
 * us astray: no symbolic link is followed but root's own, owners are checked on
 * the descriptor that is used.  Knows nothing of what is in the files.
 */
#ifndef SPOOL_FOLDER_H
#define SPOOL_FOLDER_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/source.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct folder_params {
	/* Absolute; must be there, and is never made: a home. */
	const char *base;
	/* Below it; what is missing is made with mode 0700 if MAY_CREATE, each
	 * synced into its parent. */
	const char *rest;
	bool base_is_ours; /* BASE must belong to the effective user */
	bool may_create;
};

/* Opens BASE/REST for reading its list; it must belong to the effective user
 * (for root: to anybody), and nobody else may write to it.  The caller closes
 * the descriptor.  -1 on failure: DIAG_QUEUE_FOLDER (errno in
 * why->system_error, ENOENT when it is not there) or DIAG_QUEUE_NOT_OURS. */
int folder_open(const struct folder_params *params, struct diag *why);

enum folder_result {
	FOLDER_OK,
	FOLDER_MISSING,
	FOLDER_IS_FOLDER,
	FOLDER_WRONG, /* no regular file, or not OWNER's; *REASON is why */
	FOLDER_FAILED /* errno */
};

/* Opens NAME in FOLDER_FD (flags O_RDONLY or O_RDWR): it must be a regular file
 * of OWNER with one name, and is never waited for (FIFOs). */
enum folder_result folder_open_file(int folder_fd, const char *name, int flags,
	uid_t owner, int *fd, struct stat *status, const char **reason);
/* Reads SIZE bytes of FD at OFFSET into ARENA; fewer when the file is shorter.
 * False with errno set. */
bool folder_read(int fd, off_t offset, size_t size, struct arena *arena,
	struct span *out);
/* Writes all of BYTES at OFFSET, whatever the size of the system's steps; false
 * with errno set. */
bool folder_write(int fd, struct span bytes, off_t offset);

enum folder_copied {
	FOLDER_COPIED,
	FOLDER_NOT_READ,   /* *WHY is what SOURCE says */
	FOLDER_NOT_WRITTEN /* errno */
};
/* Reads SOURCE to its end and writes it at OFFSET; *SIZE_BYTES is how much that
 * was. */
enum folder_copied folder_copy(int fd, off_t offset, struct source *source,
	uint64_t *size_bytes, struct diag *why);

/* close() that keeps errno; -1 is allowed. */
void folder_close(int fd);

#endif
