/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server offers: the reply to EHLO, RFC 5321 4.1.1.1.  Pure. */
#ifndef SMTP_EHLO_H
#define SMTP_EHLO_H

#include "base/buf.h"
#include "smtp/reply.h"

#include <stdbool.h>
#include <stdint.h>

enum ehlo_extension {
#define EXTENSION(id, keyword, source) EHLO_##id,
#include "smtp/ehlo.def"
#undef EXTENSION
	EHLO_COUNT
};

struct ehlo {
	bool has[EHLO_COUNT];
	bool has_size_limit;
	uint64_t size_limit; /* 0 with has_size_limit: "no fixed maximum" */
	/* The mechanisms as announced, upper case, separated by one space;
	 * "AUTH=PLAIN" of old servers counts too.  Only names that RFC 4422 3.1
	 * allows, each once. */
	struct buf mechanisms;
	/* LIMITS (RFC 9422), 0 without. */
	unsigned long rcpt_max, mail_max;
};

void ehlo_init(struct ehlo *ehlo);
void ehlo_free(struct ehlo *ehlo);
/* Nothing is offered any more: after a handshake (RFC 3207 4.2) and for a
 * server that only knows HELO. */
void ehlo_forget(struct ehlo *ehlo);
/* Forgets everything, then reads the reply: keywords compare whole and in any
 * case; unknown lines are skipped. */
void ehlo_read(struct ehlo *ehlo, const struct smtp_reply *reply);
/* Forgets the extensions whose keywords are in LIST (apart by spaces or commas,
 * in any case): servers announce what they do not do. */
void ehlo_ignore(struct ehlo *ehlo, struct span list);
void ehlo_forget_extension(struct ehlo *ehlo, enum ehlo_extension extension);
/* EHLO_COUNT for what is none that we know. */
enum ehlo_extension ehlo_find(struct span keyword);
const char *ehlo_keyword(enum ehlo_extension extension);

#endif
