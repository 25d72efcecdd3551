/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Server replies, RFC 5321 4.2, with enhanced status codes (RFC 2034, 3463).
 * Pure: bytes in, one complete reply out.
 *
 *	struct reply_parser parser;
 *	reply_parser_init(&parser);
 *	while (input.length)
 *		switch (reply_parse(&parser, &input, why)) {
 *		case REPLY_MORE:     read on
 *		case REPLY_COMPLETE: use parser.reply; reply_parser_reset()
 *		case REPLY_SKIPPED:  parser.line was no reply; go on
 *		case REPLY_BROKEN:   *why
 *		}
 *	reply_parser_free(&parser);
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mask.h"
#include "base/span.h"

#include <stdbool.h>

/* RFC 5321 4.5.3.1.5 gives 512 a line; real servers and SASL challenges are
 * longer.  A whole reply, all lines with their line ends: */
enum { REPLY_LIMIT = 64 * 1024 };

/* One reply.  The code is the last line's (RFC 5321 4.2.1 wants the same in
 * all; who says "220-hello" and then "421" means 421).  status is empty unless
 * every line of that code that has one has this one and its class is
 * code / 100.  text is the lines without code and status, joined by LF; it may
 * hold any other byte, a NUL included, and it may repeat a secret. */
struct smtp_reply {
	unsigned code; /* 200..599 */
	char status[12];
	struct buf text;
	const struct mask *mask; /* of what is never shown; NULL for nothing */
};

enum reply_progress { REPLY_MORE, REPLY_COMPLETE, REPLY_SKIPPED, REPLY_BROKEN };

/* Reads the bytes of one reply; owned by the caller. */
struct reply_parser {
	struct smtp_reply reply;
	struct buf line;
	size_t size_bytes; /* of the reply so far; 0: it has not begun */
	size_t skipped_bytes;
	bool has_first_line, has_mixed_status, has_skipped;
	/* The caller's: a line that is no reply is skipped, whatever it is, and
	 * what stands before a code may be blanks and control characters: where
	 * a verdict that is overlooked costs more than one that is odd. */
	bool skips_noise;
	/* Called with each line as it came, without its line end, also with
	 * those that are skipped or break the reply; NULL for none. */
	void (*on_line)(void *context, struct span line);
	void *context;
};

void reply_parser_init(struct reply_parser *parser);
/* Forgets the reply and starts over; on_line, skips_noise and the mask stay. */
void reply_parser_reset(struct reply_parser *parser);
void reply_parser_free(struct reply_parser *parser);
/* Takes bytes off the front of *INPUT until the reply is complete.  Lines end
 * in LF, with any number of CRs before it.  Three digits and anything but a
 * fourth are a reply ("250", "250<TAB>fine", "250." are the last line of one),
 * and no byte behind them makes it none.  Empty lines are skipped; each skipped
 * line ends the call with REPLY_SKIPPED, and is the content of LINE until the
 * next call.  The result depends on the bytes alone, not on how they were cut.
 * REPLY_BROKEN: DIAG_SMTP_REPLY_MALFORMED or DIAG_SMTP_REPLY_TOO_LONG; the
 * parser then wants a reset. */
enum reply_progress reply_parse(
	struct reply_parser *parser, struct span *input, struct diag *why);

static inline bool reply_is_class(
	const struct smtp_reply *reply, unsigned class)
{
	return reply->code / 100 == class;
}
/* Whether WORDS (lower case) occur in the text, whatever its case. */
bool reply_says(const struct smtp_reply *reply, struct span words);
/* A yes (2yz) with a status that says no, or with words of suppression. */
bool reply_is_doubtful(const struct smtp_reply *reply);
/* Copies code, status and words, without what the mask hides, into a diag that
 * was just set; returns false. */
bool reply_explain(const struct smtp_reply *reply, struct diag *why);

#endif
