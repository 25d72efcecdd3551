/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An issuer's answers, as a table.  Asks nobody. */
#include <config.h>

#include "auth/answer.h"

#include "base/jsonread.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>

enum kind { TOKEN, WORDS, URL, TEXT, NUMBER, FLAG, LIST };

static const struct row {
	const char *name;
	enum kind kind;
	size_t limit;
} rows[] = {
#define ANSWER(field, kind, name, limit) { name, kind, limit },
#include "auth/answer.def"
#undef ANSWER
};

enum { NUMBER_BYTES = 24 };

/* ---- forms --------------------------------------------------------------- */

static bool is_visible(struct span text, bool with_spaces)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] <= ' ' || text.at[i] >= 0x7F)
			if (text.at[i] != ' ' || !with_spaces)
				return false;
	return text.length != 0;
}

bool answer_is_url(struct span text)
{
	struct span rest = span_skip(text, sizeof "https://" - 1);
	struct span host = rest;

	if (!span_starts_with_nocase(text, SPAN("https://")) ||
		!is_visible(text, false) ||
		span_find(text, '#') < text.length ||
		span_find(text, '"') < text.length ||
		span_find(text, '\\') < text.length)
		return false;
	host.length = span_find(host, '/');
	host.length = span_find(host, '?');
	return host.length && host.at[0] != ':' &&
	       span_find(host, '@') == host.length;
}

static bool is_number(struct span text, int64_t *number)
{
	unsigned long value;

	if (!text.length || !span_number(text, INT32_MAX, &value))
		return false;
	*number = (int64_t)value;
	return true;
}

static bool is_fine(const struct row *row, struct span text)
{
	if (text.length > row->limit)
		return false;
	switch (row->kind) {
	case TOKEN:
		return is_visible(text, false);
	case WORDS:
		return is_visible(text, true);
	case URL:
		return answer_is_url(text);
	case TEXT:
	case NUMBER:
	case FLAG:
	case LIST:
		return true;
	}
	return false;
}

/* ---- reading ------------------------------------------------------------- */

static void set_number(struct secret *value, int64_t number)
{
	char text[NUMBER_BYTES];
	int length = snprintf(text, sizeof text, "%" PRId64, number);

	secret_set(value, text, (size_t)length);
}

static bool take_text(
	const struct row *row, struct span text, struct secret *value)
{
	int64_t number;

	if (row->kind == FLAG || row->kind == LIST)
		return false;
	if (row->kind == NUMBER) {
		if (!is_number(text, &number))
			return false;
		set_number(value, number);
		return true;
	}
	/* An empty one says as much as none. */
	if (!text.length)
		return true;
	if (!is_fine(row, text))
		return false;
	secret_set(value, text.at, text.length);
	return true;
}

static void take_list(const struct jsonread *object, const struct row *row,
	struct secret *value)
{
	struct buf text = BUF_INIT(row->limit);

	if (jsonread_put_list(object, row->name, &text) && text.length)
		secret_set(value, text.data, text.length);
	buf_free(&text);
}

static bool take(const struct jsonread *object, const struct row *row,
	struct secret *value)
{
	int64_t number = 0;
	struct span text;

	if (row->kind == LIST) {
		take_list(object, row, value);
		return true;
	}
	switch (jsonread_member(object, row->name, &number, &text)) {
	case JSONREAD_MISSING:
		return true;
	case JSONREAD_TEXT:
		return take_text(row, text, value);
	case JSONREAD_NUMBER:
		if (row->kind != NUMBER || number < 0 || number > INT32_MAX)
			return false;
		set_number(value, number);
		return true;
	case JSONREAD_BOOL:
		if (row->kind != FLAG)
			return false;
		set_number(value, number);
		return true;
	case JSONREAD_OTHER:
		break;
	}
	return false;
}

