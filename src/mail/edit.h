/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is changed in a message on its way out, decided once and applied while
 * it streams: the message itself is never touched.  Pure: time, zone, host and
 * randomness are arguments.
 *
 *	struct edit *edit = edit_make(&params, &message, arena);
 *	int64_t size = edit_size(edit, why);
 *	struct source *out = edit_source(edit);
 *	while (source_next(out, &piece, why) && piece.length)
 *		…
 *	source_close(out);
 *
 * Whatever the message and the arguments hold, what goes out is canonical: no
 * bare CR, LF or NUL, no line over 998 bytes but in what is signed or cannot be
 * encoded (CHANGE_LONG_LINES), and no argument adds a field.
 */
#ifndef MAIL_EDIT_H
#define MAIL_EDIT_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/source.h"
#include "mail/address.h"
#include "mail/change.h"
#include "mail/message.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* AUTO: a From is made when there is none, and local authors are replaced; ON:
 * From is always replaced; OFF: From is left alone, whatever it says. */
enum edit_from { EDIT_FROM_AUTO, EDIT_FROM_ON, EDIT_FROM_OFF };

struct edit_params {
	enum edit_from set_from;
	bool set_date, set_msgid, remove_bcc;
	/* For a From that is made: the address (NULL, or one that does not
	 * parse: none is made), and the full name or NULL.  With
	 * EDIT_FROM_ON, NULL keeps the name of the From that is replaced. */
	const char *from_address;
	const char *from_name;
	/* Replaces each author in From that is a bare name or of this host
	 * ("root", "Cron Daemon <root>", "root@thishost", "root@localhost");
	 * the display name is kept.  NULL, or an address that does not parse,
	 * leaves them. */
	const char *local_from;
	/* A local author who has no display name gets edit_local_name(). */
	bool names_local_from;
	/* With or without domain; NULL: only "localhost" is this host. */
	const char *this_host;
	/* Puts one To with these addresses in the place of all To and Cc, and
	 * drops Bcc; without any it is an empty group. */
	bool set_to;
	const char *const *to;
	size_t to_count;
	/* Gives the addresses behind a local name of To and Cc ("root",
	 * "root@localhost", "\\root"), in ARENA; 0 and the name stays.  NULL:
	 * they all stay.  The field is made anew then: groups lose their
	 * names, and one who is named and has one address keeps the name. */
	size_t (*map_local)(void *context, const char *name,
		struct arena *arena, const char *const **addresses);
	void *map_context;
	/* Whom it was for, when it goes to somebody else: an X-Original-To is
	 * put in front, and one that was there is dropped.  None without. */
	const char *const *original_to;
	size_t original_count;
	time_t now;
	long zone_offset_s;
	/* What a Message-ID that is made begins with; NULL: time and random. */
	const char *msgid_left;
	/* NULL counts as empty; see msgid_put(). */
	const char *msgid_domain;
	unsigned char random[16];
};

/* What goes out: fields put in front, fields left out or replaced, and perhaps
 * a body encoded anew.  Opaque; lives in the arena it was made in and borrows
 * the message, which must live as long. */
struct edit;

/* "root on web1": a local mailbox and where it is, in ARENA; THIS_HOST may be
 * NULL, and loses its domain. */
char *edit_local_name(struct arena *arena, const struct mailbox *mailbox,
	const char *this_host);

/* Decides.
 * - From, Date and Message-ID are put in front when absent or empty;
 *   Resent-Date and Resent-Message-ID in front of a latest Resent block that
 *   lacks them (RFC 5322 3.6.6); the originals are not touched.
 * - Bcc and Resent-Bcc are removed from every block, Return-Path is dropped
 *   (RFC 5321 4.4: only the last hop writes it).
 * - A From that does not parse is left as it is: it never stops a mail.
 *   Sender goes with a From that is replaced by EDIT_FROM_ON, else it stays.
 * - Header lines over 998 bytes are folded (wrap_field()).
 * - A body with longer lines is reshaped (reshape_plan()), which reads it.
 * Memory: the fields that are made or folded; the rest of the header, and the
 * body if it is sent as it is, are passed on without being copied. */
struct edit *edit_make(const struct edit_params *params,
	const struct message *message, struct arena *arena);
/* Bytes that edit_source() will give, counting CRLF as two, dots not doubled
 * (RFC 1870); -1 and *WHY when the body could not be read. */
int64_t edit_size(const struct edit *edit, struct diag *why);
/* Whether what goes out has bytes over 127. */
bool edit_is_8bit(const struct edit *edit);
/* Whether the header that goes out has bytes over 127. */
bool edit_header_is_8bit(const struct edit *edit);
/* The message as it goes out, canonical, ending in CRLF; can be rewound.  The
 * caller closes it, before the edit's arena and the message go.  Several may be
 * open at once. */
struct source *edit_source(const struct edit *edit);
/* What was changed of the content, and what of it nobody may change, as bits of
 * change.h. */
unsigned edit_changes(const struct edit *edit);
/* The Message-ID that goes out, with its angle brackets, or "" when there is
 * none or it has none. */
const char *edit_message_id(const struct edit *edit);

#endif
