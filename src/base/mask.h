/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What repeats a secret is not shown.  A mask knows a secret and what it looks
 * like in base 64, wherever it begins in what is encoded (AUTH PLAIN has it
 * behind the user's name).
 *
 *	struct mask mask = { 0 };
 *	mask_set_secret(&mask, secret_span(password));
 *	mask_put(&mask, reply, &shown);       "535 bad password: <hidden>"
 *	mask_wipe(&mask);
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include "base/buf.h"
#include "base/secret.h"
#include "base/span.h"

/* All of it empty: hides nothing. */
struct mask {
	struct secret plain;
	/* The letters that no byte beside the secret has a part in, for each of
	 * the places in a group where it may begin; then the line of
	 * mask_set_sent(). */
	struct secret encoded[4];
};

/* Instead of the secret before.  One of less than four bytes hides nothing:
 * any text would have it. */
void mask_set_secret(struct mask *mask, struct span secret);
/* The same for base 64 that went out as it is; empty: nothing did.  Its first
 * letters alone are hidden, too, since some servers cut what they repeat. */
void mask_set_sent(struct mask *mask, struct span line);
/* Appends TEXT with "<hidden>" in the place of what repeats the secret: as it
 * is in any case, or the word of base 64 that has it.  MASK may be NULL. */
void mask_put(const struct mask *mask, struct span text, struct buf *out);
void mask_wipe(struct mask *mask);

#endif
