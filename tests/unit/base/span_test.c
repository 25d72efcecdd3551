/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spans: comparing, cutting, numbers. */
#include <config.h>

#include "base/span.h"
#include "tap.h"

#include <limits.h>

static void check_comparing(void)
{
	tap_ok(span_equal(SPAN("a\0b"), SPAN("a\0b")), "equal with a NUL");
	tap_ok(!span_equal(SPAN("a\0b"), SPAN("a\0c")), "differ after a NUL");
	tap_ok(!span_equal(SPAN("ab"), SPAN("abc")), "a prefix is not equal");
	tap_ok(span_equal(span_make(NULL, 0), SPAN("")), "nothing is nothing");
	tap_ok(span_equal_nocase(SPAN("STARTTLS"), SPAN("startTls")), "nocase");
	tap_ok(!span_equal_nocase(SPAN("[x"), SPAN("{x")), "letters only");
	tap_ok(!span_equal_nocase(SPAN("\xC4"), SPAN("\xE4")), "ASCII only");
	tap_ok(span_starts_with(SPAN("abc"), SPAN("ab")), "starts with");
	tap_ok(!span_starts_with(SPAN("ab"), SPAN("abc")), "shorter");
	tap_ok(!span_starts_with(SPAN("ABC"), SPAN("ab")), "case counts");
	tap_ok(span_starts_with_nocase(SPAN("ABC"), SPAN("ab")), "or not");
	tap_ok(span_starts_with(SPAN("a"), SPAN("")), "all start with nothing");
	tap_ok(span_is_below(SPAN("smtp.Example.org"), SPAN("example.ORG")),
		"a host is below its domain");
	tap_ok(span_is_below(SPAN("example.org"), SPAN("example.org")),
		"a domain is below itself");
	tap_ok(!span_is_below(SPAN("notexample.org"), SPAN("example.org")),
		"labels are whole");
	tap_ok(!span_is_below(SPAN("org"), SPAN("example.org")),
		"what is above is not");
}

static void check_cutting(void)
{
	struct span rest = SPAN("  MAIL\tFROM:<>  ");

	tap_is_span(span_cut_word(&rest), SPAN("MAIL"), "the first word");
	tap_is_span(span_cut_word(&rest), SPAN("FROM:<>"), "the second");
	tap_is_number((int64_t)span_cut_word(&rest).length, 0, "no third");
	rest = SPAN("a,,b");
	tap_is_span(span_cut(&rest, ','), SPAN("a"), "the first part");
	tap_is_span(span_cut(&rest, ','), SPAN(""), "an empty part");
	tap_is_span(span_cut(&rest, ','), SPAN("b"), "the last part");
	tap_is_number((int64_t)rest.length, 0, "nothing is left");
	rest = SPAN("a,");
	span_cut(&rest, ',');
	tap_is_number((int64_t)rest.length, 0, "a separator at the end");
	rest = SPAN("a\r\n\nb\r\r\nc\r");
	tap_is_span(span_cut_line(&rest), SPAN("a"), "a line");
	tap_is_span(span_cut_line(&rest), SPAN(""), "an empty one");
	tap_is_span(span_cut_line(&rest), SPAN("b\r"), "one CR is its end");
	tap_is_span(span_cut_line(&rest), SPAN("c"), "the last");
	tap_is_span(span_cut_line(&rest), SPAN(""), "no more");
	tap_is_span(span_trim(SPAN(" \r\n\ta b\t\n")), SPAN("a b"), "trimmed");
	tap_is_span(span_trim(SPAN(" \t")), SPAN(""), "trimmed to nothing");
	tap_is_span(span_skip(SPAN("abc"), 2), SPAN("c"), "skipped");
	tap_is_span(span_skip(SPAN("abc"), 9), SPAN(""), "skipped too far");
	tap_is_number((int64_t)span_skip(span_make(NULL, 0), 1).length, 0,
		"nothing skipped");
	tap_is_number((int64_t)span_find(SPAN("abc"), 'c'), 2, "found");
	tap_is_number((int64_t)span_find(SPAN("abc"), 'x'), 3, "not found");
	tap_is_number((int64_t)span_find(span_make(NULL, 0), 'x'), 0,
		"not in nothing");
}

static const struct {
	const char *text;
	unsigned long max;
	bool is_number;
	unsigned long want;
} numbers[] = {
	{ "0", 0, true, 0 },
	{ "007", 9, true, 7 },
	{ "65535", 65535, true, 65535 },
	{ "65536", 65535, false, 0 },
	{ "9", 8, false, 0 },
	{ "99999999999999999999999999", ULONG_MAX, false, 0 },
	{ "", 9, false, 0 },
	{ "-1", 9, false, 0 },
	{ "+1", 9, false, 0 },
	{ " 1", 9, false, 0 },
	{ "1 ", 9, false, 0 },
	{ "0x1", 9, false, 0 },
	{ "1e3", 9999, false, 0 },
};

static void check_numbers(void)
{
	unsigned long value = 0;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		bool is_number;

		value = 4711;
		is_number = span_number(
			span_of(numbers[i].text), numbers[i].max, &value);
		tap_ok(is_number == numbers[i].is_number &&
				value == (is_number ? numbers[i].want : 4711),
			"number '%s' up to %lu", numbers[i].text,
			numbers[i].max);
	}
	tap_ok(span_number(SPAN("18446744073709551615"), ULONG_MAX, &value) ==
			(ULONG_MAX > 0xFFFFFFFFu),
		"the largest number of 64 bits");
	tap_ok(!span_number(SPAN("18446744073709551616"), ULONG_MAX, &value),
		"one more");
}

int main(void)
{
	check_comparing();
	check_cutting();
	check_numbers();
	return tap_done();
}
