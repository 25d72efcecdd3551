/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whom a failure concerns: the message alone, or every other message of its
 * account.  One message's trouble holds nobody else up.
 *
 *	switch (reach_of(&outcome)) {
 *	case REACH_PERHAPS:
 *		if (reach_is_confirmed(&suspicion, &outcome)) …
 */
#ifndef DELIVER_REACH_H
#define DELIVER_REACH_H

#include "base/buf.h"
#include "base/diag.h"
#include "deliver/outcome.h"
#include "spool/record.h"

#include <stdbool.h>

enum reach {
	REACH_MESSAGE, /* nobody else; all may be well */
	REACH_PERHAPS, /* everybody, if another message has the same trouble */
	REACH_ALL      /* everybody */
};

/* It is the account's or this machine's, or the server said so before it heard
 * of the message: REACH_ALL.  What happened in the middle of a message, or asks
 * for less mail, may be due to that one, also when the words are known: but a
 * limit of hours is everybody's. */
enum reach reach_of(const struct outcome *outcome);

/* What the last message ran into.  Begins as { .text = BUF_INIT(…) } or zeroed;
 * reach_forget() frees. */
struct reach_suspicion {
	enum diag_id id; /* DIAG_NONE: nothing */
	unsigned code;
	char status[12];
	struct buf recipient; /* who was concerned, if one was */
};

/* Under REACH_PERHAPS: whether the message before had the same trouble, and not
 * because it is for the same recipient.  Remembers this one. */
bool reach_is_confirmed(
	struct reach_suspicion *suspicion, const struct outcome *outcome);
/* A message went as it should. */
void reach_forget(struct reach_suspicion *suspicion);

/* The trouble as it stands in the journal of a message that it may be due to:
 * the server's, in the middle of the message, becomes the message's. */
struct diag reach_own(const struct diag *why);
/* Whether what the entry was told last may be due to it: then the others go
 * first. */
bool reach_is_offender(const struct record *record);

#endif
