/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is changed in a message on its way out, decided once and applied while
 * it streams: the message itself is never touched.  Pure: time, zone, host and
 * randomness are arguments.
 */
#ifndef MAIL_EDIT_H
#define MAIL_EDIT_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/source.h"
#include "mail/message.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum edit_from { EDIT_FROM_AUTO, EDIT_FROM_ON, EDIT_FROM_OFF };

struct edit_params {
	enum edit_from set_from;
	bool set_date, set_msgid, remove_bcc;
	/* For a From that is made: the address, and the full name or NULL. */
	const char *from_address;
	const char *from_name;
	/* Replaces From and Sender-less bare or this-host authors
	 * ("root", "root@thishost"); NULL leaves them. */
	const char *local_from;
	const char *this_host;
	time_t now;
	long zone_offset_s;
	const char *msgid_domain;
	unsigned char random[16];
};

/* What goes out: fields put in front, fields left out or replaced, and perhaps
 * a body encoded anew.  Opaque; lives in the arena it was made in. */
struct edit;

/* Decides.  From, Date and Message-ID are added when absent (Resent-Date and
 * Resent-Message-ID in a latest Resent block), Bcc and Resent-Bcc are removed,
 * Return-Path is dropped, header lines over 998 bytes are folded at white
 * space, and the body of a single-part text without MIME fields whose lines
 * are over 998 bytes is made quoted-printable (RFC 2045 6.7).  Longer lines in
 * any other body are broken at 998. */
struct edit *edit_make(const struct edit_params *params,
	const struct message *message, struct arena *arena);
/* Bytes that edit_source() will give, counting CRLF as two, dots not doubled
 * (RFC 1870); -1 and *WHY when the body cannot be read. */
int64_t edit_size(const struct edit *edit, struct diag *why);
/* Whether what goes out has bytes over 127. */
bool edit_is_8bit(const struct edit *edit);
/* Whether the header that goes out has bytes over 127. */
bool edit_header_is_8bit(const struct edit *edit);
/* The message as it goes out, canonical, ending in CRLF; can be rewound.  The
 * caller closes it. */
struct source *edit_source(const struct edit *edit);
/* The Message-ID that goes out, with its angle brackets, or "". */
const char *edit_message_id(const struct edit *edit);

#endif
