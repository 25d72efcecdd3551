/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What 'mailchute send' puts into the message: texts and files, looked at
 * before anything is sent.
 *
 *	send_parts_open(&parts, options, arena, &problems);
 *	send_parts_read_text(&parts, options, &problems);
 *	if (!problems.count)
 *		source = send_parts_compose(&parts, head);
 *	…
 *	send_parts_close(&parts);
 */
#ifndef CMD_SEND_PARTS_H
#define CMD_SEND_PARTS_H

#include "base/mem.h"
#include "base/source.h"
#include "cmd/problems.h"
#include "cmd/send_options.h"
#include "mail/compose.h"

#include <stdbool.h>

/* A page longer than this is no letter; and it is held in memory. */
enum { SEND_HTML_LIMIT = 16 * 1024 * 1024 };

/* Zeroed is empty.  Invariant: until it is composed, it owns the bodies. */
struct send_parts {
	struct arena *arena;
	bool stdin_was_closed;
	/* The text and the page themselves, in UTF-8, instead of where the
	 * options say that they are; NULL for none. */
	const struct span *given_text, *given_page;
	struct compose_part *text, *html;
	struct compose_part **inlines, **attachments;
	size_t inline_count, attachment_count;
	struct store *stdin_store; /* what came on standard input */
	struct buf page;           /* the HTML */
	struct buf page_text;      /* made from it */
};

/* Opens the files (and reads what is to be attached from standard input).  What
 * is wrong with any of them goes to PROBLEMS. */
void send_parts_open(struct send_parts *parts,
	const struct send_options *options, struct problems *problems);
/* Then the text: words, --body, what the HTML says, standard input, or an
 * editor; asked for only when it comes to that. */
void send_parts_read_text(struct send_parts *parts,
	const struct send_options *options, struct problems *problems);
/* Appends the text that was read, in UTF-8; false (and a problem) when that
 * cannot be had.  OUT is empty when there is none, or it is made from the
 * page. */
bool send_parts_put_text(
	struct send_parts *parts, struct buf *out, struct problems *problems);
/* The message under HEAD; the bodies are the source's from then on. */
struct source *send_parts_compose(
	struct send_parts *parts, const struct buf *head);
/* Closes whatever is still open; a composed source must be closed before. */
void send_parts_close(struct send_parts *parts);

#endif
