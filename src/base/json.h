/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON (RFC 8259), written: commas and quotes are put where they belong.
 *
 *	struct json json = { .out = &out };
 *	json_begin(&json, NULL, '{');
 *	json_text(&json, "id", id);
 *	json_begin(&json, "recipients", '[');
 *	json_text(&json, NULL, address);
 *	json_end(&json, ']');
 *	json_end(&json, '}');
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	struct buf *out;
	bool needs_comma;
};

/* KEY is the name in an object, NULL in an array or at the top.  Keys are ours:
 * they need no escapes. */
void json_begin(struct json *json, const char *key, char bracket);
void json_end(struct json *json, char bracket);
/* Bytes that are no UTF-8 become U+FFFD; TEXT NULL is null. */
void json_text(struct json *json, const char *key, const char *text);
/* A list of them. */
void json_texts(struct json *json, const char *key, const char *const *texts,
	size_t count);
void json_number(struct json *json, const char *key, int64_t number);
void json_bool(struct json *json, const char *key, bool is_true);

#endif
