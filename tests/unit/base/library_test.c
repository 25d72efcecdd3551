/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Libraries that are loaded late, or that cannot be. */
#include <config.h>

#include "base/library.h"
#include "tap.h"

#ifdef LAZY_LIBRARIES

#include <string.h>

static const char *const symbols[] = { "idn2_free", "idn2_strerror" };
static const char *const missing[] = { "idn2_free", "idn2_none" };
static void *calls[2];

static void test_failure(
	const char *name, struct library *library, const char *sentence)
{
	struct diag why = { 0 };
	struct buf text = BUF_INIT(4096);

	tap_ok(!library_load(library, &why), "%s: refused", name);
	tap_is_diag(&why, DIAG_LIBRARY_NOT_LOADED, name);
	diag_sentence(&why, false, &text);
	if (!tap_ok(strstr(buf_text(&text), sentence) != NULL,
		    "%s: the sentence", name))
		tap_note("got %s", buf_text(&text));
	tap_ok(!calls[0] && !calls[1], "%s: nothing can be called", name);
	tap_ok(!library_load(library, NULL), "%s: refused again", name);
	buf_free(&text);
}

int main(void)
{
	struct library library = { .name = LIBIDN2_SONAME,
		.symbols = symbols,
		.calls = calls,
		.count = 2 };
	struct library absent = library, older = library;

	absent.name = "libmailchute-none.so.0";
	older.symbols = missing;
	test_failure("no such library", &absent, absent.name);
	test_failure("one that lacks a function", &older, "idn2_none");
	tap_ok(library_load(&library, NULL), "a library");
	tap_ok(calls[0] && calls[1], "its functions");
	memset(calls, 0, sizeof calls);
	tap_ok(library_load(&library, NULL) && !calls[0],
		"it is loaded only once");
	return tap_done();
}

#else

int main(void)
{
	tap_skip("loading libraries", "they are linked");
	return tap_done();
}

#endif
