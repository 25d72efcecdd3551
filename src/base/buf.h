/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A growable buffer with a stated maximum.  An append that would pass the
 * limit changes nothing, returns false and sets `overflowed`, so that a run of
 * appends can be checked once at its end.
 *
 *	struct buf line = BUF_INIT(COMMAND_LINE_LIMIT);
 *	buf_puts(&line, "RCPT TO:<");
 *	buf_put_span(&line, address);
 *	buf_puts(&line, ">\r\n");
 *	if (line.overflowed) …
 *	buf_free(&line);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Invariant: length <= capacity <= limit + 1; data[length] is NUL whenever
 * capacity is not 0. */
struct buf {
	char *data;
	size_t length, capacity, limit;
	bool overflowed;
};

#define BUF_INIT(maximum) ((struct buf){ .limit = (maximum) })

void buf_init(struct buf *buf, size_t limit);
bool buf_put(struct buf *buf, const char *bytes, size_t length);
bool buf_puts(struct buf *buf, const char *text);
bool buf_put_span(struct buf *buf, struct span span);
bool buf_put_byte(struct buf *buf, char byte);
/* In decimal, and faster than buf_printf(). */
bool buf_put_number(struct buf *buf, uint64_t number);
bool buf_printf(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Room for LENGTH more bytes at the end, to be filled by the caller and then
 * added with buf_grow(); NULL (and overflowed) past the limit. */
char *buf_reserve(struct buf *buf, size_t length);
void buf_grow(struct buf *buf, size_t length);
/* Drops the first LENGTH bytes. */
void buf_consume(struct buf *buf, size_t length);
/* Empty again; keeps the memory. */
void buf_clear(struct buf *buf);
/* The same after overwriting every byte it ever held. */
void buf_wipe(struct buf *buf);
/* Frees the memory; the buffer can be used again with the same limit. */
void buf_free(struct buf *buf);
/* Wipes, then frees: for whatever held a secret.  (A buffer that grows leaves
 * no copy behind once buf_put() has moved it: old blocks are wiped too.) */
void buf_wipe_free(struct buf *buf);
/* The content as a NUL-terminated string, never NULL; valid until the next
 * change. */
const char *buf_text(const struct buf *buf);
static inline struct span buf_span(const struct buf *buf)
{
	return span_make(buf->data, buf->length);
}

#endif
