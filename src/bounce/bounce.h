/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a message that came back says: who did not get which message, and why.
 * Delivery status notifications (RFC 3464, RFC 6533), complaints (RFC 5965),
 * the prose of those that write neither, and answers of machines, which are no
 * bounces.  Pure; believes nothing: anybody can write such a message.
 *
 *	struct bounce bounce;
 *
 *	bounce_read(&message.header, body, arena, &bounce);
 *	for (size_t i = 0; i < bounce.count; i++)
 *		… bounce.recipients[i].address …
 */
#ifndef BOUNCE_BOUNCE_H
#define BOUNCE_BOUNCE_H

#include "base/mem.h"
#include "base/span.h"
#include "bounce/reason.h"
#include "mail/header.h"

#include <stdbool.h>
#include <stddef.h>

/* Of a body this much is looked at: what a report says comes first, the copy
 * of the message behind it.  Of recipients so many are told. */
enum { BOUNCE_BODY_LIMIT = 1024 * 1024, BOUNCE_RECIPIENTS_LIMIT = 1000 };

/* In the order of their weight: of a message with several the heaviest
 * counts. */
enum bounce_kind {
	BOUNCE_NONE,      /* an ordinary message */
	BOUNCE_AUTOMATIC, /* a vacation answer, a receipt of a reader */
	BOUNCE_DELIVERED, /* it was asked for, and it arrived */
	BOUNCE_DELAYED,   /* it is still tried */
	BOUNCE_COMPLAINT, /* a recipient called it spam */
	BOUNCE_FAILED     /* it did not arrive */
};

/* Texts are NUL-terminated and well-formed UTF-8, without control characters;
 * "" where nothing is said. */
struct bounce_recipient {
	enum bounce_kind kind;
	const char *address;  /* whom the reporter could not reach; "" */
	const char *original; /* whom we sent to, where it says so */
	char status[12];      /* RFC 3463: "5.1.1" */
	unsigned code;        /* of the reply; 0: there was none */
	enum bounce_reason reason;
	bool is_permanent; /* another try is of no use */
	const char *text;  /* the server's words */
};

struct bounce {
	enum bounce_kind kind;
	struct bounce_recipient *recipients;
	size_t count;
	const char *reporter;    /* the host that reports */
	const char *message_id;  /* of the message it is about, with its <> */
	const char *envelope_id; /* ENVID, RFC 3461 4.4 */
	const char *returned_to; /* the address that the report came to */
};

/* Reads the message of HEADER with the canonical BODY (CRLF line ends); results
 * live in ARENA.  Takes time in proportion to BODY. */
void bounce_read(const struct header *header, struct span body,
	struct arena *arena, struct bounce *out);

/* "failed", "delayed" …: stable. */
const char *bounce_kind_name(enum bounce_kind kind);

#endif
