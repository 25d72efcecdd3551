/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An account: one profile, a plain value for each row of options.def, and the
 * origin of each.  Const once account_choose() has given it.
 */
#ifndef CONFIG_ACCOUNT_H
#define CONFIG_ACCOUNT_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/argv.h"
#include "config/option.h"
#include "mail/address.h"

#include <stdbool.h>

/* The dialect of the file it came from (DESIGN: "Configuration"). */
enum dialect { DIALECT_MAILCHUTE, DIALECT_MSMTP };

struct account {
	const char *name;
	enum dialect dialect;
#define OPTION(field, kind, ...) OPTION_TYPE_##kind field;
#include "config/options.def"
#undef OPTION
	struct origin origin[OPTION_COUNT];
};

/* Everything that was read: the accounts in the order of their files, and which
 * files there were. */
struct config {
	struct account **accounts;
	size_t account_count;
	const char *const *files; /* that were read */
	size_t file_count;
	const char *looked_for; /* "~/.mailchuterc, …", for sentences */
	const char *const *hidden; /* files that another one hides */
	size_t hidden_count;
};

/* Finds and reads the files, the environment and the command line's settings
 * (config/file, config/environment, config/argv); lives in ARENA. */
bool config_load(const struct request *request, struct arena *arena,
	struct config *out, struct diag *why);
/* The secrets of all accounts are wiped; the rest goes with the arena. */
void config_wipe(struct config *config);

/* The one profile this message goes through: --host, -a, the sender given with
 * -f or (with -t) the From address against each account's 'from' patterns,
 * then 'default'.  FROM_HEADER may be NULL.  Command-line settings are applied
 * and what follows from others is filled in (port, tls, from …), so that the
 * rest of the program never asks for a default again. */
bool account_choose(const struct config *config, const struct request *request,
	const char *from_header, struct arena *arena,
	const struct account **out, struct diag *why);

#endif
