/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports in words for people alone: Exim's, qmail's, an old sendmail's, those
 * of big providers.  One table (prose.def) knows how they begin and end; the
 * addresses stand at the begin of lines, and what follows one is about it.
 * Pure.
 */
#ifndef BOUNCE_PROSE_H
#define BOUNCE_PROSE_H

#include "base/mem.h"
#include "base/span.h"
#include "bounce/bounce.h"
#include "mail/header.h"

#include <stdbool.h>

/* Reads TEXT, what the message of HEADER says to people; adds its recipients,
 * and returns whether it is a report. */
bool prose_read(const struct header *header, struct span text,
	struct arena *arena, struct bounce *out);
/* Whether a machine answers in a person's place. */
bool prose_is_automatic(const struct header *header);
/* Takes TEXT for what is said of every recipient that has no words yet. */
void prose_explain(struct span text, struct arena *arena, struct bounce *out);

#endif
