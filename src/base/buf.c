/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded, growable buffers. */
#include <config.h>

#include "base/buf.h"

#include "base/mem.h"
#include "base/secret.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

enum { BUF_FIRST_BYTES = 64 };

void buf_init(struct buf *buf, size_t limit)
{
	*buf = BUF_INIT(limit);
}

/* The block that a buffer leaves is wiped before it is freed, so that a
 * password which once made a buffer grow does not stay behind in the heap. */
static void move_to(struct buf *buf, size_t capacity)
{
	char *data = mem_alloc(capacity);

	if (buf->data) {
		memcpy(data, buf->data, buf->length + 1);
		secret_erase(buf->data, buf->capacity);
		mem_free(buf->data);
	} else {
		data[0] = '\0';
	}
	buf->data = data;
	buf->capacity = capacity;
}

char *buf_reserve(struct buf *buf, size_t length)
{
	/* Half of all memory leaves room to double, and is enough. */
	size_t limit = buf->limit < SIZE_MAX / 2 ? buf->limit : SIZE_MAX / 2;
	size_t capacity = buf->capacity;

	if (length > limit || buf->length > limit - length) {
		buf->overflowed = true;
		return NULL;
	}
	if (buf->length + length >= capacity) {
		if (capacity < BUF_FIRST_BYTES)
			capacity = BUF_FIRST_BYTES;
		while (capacity <= buf->length + length)
			capacity *= 2;
		if (capacity > limit + 1)
			capacity = limit + 1;
		move_to(buf, capacity);
	}
	return buf->data + buf->length;
}

void buf_grow(struct buf *buf, size_t length)
{
	buf->length += length;
	buf->data[buf->length] = '\0';
}

bool buf_put(struct buf *buf, const char *bytes, size_t length)
{
	char *end;

	if (!length)
		return true;
	end = buf_reserve(buf, length);
	if (!end)
		return false;
	memcpy(end, bytes, length);
	buf_grow(buf, length);
	return true;
}

bool buf_puts(struct buf *buf, const char *text)
{
	return buf_put(buf, text, strlen(text));
}

bool buf_put_number(struct buf *buf, uint64_t number)
{
	char digits[20]; /* of 2^64 */
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	return buf_put(buf, digits + at, sizeof digits - at);
}

bool buf_put_span(struct buf *buf, struct span span)
{
	return buf_put(buf, span.at, span.length);
}

bool buf_put_byte(struct buf *buf, char byte)
{
	return buf_put(buf, &byte, 1);
}

bool buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	char *end;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	end = length < 0 ? NULL : buf_reserve(buf, (size_t)length);
	if (end) {
		vsnprintf(end, (size_t)length + 1, format, again);
		buf_grow(buf, (size_t)length);
	}
	va_end(again);
	return end != NULL;
}

void buf_consume(struct buf *buf, size_t length)
{
	if (!length)
		return;
	memmove(buf->data, buf->data + length, buf->length - length + 1);
	buf->length -= length;
}

void buf_clear(struct buf *buf)
{
	buf->length = 0;
	buf->overflowed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

void buf_wipe(struct buf *buf)
{
	if (buf->data)
		secret_erase(buf->data, buf->capacity);
	buf_clear(buf);
}

void buf_free(struct buf *buf)
{
	mem_free(buf->data);
	*buf = BUF_INIT(buf->limit);
}

void buf_wipe_free(struct buf *buf)
{
	buf_wipe(buf);
	buf_free(buf);
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
