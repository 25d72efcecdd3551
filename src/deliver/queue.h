/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue of an account: where it is, whether it may be used, and how a
 * message goes in.  The entry holds no secret: it says which configuration and
 * account to use, and what was said on top of them (terms.h).
 */
#ifndef DELIVER_QUEUE_H
#define DELIVER_QUEUE_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/account.h"
#include "deliver/outcome.h"
#include "mail/delivery.h"
#include "spool/schedule.h"
#include "spool/store.h"

#include <stdbool.h>
#include <stdint.h>

/* The usual queue, below a home. */
#define QUEUE_IN_HOME ".local/state/mailchute/queue"

/* Where the queue of ACCOUNT is (NULL: of an account that says nothing):
 * 'queue_dir', else $XDG_STATE_HOME/mailchute/queue, else
 * ~/.local/state/mailchute/queue, or, where the home is another's (www-data's
 * is root's), the user's folder below place_system.users, if that is root's.
 * Fails with DIAG_QUEUE_NOT_OURS when there is no home. */
bool queue_place(const struct account *account, struct arena *arena,
	struct folder_params *out, struct diag *why);
/* The same for the folder PATH, as 'queue_dir' has it. */
void queue_place_at(
	const char *path, struct arena *arena, struct folder_params *out);
/* Opens it: the store that ACCOUNT shares ('queue_store'), else the folder;
 * NULL as shared_open() and spool_open(). */
struct spool *queue_open(
	const struct account *account, bool may_create, struct diag *why);

/* Whether a message may be left to the queue of ACCOUNT: the settings can be
 * written down (DIAG_QUEUE_NOT_RECORDABLE), the secret can be had again, and
 * the folder lasts (SPOOL; NULL is not looked at).  Who will run it is another
 * question (hire.h). */
bool queue_check(const struct account *account, const struct spool *spool,
	struct diag *why);

/* The account's backoff and lifetime. */
struct schedule queue_schedule(const struct account *account);

struct queue_message {
	struct spool *spool;
	const struct account *account;
	const char *config_file; /* of -C, or NULL */
	const char *id;
	const struct delivery *delivery;
	time_t not_before; /* 0: at once */
	bool is_report;    /* of a refusal */
	/* A store may have it already: whoever sends it says so. */
	bool is_in_doubt;
	bool is_taken; /* from another: only its account is named (terms.h) */
	/* What a first attempt came to: only who is to be tried again is
	 * queued, with the reason.  NULL: nothing was tried. */
	const struct outcome *outcome;
};

/* Commits it, and *NEXT is when it is due (0: now).  Fails as spool_commit()
 * does. */
bool queue_put(
	const struct queue_message *message, time_t *next, struct diag *why);

#endif
