/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a fuzz target that saw a broken promise. */
#include <config.h>

#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

void fuzz_check_that(
	int is_kept, const char *promise, const char *file, int line)
{
	if (is_kept)
		return;
	fprintf(stderr, "%s:%d: not kept: %s\n", file, line, promise);
	abort();
}
