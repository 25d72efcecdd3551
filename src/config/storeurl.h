/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the store that a fleet shares is named ('queue_store'): a URL, or
 * "service=NAME" and other words as libpq takes them.  Knows what of it may be
 * shown; connects nowhere.  Pure.
 */
#ifndef CONFIG_STOREURL_H
#define CONFIG_STOREURL_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>

/* "postgresql://…", "postgres://…", or words of which one is "service=…" or
 * "host=…"; printable ASCII. */
bool storeurl_is_valid(struct span text);
/* Whether a password stands in it. */
bool storeurl_has_secret(struct span text);
/* Appends it without any: of the user's part only the name, and values only of
 * settings that are known to be harmless; "********" stands for the others. */
void storeurl_put(struct buf *out, struct span text);

#endif
