/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows jansson.  Knows no member's meaning. */
#include <config.h>

#include "base/jsonread.h"

#include "base/text.h"

#ifdef HAVE_JANSSON

#include <jansson.h>

#define LIBRARY              jansson
#define LIBRARY_SYMBOL(name) json_##name
#define LIBRARY_NAME         JANSSON_SONAME
#define LIBRARY_TABLE        "base/jansson.def"
#include "base/library_calls.h"

/* 2^53: beyond it not every integer is a JSON number (RFC 8259 6). */
#define JSONREAD_NUMBER_MAX 9007199254740992.0

/* Never defined: what we hand out is jansson's root, whose only reference is
 * ours. */
struct jsonread;

bool jsonread_is_built(void)
{
	return true;
}

static json_t *root_of(const struct jsonread *object)
{
	json_t *root;

	/* json_object_get() takes it const; json_delete() does not. */
	memcpy(&root, &object, sizeof root);
	return root;
}

struct jsonread *jsonread_open(struct span text, struct diag *why)
{
	json_error_t error;
	json_t *root;

	if (!load(why))
		return NULL;
	root = jansson.loadb(text.length ? text.at : "", text.length,
		JSON_REJECT_DUPLICATES, &error);
	if (root && json_is_object(root))
		return (struct jsonread *)root;
	if (root)
		jansson.delete(root);
	diag_set(why, DIAG_JSON_INVALID);
	return NULL;
}

enum jsonread_kind jsonread_member(const struct jsonread *object,
	const char *name, int64_t *number, struct span *text)
{
	const json_t *value = jansson.object_get(root_of(object), name);
	double real;

	if (!value || json_is_null(value))
		return JSONREAD_MISSING;
	if (json_is_string(value)) {
		*text = span_make(jansson.string_value(value),
			jansson.string_length(value));
		return JSONREAD_TEXT;
	}
	if (json_is_boolean(value)) {
		*number = json_is_true(value);
		return JSONREAD_BOOL;
	}
	if (!json_is_number(value))
		return JSONREAD_OTHER;
	real = json_is_integer(value) ? (double)jansson.integer_value(value)
				      : jansson.real_value(value);
	if (!(real <= JSONREAD_NUMBER_MAX && real >= -JSONREAD_NUMBER_MAX))
		return JSONREAD_OTHER;
	*number = (int64_t)real;
	return JSONREAD_NUMBER;
}

bool jsonread_put_list(
	const struct jsonread *object, const char *name, struct buf *out)
{
	const json_t *list = jansson.object_get(root_of(object), name);

	if (!json_is_array(list))
		return false;
	for (size_t i = 0; i < jansson.array_size(list); i++) {
		const json_t *item = jansson.array_get(list, i);

		if (!json_is_string(item))
			continue;
		if (out->length)
			buf_put_byte(out, ' ');
		buf_put(out, jansson.string_value(item),
			jansson.string_length(item));
	}
	return !out->overflowed;
}

void jsonread_close(struct jsonread *object)
{
	if (object)
		jansson.delete(root_of(object));
}

#else

bool jsonread_is_built(void)
{
	return false;
}

struct jsonread *jsonread_open(struct span text, struct diag *why)
{
	(void)text;
	diag_set(why, DIAG_LIBRARY_NOT_BUILT, "jansson");
	return NULL;
}

enum jsonread_kind jsonread_member(const struct jsonread *object,
	const char *name, int64_t *number, struct span *text)
{
	(void)object;
	(void)name;
	(void)number;
	(void)text;
	return JSONREAD_MISSING;
}

bool jsonread_put_list(
	const struct jsonread *object, const char *name, struct buf *out)
{
	(void)object;
	(void)name;
	(void)out;
	return false;
}

void jsonread_close(struct jsonread *object)
{
	(void)object;
}

#endif
