/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A JWT, byte for byte.  Knows no key. */
#include <config.h>

#include "auth/jwt.h"

#include "auth/form.h"
#include "base/json.h"

enum { JWT_PART_LIMIT = 16 * 1024, JWT_THUMBPRINT_LIMIT = 128 };

static void put_member(struct json *json, const char *name, const char *value)
{
	if (value)
		json_text(json, name, value);
}

/* RFC 7515 4.1; x5t#S256 is 4.1.8. */
static void put_header(const struct jwt *jwt, struct buf *out)
{
	struct json json = { .out = out };
	struct buf print = BUF_INIT(JWT_THUMBPRINT_LIMIT);

	json_begin(&json, NULL, '{');
	json_text(&json, "alg", jwt->algorithm);
	json_text(&json, "typ", "JWT");
	put_member(&json, "kid", jwt->key_id);
	if (jwt->thumbprint.length) {
		form_put_base64(&print, jwt->thumbprint);
		json_text(&json, "x5t#S256", buf_text(&print));
	}
	json_end(&json, '}');
	buf_free(&print);
}

/* RFC 7523 3. */
static void put_claims(const struct jwt *jwt, struct buf *out)
{
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	put_member(&json, "iss", jwt->issuer);
	put_member(&json, "sub", jwt->subject);
	put_member(&json, "aud", jwt->audience);
	put_member(&json, "scope", jwt->scope);
	put_member(&json, "jti", jwt->id);
	json_number(&json, "iat", jwt->issued);
	json_number(&json, "exp", jwt->expires);
	json_end(&json, '}');
}

bool jwt_put_unsigned(const struct jwt *jwt, struct buf *out)
{
	struct buf part = BUF_INIT(JWT_PART_LIMIT);
	bool fits;

	put_header(jwt, &part);
	fits = !part.overflowed && form_put_base64(out, buf_span(&part)) &&
	       buf_put_byte(out, '.');
	buf_clear(&part);
	put_claims(jwt, &part);
	fits = fits && !part.overflowed &&
	       form_put_base64(out, buf_span(&part));
	buf_free(&part);
	return fits;
}

bool jwt_put_signature(struct span signature, struct buf *out)
{
	return buf_put_byte(out, '.') && form_put_base64(out, signature);
}
