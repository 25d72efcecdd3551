/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Date field, RFC 5322 3.3. */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "base/buf.h"

#include <time.h>

/* Appends "Sun, 22 Nov 2026 02:10:00 +0100"; English in every locale. */
void date_put(struct buf *out, time_t at, long zone_offset_s);

#endif
