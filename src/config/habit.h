/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words of other programs (habit.def), for "did you mean".  Knows no option and
 * no verb itself.
 */
#ifndef CONFIG_HABIT_H
#define CONFIG_HABIT_H

#include "base/span.h"

/* What THEIRS ("--mail-rcpt", "-au", "flush") is here, when it stands behind
 * VERB ("" for none), in any case of letters; NULL when nobody says so.
 * Static. */
const char *habit_find(const char *verb, struct span theirs);
/* The same for a word that is misspelt, and no option: "flsh". */
const char *habit_nearest(const char *verb, struct span theirs);

#endif
