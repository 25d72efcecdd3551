/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TAP for the unit tests. */
#include <config.h>

#include "tap.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned done, failed;

static bool result(bool is_ok, const char *name)
{
	struct buf printable = BUF_INIT(1000);

	text_put_printable(&printable, span_of(name));
	for (size_t i = 0; i < printable.length; i++)
		if (printable.data[i] == '#')
			printable.data[i] = '%';
	printf("%s %u - %s\n", is_ok ? "ok" : "not ok", ++done,
		buf_text(&printable));
	buf_free(&printable);
	failed += !is_ok;
	fflush(stdout);
	return is_ok;
}

static void show(const char *label, struct span text)
{
	struct buf printable = BUF_INIT(100000);

	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] == '\n' || text.at[i] == '\r')
			buf_puts(
				&printable, text.at[i] == '\n' ? "\\n" : "\\r");
		else
			text_put_printable(
				&printable, span_make(text.at + i, 1));
	printf("#   %s: \"%s\"\n", label, buf_text(&printable));
	buf_free(&printable);
}

bool tap_ok(bool is_ok, const char *format, ...)
{
	char name[500];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof name, format, args);
	va_end(args);
	return result(is_ok, name);
}

bool tap_is_span(struct span got, struct span want, const char *name)
{
	bool is_ok = span_equal(got, want);

	result(is_ok, name);
	if (!is_ok) {
		show("got ", got);
		show("want", want);
	}
	return is_ok;
}

bool tap_is_text(const char *got, const char *want, const char *name)
{
	return tap_is_span(span_of(got ? got : "(null)"),
		span_of(want ? want : "(null)"), name);
}

bool tap_is_number(int64_t got, int64_t want, const char *name)
{
	bool is_ok = got == want;

	result(is_ok, name);
	if (!is_ok)
		printf("#   got %lld, want %lld\n", (long long)got,
			(long long)want);
	return is_ok;
}

bool tap_is_diag(const struct diag *got, enum diag_id want, const char *name)
{
	bool is_ok = got->id == want;

	result(is_ok, name);
	if (!is_ok)
		printf("#   got %s, want %s\n", diag_name(got->id),
			diag_name(want));
	return is_ok;
}

void tap_skip(const char *name, const char *reason)
{
	printf("ok %u - %s # SKIP %s\n", ++done, name, reason);
}

void tap_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("# ", stdout);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

int tap_done(void)
{
	printf("1..%u\n", done);
	return failed != 0;
}
