/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking a reason up.  Knows texts and numbers, no messages. */
#include <config.h>

#include "bounce/reason.h"

#include "base/needle.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>

static const struct {
	const char *name, *text;
} reasons[] = {
#define BOUNCE_REASON(id, name, text) { name, text },
#include "bounce/reason.def"
};

static const struct {
	enum bounce_reason reason;
	const char *words;
} word_rows[] = {
#define BOUNCE_WORDS(id, words) { BOUNCE_REASON_##id, words },
#include "bounce/reason.def"
};

static const struct {
	enum bounce_reason reason;
	const char *detail; /* behind the class */
} status_rows[] = {
#define BOUNCE_STATUS(id, detail) { BOUNCE_REASON_##id, detail },
#include "bounce/reason.def"
};

static const struct {
	enum bounce_reason reason;
	unsigned code;
} code_rows[] = {
#define BOUNCE_CODE(id, code) { BOUNCE_REASON_##id, code },
#include "bounce/reason.def"
};

const char *bounce_reason_name(enum bounce_reason reason)
{
	return reasons[reason].name;
}

const char *bounce_reason_text(enum bounce_reason reason)
{
	return reasons[reason].text;
}

/* ---- words --------------------------------------------------------------- */

static bool has_one(struct span text, struct span words)
{
	while (words.length) {
		struct span word = span_cut(&words, '|');
		struct needle needle;

		needle_start(&needle, text, word);
		if (needle_next(&needle))
			return true;
	}
	return false;
}

static enum bounce_reason by_words(struct span text)
{
	for (size_t i = 0; i < sizeof word_rows / sizeof *word_rows; i++)
		if (has_one(text, span_of(word_rows[i].words)))
			return word_rows[i].reason;
	return BOUNCE_REASON_UNKNOWN;
}

static enum bounce_reason by_status(const char *status)
{
	const char *detail = *status ? strchr(status, '.') : NULL;

	for (size_t i = 0;
		detail && i < sizeof status_rows / sizeof *status_rows; i++)
		if (strcmp(detail + 1, status_rows[i].detail) == 0)
			return status_rows[i].reason;
	return BOUNCE_REASON_UNKNOWN;
}

static enum bounce_reason by_code(unsigned code)
{
	for (size_t i = 0; i < sizeof code_rows / sizeof *code_rows; i++)
		if (code == code_rows[i].code)
			return code_rows[i].reason;
	return BOUNCE_REASON_UNKNOWN;
}

enum bounce_reason bounce_reason_of(
	const char *status, unsigned code, struct span text)
{
	enum bounce_reason reason = by_words(text);

	if (reason == BOUNCE_REASON_UNKNOWN)
		reason = by_status(status);
	if (reason == BOUNCE_REASON_UNKNOWN)
		reason = by_code(code);
	return reason;
}

/* ---- numbers ------------------------------------------------------------- */

/* The length of the digits at AT, 0 for more than LIMIT. */
static size_t digits(struct span text, size_t at, size_t limit)
{
	size_t length = 0;

	while (at + length < text.length &&
		ascii_is_digit(text.at[at + length]))
		length++;
	return length <= limit ? length : 0;
}

/* What could go on with the number before or behind it: an address of a host,
 * a longer number, a version. */
static bool is_joined(struct span text, size_t at)
{
	return at < text.length &&
	       (ascii_is_alnum(text.at[at]) || text.at[at] == '_');
}

/* The length of the status at AT, 0 when there is none. */
static size_t status_length(struct span text, size_t at)
{
	size_t subject, detail;

	if (!strchr("245", text.at[at]) || at + 1 >= text.length ||
		text.at[at + 1] != '.' ||
		(at && (is_joined(text, at - 1) || text.at[at - 1] == '.')))
		return 0;
	subject = digits(text, at + 2, 3);
	if (!subject || at + 2 + subject >= text.length ||
		text.at[at + 2 + subject] != '.')
		return 0;
	detail = digits(text, at + 3 + subject, 3);
	at += 3 + subject + detail;
	if (!detail || is_joined(text, at) ||
		(at + 1 < text.length && text.at[at] == '.' &&
			ascii_is_digit(text.at[at + 1])))
		return 0;
	return 3 + subject + detail;
}

void bounce_find_status(struct span text, char *status, size_t size)
{
	bool is_vague = true;

	*status = '\0';
	for (size_t i = 0; is_vague && i < text.length; i++) {
		size_t length = status_length(text, i);

		if (!length || length >= size)
			continue;
		is_vague = span_equal(
			span_make(text.at + i + 1, length - 1), SPAN(".0.0"));
		if (!is_vague || !*status)
			snprintf(
				status, size, "%.*s", (int)length, text.at + i);
	}
}

unsigned bounce_find_code(struct span text)
{
	for (size_t i = 0; i + 3 <= text.length; i++) {
		unsigned long code;

		if ((text.at[i] != '4' && text.at[i] != '5') ||
			digits(text, i, 3) != 3 ||
			(i && (is_joined(text, i - 1) ||
				      text.at[i - 1] == '.')) ||
			(i + 3 < text.length &&
				(text.at[i + 3] == '.' ||
					is_joined(text, i + 3))))
			continue;
		if (span_number(span_make(text.at + i, 3), 599, &code) &&
			code / 10 % 10 <= 5)
			return (unsigned)code;
	}
	return 0;
}
