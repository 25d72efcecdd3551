/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A report as bytes (base/packed.h), from the process that read the message to
 * the one that acts on it.  What is taken is as bounce.h promises, whoever put
 * it there.
 */
#ifndef BOUNCE_PACKED_H
#define BOUNCE_PACKED_H

#include "base/buf.h"
#include "base/mem.h"
#include "bounce/bounce.h"

#include <stdbool.h>

void bounce_put(struct buf *out, const struct bounce *bounce);
/* Texts live in ARENA.  False when that is not what BYTES are, with *BOUNCE of
 * no meaning. */
bool bounce_take(struct span bytes, struct arena *arena, struct bounce *bounce);

#endif
