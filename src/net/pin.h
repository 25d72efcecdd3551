/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fingerprints that a server's certificate, or its public key, must have: the
 * text of them.  Knows no certificate and makes no hash.
 */
#ifndef NET_PIN_H
#define NET_PIN_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum { PIN_BYTES_MAX = 32 };

struct pin {
	bool is_key;   /* of the public key (RFC 7469 2.4), not all of it */
	size_t length; /* 32: SHA-256, 20: SHA-1, 16: MD5 */
	unsigned char digest[PIN_BYTES_MAX];
};

/* Cuts the next one off LIST, which has commas between them: hexadecimal digits
 * (':' and blanks between them count for nothing), or "sha256//" and base 64,
 * as other tools write a key's.  False at the end, and when it is none: LIST is
 * not empty then. */
bool pin_cut(struct span *list, struct pin *out);
/* Whether all of LIST are fingerprints, and there is one. */
bool pin_list_is_valid(struct span list);

#endif
