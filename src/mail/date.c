/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates for the header.  Knows no clock and no zone: both are arguments. */
#include <config.h>

#include "mail/date.h"

#include <stdlib.h>

/* strftime() would speak the user's language; RFC 5322 3.3 wants English. */
static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

enum { ZONE_LIMIT_MINUTES = 99 * 60 + 59 };

void date_put(struct buf *out, time_t at, long zone_offset_s)
{
	long minutes = zone_offset_s / 60;
	struct tm local = { .tm_mday = 1, .tm_year = 70, .tm_wday = 4 };
	time_t shifted;

	/* The zone has four digits; an offset that they cannot say is none. */
	if (labs(minutes) > ZONE_LIMIT_MINUTES)
		minutes = 0;
	shifted = at + (time_t)(minutes * 60);
	if (!gmtime_r(&shifted, &local))
		local = (struct tm){
			.tm_mday = 1, .tm_year = 70, .tm_wday = 4
		};
	buf_printf(out, "%s, %d %s %04ld %02d:%02d:%02d %c%02ld%02ld",
		days[local.tm_wday], local.tm_mday, months[local.tm_mon],
		1900L + local.tm_year, local.tm_hour, local.tm_min,
		local.tm_sec, minutes < 0 ? '-' : '+', labs(minutes) / 60,
		labs(minutes) % 60);
}

/* ---- reading ------------------------------------------------------------- */

enum { MONTHS = 12, DAY_S = 86400 };

static bool cut_number(
	struct span *rest, size_t min_digits, size_t max_digits, long *value)
{
	size_t length = 0;
	unsigned long number = 0;

	while (length < rest->length && length < max_digits &&
		ascii_is_digit(rest->at[length]))
		length++;
	if (length < min_digits || !span_number(span_make(rest->at, length),
					   999999999999999, &number))
		return false;
	*value = (long)number;
	*rest = span_skip(*rest, length);
	return true;
}

static bool cut_char(struct span *rest, const char *any_of)
{
	if (!rest->length || !rest->at[0] || !strchr(any_of, rest->at[0]))
		return false;
	*rest = span_skip(*rest, 1);
	return true;
}

static bool cut_spaces(struct span *rest)
{
	size_t before = rest->length;

	while (rest->length && ascii_is_wsp(rest->at[0]))
		*rest = span_skip(*rest, 1);
	return rest->length < before;
}

static bool is_leap(long year)
{
	return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

/* Days since 1970-01-01; MONTH and DAY count from 1.  -1 for no such day. */
static int64_t days_of(long year, long month, long day)
{
	static const int lengths[MONTHS] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };
	int64_t day_count = 0;

	if (year < 1970 || year > 9999 || month < 1 || month > MONTHS ||
		day < 1 ||
		day > lengths[month - 1] + (month == 2 && is_leap(year)))
		return -1;
	for (long y = 1970; y < year; y++)
		day_count += 365 + is_leap(y);
	for (long m = 1; m < month; m++)
		day_count += lengths[m - 1] + (m == 2 && is_leap(year));
	return day_count + day - 1;
}

/* "02:10" or "02:10:00"; a leap second is the second after it. */
static bool cut_time(struct span *rest, int64_t *seconds)
{
	long hour, minute, second = 0;

	if (!cut_number(rest, 1, 2, &hour) || !cut_char(rest, ":") ||
		!cut_number(rest, 2, 2, &minute) ||
		(cut_char(rest, ":") && !cut_number(rest, 2, 2, &second)))
		return false;
	*seconds = (hour * 60 + minute) * 60 + second;
	return hour < 24 && minute < 60 && second <= 60;
}

/* "Z", "GMT", "UT", "+0100" or "+01:00"; nothing is no zone. */
static bool cut_zone(struct span *rest, struct date *out)
{
	bool is_west;
	long hours = 0, minutes = 0;

	cut_spaces(rest);
	is_west = rest->length && rest->at[0] == '-';
	if (!rest->length)
		return true;
	out->has_zone = true;
	if (span_equal_nocase(*rest, SPAN("Z")) ||
		span_equal_nocase(*rest, SPAN("UT")) ||
		span_equal_nocase(*rest, SPAN("UTC")) ||
		span_equal_nocase(*rest, SPAN("GMT"))) {
		*rest = SPAN("");
		return true;
	}
	if (!cut_char(rest, "+-") || !cut_number(rest, 2, 2, &hours))
		return false;
	cut_char(rest, ":");
	if (!cut_number(rest, 2, 2, &minutes) || minutes > 59)
		return false;
	out->zone_offset_s = (hours * 60 + minutes) * 60 * (is_west ? -1 : 1);
	return true;
}

static bool read_iso(struct span rest, struct date *out)
{
	long year, month, day;
	int64_t day_count, seconds = 0;

	if (!cut_number(&rest, 4, 4, &year) || !cut_char(&rest, "-") ||
		!cut_number(&rest, 2, 2, &month) || !cut_char(&rest, "-") ||
		!cut_number(&rest, 2, 2, &day))
		return false;
	if (rest.length > 1 && ascii_is_digit(rest.at[1]) &&
		cut_char(&rest, "Tt ") && !cut_time(&rest, &seconds))
		return false;
	day_count = days_of(year, month, day);
	out->wall_s = day_count * DAY_S + seconds;
	return day_count >= 0 && cut_zone(&rest, out) && !rest.length;
}

static long month_of(struct span word)
{
	for (long i = 0; i < MONTHS; i++)
		if (span_equal_nocase(word, span_of(months[i])))
			return i + 1;
	return 0;
}

static bool read_internet(struct span rest, struct date *out)
{
	long day, month, year;
	int64_t day_count, seconds;

	if (span_find(rest, ',') < rest.length)
		span_cut(&rest, ',');
	cut_spaces(&rest);
	if (!cut_number(&rest, 1, 2, &day) || !cut_spaces(&rest))
		return false;
	month = month_of(span_cut_word(&rest));
	cut_spaces(&rest);
	if (!cut_number(&rest, 4, 4, &year) || !cut_spaces(&rest) ||
		!cut_time(&rest, &seconds) || !cut_spaces(&rest))
		return false;
	day_count = days_of(year, month, day);
	out->wall_s = day_count * DAY_S + seconds;
	return day_count >= 0 && cut_zone(&rest, out) && out->has_zone &&
	       !rest.length;
}

static bool read_epoch(struct span rest, struct date *out)
{
	long seconds;

	if (!cut_char(&rest, "@") || !cut_number(&rest, 1, 12, &seconds) ||
		rest.length)
		return false;
	out->wall_s = seconds;
	out->has_zone = true;
	return days_of(9999, 12, 31) * DAY_S >= seconds;
}

bool date_read(struct span text, struct date *out)
{
	*out = (struct date){ .wall_s = 0 };
	if (read_epoch(text, out) || read_iso(text, out))
		return true;
	*out = (struct date){ .wall_s = 0 };
	return read_internet(text, out);
}
