/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encoded bodies with lines longer than their encoding allows (RFC 2045: 76),
 * broken so that they decode to the same.  Pure.
 */
#ifndef MAIL_REWRAP_H
#define MAIL_REWRAP_H

#include "base/source.h"

/* Sources of BODY, whose lines end in CRLF: quoted-printable with soft line
 * breaks, never inside of an escape; base 64 with line ends.  Closing one
 * closes BODY; they rewind when BODY does. */
struct source *rewrap_quoted_printable(struct source *body);
struct source *rewrap_base64(struct source *body);

#endif
