/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of log lines.  Knows no clock and no zone: both are arguments. */
#include <config.h>

#include "log/stamp.h"

enum {
	DAY_S = 86400,
	LEAP_YEARS = 8, /* apart at most (1896, 1904) */
	EPOCH_MIN_DIGITS = 9,
	EPOCH_MAX_DIGITS = 11
};

static bool is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int64_t log_stamp_day(unsigned year, unsigned month, unsigned day)
{
	static const unsigned short before[] = { 0, 31, 59, 90, 120, 151, 181,
		212, 243, 273, 304, 334, 365 };
	unsigned past = year - 1;
	unsigned leap = is_leap(year);
	int64_t days;

	if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 ||
		day > (unsigned)(before[month] - before[month - 1]) +
				(month == 2 ? leap : 0))
		return LOG_NO_TIME;
	days = (int64_t)past * 365 + past / 4 - past / 100 + past / 400 -
	       719162 + before[month - 1] + (month > 2 ? leap : 0) + day - 1;
	return days * DAY_S;
}

static long offset_at(int64_t at, const struct log_clock *clock)
{
	return clock->zone_offset_s ? clock->zone_offset_s((time_t)at) : 0;
}

int64_t log_stamp_local(int64_t at, const struct log_clock *clock)
{
	return at + offset_at(at, clock);
}

int64_t log_stamp_of_local(int64_t wall_s, const struct log_clock *clock)
{
	return wall_s - offset_at(wall_s - offset_at(wall_s, clock), clock);
}

/* ---- pieces -------------------------------------------------------------- */

/* Exactly LENGTH digits at AT. */
static bool read_digits(
	struct span text, size_t at, size_t length, unsigned *out)
{
	*out = 0;
	if (at + length > text.length)
		return false;
	for (size_t i = at; i < at + length; i++) {
		if (!ascii_is_digit(text.at[i]))
			return false;
		*out = *out * 10 + (unsigned)(text.at[i] - '0');
	}
	return true;
}

static bool is_at(struct span text, size_t at, char c)
{
	return at < text.length && text.at[at] == c;
}

/* "16:12:39" at AT, as seconds of the day; a leap second is the next one. */
static bool read_time_of_day(struct span text, size_t at, int64_t *out)
{
	unsigned hour, minute, second;

	if (!read_digits(text, at, 2, &hour) || !is_at(text, at + 2, ':') ||
		!read_digits(text, at + 3, 2, &minute) ||
		!is_at(text, at + 5, ':') ||
		!read_digits(text, at + 6, 2, &second) || hour > 23 ||
		minute > 59 || second > 60)
		return false;
	*out = (int64_t)hour * 3600 + minute * 60 + second;
	return true;
}

/* "Z", "+01:00", "+0100" at *AT, which is moved behind it. */
static bool read_zone(struct span text, size_t *at, long *offset_s)
{
	unsigned hours, minutes;
	size_t end = *at + 3;
	bool is_west = is_at(text, *at, '-');

	*offset_s = 0;
	if (is_at(text, *at, 'Z')) {
		++*at;
		return true;
	}
	if ((!is_west && !is_at(text, *at, '+')) ||
		!read_digits(text, *at + 1, 2, &hours))
		return false;
	end += is_at(text, end, ':');
	if (!read_digits(text, end, 2, &minutes))
		return false;
	*offset_s = (long)(hours * 3600 + minutes * 60) * (is_west ? -1 : 1);
	*at = end + 2;
	return true;
}

/* ---- forms --------------------------------------------------------------- */

/* Each returns the length of what it read, or 0. */
static size_t read_iso(
	struct span text, const struct log_clock *clock, int64_t *out)
{
	unsigned year, month, day;
	int64_t of_day, date;
	size_t at = 19;
	long offset_s;

