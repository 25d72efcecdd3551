/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What passes between a process and its helper: frames of fields, over a
 * socket pair.  Knows nothing of what the fields are.
 *
 *	frame_begin(&out, kind, number);
 *	frame_put(&out, field);
 *	frame_end(&out) && frame_send(fd, buf_span(&out), deadline_ms);
 *	…
 *	while ((length = frame_cut(buf_span(&in), &frame)) == FRAME_PARTIAL)
 *		frame_receive(fd, &in, deadline_ms, NULL) …
 *	frame_take(&frame, &field) …
 *	buf_consume(&in, length);
 */
#ifndef POSTGRES_FRAME_H
#define POSTGRES_FRAME_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_LIMIT = 96 * 1024 * 1024, /* a record and a journal at their
					   largest, and some more */
	FRAME_PARTIAL = 0
};

struct frame {
	unsigned kind;
	uint32_t number; /* an answer has that of its question */
	struct span rest;
};

/* Appends the beginning of one; OUT holds whole frames before. */
void frame_begin(struct buf *out, unsigned kind, uint32_t number);
void frame_put(struct buf *out, struct span field);
void frame_put_number(struct buf *out, int64_t number);
/* Fills in the length of the one that began at AT; false when OUT was full. */
bool frame_end(struct buf *out, size_t at);

/* Cuts the first frame of BYTES: its whole length, FRAME_PARTIAL when more is
 * to come, SIZE_MAX when it is none. */
size_t frame_cut(struct span bytes, struct frame *frame);
/* The next field; false when there is none. */
bool frame_take(struct frame *frame, struct span *field);
/* The same for a number; false when it is none. */
bool frame_take_number(struct frame *frame, int64_t *number);

/* Writes all of BYTES; false when the other end is gone, or at the deadline. */
bool frame_send(int fd, struct span bytes, int64_t deadline_ms);

enum frame_received {
	FRAME_RECEIVED,
	FRAME_LATE,
	FRAME_CLOSED /* the other end is gone */
};
/* Appends what has come, and waits for some.  PASSED, unless it is NULL,
 * becomes a descriptor that came along, or -1. */
enum frame_received frame_receive(
	int fd, struct buf *in, int64_t deadline_ms, int *passed);
/* Writes BYTES, which are few, and passes a descriptor along. */
bool frame_pass(int fd, struct span bytes, int passed);

#endif
