/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program of the system's that is run with fixed arguments, for what it
 * prints.  No shell, nothing of our environment, no descriptor of ours.
 *
 *	if (program_start(arguments, &program, why)) {
 *		… read program.out …
 *		exit_status = program_end(&program, true);
 *	}
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/diag.h"

#include <stdbool.h>
#include <sys/types.h>

struct program {
	pid_t pid;
	int out; /* its standard output */
};

/* ARGUMENTS begins with the program's path, and ends with NULL.  Its standard
 * input is empty, its standard error ours.  Fails with DIAG_SYSTEM_FAILED. */
bool program_start(
	const char *const *arguments, struct program *out, struct diag *why);
/* Waits for its end, and ends it unless its output was read to the end
 * (IS_READ); its exit status, or 128 and the signal. */
int program_end(struct program *program, bool is_read);

#endif
