/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The envelope: who sends, who receives, and what is wished of the delivery;
 * and what became of each recipient.  Pure.
 */
#ifndef MAIL_ENVELOPE_H
#define MAIL_ENVELOPE_H

#include "base/diag.h"
#include "base/mem.h"
#include "mail/address.h"
#include "mail/message.h"

#include <stdbool.h>
#include <stdint.h>

enum { ENVELOPE_RECIPIENTS_LIMIT = 100000 };

/* What became of a recipient. */
enum verdict_kind {
	VERDICT_UNKNOWN, /* never got that far */
	VERDICT_DELIVERED,
	VERDICT_DEFERRED, /* try again */
	VERDICT_REFUSED /* never */
};

struct verdict {
	enum verdict_kind kind;
	const struct diag *why; /* of the attempt's arena; NULL if delivered */
};

/* An address in both forms.  ascii has the domain as A-labels (RFC 5890) and
 * is NULL when the local part is not ASCII: then only SMTPUTF8 helps. */
struct envelope_address {
	struct mailbox mailbox;
	const char *utf8;
	const char *ascii;
};

struct envelope {
	struct envelope_address sender; /* null sender: utf8 and ascii are "" */
	struct envelope_address *recipients; /* no duplicates */
	size_t recipient_count;
	bool needs_smtputf8; /* some address has no ascii form */
	/* DSN wishes, RFC 3461; NULL without. */
	const char *dsn_notify, *dsn_return, *dsn_envid;
};

struct envelope_params {
	/* Where the recipients come from. */
	const char *const *operands; /* argv words, each an address list */
	size_t operand_count;
	bool from_header; /* -t */
	/* The sender: an address as on -f ("" and "<>" are the null sender). */
	const char *sender;
	/* Domain for bare names (NULL: they stay bare, and are refused). */
	const char *maildomain;
	/* Expands a bare or local name into a list text, or returns NULL; the
	 * text lives in ARENA. */
	const char *(*expand_alias)(void *context, const char *name,
		struct arena *arena);
	void *alias_context;
	/* Turns a domain into A-labels; net/idn fits. */
	bool (*to_ascii)(const char *domain, struct buf *out, struct diag *why);
	const char *dsn_notify, *dsn_return, *dsn_envid;
};

/* Builds the envelope in ARENA.  With from_header the recipients of To, Cc and
 * Bcc, or of the latest Resent block, are added to the operands.  A leading
 * backslash is dropped (and stops alias expansion).  Duplicates (address_equal)
 * count once.  Fails with DIAG_ADDRESS_…, DIAG_USAGE_NO_RECIPIENTS,
 * DIAG_MESSAGE_NO_RECIPIENTS, DIAG_TOO_MANY_RECIPIENTS; nothing is ever left
 * out silently. */
bool envelope_make(const struct envelope_params *params,
	const struct message *message, struct arena *arena,
	struct envelope *out, struct diag *why);

/* The fields [*first, *end) of the latest block of Resent fields (the topmost,
 * RFC 5322 3.6.6); false when the message was never resent. */
bool envelope_resent_block(
	const struct header *header, size_t *first, size_t *end);

#endif
