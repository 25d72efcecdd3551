/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What servers are known to say, and what it means: one table (known.def).
 *
 *	struct known_question asked = { .stages = KNOWN_AUTH,
 *		.reply = SPAN("535 5.7.8 Username and Password not accepted") };
 *	row = known_find(&asked);
 *	if (row) … row->cause, row->next …
 */
#ifndef DELIVER_KNOWN_H
#define DELIVER_KNOWN_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* What the reply answers; a set. */
enum known_stage {
	KNOWN_CONNECT = 1, /* the greeting */
	KNOWN_HELLO = 2,
	KNOWN_TLS = 4, /* STARTTLS */
	KNOWN_AUTH = 8,
	KNOWN_MAIL = 16,
	KNOWN_RCPT = 32,
	KNOWN_DATA = 64, /* DATA and the end of the message */
	KNOWN_GREET = KNOWN_CONNECT | KNOWN_HELLO,
	KNOWN_ENVELOPE = KNOWN_MAIL | KNOWN_RCPT | KNOWN_DATA,
	KNOWN_ANY = KNOWN_GREET | KNOWN_TLS | KNOWN_AUTH | KNOWN_ENVELOPE
};

enum known_reason {
#define KNOWN_REASON(id, name, text) KNOWN_REASON_##id,
#include "deliver/known_reasons.def"
#undef KNOWN_REASON
	KNOWN_REASON_COUNT
};

/* A row of known.def, which says what the fields are. */
struct known {
	const char *id, *providers;
	unsigned stages;
	const char *codes, *statuses, *words;
	enum diag_scope scope;
	enum known_reason reason;
	enum diag_wait wait;
	const char *cause, *next; /* untranslated msgids */
	const char *sample_provider, *sample;
};

struct known_question {
	const char *provider; /* of config/providers.def, or NULL: unknown */
	unsigned stages;      /* that it may be an answer to */
	struct span reply;    /* "535 5.7.8 words", lines joined somehow */
	/* Only rows that ask for more than the first digits of a code. */
	bool is_particular;
};

/* The first row that fits, or NULL.  Of a reply the first KNOWN_TEXT_BYTES
 * count. */
enum { KNOWN_TEXT_BYTES = 4096 };
const struct known *known_find(const struct known_question *asked);
/* The one of that stable name, or NULL. */
const struct known *known_named(struct span id);
/* All of them, in their order. */
const struct known *known_row(size_t index);
size_t known_count(void);

/* "used-up", and what it says to people (an untranslated msgid). */
const char *known_reason_name(enum known_reason reason);
const char *known_reason_text(enum known_reason reason);

/* What the reply of WHY answered; 0: there was none. */
unsigned known_stages(const struct diag *why);
/* Puts what is known of the reply of WHY into it (diag_refine); without a reply
 * or a row it stays as it is. */
void known_refine(struct diag *why, const char *provider);

/* "5.7.26", RFC 3463. */
bool known_is_status(struct span word);
/* Whether one of the words of a row's "a|b" stands in TEXT, which is lower
 * case, at the begin of a word; then *FOUND is where. */
bool known_has_word(struct span text, struct span words, struct span *found);
/* Appends TEXT in lower case, also of letters with accents, Greek and Cyrillic
 * ones. */
void known_put_lower(struct buf *out, struct span text);

#endif