	if (!is_at(text, 4, '-') || !is_at(text, 7, '-') ||
		(!is_at(text, 10, 'T') && !is_at(text, 10, ' ')) ||
		!read_digits(text, 0, 4, &year) ||
		!read_digits(text, 5, 2, &month) ||
		!read_digits(text, 8, 2, &day) ||
		!read_time_of_day(text, 11, &of_day))
		return 0;
	date = log_stamp_day(year, month, day);
	if (date == LOG_NO_TIME)
		return 0;
	if (is_at(text, at, '.') || is_at(text, at, ','))
		for (at++; at < text.length && ascii_is_digit(text.at[at]);)
			at++;
	*out = date + of_day;
	if (read_zone(text, &at, &offset_s))
		*out -= offset_s;
	else
		*out = log_stamp_of_local(*out, clock);
	return at;
}

static unsigned month_of(struct span text)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (unsigned i = 0; text.length >= 3 && i < 12; i++)
		if (memcmp(text.at, names + (size_t)3 * i, 3) == 0)
			return i + 1;
	return 0;
}

static unsigned year_of(int64_t at)
{
	unsigned year = 1970 + (unsigned)(at / (366 * DAY_S));

	while (year < 9999 && log_stamp_day(year + 1, 1, 1) <= at)
		year++;
	return year;
}

static int64_t with_a_year(unsigned month, unsigned day, int64_t of_day,
	const struct log_clock *clock)
{
	int64_t latest = clock->now + DAY_S;
	unsigned year = year_of(latest < 0 ? 0 : latest);

	for (unsigned i = 0; i <= LEAP_YEARS; i++) {
		int64_t date = log_stamp_day(year - i, month, day);
		int64_t at = log_stamp_of_local(date + of_day, clock);

		if (date != LOG_NO_TIME && at <= latest)
			return at;
	}
	return LOG_NO_TIME;
}

static size_t read_syslog(
	struct span text, const struct log_clock *clock, int64_t *out)
{
	unsigned month = month_of(text), day;
	int64_t of_day;

	if (!month || !is_at(text, 3, ' ') || !is_at(text, 6, ' ') ||
		!(read_digits(text, 4, 2, &day) ||
			(is_at(text, 4, ' ') &&
				read_digits(text, 5, 1, &day))) ||
		!read_time_of_day(text, 7, &of_day))
		return 0;
	*out = with_a_year(month, day, of_day, clock);
	return *out == LOG_NO_TIME ? 0 : 15;
}

static size_t read_epoch(struct span text, int64_t *out)
{
	unsigned long number;
	size_t length = 0, end;

	while (length < text.length && ascii_is_digit(text.at[length]))
		length++;
	if (length < EPOCH_MIN_DIGITS || length > EPOCH_MAX_DIGITS ||
		!span_number(span_make(text.at, length), 99999999999, &number))
		return 0;
	*out = (int64_t)number;
	end = length;
	if (is_at(text, end, '.'))
		for (end++; end < text.length && ascii_is_digit(text.at[end]);)
			end++;
	return end;
}

/* The length of syslog's "<22>". */
static size_t priority_length(struct span text)
{
	size_t end = 1;

	if (!is_at(text, 0, '<'))
		return 0;
	while (end < text.length && end < 4 && ascii_is_digit(text.at[end]))
		end++;
	return end > 1 && is_at(text, end, '>') ? end + 1 : 0;
}

int64_t log_stamp_cut(struct span *line, const struct log_clock *clock)
{
	struct span text = span_skip(*line, priority_length(*line));
	int64_t at = LOG_NO_TIME;
	size_t length = read_iso(text, clock, &at);

	if (!length)
		length = read_syslog(text, clock, &at);
	if (!length)
		length = read_epoch(text, &at);
	if (!length || !(is_at(text, length, ' ') || is_at(text, length, '\t')))
		return LOG_NO_TIME;
	text = span_skip(text, length);
	while (text.length && ascii_is_wsp(text.at[0]))
		text = span_skip(text, 1);
	*line = text;
	return at < 0 ? LOG_NO_TIME : at;
}
