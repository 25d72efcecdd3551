/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transparency, RFC 5321 4.5.2: dots doubled on the way out, undone on the way
 * in, and the line with a single dot that ends a message.  Pure; both sides
 * give the same result however the bytes are cut.
 *
 *	struct dotstuff dots = { 0 };
 *	dotstuff_put(&dots, piece, &out);
 *	dotstuff_end(&dots, &out);
 */
#ifndef SMTP_DOTSTUFF_H
#define SMTP_DOTSTUFF_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>

enum dotstuff_state {
	DOTSTUFF_LINE_START,
	DOTSTUFF_DOT,    /* unstuffing: after the dot that begins a line */
	DOTSTUFF_DOT_CR, /* unstuffing: after that and a CR */
	DOTSTUFF_LINE,
	DOTSTUFF_CR
};

/* Zero-initialised: at the start of the message. */
struct dotstuff {
	enum dotstuff_state state;
	bool keeps_dots; /* for BDAT, which counts the bytes instead */
};

/* A piece of N bytes becomes at most 2 * N + 2, the end at most 5. */
enum { DOTSTUFF_END_BYTES = 5 };

/* Appends PIECE with its dots doubled (unless they are kept).  The message is
 * canonical when it comes here; should it not be, a bare CR or LF becomes a
 * line end and a NUL is dropped, so that nothing that is sent can end a message
 * early or mean two things to two servers (SMTP smuggling).  False when OUT is
 * full. */
bool dotstuff_put(struct dotstuff *dots, struct span piece, struct buf *out);
/* Appends a missing last line end.  The final dot follows, see
 * dotstuff_dot. */
bool dotstuff_finish(struct dotstuff *dots, struct buf *out);
#define DOTSTUFF_FINAL_DOT ".\r\n"

/* Takes bytes off the front of *INPUT and appends them, dots undone, to OUT;
 * true once the final dot has been taken.  Only CRLF ends a line: "\n.\n",
 * "\n.\r\n" and the like are text.  At most ROOM bytes are taken, so that OUT
 * grows by at most ROOM + 2. */
bool dotstuff_undo(struct dotstuff *dots, struct span *input, size_t room,
	struct buf *out);

#endif
