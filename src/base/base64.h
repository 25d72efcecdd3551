/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base 64 (RFC 4648 section 4), without line breaks. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>

/* Appends the encoded bytes; false when OUT's limit is passed. */
bool base64_encode(struct span bytes, struct buf *out);
/* Appends the decoded bytes; false, with OUT as it was, when TEXT is not
 * canonical base 64 (bad letters, missing padding, stray bits) or OUT's limit
 * is passed. */
bool base64_decode(struct span text, struct buf *out);

#endif
