/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every fuzz target defines, and how it says that a promise is broken.
 * A target calls the parser with the bytes it is given, and checks what must
 * be true of any result (decoding what was encoded gives it back, a span lies
 * inside its input, …).  It keeps no state from call to call.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/span.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct span fuzz_span(const uint8_t *data, size_t size)
{
	return span_make((const char *)data, size);
}

/* Prints the broken promise and aborts. */
#define fuzz_check(promise)                                                    \
	fuzz_check_that((promise), #promise, __FILE__, __LINE__)
void fuzz_check_that(
	int is_kept, const char *promise, const char *file, int line);

#endif
