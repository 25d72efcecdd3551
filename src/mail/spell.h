/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The raw text of a header field, spelled in ASCII: as encoded words (RFC 2047)
 * where the field allows them.  Pure.
 */
#ifndef MAIL_SPELL_H
#define MAIL_SPELL_H

#include "base/buf.h"
#include "mail/header.h"

/* Appends FIELD with its text beyond ASCII as encoded words: all of an
 * unstructured field (Subject, Comments, Content-Description, X-…), and the
 * names and comments of one with addresses.  Whatever else is not ASCII stays
 * byte for byte, and so does text that has encoded words already, since between
 * two of them a space is not one. */
void spell_field(struct buf *out, const struct header_field *field);

#endif
