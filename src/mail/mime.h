/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a header says of its body's form: type, boundary and encoding (RFC 2045,
 * RFC 2046).  Pure.
 *
 *	struct mime mime;
 *	mime_read(&header, "text/plain", arena, &mime);
 *	if (mime.kind == MIME_MULTIPART && mime.boundary)
 *		…
 */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include "base/mem.h"
#include "mail/header.h"

#include <stdbool.h>

/* What can be done with a body; each type is one of these. */
enum mime_kind {
	MIME_TEXT,
	MIME_DATA,      /* neither text nor made of parts */
	MIME_MULTIPART, /* parts between boundaries */
	MIME_MESSAGE,   /* another message */
	MIME_FIELDS,    /* groups of fields: a delivery status */
	MIME_OPAQUE     /* may not be encoded, or is signed: hands off */
};

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary, or nothing said */
	MIME_QUOTED_PRINTABLE,
	MIME_BASE64,
	MIME_UNKNOWN
};

struct mime {
	const char *type; /* "text/plain", in lower case */
	enum mime_kind kind;
	const char *boundary; /* of a multipart; NULL without */
	enum mime_encoding encoding;
	bool has_type; /* there is a Content-Type */
	bool is_mime;  /* some field of MIME is there */
};

/* Reads the first Content-Type and Content-Transfer-Encoding of HEADER.  The
 * type is DEFAULT_TYPE when there is none, and text/plain when it is none (RFC
 * 2045 5.2).  Texts live in ARENA. */
void mime_read(const struct header *header, const char *default_type,
	struct arena *arena, struct mime *out);
/* Whether HEADER has a signature over the body below it: DKIM (RFC 6376), ARC,
 * DomainKeys. */
bool mime_is_signed(const struct header *header);

#endif
