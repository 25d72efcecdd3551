/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a setup that does not come to its end takes away again.  Does not know
 * what is in it. */
#include <config.h>

#include "cmd/setup.h"

#include <stdio.h>
#include <unistd.h>

void setup_made_note(struct setup_made *made, const char *path)
{
	if (made->count < SETUP_MADE_MAX && access(path, F_OK) < 0)
		made->paths[made->count++] = path;
}

void setup_made_undo(struct setup_made *made)
{
	while (made->count)
		(void)remove(made->paths[--made->count]);
}
