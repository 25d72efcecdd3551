/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The syntax of the configuration, which is msmtp's: lines of "keyword value",
 * "defaults", "account NAME [: PARENT, ...]". */
#ifndef CONFIG_SYNTAX_H
#define CONFIG_SYNTAX_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"
#include "config/account.h"
#include "config/note.h"

#include <stdbool.h>

enum { CONFIG_LINE_LIMIT = 64 * 1024, CONFIG_ACCOUNTS_LIMIT = 100000 };

/* What was found in one text.  The accounts own their secrets, on failure of
 * config_parse() too: the caller wipes them with config_wipe_list(). */
struct account_list {
	struct account **items;
	size_t count, room;
	bool has_password, has_command; /* literal ones */
};

struct config_text {
	struct span text;
	const char *name; /* in sentences */
	enum dialect dialect;
	bool may_run; /* its 'eval' lines: nobody else can write them */
	/* Told of every wrong line, which is passed over then; NULL: the first
	 * one is the end. */
	struct config_notes *notes;
};

/* Reads TEXT.  Fails with DIAG_CONFIG_…, at "NAME:line"; DIAG_CONFIG_NOT_OURS
 * is for an 'eval' that may not be run. */
bool config_parse(const struct config_text *text, struct arena *arena,
	struct account_list *out, struct diag *why);
void config_wipe_list(struct account_list *list);

#endif
