/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What became of a message, as exit code, sentence and log line: each derived
 * from the verdicts, none worked out anywhere else.
 */
#ifndef DELIVER_OUTCOME_H
#define DELIVER_OUTCOME_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"
#include "config/account.h"
#include "mail/change.h"
#include "mail/envelope.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { OUTCOME_ID_BYTES = 16 };

/* Invariant: either FAILURE has an id, or there is an envelope and each of its
 * recipients has a verdict other than VERDICT_UNKNOWN. */
struct outcome {
	char id[OUTCOME_ID_BYTES]; /* one id in log, queue, Received and JSON */
	const struct envelope *envelope; /* NULL when it never came to one */
	struct verdict *verdicts;        /* one a recipient */
	struct diag failure; /* what kept all of them; DIAG_NONE without */
	bool came_to_mail;   /* MAIL went out: it may be due to the message */
	uint64_t size_bytes; /* of the message, 0 when it never came so far */
	struct diag reply; /* the words of the reply that decided; DIAG_NONE */
	/* What the server said that is no reply and was skipped ("": empty
	 * lines), or NULL. */
	const char *skipped;
	/* A yes that says that the message will not arrive; DIAG_NONE. */
	struct diag suppressed;
	const char *tls_version; /* "TLS1.3", or NULL; static */
	const char *mechanism;   /* "PLAIN", or NULL; static */
	int64_t elapsed_ms;
	const char *message_id; /* or "" */
	unsigned changes;       /* of its content, as bits of mail/change.h */
	bool is_queued; /* whoever is to be tried again is safe in the queue */
	const char *captured;   /* the file it is in, and nothing was sent */
	struct diag not_queued; /* why it is not, though it was wanted */
	unsigned long tries;    /* from the queue: with this one; 0 */
	time_t next;            /* the next try, when there is one; 0 */
	/* Through which account; NULL: the one that was asked for. */
	const struct account *account;
	const char *fallback; /* the account that was tried next, or NULL */
	/* The attempts through other accounts that came to nothing, in order;
	 * none of them has OTHERS. */
	const struct outcome *others;
	size_t other_count;
};

/* An outcome of which nothing is known but that it failed. */
#define OUTCOME_INIT                                                           \
	{                                                                      \
		.message_id = ""                                               \
	}
void outcome_init(struct outcome *outcome);
/* Gives it an id of its own: the time, to a thousandth of a second, so that ids
 * sort as they were made, and randomness, as letters and digits. */
void outcome_make_id(struct outcome *outcome);

/* The diag that decides the exit code: what kept all recipients, else the first
 * recipient to try again, else the first one refused; NULL when all is well.
 * What is queued is well. */
const struct diag *outcome_reason(const struct outcome *outcome);
/* Whether nobody has to do anything more for this recipient: delivered, or to
 * be tried again and in the queue. */
bool outcome_is_safe(const struct outcome *outcome, size_t recipient);
/* sysexits.h, DESIGN section 7: 0 when every recipient was accepted.  ACCOUNT
 * (may be NULL) can replace 75 with its tempfail_exit. */
int outcome_exit_code(
	const struct outcome *outcome, const struct account *account);
/* Appends the lines for people, each ending in a newline, in their language:
 * one for each thing that went wrong, the server's words included, and one
 * with what to do.  Nothing on success. */
void outcome_put_sentences(struct buf *out, const struct outcome *outcome,
	const struct account *account);
/* The same for what is no failure, and to be known. */
void outcome_put_warnings(struct buf *out, const struct outcome *outcome);
/* Why it is in the queue and not delivered; NULL when nothing was tried, or it
 * is not. */
const struct diag *outcome_delay(const struct outcome *outcome);
/* Appends the line for people that says so: "queued as ID (reason), next try
 * in 5m".  Nothing when it is not queued. */
void outcome_put_queued(struct buf *out, const struct outcome *outcome);
/* The same for one that was written to a folder instead. */
void outcome_put_captured(struct buf *out, const struct outcome *outcome);
/* Appends the log line, without time and newline: msmtp's keys first, in its
 * order, then ours.  Never translated.  ACCOUNT may be NULL. */
void outcome_put_log(struct buf *out, const struct outcome *outcome,
	const struct account *account);
/* The same as JSON ('log_format json'), every recipient with its verdict: the
 * object is begun, and ended by the caller.  NOW is its "time". */
void outcome_begin_json(struct json *json, const struct outcome *outcome,
	const struct account *account, time_t now);

#endif
