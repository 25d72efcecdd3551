/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whom a message of 'mailchute send' goes to, and what its header says.
 *
 *	send_head_read(&head, options, arena, &problems);   (no account needed)
 *	send_head_expand(&head, &context, &problems);       (nicknames)
 *	send_head_put(&head, &out);
 */
#ifndef CMD_SEND_HEAD_H
#define CMD_SEND_HEAD_H

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/problems.h"
#include "cmd/send_list.h"
#include "cmd/send_options.h"
#include "mail/address.h"
#include "mail/aliases.h"

#include <stdbool.h>
#include <stdint.h>

struct send_header {
	const char *name, *value;
};

/* Everything in UTF-8 and checked. */
struct send_head {
	struct arena *arena;
	const char *subject; /* NULL for none */
	struct mailbox_list from, to, cc, bcc, reply_to;
	const char *in_reply_to; /* identifiers with brackets, or NULL */
	const char *date;        /* as it stands in the header, or NULL */
	const char *dsn_notify;  /* as SMTP has it, or NULL */
	struct send_list list;
	struct send_header *headers;
	size_t header_count;
};

/* Reads what the options say; what cannot be used goes to PROBLEMS. */
void send_head_read(struct send_head *head, const struct send_options *options,
	struct arena *arena, struct problems *problems);
/* Puts the members of an alias in place of its name (ALIASES may have none),
 * gives other bare names the domain MAILDOMAIN (may be NULL), and writes
 * domains as A-labels, so that the header needs no SMTPUTF8 for them. */
void send_head_expand(struct send_head *head, struct aliases_context *aliases,
	const char *maildomain, struct problems *problems);
/* All recipients as envelope_params wants them. */
void send_head_recipients(const struct send_head *head,
	const char *const **operands, size_t *count);
/* Appends the fields but those that edit_make() adds and those of MIME. */
void send_head_put(const struct send_head *head, struct buf *out);

/* The zone of a time by the wall clock of this place. */
long send_head_local_offset(int64_t wall_s);

#endif
