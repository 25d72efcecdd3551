/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patterns of addresses: which account an address belongs to. */
#ifndef MAIL_GLOB_H
#define MAIL_GLOB_H

#include "base/span.h"

#include <stdbool.h>

/* Whether ADDRESS fits PATTERN, both in any case: "?" is one byte, "*" any
 * run of bytes, "[a-z]" and "[!a-z]" a byte of a set (a "[" without its "]" is
 * itself).  When it does not fit and has a "+detail" before its "@" while
 * the pattern has no "+", it is tried again without the detail.  Bounded: no
 * input makes it more than |pattern| * |address| steps. */
bool glob_matches_address(struct span pattern, struct span address);

#endif
