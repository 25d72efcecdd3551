/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Content-Transfer-Encodings for files, whose every byte must arrive (RFC 2045
 * section 6); encode.h has the one for text.  Pure.
 */
#ifndef MAIL_TRANSFER_H
#define MAIL_TRANSFER_H

#include "base/source.h"

/* A source that gives BODY in base 64, in lines of 76 that end in CRLF; closing
 * it closes BODY.  Rewinds when BODY does. */
struct source *transfer_base64(struct source *body);

#endif
