/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and texts as bytes.  Knows no process and no pipe. */
#include <config.h>

#include "base/packed.h"

#include "base/text.h"

#include <string.h>

enum { NUMBER_BYTES = 8 };

void packed_put_number(struct buf *out, uint64_t number)
{
	char bytes[NUMBER_BYTES];

	for (size_t i = 0; i < NUMBER_BYTES; i++)
		bytes[i] = (char)(number >> (8 * i) & 0xff);
	buf_put(out, bytes, sizeof bytes);
}

void packed_put_bytes(struct buf *out, const char *bytes, size_t length)
{
	packed_put_number(out, length);
	buf_put(out, bytes, length);
}

/* No text is nothing, a text has one more than its length. */
void packed_put_text(struct buf *out, const char *text)
{
	if (!text)
		packed_put_number(out, 0);
	else
		packed_put_bytes(out, text, strlen(text) + 1);
}

uint64_t packed_take_number(struct packed *packed, uint64_t most)
{
	uint64_t number = 0;

	if (packed->rest.length < NUMBER_BYTES)
		packed->is_wrong = true;
	for (size_t i = NUMBER_BYTES; i-- && !packed->is_wrong;)
		number = number << 8 | (unsigned char)packed->rest.at[i];
	if (number > most)
		packed->is_wrong = true;
	if (packed->is_wrong)
		return 0;
	packed->rest = span_skip(packed->rest, NUMBER_BYTES);
	return number;
}

struct span packed_take_bytes(struct packed *packed, size_t most)
{
	size_t length = (size_t)packed_take_number(packed, most);
	struct span bytes = span_make(packed->rest.at, length);

	if (length > packed->rest.length) {
		packed->is_wrong = true;
		return SPAN("");
	}
	packed->rest = span_skip(packed->rest, length);
	return bytes;
}

const char *packed_take_text(struct packed *packed, size_t most)
{
	struct span bytes = packed_take_bytes(packed, most);

	if (!bytes.length)
		return NULL;
	bytes.length--;
	if (bytes.at[bytes.length] || !text_is_printable(bytes)) {
		packed->is_wrong = true;
		return NULL;
	}
	return arena_strndup(packed->arena, bytes.at, bytes.length);
}
