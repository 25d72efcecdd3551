/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way through the house, as far as all doors go it together: from a
 * message to a report.  What a door does alone is how it comes by the message.
 *
 *	submission_init(&run, request);
 *	if (config_load(request, run.arena, &run.config, why) &&
 *		… run.message is read, run.has_message = true …
 *		submission_choose_account(&run, why) &&
 *		submission_load_aliases(&run, why) &&
 *		submission_make_envelope(&run, why)) {
 *		submission_make_edit(&run);
 *		submission_submit(&run);
 *	}
 *	exit_code = report_outcome(&run.outcome, run.account, request);
 *	submission_free(&run);
 *
 * Failures (WHY) belong into run.outcome.failure.
 */
#ifndef CMD_SUBMISSION_H
#define CMD_SUBMISSION_H

#include "base/buf.h"
#include "base/mem.h"
#include "config/account.h"
#include "deliver/hire.h"
#include "deliver/outcome.h"
#include "deliver/sealing.h"
#include "mail/aliases.h"
#include "mail/delivery.h"
#include "mail/edit.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "spool/store.h"

#include <stdbool.h>

/* Everything of one run, in the order in which it becomes known. */
struct submission {
	const struct request *request;
	struct arena *arena;
	struct config config;
	bool has_message;
	struct message message;
	const char *author; /* the first address of From, or NULL */
	const struct account *account;
	const struct account *const *fallbacks; /* NULL behind the last */
	struct buf alias_text;
	struct aliases_context aliases; /* its aliases NULL: none */
	const struct sealing *sealing;  /* NULL: it has no key */
	bool has_lost_aliases; /* the file that is named is not there */
	/* Names of this machine that went to local_to. */
	const char **local_names;
	size_t local_name_count;
	/* What is wished for each operand of the request; NULL: nothing. */
	const struct envelope_wish *wishes;
	struct envelope envelope;
	/* redirect_to: whom it was for. */
	const char **original_to;
	size_t original_count;
	struct edit *edit;
	struct delivery delivery; /* from the edit to smtp */
	/* Told how far the message is on its way; NULL for nobody. */
	void (*progress)(void *context, uint64_t sent, uint64_t total);
	void *progress_context;
	time_t not_before; /* when it is to be sent; 0: now */
	struct hire_params hiring;
	struct hire hire; /* who will run the queue that the message is in */
	struct outcome outcome;
};

/* With an arena and an id.  Borrows REQUEST. */
void submission_init(struct submission *run, const struct request *request);
/* The account; with a message, its author is found first.  Fails as
 * account_choose() does. */
bool submission_choose_account(struct submission *run, struct diag *why);
/* The account's alias file, unless the request wants none.  One that is named
 * but not there is a warning in the log, and root's mail goes to local_to, not
 * to whoever is called root elsewhere.  One that cannot be read is a failure
 * (DIAG_CONFIG_UNREADABLE). */
bool submission_load_aliases(struct submission *run, struct diag *why);
/* The request with what has turned out to be worth a warning, for the report;
 * lives as long as RUN. */
const struct request *submission_request(struct submission *run);
/* Fails with DIAG_CONFIG_NO_SENDER, or as envelope_make() does. */
bool submission_make_envelope(struct submission *run, struct diag *why);
/* Whether ADDRESS alone, one mailbox, would make an envelope; of an alias, all
 * of it.  Keeps nothing, neither of it nor of its memory, and knows no
 * redirect_to: who asks about thousands changes nothing.  Fails with
 * DIAG_ADDRESS_INVALID, or as submission_make_envelope() does. */
bool submission_check_recipient(
	const struct submission *run, const char *address, struct diag *why);
void submission_make_edit(struct submission *run);
/* The outcome says what became of it. */
void submission_submit(struct submission *run);
/* Who is to run the queue that its messages are left to. */
struct hire_params submission_hiring(const struct submission *run);
/* Straight into the queue, under an id that is known beforehand: for one of
 * many.  Whether the queue may be used, and who runs it, is the caller's.
 * Fails as queue_put() does. */
bool submission_put(struct submission *run, struct spool *spool, const char *id,
	struct diag *why);
/* Frees all of it; secrets are wiped. */
void submission_free(struct submission *run);

#endif
