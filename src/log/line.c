/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines, taken apart.  Knows no file, and believes nobody. */
#include <config.h>

#include "log/line.h"

#include "base/exits.h"
#include "base/jsonwalk.h"
#include "base/text.h"

enum {
	ID_LENGTH = 15,
	ID_TIME = 9,         /* its letters that are the time */
	TICKS = 1024,        /* of them a second */
	MS_MAX = 2000000000, /* 23 days: longer than any attempt */
	HEAD_WORDS = 8       /* a time, the host, a facility, the program */
};
/* Ten years: an id may say anything. */
static const int64_t acceptance_max_ms = (int64_t)3650 * 86400 * 1000;

static const struct span keys[] = {
#define LOG_KEY(id, name) SPAN(name),
#include "log/line.def"
};

/* ---- values -------------------------------------------------------------- */

int64_t log_id_ms(struct span id)
{
	static const char letters[] = TEXT_ID_LETTERS;
	uint64_t ticks = 0;

	if (id.length != ID_LENGTH)
		return -1;
	for (size_t i = 0; i < ID_TIME; i++) {
		const char *letter =
			id.at[i] ? strchr(letters, id.at[i]) : NULL;

		if (!letter)
			return -1;
		ticks = ticks << 5 | (uint64_t)(letter - letters);
	}
	return (int64_t)(ticks / TICKS * 1000 + ticks % TICKS * 1000 / TICKS);
}

const char *log_result_word(enum log_result result)
{
	static const char *const words[LOG_RESULT_COUNT] = {
		[LOG_RESULT_SENT] = "sent",
		[LOG_RESULT_QUEUED] = "queued",
		[LOG_RESULT_DEFERRED] = "deferred",
		[LOG_RESULT_FAILED] = "failed",
		[LOG_RESULT_REFUSED] = "refused",
		[LOG_RESULT_DROPPED] = "suppressed",
		[LOG_RESULT_CAPTURED] = "captured",
		[LOG_RESULT_CUT] = "cut",
	};

	return words[result];
}

static int64_t number_of(struct span digits, int64_t max, int64_t otherwise)
{
	unsigned long number;

	return span_number(digits, (unsigned long)max, &number)
		       ? (int64_t)number
		       : otherwise;
}

static bool has(const struct log_line *line, enum log_key key)
{
	return line->value[key].length != 0;
}

static bool is_word(
	const struct log_line *line, enum log_key key, struct span word)
{
	return span_equal(line->value[key], word);
}

/* Whether what is wrong may pass.  A code of the caller's own ('tempfail_exit')
 * does not say, but the status does. */
static bool may_pass(const struct log_line *line)
{
	if (is_word(line, LOG_EXIT, SPAN("EX_TEMPFAIL")) ||
		has(line, LOG_TEMPORARY))
		return true;
	return is_word(line, LOG_EXIT, SPAN("EX_OTHER")) &&
	       line->value[LOG_STATUS].length &&
	       line->value[LOG_STATUS].at[0] == '4';
}

static bool is_yes(const struct log_line *line)
{
	return is_word(line, LOG_EXIT, SPAN("EX_OK")) ||
	       is_word(line, LOG_EXIT, SPAN("0"));
}

/* Whether all is there that decides: ours end in "ms=" or behind it.  msmtp's
 * have no id, and with a yes the server's words and no error. */
static bool is_whole(const struct log_line *line)
{
	if (has(line, LOG_ID))
		return has(line, LOG_EXIT) && has(line, LOG_MS);
	return has(line, LOG_EXIT) &&
	       (!is_yes(line) || (line->code && !has(line, LOG_ERROR)));
}

static enum log_result result_of(const struct log_line *line)
{
	if (!is_whole(line))
		return LOG_RESULT_CUT;
	if (has(line, LOG_CAPTURED))
		return LOG_RESULT_CAPTURED;
	if (has(line, LOG_QUEUED))
		return has(line, LOG_DIAG) ? LOG_RESULT_DEFERRED
					   : LOG_RESULT_QUEUED;
	if (is_yes(line))
		return has(line, LOG_SUPPRESSED) ? LOG_RESULT_DROPPED
						 : LOG_RESULT_SENT;
	if (has(line, LOG_FALLBACK) || line->next)
		return LOG_RESULT_DEFERRED;
	if (!may_pass(line))
		return LOG_RESULT_REFUSED;
	/* A queue's runner counts its tries. */
	return has(line, LOG_TRY) ? LOG_RESULT_DEFERRED : LOG_RESULT_FAILED;
}

