/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of an HTML page, for the reader whose mail program shows none: words
 * and their order, paragraphs, lists, links.  Not a browser.  Pure.
 */
#ifndef MAIL_HTMLTEXT_H
#define MAIL_HTMLTEXT_H

#include "base/buf.h"
#include "base/span.h"

/* Appends the text of HTML (UTF-8), lines ended by LF.  Any input gives some
 * text in linear time; what passes OUT's limit is left out. */
void htmltext_put(struct buf *out, struct span html);

#endif
