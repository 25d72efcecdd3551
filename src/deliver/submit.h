/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Now, or queue: the only place where that is decided.
 *
 *	queue off      now; what cannot go out now is the caller's (75)
 *	queue auto     now; what is to be tried again is queued, if somebody
 *	               will run the queue when this process is gone
 *	queue always   queued; if that is impossible, now
 *
 * -odi makes "always" an "auto"; -odb and -odq make "auto" an "always".
 */
#ifndef DELIVER_SUBMIT_H
#define DELIVER_SUBMIT_H

#include "base/mem.h"
#include "config/account.h"
#include "config/argv.h"
#include "deliver/hire.h"
#include "deliver/outcome.h"
#include "mail/delivery.h"

struct submit_params {
	const struct account *account;
	/* Who stands in for it, in order; NULL behind the last, or for none. */
	const struct account *const *fallbacks;
	const struct delivery *delivery;
	bool may_ask; /* for a password, on the terminal */
	bool debug;   /* the dialogue on stderr, secrets hidden */
	enum request_delivery when;
	time_t not_before;       /* 0: at once */
	const char *config_file; /* of -C, or NULL */
	bool is_taken;           /* from another (deliver/terms.h) */
	/* Who will run the queue: filled when the message is in it, for
	 * hire_call(). */
	const struct hire_params *hiring;
	struct hire *hire;
};

/* Gets the secret before connecting, then makes the attempt, through the next
 * account if it failed because of the account or the host, and queues what is
 * left, for the first account.  OUT was made by outcome_init() and
 * outcome_make_id(), and has the changes of the edit; what it points to lives
 * in ARENA.  OUT->is_queued is the
 * promise that whoever is to be tried again is safe on disk. */
void submit(const struct submit_params *params, struct arena *arena,
	struct outcome *out);

#endif
