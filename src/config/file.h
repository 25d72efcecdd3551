/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of the configuration: where they are, and whom they may belong to.
 */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/account.h"
#include "config/note.h"

#include <stdbool.h>

enum { CONFIG_FILE_LIMIT = 64 * 1024 * 1024 };

/* Where to look.  NULL: there is no such place. */
struct config_places {
	const char *config_file; /* -C: instead of the user's */
	const char *home, *xdg_config_home, *sysconfdir;
	struct config_notes *notes; /* as in config/syntax.h */
};

/* Finds and reads the user's and the system's file.  Fails with DIAG_CONFIG_…;
 * the secrets in *OUT are the caller's then too. */
bool config_read_files(const struct config_places *places, struct arena *arena,
	struct config *out, struct diag *why);
/* The dialect of a file of that name: msmtp's when the name or its folder's,
 * symbolic links resolved, contains "msmtp" and not "mailchute". */
enum dialect config_dialect(const char *path, struct arena *arena);

#endif
