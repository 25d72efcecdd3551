/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line of a log, read: what deliver/outcome wrote, as text or as JSON, by
 * itself or behind what syslog puts in front; msmtp's lines, too.  Pure; a line
 * may hold anything.
 *
 *	if (log_line_read(bytes, &clock, &scratch, &line))
 *		… line.result, line.value[LOG_ID] …
 */
#ifndef LOG_LINE_H
#define LOG_LINE_H

#include "base/buf.h"
#include "base/span.h"
#include "log/stamp.h"

#include <stdbool.h>
#include <stdint.h>

enum log_key {
#define LOG_KEY(id, name) LOG_##id,
#include "log/line.def"
	LOG_KEY_COUNT
};

/* What became of a message. */
enum log_result {
	LOG_RESULT_SENT,
	LOG_RESULT_QUEUED,   /* not tried yet */
	LOG_RESULT_DEFERRED, /* it is kept, and tried again */
	LOG_RESULT_FAILED,   /* it may pass, but nobody keeps the message */
	LOG_RESULT_REFUSED,  /* for good */
	LOG_RESULT_DROPPED,  /* taken, with the words that it will not arrive */
	LOG_RESULT_CAPTURED, /* in a folder, and not sent */
	LOG_RESULT_CUT,      /* the line ends before it says so */
	LOG_RESULT_COUNT
};

/* Invariant: every value is a span, empty when the line does not say it. */
struct log_line {
	int64_t at; /* seconds since the epoch, or LOG_NO_TIME */
	enum log_result result;
	struct span value[LOG_KEY_COUNT];
	unsigned code;         /* of the server's reply, 200 to 599; or 0 */
	int64_t ms;            /* of this attempt; -1: it is not said */
	int64_t acceptance_ms; /* from the caller to the server's yes; -1 */
	int64_t next;          /* of the next try; 0 */
};

enum { LOG_LINE_LIMIT = 256 * 1024 };

/* False when LINE (without its newline) is none of ours.  Behind what syslog
 * writes the program must be mailchute or msmtp, or have the name that the line
 * itself says (-L).  OUT has pieces of LINE, and of SCRATCH, which is emptied:
 * both must live as long. */
bool log_line_read(struct span line, const struct log_clock *clock,
	struct buf *scratch, struct log_line *out);

/* The moment in which an id of ours was made, in milliseconds since the epoch;
 * -1 when it is none. */
int64_t log_id_ms(struct span id);
/* "sent", "queued" …: part of the interface. */
const char *log_result_word(enum log_result result);

#endif
