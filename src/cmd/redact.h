/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A report that can be shown to strangers: addresses, hosts, IP addresses,
 * paths and ids become placeholders, the same thing always the same one.
 *
 *	struct redact redact = { .arena = arena };
 *	redact_know(&redact, REDACT_HOST, account->host);
 *	redact_put(&redact, text, &out);      "<host-1>:587 answers"
 */
#ifndef CMD_REDACT_H
#define CMD_REDACT_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum redact_kind {
	REDACT_ADDRESS,
	REDACT_HOST,
	REDACT_IP,
	REDACT_PATH,
	REDACT_ID,
	REDACT_USER,
	REDACT_KINDS
};

struct redact_name {
	enum redact_kind kind;
	const char *text;
	size_t number;
};

/* Lives in ARENA, which is not owned; the rest zeroed. */
struct redact {
	struct arena *arena;
	struct redact_name *names;
	size_t count, numbers[REDACT_KINDS];
};

/* A name that does not show by itself what it is, as a host without a dot.
 * TEXT may be NULL. */
void redact_know(
	struct redact *redact, enum redact_kind kind, const char *text);
/* Appends TEXT with placeholders.  REDACT may be NULL: as it is. */
void redact_put(struct redact *redact, struct span text, struct buf *out);

#endif
