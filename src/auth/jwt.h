/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A signed JWT (RFC 7519 in the form of RFC 7515 3.1), by which an application
 * says who it is (RFC 7523).  Pure; whose key signs, and how, is the caller's.
 *
 *	jwt_put_unsigned(&jwt, &out);
 *	… a signature over what is in OUT now …
 *	jwt_put_signature(signature, &out);
 */
#ifndef AUTH_JWT_H
#define AUTH_JWT_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>
#include <time.h>

/* Claims that are NULL are left out. */
struct jwt {
	const char *algorithm;  /* "RS256", "PS256" */
	const char *key_id;     /* NULL: it is not said which key */
	struct span thumbprint; /* SHA-256 of the certificate; length 0: none */
	const char *issuer, *subject, *audience, *scope, *id;
	time_t issued, expires;
};

/* Appends header, dot and claims; false when OUT is full. */
bool jwt_put_unsigned(const struct jwt *jwt, struct buf *out);
/* Appends a dot and the signature. */
bool jwt_put_signature(struct span signature, struct buf *out);

#endif
