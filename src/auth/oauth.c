/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OAUTHBEARER and XOAUTH2, byte for byte.  Knows no network and no SMTP. */
#include <config.h>

#include "auth/oauth.h"

#include <string.h>

bool oauth_is_token(struct span token)
{
	for (size_t i = 0; i < token.length; i++)
		if (token.at[i] <= ' ' || token.at[i] >= 0x7F)
			return false;
	return token.length != 0;
}

/* RFC 5801 4: what separates the fields of a GS2 header is escaped. */
static bool put_saslname(struct buf *out, const char *name)
{
	bool fits = true;

	for (; *name && fits; name++)
		if (*name == ',')
			fits = buf_puts(out, "=2C");
		else if (*name == '=')
			fits = buf_puts(out, "=3D");
		else
			fits = buf_put_byte(out, *name);
	return fits;
}

static bool put_token(struct buf *out, struct span token)
{
	return buf_puts(out, "\001auth=Bearer ") && buf_put_span(out, token) &&
	       buf_puts(out, "\001\001");
}

/* RFC 7628 3.1. */
bool oauth_put_bearer(const struct oauth_params *params, struct buf *out)
{
	return buf_puts(out, "n,a=") && put_saslname(out, params->user) &&
	       buf_puts(out, ",") &&
	       (!params->host ||
		       buf_printf(out, "\001host=%s", params->host)) &&
	       (!params->port ||
		       buf_printf(out, "\001port=%u", params->port)) &&
	       put_token(out, params->token);
}

bool oauth_put_xoauth2(const struct oauth_params *params, struct buf *out)
{
	return buf_puts(out, "user=") && buf_puts(out, params->user) &&
	       put_token(out, params->token);
}

/* ---- the server's reason ------------------------------------------------- */

static struct span skip_any(struct span text, const char *bytes)
{
	while (text.length && strchr(bytes, text.at[0]) && text.at[0])
		text = span_skip(text, 1);
	return text;
}

/* Cuts a JSON text, which begins at the quote, off REST; its escapes stay. */
static bool cut_text(struct span *rest, struct span *text)
{
	size_t end = 1;

	if (!rest->length || rest->at[0] != '"')
		return false;
	while (end < rest->length && rest->at[end] != '"')
		end += rest->at[end] == '\\' ? 2 : 1;
	if (end >= rest->length)
		return false;
	*text = span_make(rest->at + 1, end - 1);
	*rest = span_skip(*rest, end + 1);
	return true;
}

/* The value of the member NAME of the flat object JSON, a text or a number;
 * empty when there is none.  Nothing that is nested has ever been seen. */
static struct span member_of(struct span json, const char *name)
{
	struct span key, value;

	json = skip_any(json, " \t\r\n{");
	while (cut_text(&json, &key)) {
		json = skip_any(json, " \t\r\n:");
		if (!cut_text(&json, &value)) {
			size_t end = 0;

			while (end < json.length && json.at[end] != ',' &&
				json.at[end] != '}')
				end++;
			value = span_trim(span_make(json.at, end));
			json = span_skip(json, end);
		}
		if (span_equal(key, span_of(name)))
			return value;
		json = skip_any(json, " \t\r\n,");
	}
	return span_make("", 0);
}

static void put_unescaped(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		bool is_escape = text.at[i] == '\\' && i + 1 < text.length &&
				 text.at[i + 1] != 'u';

		buf_put_byte(out, text.at[is_escape ? ++i : i]);
	}
}

void oauth_put_reason(struct span challenge, struct buf *out)
{
	struct span status = member_of(challenge, "status");
	struct span scope = member_of(challenge, "scope");

	if (!status.length) {
		put_unescaped(out, challenge);
		return;
	}
	put_unescaped(out, status);
	if (scope.length) {
		buf_puts(out, ", scope ");
		put_unescaped(out, scope);
	}
}

bool oauth_put_metadata(struct span challenge, struct buf *out)
{
	struct span url = member_of(challenge, "openid-configuration");

	put_unescaped(out, url);
	return url.length != 0 && !out->overflowed;
}
