/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message that may have come back, from its bytes to what it says.  Does not
 * know who asks. */
#ifndef CMD_RETURNED_H
#define CMD_RETURNED_H

#include "base/span.h"
#include "bounce/bounce.h"
#include "mail/message.h"

#include <stdbool.h>

struct returned {
	struct message message;
	struct bounce bounce; /* lives as long as the message */
};

/* Reads TEXT, a message in any state of its line ends.  False when it cannot
 * be read as one; else returned_free() it. */
bool returned_read(struct span text, struct returned *out);
void returned_free(struct returned *returned);

/* What KIND is to people: an untranslated msgid. */
const char *returned_kind_text(enum bounce_kind kind);

#endif
