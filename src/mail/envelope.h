/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The envelope: who sends, who receives, and what is wished of the delivery;
 * and what became of each recipient.  Pure.
 *
 *	const struct envelope_params params = { .sender = "me@example.org",
 *		.operands = argv, .operand_count = argc,
 *		.to_ascii = idn_to_ascii };
 *	if (!envelope_make(&params, &message, arena, &envelope, why))
 *		return false;
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
/* How far aliases may lead to aliases. */
enum { ENVELOPE_ALIAS_DEPTH = 16 };
/* So many are named; a list with more is something else that went astray. */
enum { ENVELOPE_FAULTS_LIMIT = 1000 };

/* What became of a recipient. */
enum verdict_kind {
	VERDICT_UNKNOWN, /* never got that far */
	VERDICT_DELIVERED,
	VERDICT_DEFERRED, /* try again */
	VERDICT_REFUSED   /* never */
};

struct verdict {
	enum verdict_kind kind;
	const struct diag *why; /* of the attempt's arena; NULL if delivered */
};

/* What is wished for one recipient, RFC 3461 4.1 and 4.2: NOTIFY, which counts
 * before the envelope's, and ORCPT as it goes on the wire ("rfc822;a+2Bb@c").
 * NULL without. */
struct envelope_wish {
	const char *notify, *original;
};

/* An address in both forms.  ascii has the domain as A-labels (RFC 5890) and
 * is NULL when the local part is not ASCII: then only SMTPUTF8 helps. */
struct envelope_address {
	struct mailbox mailbox;
	const char *utf8;
	const char *ascii;
	struct envelope_wish wish; /* of a recipient */
};

/* Somebody who was named and gets nothing: TEXT is as it was written. */
struct envelope_fault {
	const char *text;
	struct diag why;
};

struct envelope {
	struct envelope_address sender; /* null sender: utf8 and ascii are "" */
	struct envelope_address *recipients; /* no duplicates */
	size_t recipient_count;
	/* Those beside them who are none, with exit code 67 each. */
	const struct envelope_fault *faults;
	size_t fault_count;
	bool needs_smtputf8; /* some address has no ascii form */
	bool wants_smtputf8; /* it is asked for wherever it is offered */
	/* DSN wishes, RFC 3461; NULL without. */
	const char *dsn_notify, *dsn_return, *dsn_envid;
};

struct envelope_params {
	/* Where the recipients come from. */
	const char *const *operands; /* argv words, each an address list */
	size_t operand_count;
	const struct envelope_wish *wishes; /* one an operand, or NULL */
	bool from_header;                   /* -t */
	/* One that is no address, or a bare name that nobody knows, becomes a
	 * fault of the envelope, and the others are its recipients. */
	bool may_be_partial;
	/* The sender: an address as on -f, with or without a display name;
	 * "", "<>" and NULL are the null sender. */
	const char *sender;
	/* Domain for bare names that are no alias, also the sender's (NULL:
	 * such a name is refused). */
	const char *maildomain;
	/* Expands an alias into a list text, or returns NULL for what is
	 * none.  NAME is any recipient as it was written, without display
	 * name: "root", but also "root@localhost" and "bob@example.org".  The
	 * members are asked for in their turn.  The text lives in ARENA.
	 * NULL: there are no aliases. */
	const char *(*expand_alias)(
		void *context, const char *name, struct arena *arena);
	void *alias_context;
	/* Turns a domain that is not ASCII into A-labels; net/idn fits.  NULL:
	 * such a domain is refused. */
	bool (*to_ascii)(const char *domain, struct buf *out, struct diag *why);
	const char *dsn_notify, *dsn_return, *dsn_envid;
	bool wants_smtputf8;
};

/* Builds the envelope in ARENA (the text of the wishes stays the caller's).
 * With from_header the recipients of To, Cc and Bcc, or of the latest Resent
 * block, are added to the operands.  A leading backslash is dropped (and stops
 * alias expansion).  Duplicates (address_equal, in either form of the domain)
 * count once; the first stays where it stands, with its wish.  The members of
 * an alias have the wish of the alias (RFC 3461 5.2.7.2).  Nothing is ever left
 * out silently: unless params->may_be_partial makes a fault of the first four
 * and somebody else is left, it fails, *OUT untouched, with
 * - DIAG_ADDRESS_INVALID: an operand or the sender does not parse, an operand
 *   names nobody; the argument is the member that is wrong;
 * - DIAG_ADDRESS_IN_HEADER_INVALID: the same in a field, which is named;
 * - DIAG_ADDRESS_NO_DOMAIN, DIAG_ADDRESS_SENDER_NO_DOMAIN: a bare name;
 * - DIAG_ADDRESS_DOMAIN_INVALID: what to_ascii said;
 * - DIAG_ALIAS_INVALID, DIAG_ALIAS_LOOP, DIAG_ALIAS_TOO_DEEP;
 * - DIAG_USAGE_NO_RECIPIENTS, or with from_header DIAG_MESSAGE_NO_RECIPIENTS,
 *   which names the fields that were looked at;
 * - DIAG_MESSAGE_RESENT: what the latest Resent block is can only be guessed;
 * - DIAG_TOO_MANY_RECIPIENTS: over ENVELOPE_RECIPIENTS_LIMIT. */
bool envelope_make(const struct envelope_params *params,
	const struct message *message, struct arena *arena,
	struct envelope *out, struct diag *why);

/* The fields [*first, *end) of the latest block of Resent fields (the topmost,
 * RFC 5322 3.6.6), with other fields that stand between them: it ends where one
 * of its fields comes again.  False, and nothing set, when the message was
 * never resent. */
bool envelope_resent_block(
	const struct header *header, size_t *first, size_t *end);

#endif
