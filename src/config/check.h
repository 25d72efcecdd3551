/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a configuration says in vain, in an old way, or with another meaning
 * than msmtp has for it: 'mailchute config --check'.
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/account.h"
#include "config/note.h"

/* Looks at every setting of every account, at what the environment puts in its
 * place, and at the files of providers; adds to NOTES, which
 * config_load_noting() has begun, and sorts them. */
void config_check(const struct config *config, const struct request *request,
	struct config_notes *notes);

/* Whether ACCOUNT, one of CONFIG's, could send: for itself, or it has no host
 * and is there for others to be built upon.  Fails as account_choose(). */
bool config_check_account(const struct config *config,
	const struct request *request, const struct account *account,
	struct arena *arena, struct diag *why);

/* Who runs the queue of an account, in words. */
struct config_queue {
	const char *account, *runner;
};

/* The notes, and COUNT QUEUES, as lines for people, or as JSON:
 * {"files":[…],"hidden":[…],"unreadable":[…],"errors":N,"notes":[{"kind",
 * "file","line","account","keyword","why"}],"queues":[{"account",
 * "runner"}]}. */
void config_check_put(const struct config *config,
	const struct config_notes *notes, const struct config_queue *queues,
	size_t count, bool is_json, struct buf *out);

#endif
