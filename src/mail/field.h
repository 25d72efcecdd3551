/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Header fields written: encoded where they must be, folded at 78 columns, and
 * never more than the one field that was asked for: no value can end a line of
 * its own.  Pure.
 */
#ifndef MAIL_FIELD_H
#define MAIL_FIELD_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"
#include "mail/address.h"

/* RFC 5322 2.1.1: what a line should keep to, without CRLF. */
enum { FIELD_COLUMNS = 78 };

/* Appends "NAME: TEXT" and CRLF; TEXT is unstructured, UTF-8. */
void field_put_text(struct buf *out, const char *name, struct span text);
/* The same for words that must stay as they are (message identifiers): folded
 * between them, any kind of white space separates. */
void field_put_words(struct buf *out, const char *name, struct span words);
/* The same for an address list; an empty LIST gives an empty group. */
void field_put_mailboxes(
	struct buf *out, const char *name, const struct mailbox_list *list);
/* Appends ";", a fold and "name=VALUE" (UTF-8) to a field that is not ended
 * yet: as a token, a quoted string, or extended and continued as RFC 2231 says.
 */
void field_put_parameter(struct buf *out, const char *name, const char *value);

/* A file name fit to be sent, in ARENA: the last component of PATH, with '_'
 * for control characters; "attachment" when nothing is left. */
char *field_file_name(struct arena *arena, const char *path);
/* For clients that know no RFC 2231: NAME in ASCII, '_' for other characters,
 * its end (the extension) kept when it must be cut. */
char *field_ascii_name(struct arena *arena, const char *name);

#endif
