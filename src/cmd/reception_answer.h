/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of an SMTP reply for a failure, and for what became of a message.
 */
#ifndef CMD_RECEPTION_ANSWER_H
#define CMD_RECEPTION_ANSWER_H

#include "base/buf.h"
#include "base/diag.h"
#include "deliver/outcome.h"

/* What reception takes of one reply. */
enum { RECEPTION_ANSWER_LIMIT = 8 * 1024 };

/* How a failure is told over SMTP: only what is final is a 5yz (CODE), all else
 * can pass and is a 451; STATUS has the class of the code.  Lines end in LF
 * but the last, as reception_answer() wants them. */
unsigned reception_answer_put_failure(
	struct buf *text, const struct diag *why, unsigned code);
/* The answer to the final dot: 250 when every recipient is safe.  When some
 * are, and some are not, repeating would give the first ones the message again:
 * that is a 554 that names both. */
unsigned reception_answer_put_outcome(
	struct buf *text, const struct outcome *outcome);

#endif
