/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole message from its parts: fields, text, HTML, files.  The message is a
 * source: it streams, whatever the size of the parts.  Pure: the parts are
 * sources, randomness is an argument.
 *
 *	content_scan(part.body, &part.content, why) &&
 *		source_rewind(part.body, why)            (for each part)
 *	source = compose_source(&params, arena);
 *	message_read(source, …);
 *	source_close(source);                         (closes the bodies too)
 *
 * The shape, with what is not needed left out:
 *
 *	multipart/mixed
 *		multipart/alternative
 *			text/plain
 *			multipart/related
 *				text/html
 *				inline files, by Content-ID
 *		attached files
 */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include "base/mem.h"
#include "base/source.h"
#include "base/span.h"
#include "mail/content.h"

#include <stdbool.h>
#include <stddef.h>

/* One part.  Invariant: content is what a scan of body found; strings are
 * checked (mimetype_is_valid(), field_file_name()) and outlive the source. */
struct compose_part {
	struct source *body;
	struct content content;
	const char *type;       /* of a file: "image/png", parameters allowed */
	const char *charset;    /* of text and HTML; NULL: as content says */
	const char *file_name;  /* UTF-8; NULL for text and HTML */
	const char *content_id; /* without angle brackets; NULL for none */
	bool is_inline;
};

struct compose_params {
	/* The fields but those of MIME, each ended by CRLF. */
	struct span head;
	const struct compose_part *text, *html; /* NULL for none */
	const struct compose_part *const *inlines, *const *attachments;
	size_t inline_count, attachment_count;
	unsigned char random[16]; /* for the boundaries */
};

/* Files keep every byte: base 64 or exact quoted-printable, whichever is
 * shorter (RFC 2045 6); of text, line ends that are all LF or all CRLF are line
 * ends of the mail; an attached message stays readable where RFC 2046
 * 5.2.1 allows no encoding and is a plain file otherwise.  Text and HTML get
 * canonical line ends and the plainest encoding that is safe.  Takes the
 * bodies: they are closed with the source.  Rewinds when they do. */
struct source *compose_source(
	const struct compose_params *params, struct arena *arena);

/* A Content-ID for the file NAME: "name@random". */
char *compose_content_id(struct arena *arena, const char *name,
	const unsigned char random[static 16]);
/* Appends HTML with each "cid:NAME" (as it is, or percent-encoded) made
 * "cid:" CONTENT_ID; returns how many there were. */
size_t compose_refer(struct buf *out, struct span html, const char *name,
	const char *content_id);

#endif
