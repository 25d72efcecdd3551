/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One attempt: profile, message and envelope in; the network; a verdict for
 * each recipient out.  The only place where dialogue, stream and SASL meet.
 */
#ifndef DELIVER_ATTEMPT_H
#define DELIVER_ATTEMPT_H

#include "base/mem.h"
#include "config/account.h"
#include "deliver/outcome.h"
#include "mail/edit.h"
#include "mail/envelope.h"

struct attempt_params {
	const struct account *account;
	const struct envelope *envelope;
	const struct edit *edit;       /* the message as it goes out */
	uint64_t size_bytes;           /* what edit_source() gives */
	const struct secret *password; /* empty when none is needed */
	bool debug; /* the dialogue on stderr, secrets hidden */
	/* Told from time to time how much of the message has gone, of
	 * size_bytes; NULL for nobody. */
	void (*progress)(void *context, uint64_t sent, uint64_t total);
	void *progress_context;
};

/* Fills OUT (in ARENA): every recipient has a verdict, or OUT->failure says
 * why none has.  Never prints (but for debug), never exits. */
void attempt(const struct attempt_params *params, struct arena *arena,
	struct outcome *out);

#endif
