/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message of 'mailchute send', from its options to what is submitted.
 *
 *	sending_begin(&sending, request, &options);
 *	sending_read_head(&sending);
 *	has_account = sending_load(&sending, why);
 *	sending_expand(&sending, has_account);
 *	sending_read_parts(&sending);
 *	if (!sending.problems.count &&
 *		sending_fill_links(&sending, NULL, 0, why) &&
 *		sending_make(&sending, why))
 *		submission_submit(&sending.run);
 *	sending_end(&sending);
 */
#ifndef CMD_SENDING_H
#define CMD_SENDING_H

#include "cmd/problems.h"
#include "cmd/send_head.h"
#include "cmd/send_options.h"
#include "cmd/send_parts.h"
#include "cmd/submission.h"

#include <stdbool.h>

/* Everything of one message, besides what all doors have. */
struct sending {
	struct request request; /* with what the options add to it */
	struct send_options options;
	struct send_head head;
	struct send_parts parts;
	struct problems problems;
	struct sealing *sealing; /* the account's, unless it is shared */
	struct submission run;
};

/* Copies both; what they point to is borrowed. */
void sending_begin(struct sending *sending, const struct request *request,
	const struct send_options *options);
/* Whom it goes to and what its header says, and who sends it. */
void sending_read_head(struct sending *sending);
/* The configuration, the account and its aliases; fails as these do. */
bool sending_load(struct sending *sending, struct diag *why);
/* Instead of sending_load(): what BASE, which outlives it, has loaded. */
void sending_share(struct sending *sending, const struct sending *base);
/* Nicknames, if there is an account. */
void sending_expand(struct sending *sending, bool has_account);
/* The links by which its one recipient leaves, with the values of a row, if
 * there is one; what the account is called stands in it.  Needs an account. */
bool sending_fill_links(struct sending *sending, const struct table_cell *cells,
	size_t count, struct diag *why);
void sending_read_parts(struct sending *sending);
/* The message, its envelope and its edit; there must be no problems. */
bool sending_make(struct sending *sending, struct diag *why);
void sending_end(struct sending *sending);

#endif
