/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forms and queries.  Knows no field of them. */
#include <config.h>

#include "auth/form.h"

#include "base/base64.h"

enum { BASE64_LIMIT = 64 * 1024 };

/* RFC 3986 2.3. */
static bool is_unreserved(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

bool form_put_encoded(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (is_unreserved(*text))
			buf_put_byte(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	return !out->overflowed;
}

bool form_put(struct buf *out, const char *name, const char *value)
{
	if (!value || !*value)
		return !out->overflowed;
	return (!out->length || buf_put_byte(out, '&')) &&
	       buf_puts(out, name) && buf_put_byte(out, '=') &&
	       form_put_encoded(out, value);
}

bool form_put_url(struct buf *out, const char *url, struct span query)
{
	bool has_query = strchr(url, '?') != NULL;

	return buf_puts(out, url) &&
	       (!query.length || (buf_put_byte(out, has_query ? '&' : '?') &&
					 buf_put_span(out, query)));
}

/* ---- reading ------------------------------------------------------------- */

bool form_put_decoded(struct buf *out, struct span text, bool is_query)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = is_query && text.at[i] == '+' ? ' ' : text.at[i];

		if (c == '%') {
			int high, low;

			if (text.length - i < 3)
				return false;
			high = ascii_hex_value(text.at[i + 1]);
			low = ascii_hex_value(text.at[i + 2]);
			if (high < 0 || low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (ascii_is_control(c) || !buf_put_byte(out, c))
			return false;
	}
	return true;
}

bool form_find(struct span query, const char *name, struct buf *out)
{
	bool is_found = false;

	while (query.length) {
		struct span value = span_cut(&query, '&');
		struct span key = span_cut(&value, '=');

		if (!span_equal(key, span_of(name)))
			continue;
		if (is_found || !form_put_decoded(out, value, true))
			return false;
		is_found = true;
	}
	return is_found;
}

bool form_put_base64(struct buf *out, struct span bytes)
{
	struct buf usual = BUF_INIT(BASE64_LIMIT);
	bool fits = base64_encode(bytes, &usual);

	for (size_t i = 0; fits && i < usual.length; i++) {
		char c = usual.data[i];

		if (c == '=')
			break;
		fits = buf_put_byte(out, c == '+' ? '-' : c == '/' ? '_' : c);
	}
	buf_wipe_free(&usual);
	return fits;
}
