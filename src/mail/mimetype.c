/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of what bytes are.  Does not know how they travel. */
#include <config.h>

#include "mail/mimetype.h"

#include <stdint.h>

static const struct {
	const char *extension, *type;
} extensions[] = {
#define TYPE(extension, type) { extension, type },
#define MAGIC(type, at, bytes)
#include "mail/mimetype.def"
#undef TYPE
#undef MAGIC
};

static const struct {
	const char *type;
	size_t at;
	struct span bytes;
} magics[] = {
#define TYPE(extension, type)
#define MAGIC(type, at, bytes) { type, at, { bytes, sizeof(bytes) - 1 } },
#include "mail/mimetype.def"
#undef TYPE
#undef MAGIC
};

enum {
	EXTENSION_COUNT = sizeof extensions / sizeof extensions[0],
	MAGIC_COUNT = sizeof magics / sizeof magics[0],
};

static const char *by_extension(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (!dot || dot == name)
		return NULL;
	for (size_t i = 0; i < EXTENSION_COUNT; i++)
		if (span_equal_nocase(
			    span_of(dot + 1), span_of(extensions[i].extension)))
			return extensions[i].type;
	return NULL;
}

static const char *by_magic(const struct content *content)
{
	size_t known = content->size < CONTENT_FIRST_BYTES
			       ? (size_t)content->size
			       : CONTENT_FIRST_BYTES;

	for (size_t i = 0; i < MAGIC_COUNT; i++)
		if (magics[i].at + magics[i].bytes.length <= known &&
			!memcmp(content->first + magics[i].at,
				magics[i].bytes.at, magics[i].bytes.length))
			return magics[i].type;
	return NULL;
}

static bool has_utf16_mark(const struct content *content)
{
	return content->size >= 2 && !(content->size % 2) &&
	       (!memcmp(content->first, "\xFF\xFE", 2) ||
		       !memcmp(content->first, "\xFE\xFF", 2));
}

static bool is_text_type(const char *type)
{
	return span_starts_with(span_of(type), SPAN("text/"));
}

const char *mimetype_of(const char *name, const struct content *content)
{
	bool is_text = content_is_text(content) || has_utf16_mark(content);
	const char *type = by_extension(name);

	if (type && (is_text || !is_text_type(type)))
		return type;
	type = by_magic(content);
	if (type)
		return type;
	return is_text && content->size ? "text/plain"
					: "application/octet-stream";
}

const char *mimetype_extension(const char *type)
{
	size_t length = span_find(span_of(type), ';');

	for (size_t i = 0; i < EXTENSION_COUNT; i++)
		if (span_equal_nocase(span_make(type, length),
			    span_of(extensions[i].type)))
			return extensions[i].extension;
	return NULL;
}

/* RFC 2045 5.1: a token has no space, control or tspecial. */
static bool is_token(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~' ||
			strchr("()<>@,;:\\\"/[]?=", text.at[i]))
			return false;
	return text.length > 0;
}

static struct span skip_spaces(struct span text)
{
	while (text.length && text.at[0] == ' ')
		text = span_skip(text, 1);
	return text;
}

bool mimetype_is_valid(struct span text)
{
	struct span rest = text;
	struct span type = span_cut(&rest, ';');
	struct span top = span_cut(&type, '/');

	if (text.length > MIMETYPE_LIMIT || !is_token(top) || !is_token(type))
		return false;
	while (rest.length) {
		struct span value = skip_spaces(span_cut(&rest, ';'));
		struct span name = span_cut(&value, '=');

		if (!is_token(name) || !is_token(value))
			return false;
	}
	return text.at[text.length - 1] != ';';
}

const char *mimetype_charset(const struct content *content)
{
	if (has_utf16_mark(content))
		return "utf-16";
	if (!content->high_count)
		return "us-ascii";
	return content->is_utf8 ? "utf-8" : "unknown-8bit";
}
