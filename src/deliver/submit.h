/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Now, or queue: the only place where that is decided.  (This version has no
 * queue: it is always now, and what cannot go out now is a 75.)
 */
#ifndef DELIVER_SUBMIT_H
#define DELIVER_SUBMIT_H

#include "base/mem.h"
#include "config/account.h"
#include "deliver/outcome.h"
#include "mail/edit.h"
#include "mail/envelope.h"

struct submit_params {
	const struct account *account;
	const struct envelope *envelope;
	const struct edit *edit; /* the message as it goes out */
	bool may_ask;            /* for a password, on the terminal */
	bool debug;              /* the dialogue on stderr, secrets hidden */
	/* As in attempt_params; NULL for nobody. */
	void (*progress)(void *context, uint64_t sent, uint64_t total);
	void *progress_context;
};

/* Gets the secret before connecting, then makes the attempt.  OUT was made by
 * outcome_init(); what it points to lives in ARENA. */
void submit(const struct submit_params *params, struct arena *arena,
	struct outcome *out);

#endif
