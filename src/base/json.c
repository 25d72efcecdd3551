/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON, written.  Knows nothing of what is in it. */
#include <config.h>

#include "base/json.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

static void put_key(struct json *json, const char *key)
{
	if (json->needs_comma)
		buf_put_byte(json->out, ',');
	if (key)
		buf_printf(json->out, "\"%s\":", key);
	json->needs_comma = true;
}

void json_begin(struct json *json, const char *key, char bracket)
{
	put_key(json, key);
	buf_put_byte(json->out, bracket);
	json->needs_comma = false;
}

void json_end(struct json *json, char bracket)
{
	buf_put_byte(json->out, bracket);
	json->needs_comma = true;
}

static void put_ascii(struct buf *out, char c)
{
	if (c == '"' || c == '\\')
		buf_printf(out, "\\%c", c);
	else if (c == '\n')
		buf_puts(out, "\\n");
	else if ((unsigned char)c < ' ' || c == 0x7F)
		buf_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
	else
		buf_put_byte(out, c);
}

/* As JSON has it: half and half above U+FFFF. */
static void put_escaped(struct buf *out, uint32_t rune)
{
	if (rune < 0x10000)
		buf_printf(out, "\\u%04x", (unsigned)rune);
	else
		buf_printf(out, "\\u%04x\\u%04x",
			(unsigned)(0xD800 + ((rune - 0x10000) >> 10)),
			(unsigned)(0xDC00 + ((rune - 0x10000) & 0x3FF)));
}

static void put_string(struct buf *out, const char *text)
{
	struct span rest = span_of(text);

	buf_put_byte(out, '"');
	while (rest.length) {
		size_t length = text_utf8_length(rest);

		if (length == 1)
			put_ascii(out, rest.at[0]);
		else if (text_invisible_length(rest))
			put_escaped(out, text_rune(rest));
		else if (length)
			buf_put(out, rest.at, length);
		else
			buf_puts(out, "\\ufffd");
		rest = span_skip(rest, length ? length : 1);
	}
	buf_put_byte(out, '"');
}

void json_text(struct json *json, const char *key, const char *text)
{
	put_key(json, key);
	if (text)
		put_string(json->out, text);
	else
		buf_puts(json->out, "null");
}

void json_texts(struct json *json, const char *key, const char *const *texts,
	size_t count)
{
	json_begin(json, key, '[');
	for (size_t i = 0; i < count; i++)
		json_text(json, NULL, texts[i]);
	json_end(json, ']');
}

void json_number(struct json *json, const char *key, int64_t number)
{
	put_key(json, key);
	buf_printf(json->out, "%" PRId64, number);
}

void json_bool(struct json *json, const char *key, bool is_true)
{
	put_key(json, key);
	buf_puts(json->out, is_true ? "true" : "false");
}
