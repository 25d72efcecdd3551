/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lengths of time as text.  Knows no clock. */
#include <config.h>

#include "base/duration.h"

enum {
	MINUTE_S = 60,
	HOUR_S = 60 * MINUTE_S,
	DAY_S = 24 * HOUR_S,
	DURATION_MAX_S = 3660 * DAY_S,
	RATE_MAX = 1000000
};

static const struct {
	char letter;
	long seconds;
} units[] = { { 'd', DAY_S }, { 'h', HOUR_S }, { 'm', MINUTE_S }, { 's', 1 } };
enum { UNITS = sizeof units / sizeof *units };

/* The seconds of the unit at the end of *TEXT, which is taken off. */
static long cut_unit(struct span *text)
{
	for (size_t i = 0; text->length && i < UNITS; i++)
		if (text->at[text->length - 1] == units[i].letter) {
			text->length--;
			return units[i].seconds;
		}
	return 1;
}

bool duration_parse(struct span text, long *seconds)
{
	long unit = cut_unit(&text);
	unsigned long number;

	if (!span_number(text, (unsigned long)(DURATION_MAX_S / unit), &number))
		return false;
	*seconds = (long)number * unit;
	return true;
}

static bool is_separator(char c)
{
	return ascii_is_wsp(c) || c == ',';
}

static struct span cut_word(struct span *rest)
{
	struct span word;
	size_t length = 0;

	while (rest->length && is_separator(rest->at[0]))
		*rest = span_skip(*rest, 1);
	while (length < rest->length && !is_separator(rest->at[length]))
		length++;
	word = span_make(rest->at, length);
	*rest = span_skip(*rest, length);
	return word;
}

bool duration_parse_list(
	struct span text, long *seconds, size_t max, size_t *count)
{
	struct span word;

	for (*count = 0; (word = cut_word(&text)).length; ++*count)
		if (*count == max || !duration_parse(word, &seconds[*count]) ||
			seconds[*count] < 1)
			return false;
	return *count != 0;
}

bool duration_parse_rate(struct span text, long *number, long *seconds)
{
	struct span count = span_cut(&text, '/');
	unsigned long parsed;

	if (!span_number(count, RATE_MAX, &parsed) || !parsed || !text.length)
		return false;
	*number = (long)parsed;
	/* "/m" is "/1m". */
	if (text.length == 1 && ascii_is_alpha(text.at[0])) {
		*seconds = cut_unit(&text);
		return text.length == 0;
	}
	return duration_parse(text, seconds) && *seconds >= 1;
}

void duration_put(struct buf *out, long seconds)
{
	size_t unit = 0;

	while (unit + 1 < UNITS &&
		(seconds % units[unit].seconds != 0 || seconds == 0))
		unit++;
	seconds /= units[unit].seconds;
	if (seconds < 0)
		buf_put_byte(out, '-');
	buf_put_number(out, (uint64_t)(seconds < 0 ? -seconds : seconds));
	buf_put_byte(out, units[unit].letter);
}

void duration_put_rough(struct buf *out, long seconds)
{
	size_t unit = 0;

	while (unit + 1 < UNITS && seconds < units[unit].seconds)
		unit++;
	buf_printf(out, "%ld%c", seconds / units[unit].seconds,
		units[unit].letter);
}