/* What was tried at once took as long as the attempt; what waited, from the
 * moment that its id was made. */
static int64_t acceptance_of(const struct log_line *line)
{
	int64_t made = log_id_ms(line->value[LOG_ID]), waited;

	if (line->result != LOG_RESULT_SENT)
		return -1;
	if (made < 0 || line->at == LOG_NO_TIME || !has(line, LOG_TRY))
		return line->ms;
	waited = line->at * 1000 - made;
	if (waited < line->ms)
		return line->ms;
	return waited < acceptance_max_ms ? waited : acceptance_max_ms;
}

static void conclude(struct log_line *line)
{
	int64_t made = log_id_ms(line->value[LOG_ID]);

	line->code = (unsigned)number_of(line->value[LOG_CODE], 599, 0);
	if (line->code < 200)
		line->code = 0;
	line->ms = number_of(line->value[LOG_MS], MS_MAX, -1);
	if (line->at == LOG_NO_TIME && made >= 0)
		line->at = made / 1000 + (line->ms > 0 ? line->ms / 1000 : 0);
	line->result = result_of(line);
	line->acceptance_ms = acceptance_of(line);
}

/* ---- text ---------------------------------------------------------------- */

/* The key at the front, at NEXT or behind it; LOG_KEY_COUNT when there is
 * none. */
static size_t find_key(struct span text, size_t next)
{
	size_t length = 0;

	while (length < text.length && text.at[length] >= 'a' &&
		text.at[length] <= 'z')
		length++;
	if (length == text.length || text.at[length] != '=')
		return LOG_KEY_COUNT;
	while (next < LOG_KEY_COUNT &&
		(keys[next].length != length ||
			memcmp(keys[next].at, text.at, length) != 0))
		next++;
	return next;
}

/* Cuts a value off: up to the next blank, or what is in quotes.  False when its
 * end is not there: then it may have been cut. */
static bool cut_value(struct span *rest, struct span *out)
{
	size_t end, length;
	bool is_quoted = rest->length && rest->at[0] == '\'';

	*out = span_skip(*rest, is_quoted);
	end = span_find(*out, is_quoted ? '\'' : ' ');
	if (is_quoted && end == out->length)
		return false;
	length = end;
	/* Recipients that had no room: 'a','+3'. */
	while (is_quoted && length < out->length && out->at[length] != ' ')
		length++;
	*rest = span_skip(*out, length);
	out->length = end;
	return true;
}

static bool is_begin(struct span text)
{
	return (text.length && text.at[0] == '{') ||
	       find_key(text, 0) <= LOG_EXIT;
}

/* Where the next word begins. */
static struct span skip_word(struct span text)
{
	text = span_skip(text, span_find(text, ' '));
	while (text.length && text.at[0] == ' ')
		text = span_skip(text, 1);
	return text;
}

/* None is the begin of another: a name that was cut is none. */
static bool is_exit_name(struct span word)
{
	int code;

	return exits_find(word, &code);
}

static bool read_text(struct span text, struct log_line *out)
{
	size_t next = 0;

	while (text.length) {
		size_t key = find_key(text, next);
		struct span value;

		if (key == LOG_KEY_COUNT) {
			text = skip_word(text);
			continue;
		}
		text = span_skip(text, keys[key].length + 1);
		if (!cut_value(&text, &value))
			break;
		out->value[key] = value;
		next = key + 1;
		text = skip_word(text);
	}
	out->next = number_of(out->value[LOG_NEXT], INT64_MAX, 0);
	if (!is_exit_name(out->value[LOG_EXIT]))
		out->value[LOG_EXIT] = SPAN("");
	/* Lines that others write may begin like ours. */
	return has(out, LOG_EXIT) || (has(out, LOG_TLS) && has(out, LOG_AUTH));
}

/* ---- JSON ---------------------------------------------------------------- */

/* The bytes of a text without escapes are those of the line. */
static struct span plain(struct span raw, struct buf *scratch)
{
	size_t start = scratch->length;

	if (span_find(raw, '\\') == raw.length)
		return raw;
	jsonwalk_put_text(scratch, raw);
	return span_make(scratch->data + start, scratch->length - start);
}

static void read_recipients(
	struct span array, struct buf *scratch, struct log_line *out)
{
	struct jsonwalk list = jsonwalk_of(array), one;
	struct jsonwalk_member recipient, member;
	size_t start = scratch->length;

