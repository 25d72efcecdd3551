/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The media type of a file: by the extension of its name, else by its first
 * bytes, else text or not.  The tables are mail/mimetype.def.  Pure.
 */
#ifndef MAIL_MIMETYPE_H
#define MAIL_MIMETYPE_H

#include "base/span.h"
#include "mail/content.h"

/* RFC 6838 4.2: 127 for each half. */
enum { MIMETYPE_LIMIT = 255 };

/* The type of the file NAME with that CONTENT: never NULL, static.  A name that
 * promises text over content that is none gives way to the content. */
const char *mimetype_of(const char *name, const struct content *content);
/* The extension (without dot) for a type, or NULL; static. */
const char *mimetype_extension(const char *type);
/* Whether TEXT is "type/subtype" (RFC 2045 5.1), perhaps followed by
 * parameters "; name=token", and nothing else: fit to be put into a field. */
bool mimetype_is_valid(struct span text);
/* The charset parameter that fits a text CONTENT: "us-ascii", "utf-8",
 * "utf-16", or "unknown-8bit" (RFC 1428). */
const char *mimetype_charset(const struct content *content);

#endif
