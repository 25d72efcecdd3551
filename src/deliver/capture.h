/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages written to a folder instead of being sent, for development
 * ('capture DIR').  Knows no network.
 */
#ifndef DELIVER_CAPTURE_H
#define DELIVER_CAPTURE_H

#include "base/diag.h"
#include "base/mem.h"
#include "mail/delivery.h"

#include <stdbool.h>

/* Writes FOLDER/ID.eml (FOLDER is made, mode 0700, if only it is missing): the
 * message as it would go out, behind X-Envelope-From and an X-Envelope-To for
 * each recipient.  It appears whole, by a rename; on failure (DIAG_FILE_FAILED,
 * or what reading the body says) nothing is left. *PATH lives in ARENA. */
bool capture_write(const char *folder, const char *id,
	const struct delivery *delivery, struct arena *arena, const char **path,
	struct diag *why);

#endif
