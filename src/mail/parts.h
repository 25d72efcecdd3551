/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of a message's body, told one after the other while it is read:
 * where each begins and ends, what its header says, how long its lines are.
 * Attached messages are gone into.  Pure; one pass, whatever the size.
 *
 *	static void on_part(void *context, const struct part *part) { … }
 *
 *	if (!parts_walk(&message.header, source, on_part, context, why))
 *		return false;
 */
#ifndef MAIL_PARTS_H
#define MAIL_PARTS_H

#include "base/diag.h"
#include "base/source.h"
#include "mail/mime.h"

#include <stdbool.h>
#include <stdint.h>

/* A header longer than this is not looked into, and deeper parts are not taken
 * apart. */
enum { PARTS_HEAD_LIMIT = 1024 * 1024, PARTS_DEPTH = 32 };

enum part_kind {
	PART_LEAF,   /* a header and a body without parts */
	PART_OUTER,  /* the header of what has parts; they come next */
	PART_BETWEEN /* text before the first or behind the last part */
};

/* Borrowed for the call.  Offsets count the bytes of the walked body. */
struct part {
	enum part_kind kind;
	/* The whole body's own header is told as empty: the caller has it. */
	bool is_top;
	bool is_message;  /* the header is a message's: the top, an attached */
	bool is_sealed;   /* signed as a whole, by itself or what it is in */
	bool is_readable; /* false: its header passed the limit */
	struct span head; /* lines that end in CRLF, without the empty one */
	const struct header *header; /* the same */
	struct mime mime;
	uint64_t head_begin, body_begin;
	/* Without the line end that belongs to the boundary behind it. */
	uint64_t body_end;
	uint64_t longest_line; /* of body, without CRLF */
	/* Of the body of a leaf. */
	bool is_8bit, is_utf8;
};

/* Reads the canonical BODY of a message with HEADER to its end, and tells
 * TAKE of each part, in order.  The bytes between a PART_LEAF and the next part
 * are the boundary.  Boundaries are those of all open multiparts, so a part
 * without its end ends with what it is in; a multipart in which no boundary
 * ever comes is told as a PART_BETWEEN that is_sealed.  Memory: one header.
 * Fails as BODY does. */
bool parts_walk(const struct header *header, struct source *body,
	void (*take)(void *context, const struct part *part), void *context,
	struct diag *why);

#endif
