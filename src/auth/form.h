/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * application/x-www-form-urlencoded, and the queries of URLs (RFC 6749 B):
 * written and read.  Pure; knows no field.
 *
 *	form_put(&body, "grant_type", "refresh_token");
 *	form_put(&body, "scope", scope);
 *	form_put_url(&url, "https://a.example/auth", buf_span(&query));
 */
#ifndef AUTH_FORM_H
#define AUTH_FORM_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>

/* Appends one field; NULL and "" are left out.  False when OUT is full. */
bool form_put(struct buf *out, const char *name, const char *value);
/* Appends TEXT with all but letters, digits and "-._~" as %XX. */
bool form_put_encoded(struct buf *out, const char *text);
/* Appends URL and QUERY, with "?", or "&" behind a query that URL has. */
bool form_put_url(struct buf *out, const char *url, struct span query);
/* Appends TEXT with each %XX made plain, in a query also '+' a blank.  False
 * when it is not encoded as it must be, or has a control character. */
bool form_put_decoded(struct buf *out, struct span text, bool is_query);
/* Appends the value of NAME in QUERY, decoded.  False when it is not there,
 * stands there twice, is not encoded as it must be, or has a control
 * character. */
bool form_find(struct span query, const char *name, struct buf *out);
/* Appends BYTES in base 64 as URLs have it, without "=" (RFC 7515 2). */
bool form_put_base64(struct buf *out, struct span bytes);

#endif
