/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom a failure concerns.  Knows no queue and no server but by their words. */
#include <config.h>

#include "deliver/reach.h"

#include "spool/schedule.h"

#include <stdio.h>
#include <string.h>

enum { RECIPIENT_LIMIT = 4096 };

/* What a connection can end with at any time. */
static bool is_of_connection(enum diag_id id)
{
	static const enum diag_id ids[] = { DIAG_NET_TIMEOUT, DIAG_NET_CLOSED,
		DIAG_NET_LOST, DIAG_TLS_BROKEN, DIAG_SMTP_CLOSING,
		DIAG_SMTP_REPLY_MALFORMED, DIAG_SMTP_REPLY_TOO_LONG,
		DIAG_SMTP_REPLY_UNASKED, DIAG_SMTP_REPLY_UNEXPECTED };

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (id == ids[i])
			return true;
	return false;
}

/* 4.2.z is about one mailbox (RFC 3463 3.3). */
static bool is_of_mailbox(const struct diag *why)
{
	return why->scope == DIAG_SCOPE_RECIPIENT &&
	       strncmp(why->status, "4.2.", 4) == 0;
}

/* The words are understood, and may still be about this one: who relays for
 * some recipients, or counts the messages to one.  A used-up day is one for
 * all. */
static bool may_be_of_message(const struct diag *why)
{
	if (!why->known)
		return is_of_connection(why->id);
	return why->wait != DIAG_WAIT_HOUR && why->wait != DIAG_WAIT_DAY;
}

enum reach reach_of(const struct outcome *outcome)
{
	const struct diag *why = outcome_reason(outcome);

	if (!why)
		return REACH_MESSAGE;
	if (why->scope == DIAG_SCOPE_ACCOUNT || why->scope == DIAG_SCOPE_HOST)
		return outcome->came_to_mail && may_be_of_message(why)
			       ? REACH_PERHAPS
			       : REACH_ALL;
	if (why->known || is_of_mailbox(why))
		return REACH_MESSAGE;
	return why->id == DIAG_SMTP_POSSIBLE_DUPLICATE ||
			       schedule_is_throttle(
				       why->reply_code, why->status)
		       ? REACH_PERHAPS
		       : REACH_MESSAGE;
}

/* The recipient whom WHY was said of, or NULL. */
static const char *recipient_of(
	const struct outcome *outcome, const struct diag *why)
{
	const struct envelope *envelope = outcome->envelope;

	if (why->scope != DIAG_SCOPE_RECIPIENT || !outcome->verdicts)
		return NULL;
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (outcome->verdicts[i].why == why)
			return envelope->recipients[i].utf8;
	return NULL;
}

bool reach_is_confirmed(
	struct reach_suspicion *suspicion, const struct outcome *outcome)
{
	const struct diag *why = outcome_reason(outcome);
	const char *recipient = recipient_of(outcome, why);
	bool is_confirmed =
		suspicion->id == why->id &&
		suspicion->code == why->reply_code &&
		strcmp(suspicion->status, why->status) == 0 &&
		!(recipient && strcmp(recipient,
				       buf_text(&suspicion->recipient)) == 0);

	reach_forget(suspicion);
	suspicion->id = why->id;
	suspicion->code = why->reply_code;
	snprintf(
		suspicion->status, sizeof suspicion->status, "%s", why->status);
	suspicion->recipient = BUF_INIT(RECIPIENT_LIMIT);
	if (recipient)
		buf_puts(&suspicion->recipient, recipient);
	return is_confirmed;
}

void reach_forget(struct reach_suspicion *suspicion)
{
	buf_free(&suspicion->recipient);
	*suspicion = (struct reach_suspicion){ .id = DIAG_NONE };
}

struct diag reach_own(const struct diag *why)
{
	struct buf sentence = BUF_INIT(DIAG_TEXT_BYTES);
	struct diag own = *why;

	if (why->scope != DIAG_SCOPE_HOST || !is_of_connection(why->id))
		return own;
	diag_sentence(why, false, &sentence);
	diag_set(&own, DIAG_SMTP_BROKEN_OFF, buf_text(&sentence));
	own.reply_code = why->reply_code;
	snprintf(own.status, sizeof own.status, "%s", why->status);
	buf_free(&sentence);
	return own;
}

bool reach_is_offender(const struct record *record)
{
	static const enum diag_id ids[] = { DIAG_SMTP_BROKEN_OFF,
		DIAG_SMTP_POSSIBLE_DUPLICATE, DIAG_SMTP_ANSWER_UNREADABLE,
		DIAG_QUEUE_CRASHED };
	const struct record_event *told = record_last(record);
	enum diag_scope scope;

	if (!told)
		return false;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (strcmp(told->name, diag_name(ids[i])) == 0)
			return true;
	return schedule_is_throttle(told->code, told->status) &&
	       diag_find_scope(told->name, &scope) &&
	       (scope == DIAG_SCOPE_RECIPIENT || scope == DIAG_SCOPE_MESSAGE);
}
