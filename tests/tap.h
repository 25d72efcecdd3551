/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Test Anything Protocol: one line a case, the plan at the end.
 *
 *	tap_is_text(got, "wanted", "what it shows");
 *	return tap_done();
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

/* Each prints "ok" or "not ok" with got and want, and returns whether it was
 * ok. */
bool tap_ok(bool is_ok, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool tap_is_text(const char *got, const char *want, const char *name);
bool tap_is_span(struct span got, struct span want, const char *name);
bool tap_is_number(int64_t got, int64_t want, const char *name);
bool tap_is_diag(const struct diag *got, enum diag_id want, const char *name);
void tap_skip(const char *name, const char *reason);
/* A comment line for the reader. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints the plan; the exit code of main(). */
int tap_done(void);

#endif
