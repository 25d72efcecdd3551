/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration is read: files first, the environment on top.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/account.h"
#include "config/argv.h"

#include <stdbool.h>

/* Finds and reads the files and the environment (config/file,
 * config/environment); lives in ARENA.  With --host no file is read.  Passwords
 * are taken out of the environment, so that no child inherits them.  Fails with
 * DIAG_CONFIG_…, also for a fallback of any account that is none; finding no
 * file is no failure yet. */
bool config_load(const struct request *request, struct arena *arena,
	struct config *out, struct diag *why);
/* The same, going on behind what is wrong in a file: that is told to NOTES. */
struct config_notes;
bool config_load_noting(const struct request *request,
	struct config_notes *notes, struct arena *arena, struct config *out,
	struct diag *why);
/* Reads this file and nothing else: no other file, no environment. */
bool config_load_only(const char *path, struct arena *arena, struct config *out,
	struct diag *why);

/* The configuration of a service that has no file: what its environment says,
 * with a queue unless that says otherwise (ORIGIN_SERVICE).  No file is read.
 * OUT has one account, or none when no variable is set.  The passwords are gone
 * from the environment: it can be read once.  Fails with DIAG_CONFIG_…. */
bool config_load_service(
	struct arena *arena, struct config *out, struct diag *why);

/* What a service holds in the place of the file PATH, which is not there. */
struct config_held {
	const char *path;
	const struct config *config;
};

#endif
