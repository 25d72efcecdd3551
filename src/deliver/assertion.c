/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of applications, and what they sign.  Knows no endpoint's answer. */
#include <config.h>

#include "deliver/assertion.h"

#include "auth/form.h"
#include "auth/jwt.h"
#include "base/base64.h"
#include "base/random.h"

enum {
	KEY_FILE_LIMIT = 64 * 1024,
	LIFE_S = 300,
	ID_BYTES = 16,
	ID_LIMIT = 64,
	/* Issuers refuse what is signed in their future; their clock may be
	 * some seconds behind ours. */
	BACKDATED_S = 30
};

static const char what_it_is[] =
	N_("'oauth_key_file' is the JSON file of a service account, or a PEM "
	   "file with an RSA key and, if there is one, its certificate");

static bool fail(
	const struct assertion *assertion, const char *reason, struct diag *why)
{
	return diag_set(why, DIAG_OAUTH_KEY, assertion->path, reason);
}

/* ---- the file ------------------------------------------------------------ */

static bool take_key(
	struct assertion *assertion, struct span pem, struct diag *why)
{
	struct diag reason = { .id = DIAG_NONE };

	assertion->key = key_take(assertion->path, pem, &reason);
	if (!assertion->key) {
		if (reason.id == DIAG_KEY_UNUSABLE)
			diag_add_hint(&reason, what_it_is);
		if (why)
			*why = reason;
		return false;
	}
	return key_kind(assertion->key) == KEY_RSA ||
	       fail(assertion, DIAG_WORDS N_("its key is not RSA"), why);
}

/* The first certificate of a PEM file: its DER in base 64 on several lines. */
static bool take_certificate(
	struct assertion *assertion, struct span pem, struct diag *why)
{
	static const struct span begin = SPAN("-----BEGIN CERTIFICATE-----");
	static const struct span end = SPAN("-----END CERTIFICATE-----");
	struct buf text = BUF_INIT(KEY_FILE_LIMIT);
	struct buf der = BUF_INIT(KEY_FILE_LIMIT);
	bool is_inside = false, is_fine = true;

	while (pem.length && !assertion->has_certificate && is_fine) {
		struct span line = span_trim(span_cut(&pem, '\n'));

		if (span_equal(line, begin)) {
			is_inside = true;
		} else if (is_inside && span_equal(line, end)) {
			assertion->has_certificate = true;
			is_fine = (base64_decode(buf_span(&text), &der) &&
					  der.length) ||
				  fail(assertion,
					  DIAG_WORDS N_("its certificate is "
							"damaged"),
					  why);
			is_fine =
				is_fine && key_hash(buf_span(&der),
						   assertion->thumbprint, why);
		} else if (is_inside) {
			buf_put_span(&text, line);
		}
	}
	buf_free(&text);
	buf_free(&der);
	return is_fine;
}

static bool take_service_account(
	struct assertion *assertion, struct span json, struct diag *why)
{
	struct diag reason = { .id = DIAG_NONE };
	struct answer *file = &assertion->file;

	if (!answer_parse(json, file, &reason)) {
		if (reason.id == DIAG_JSON_INVALID ||
			reason.id == DIAG_OAUTH_MEMBER)
			return fail(assertion,
				DIAG_WORDS N_("it is damaged, or no file of a "
					      "service account"),
				why);
		if (why)
			*why = reason;
		return false;
	}
	if (!answer_has(file, ANSWER_private_key) ||
		!answer_has(file, ANSWER_client_email))
		return fail(assertion,
			DIAG_WORDS N_("it is damaged, or no file of a service "
				      "account"),
			why);
	return take_key(
		assertion, secret_span(&file->values[ANSWER_private_key]), why);
}

bool assertion_open(
	const struct account *account, struct assertion *out, struct diag *why)
{
	struct buf text = BUF_INIT(KEY_FILE_LIMIT);
	struct span all;
	bool is_fine;

	*out = (struct assertion){ .path = account->oauth_key_file };
	is_fine = key_read(out->path, &text, why);
	all = span_trim(buf_span(&text));
	if (is_fine && span_starts_with(all, SPAN("{")))
		is_fine = take_service_account(out, all, why);
	else if (is_fine)
		is_fine = take_key(out, all, why) &&
			  take_certificate(out, all, why);
	buf_wipe_free(&text);
	return is_fine;
}

void assertion_close(struct assertion *assertion)
{
	key_free(assertion->key);
	answer_wipe(&assertion->file);
	assertion->key = NULL;
}

/* ---- what is signed ------------------------------------------------------ */

static bool sign(
	const struct assertion *assertion, struct buf *out, struct diag *why)
{
	struct buf signature = BUF_INIT(ASSERTION_LIMIT);
	unsigned char hash[32];
	struct span digest = span_make((char *)hash, sizeof hash);
	bool is_fine;

	is_fine =
		key_hash(buf_span(out), hash, why) &&
		(assertion->has_certificate ? key_sign_pss(assertion->key,
						      digest, &signature, why)
					    : key_sign(assertion->key, digest,
						      &signature, why)) &&
		(jwt_put_signature(buf_span(&signature), out) ||
			fail(assertion, DIAG_WORDS N_("it is too long"), why));
	buf_free(&signature);
	return is_fine;
}

static bool put(const struct assertion *assertion, struct jwt *jwt,
	const struct assertion_claims *claims, struct buf *out,
	struct diag *why)
{
	struct buf id = BUF_INIT(ID_LIMIT);
	char bytes[ID_BYTES];
	bool is_fine;

	random_bytes(bytes, sizeof bytes);
	form_put_base64(&id, span_make(bytes, sizeof bytes));
	/* With a certificate it is Microsoft's form, else everybody's. */
	jwt->algorithm = assertion->has_certificate ? "PS256" : "RS256";
	if (assertion->has_certificate)
		jwt->thumbprint = span_make((const char *)assertion->thumbprint,
			sizeof assertion->thumbprint);
	jwt->key_id = answer_text(&assertion->file, ANSWER_private_key_id);
	jwt->audience = claims->audience;
	jwt->id = buf_text(&id);
	jwt->issued = claims->now - BACKDATED_S;
	jwt->expires = claims->now + LIFE_S;
	is_fine = (jwt->issuer && jwt_put_unsigned(jwt, out)) ||
		  fail(assertion,
			  DIAG_WORDS N_("it does not say whose it is, nor does "
					"'oauth_client_id'"),
			  why);
	buf_free(&id);
	return is_fine && sign(assertion, out, why);
}

static const char *who(const struct assertion *assertion,
	const struct assertion_claims *claims)
{
	const char *said = answer_text(&assertion->file, ANSWER_client_email);

	return said ? said : claims->client;
}

bool assertion_put_grant(const struct assertion *assertion,
	const struct assertion_claims *claims, struct buf *out,
	struct diag *why)
{
	struct jwt jwt = { .issuer = who(assertion, claims),
		.subject = claims->user,
		.scope = claims->scope[0] ? claims->scope : NULL };

	return put(assertion, &jwt, claims, out, why);
}

bool assertion_put_client(const struct assertion *assertion,
	const struct assertion_claims *claims, struct buf *out,
	struct diag *why)
{
	const char *client =
		claims->client ? claims->client : who(assertion, claims);
	struct jwt jwt = { .issuer = client, .subject = client };

	return put(assertion, &jwt, claims, out, why);
}