	while (jsonwalk_next(&list, &recipient)) {
		one = jsonwalk_of(recipient.value);
		while (jsonwalk_next(&one, &member))
			if (span_equal(member.name, SPAN("address"))) {
				if (scratch->length > start)
					buf_put_byte(scratch, ',');
				jsonwalk_put_text(scratch, member.value);
				break;
			}
	}
	out->value[LOG_RECIPIENTS] =
		span_make(scratch->data + start, scratch->length - start);
}

static int64_t read_time(struct span text, const struct log_clock *clock)
{
	char with_end[32];
	struct span line = { with_end, text.length + 1 };

	if (text.length + 1 > sizeof with_end)
		return LOG_NO_TIME;
	memcpy(with_end, text.at, text.length);
	with_end[text.length] = ' ';
	return log_stamp_cut(&line, clock);
}

static size_t named_key(struct span name)
{
	size_t key = 0;

	while (key < LOG_KEY_COUNT && !span_equal(name, keys[key]))
		key++;
	return key;
}

static void read_member(const struct jsonwalk_member *member,
	const struct log_clock *clock, struct buf *scratch,
	struct log_line *out)
{
	size_t key = named_key(member->name);

	if (member->kind == JSONWALK_TEXT &&
		span_equal(member->name, SPAN("time")))
		out->at = read_time(member->value, clock);
	else if (member->kind == JSONWALK_TEXT && key == LOG_NEXT)
		out->next = read_time(member->value, clock);
	else if (key == LOG_RECIPIENTS && member->kind == JSONWALK_NESTED)
		read_recipients(member->value, scratch, out);
	else if (key < LOG_KEY_COUNT && member->kind == JSONWALK_TEXT)
		out->value[key] = plain(member->value, scratch);
	else if (key < LOG_KEY_COUNT && (member->kind == JSONWALK_NUMBER ||
						member->kind == JSONWALK_TRUE))
		out->value[key] = member->value;
}

static bool read_json(struct span text, const struct log_clock *clock,
	struct buf *scratch, struct log_line *out)
{
	struct jsonwalk walk = jsonwalk_of(text);
	struct jsonwalk_member member;
	bool is_first = true;

	/* Spans point into it: it must not move. */
	if (!buf_reserve(scratch, text.length * 2))
		return false;
	while (jsonwalk_next(&walk, &member)) {
		if (is_first && !span_equal(member.name, SPAN("time")))
			return false;
		is_first = false;
		read_member(&member, clock, scratch, out);
	}
	if (out->next < 0)
		out->next = 0;
	/* "queued" comes behind the exit code. */
	if (!walk.is_whole)
		out->value[LOG_EXIT] = SPAN("");
	return !is_first && has(out, LOG_ID);
}

/* ---- what syslog puts in front ------------------------------------------- */

/* "mailchute[123]:", without what is behind the name. */
static struct span program_of(struct span word)
{
	size_t bracket = span_find(word, '[');

	return span_make(
		word.at, bracket < word.length ? bracket : word.length - 1);
}

/* Cuts off what stands before the line: a time of another form, or what ends
 * in "mailchute[123]: ".  False when nothing of ours follows. */
static bool cut_head(struct span *text, struct span *program)
{
	for (size_t i = 0; i < HEAD_WORDS && text->length; i++) {
		struct span word = span_make(text->at, span_find(*text, ' '));

		if (is_begin(*text))
			return true;
		*text = skip_word(*text);
		if (word.length > 1 && word.at[word.length - 1] == ':') {
			*program = program_of(word);
			break;
		}
	}
	return is_begin(*text);
}

static bool is_trusted(struct span program, const struct log_line *line)
{
	return span_equal(program, SPAN("mailchute")) ||
	       span_equal(program, SPAN("msmtp")) ||
	       (program.length && span_equal(program, line->value[LOG_TAG]));
}

bool log_line_read(struct span line, const struct log_clock *clock,
	struct buf *scratch, struct log_line *out)
{
	struct span program = SPAN("mailchute");

	*out = (struct log_line){ .ms = -1 };
	buf_clear(scratch);
	if (line.length && line.at[line.length - 1] == '\r')
		line.length--;
	if (line.length > LOG_LINE_LIMIT)
		return false;
	for (size_t i = 0; i < LOG_KEY_COUNT; i++)
		out->value[i] = SPAN("");
	out->at = log_stamp_cut(&line, clock);
	if (!cut_head(&line, &program) ||
		!(line.at[0] == '{' ? read_json(line, clock, scratch, out)
				    : read_text(line, out)) ||
		!is_trusted(program, out))
		return false;
	conclude(out);
	return true;
}
