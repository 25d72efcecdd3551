/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What became of a message, as exit code, sentence and log line: each derived
 * from the verdicts, none worked out anywhere else.
 */
#ifndef DELIVER_OUTCOME_H
#define DELIVER_OUTCOME_H

#include "base/buf.h"
#include "base/diag.h"
#include "config/account.h"
#include "mail/envelope.h"

#include <stdbool.h>
#include <stdint.h>

struct outcome {
	const struct envelope *envelope; /* NULL when it never came to one */
	struct verdict *verdicts; /* one a recipient */
	bool is_possible_duplicate;
	struct diag failure; /* what kept all of them; id DIAG_NONE without */
	/* For the log. */
	uint64_t size;
	unsigned reply_code; /* of the reply that decided; 0 */
	char reply_status[12];
	char reply_text[DIAG_TEXT_BYTES];
	const char *tls_version; /* "TLS1.3", or NULL */
	int64_t elapsed_ms;
	const char *message_id;
};

/* sysexits: DESIGN section 7. */
int outcome_exit_code(const struct outcome *outcome);
/* The diag that decides the exit code, NULL when all is well. */
const struct diag *outcome_reason(const struct outcome *outcome);
/* Appends the lines for stderr, each ending in a newline; nothing on success. */
void outcome_put_sentences(struct buf *out, const struct outcome *outcome,
	const struct account *account);
/* Appends the log line, without time and newline: msmtp's keys first, then
 * ours.  ACCOUNT may be NULL. */
void outcome_put_log(struct buf *out, const struct outcome *outcome,
	const struct account *account);

#endif
