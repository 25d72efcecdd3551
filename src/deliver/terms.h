/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * On which terms an entry of a queue is sent: the profile that it names, and
 * what was said on top of that.
 *
 * Its author's own entries say all of it.  One that was taken from somebody
 * else (record.is_taken) names an account, which whoever runs it looks up in a
 * file of his own, and of settings only those count that a stranger may say
 * anyhow (FENCE in sendmail.def): none chooses a server, TLS, a command or a
 * file.  That holds when it is written as well as when it is read.
 */
#ifndef DELIVER_TERMS_H
#define DELIVER_TERMS_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/account.h"
#include "config/argv.h"
#include "spool/record.h"

#include <stdbool.h>

/* Whether the runner would not have the setting ID of ACCOUNT unless it is
 * written down: it came from outside the file, or there is no file. */
bool terms_must_be_written(const struct account *account, enum option_id id);

/* What RECORD, whose is_taken is set already, says of ACCOUNT; CONFIG_FILE is
 * that of -C, or NULL.  All that is not borrowed from ACCOUNT lives in ARENA;
 * no secret is among it. */
void terms_write(struct record *record, const struct account *account,
	const char *config_file, struct arena *arena);

/* The command line that RECORD stands for, in ARENA: nothing is borrowed.
 * OWN_FILE is the configuration of whoever runs it, for what was taken; NULL:
 * the one of 'mailchute serve'; "": the usual search.  Fails with DIAG_USAGE_…
 * for a setting that there is not. */
bool terms_read(const struct record *record, const char *own_file,
	struct arena *arena, struct request *out, struct diag *why);

#endif