bool answer_parse(struct span body, struct answer *out, struct diag *why)
{
	struct jsonread *object;
	bool is_taken = true;

	answer_wipe(out);
	object = jsonread_open(body, why);
	if (!object)
		return false;
	for (size_t i = 0; is_taken && i < ANSWER_COUNT; i++) {
		is_taken = take(object, &rows[i], &out->values[i]);
		if (!is_taken)
			diag_set(why, DIAG_OAUTH_MEMBER, rows[i].name);
	}
	jsonread_close(object);
	if (!is_taken)
		answer_wipe(out);
	return is_taken;
}

const char *answer_text(const struct answer *answer, enum answer_field field)
{
	return answer->values[field].bytes;
}

bool answer_has(const struct answer *answer, enum answer_field field)
{
	return answer->values[field].length != 0;
}

int64_t answer_number(const struct answer *answer, enum answer_field field)
{
	int64_t number = -1;

	(void)is_number(secret_span(&answer->values[field]), &number);
	return number;
}

void answer_set(
	struct answer *answer, enum answer_field field, const char *text)
{
	if (text && text[0])
		secret_set(&answer->values[field], text, strlen(text));
	else
		secret_wipe(&answer->values[field]);
}

static size_t find_row(struct span name)
{
	size_t i = 0;

	while (i < ANSWER_COUNT && !span_equal(name, span_of(rows[i].name)))
		i++;
	return i;
}

bool answer_take(struct answer *answer, struct span name, struct span text)
{
	size_t i = find_row(name);

	return i < ANSWER_COUNT &&
	       take_text(&rows[i], text, &answer->values[i]);
}

const char *answer_named(const struct answer *answer, const char *name)
{
	size_t i = find_row(span_of(name));

	return i < ANSWER_COUNT ? answer->values[i].bytes : NULL;
}

void answer_wipe(struct answer *answer)
{
	for (size_t i = 0; i < ANSWER_COUNT; i++)
		secret_wipe(&answer->values[i]);
	answer->date = 0;
}

/* ---- from process to process --------------------------------------------- */

bool answer_put(const struct answer *answer, struct buf *out)
{
	buf_printf(out, "%lld ", (long long)answer->date);
	for (size_t i = 0; i < ANSWER_COUNT; i++) {
		const struct secret *value = &answer->values[i];

		if (value->length)
			buf_printf(out, "%zu %zu ", i, value->length);
		buf_put_span(out, secret_span(value));
	}
	return !out->overflowed;
}

static bool cut_number(struct span *bytes, unsigned long max, size_t *number)
{
	unsigned long value;

	if (span_find(*bytes, ' ') == bytes->length ||
		!span_number(span_cut(bytes, ' '), max, &value))
		return false;
	*number = (size_t)value;
	return true;
}

bool answer_get(struct span bytes, struct answer *out)
{
	size_t field, length, date;

	answer_wipe(out);
	if (!cut_number(&bytes, INT32_MAX * 2UL, &date))
		return false;
	out->date = (int64_t)date;
	while (bytes.length) {
		if (!cut_number(&bytes, ANSWER_COUNT - 1, &field) ||
			!cut_number(&bytes, ANSWER_BODY_LIMIT, &length) ||
			!length || length > bytes.length ||
			out->values[field].length) {
			answer_wipe(out);
			return false;
		}
		secret_set(&out->values[field], bytes.at, length);
		bytes = span_skip(bytes, length);
	}
	return true;
}

/* ---- scopes -------------------------------------------------------------- */

static bool has_word(struct span list, struct span wanted)
{
	struct span word;

	while ((word = span_cut_word(&list)).length)
		if (span_equal_nocase(word, wanted))
			return true;
	return false;
}

bool answer_scope_covers(
	struct span granted, struct span wanted, struct span *missing)
{
	struct span word;

	while ((word = span_cut_word(&wanted)).length)
		if (!has_word(granted, word)) {
			*missing = word;
			return false;
		}
	return true;
}
