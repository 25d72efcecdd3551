/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of a queued message as text.  Knows no file and no clock. */
#include <config.h>

#include "spool/record.h"

#include "base/text.h"
#include "mail/address.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char magic[] = "mailchute-queue ";
/* What is printed says the oldest version that has all its lines. */
static const char size_word[] = "\nsize ";
enum { SIZE_DIGITS = 19 }; /* of INT64_MAX */
static const char plain_version[] = "1";
static const char wish_version[] = "2";
static const char smtputf8_version[] = "3";
static const char taken_version[] = "4";
static const char timed_version[] = "5";
static const char id_letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* How an event is written, and (for the first three) what it makes of the
 * recipients it names. */
static const struct {
	const char *word;
	enum record_state state;
} event_kinds[RECORD_EVENT_COUNT] = {
	[RECORD_EVENT_DELIVERED] = { "delivered", RECORD_DELIVERED },
	[RECORD_EVENT_DEFERRED] = { "deferred", RECORD_WAITING },
	[RECORD_EVENT_REFUSED] = { "refused", RECORD_REFUSED },
	[RECORD_EVENT_DOT] = { "dot", RECORD_WAITING },
	[RECORD_EVENT_HELD] = { "held", RECORD_WAITING },
	[RECORD_EVENT_RELEASED] = { "released", RECORD_WAITING },
	[RECORD_EVENT_NOTIFIED] = { "notified", RECORD_WAITING },
};

bool record_id_is_valid(struct span text)
{
	if (text.length != RECORD_ID_LENGTH)
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (!text.at[i] || !strchr(id_letters, text.at[i]))
			return false;
	return true;
}

const char *record_event_word(enum record_event_kind kind)
{
	return event_kinds[kind].word;
}

/* ---- values -------------------------------------------------------------- */

static void put_value(struct buf *out, const char *value)
{
	const char *plain = value ? value : "", *p;

	for (p = plain; *p; p++) {
		if (!ascii_is_control(*p) && *p != '\\')
			continue;
		buf_put(out, plain, (size_t)(p - plain));
		buf_printf(out, "\\x%02x", (unsigned)(unsigned char)*p);
		plain = p + 1;
	}
	buf_put(out, plain, (size_t)(p - plain));
}

/* NULL when a control byte stands in it or an escape is none. */
static char *take_value(struct span text, struct arena *arena)
{
	char *value = arena_strndup(arena, text.at, text.length), *end = value;

	for (size_t i = 0; i < text.length; i++) {
		char c = text.at[i];

		if (ascii_is_control(c))
			return NULL;
		if (c == '\\') {
			int high, low;

			if (text.length - i < 4 || text.at[i + 1] != 'x')
				return NULL;
			high = ascii_hex_value(text.at[i + 2]);
			low = ascii_hex_value(text.at[i + 3]);
			if (high < 0 || low < 0 || (!high && !low))
				return NULL;
			c = (char)(high << 4 | low);
			i += 3;
		}
		*end++ = c;
	}
	*end = '\0';
	return value;
}

static bool take_number(struct span text, uint64_t max, uint64_t *number)
{
	unsigned long value;

	if (max > ULONG_MAX)
		max = ULONG_MAX;
	if (!span_number(text, (unsigned long)max, &value))
		return false;
	*number = value;
	return true;
}

static bool take_time(struct span text, time_t *at)
{
	uint64_t seconds;

	if (!take_number(text, INT64_MAX, &seconds))
		return false;
	*at = (time_t)seconds;
	return (uint64_t)*at == seconds;
}

/* ---- the head ------------------------------------------------------------ */

struct parser {
	struct record *record;
	struct arena *arena;
	struct span rest; /* whole lines only */
	struct span line;
	unsigned line_number;
	bool has_size, has_sender, has_created, is_ended;
};

static bool take_id(struct parser *parser, struct span value)
{
	if (!record_id_is_valid(value))
		return false;
	parser->record->id =
		arena_strndup(parser->arena, value.at, value.length);
	return true;
}

static bool take_created(struct parser *parser, struct span value)
{
	parser->has_created = true;
	return take_time(value, &parser->record->created);
}

static bool take_not_before(struct parser *parser, struct span value)
{
	return take_time(value, &parser->record->not_before);
}

static bool take_size(struct parser *parser, struct span value)
{
	parser->has_size = true;
	return take_number(value, INT64_MAX, &parser->record->size_bytes);
}

/* The flags of the message: words of a fixed set. */
static bool take_flags(struct parser *parser, struct span value)
{
	struct span word;

	while ((word = span_cut_word(&value)).length)
		if (span_equal(word, SPAN("8bit")))
			parser->record->is_8bit = true;
		else if (span_equal(word, SPAN("header-8bit")))
			parser->record->header_is_8bit = true;
		else if (span_equal(word, SPAN("report")))
			parser->record->is_report = true;
		else if (span_equal(word, SPAN("smtputf8")))
			parser->record->wants_smtputf8 = true;
		else if (span_equal(word, SPAN("taken")))
			parser->record->is_taken = true;
		else
			return false;
	return true;
}

static bool take_setting(struct parser *parser, struct span value)
{
	struct record *record = parser->record;
	struct record_setting *setting =
		&record->settings[record->setting_count++];
	size_t length = span_find(value, ' ');

	setting->keyword =
		take_value(span_make(value.at, length), parser->arena);
	if (length < value.length)
		setting->value =
			take_value(span_skip(value, length + 1), parser->arena);
	return setting->keyword && setting->keyword[0] &&
	       (length == value.length || setting->value);
}

static bool is_wire_word(const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p >= 0x7F)
			return false;
	return true;
}

/* Parsed and written anew: the file may have been edited by hand, and what
 * comes of it goes on the wire. */
static bool take_form(struct parser *parser, struct span text,
	struct mailbox *mailbox, const char **form)
{
	const char *value = take_value(text, parser->arena), *reason;

	if (!value ||
		!address_parse(
			span_of(value), parser->arena, mailbox, &reason) ||
		address_is_null(mailbox))
		return false;
	*form = address_string(parser->arena, mailbox);
	return true;
}

static bool take_address(struct parser *parser, struct span value,
	struct envelope_address *address)
{
	struct span utf8 = span_cut(&value, '\t');
	bool has_own_ascii =
		utf8.at + utf8.length != value.at || value.length != 0;
	struct mailbox ascii;

	if (!take_form(parser, utf8, &address->mailbox, &address->utf8))
		return false;
	address->ascii =
		text_is_ascii(span_of(address->utf8)) ? address->utf8 : NULL;
	if (!has_own_ascii)
		return true;
	return take_form(parser, value, &ascii, &address->ascii) &&
	       text_is_ascii(span_of(address->ascii));
}

static bool take_sender(struct parser *parser, struct span value)
{
	struct envelope_address *sender = &parser->record->sender;

	parser->has_sender = true;
	if (value.length)
		return take_address(parser, value, sender);
	sender->utf8 = sender->ascii = "";
	sender->mailbox.local = sender->mailbox.domain = "";
	sender->mailbox.name = "";
	return true;
}

static bool take_recipient(struct parser *parser, struct span value)
{
	struct record *record = parser->record;

	if (record->recipient_count >= ENVELOPE_RECIPIENTS_LIMIT)
		return false;
	return take_address(parser, value,
		&record->recipients[record->recipient_count++].address);
}

/* A word, but an address that is not ASCII may be in it (RFC 6533 3). */
static bool is_wish_word(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7F)
			return false;
	return text_is_utf8(span_of(text));
}

static bool take_wish(struct parser *parser, struct span value, size_t offset)
{
	struct record *record = parser->record;
	struct envelope_wish *wish;
	const char *text = take_value(value, parser->arena);

	if (!record->recipient_count || !text || !*text || !is_wish_word(text))
		return false;
	wish = &record->recipients[record->recipient_count - 1].address.wish;
	memcpy((char *)wish + offset, &text, sizeof text);
	return true;
}

static bool take_notify(struct parser *parser, struct span value)
{
	return take_wish(parser, value, offsetof(struct envelope_wish, notify));
}

static bool take_original(struct parser *parser, struct span value)
{
	return take_wish(
		parser, value, offsetof(struct envelope_wish, original));
}

static bool take_end(struct parser *parser, struct span value)
{
	parser->is_ended = true;
	return value.length == 0;
}

/* A line of the head: either a function or a plain text field; the text of one
 * that goes on the wire has no space and no control byte. */
struct head_line {
	const char *word;
	bool (*take)(struct parser *parser, struct span value);
	size_t offset;
	bool is_wire;
};
#define TEXT_LINE(word, field)                                                 \
	{                                                                      \
		word, NULL, offsetof(struct record, field), false              \
	}
#define WIRE_LINE(word, field)                                                 \
	{                                                                      \
		word, NULL, offsetof(struct record, field), true               \
	}

static const struct head_line head_lines[] = {
	{ "id", take_id, 0, false },
	{ "created", take_created, 0, false },
	TEXT_LINE("config", config),
	TEXT_LINE("account", account),
	{ "set", take_setting, 0, false },
	{ "size", take_size, 0, false },
	{ "not-before", take_not_before, 0, false },
	{ "flags", take_flags, 0, false },
	TEXT_LINE("message-id", message_id),
	WIRE_LINE("dsn-notify", dsn_notify),
	WIRE_LINE("dsn-return", dsn_return),
	WIRE_LINE("dsn-envid", dsn_envid),
	{ "sender", take_sender, 0, false },
	{ "recipient", take_recipient, 0, false },
	{ "notify", take_notify, 0, false },
	{ "original", take_original, 0, false },
	{ "end", take_end, 0, false },
};
enum { HEAD_LINES = sizeof head_lines / sizeof *head_lines };

static const char **text_field(struct record *record, size_t offset)
{
	return (const char **)(void *)((char *)record + offset);
}

static bool take_text(
	struct parser *parser, struct span value, const struct head_line *line)
{
	const char *text = take_value(value, parser->arena);

	*text_field(parser->record, line->offset) = text;
	return text && (!line->is_wire || is_wire_word(text));
}

/* A line that is not known is a mistake of whoever wrote it: new lines come
 * with a new version. */
static bool take_head_line(struct parser *parser)
{
	struct span value = parser->line;
	struct span word = span_cut(&value, ' ');

	for (size_t i = 0; i < HEAD_LINES; i++) {
		if (!span_equal(word, span_of(head_lines[i].word)))
			continue;
		return head_lines[i].take
			       ? head_lines[i].take(parser, value)
			       : take_text(parser, value, &head_lines[i]);
	}
	return false;
}

/* ---- the journal --------------------------------------------------------- */

/* Calls APPLY for each recipient that "1-3,7" or "*" names; false when that is
 * no list of ranges or names one that is not there. */
static bool each_in_ranges(struct record *record, struct span ranges,
	void (*apply)(struct record_recipient *recipient,
		const struct record_event *event),
	const struct record_event *event)
{
	uint64_t first, last;
	char all[48];

	if (span_equal(ranges, SPAN("*"))) {
		snprintf(all, sizeof all, "1-%zu", record->recipient_count);
		ranges = span_of(all);
	}
	if (!ranges.length)
		return false;
	while (ranges.length) {
		struct span range = span_cut(&ranges, ',');
		struct span from = span_cut(&range, '-');

		if (!take_number(from, record->recipient_count, &first))
			return false;
		last = first;
		if (range.length &&
			!take_number(range, record->recipient_count, &last))
			return false;
		if (first == 0 || last < first)
			return false;
		for (uint64_t i = first; apply && i <= last; i++)
			apply(&record->recipients[i - 1], event);
	}
	return true;
}

static void apply_result(
	struct record_recipient *recipient, const struct record_event *event)
{
	recipient->state = event_kinds[event->kind].state;
	recipient->tries += event->count;
	recipient->next = event->next;
	recipient->last = event;
	recipient->is_reported = false;
}

static void apply_notified(
	struct record_recipient *recipient, const struct record_event *event)
{
	(void)event;
	recipient->is_reported = true;
}

/* Released by hand: what was refused gets another chance, at once. */
static void apply_released(
	struct record_recipient *recipient, const struct record_event *event)
{
	if (recipient->state == RECORD_DELIVERED)
		return;
	recipient->state = RECORD_WAITING;
	recipient->next = event->next;
	recipient->is_reported = false;
}

bool record_apply(struct record *record, const struct record_event *event)
{
	struct span ranges = span_of(event->recipients);

	switch (event->kind) {
	case RECORD_EVENT_DELIVERED:
	case RECORD_EVENT_DEFERRED:
	case RECORD_EVENT_REFUSED:
		record->is_in_doubt = false;
		return each_in_ranges(record, ranges, apply_result, event);
	case RECORD_EVENT_DOT:
		record->is_in_doubt = true;
		break;
	case RECORD_EVENT_HELD:
		record->is_held = true;
		break;
	case RECORD_EVENT_RELEASED:
		record->is_held = false;
		return each_in_ranges(record, ranges, apply_released, event);
	case RECORD_EVENT_NOTIFIED:
		if (!record_id_is_valid(span_of(event->words)))
			return false;
		record->report_id = event->words;
		return each_in_ranges(record, ranges, apply_notified, event);
	case RECORD_EVENT_COUNT:
		return false;
	}
	return each_in_ranges(record, ranges, NULL, event);
}

static bool find_event_kind(struct span word, enum record_event_kind *kind)
{
	for (size_t i = 0; i < RECORD_EVENT_COUNT; i++)
		if (span_equal(word, span_of(event_kinds[i].word))) {
			*kind = (enum record_event_kind)i;
			return true;
		}
	return false;
}

/* "-" stands for an empty word. */
static const char *take_word(struct parser *parser, struct span word)
{
	if (span_equal(word, SPAN("-")))
		word.length = 0;
	return take_value(word, parser->arena);
}

static bool take_event(struct parser *parser)
{
	struct record *record = parser->record;
	struct record_event *event = &record->events[record->event_count++];
	struct span rest = parser->line;
	uint64_t count, code;

	if (!find_event_kind(span_cut(&rest, ' '), &event->kind) ||
		!take_time(span_cut(&rest, ' '), &event->at) ||
		!take_time(span_cut(&rest, ' '), &event->next) ||
		!take_number(span_cut(&rest, ' '), 1000000000, &count))
		return false;
	event->count = (unsigned long)count;
	event->recipients = take_value(span_cut(&rest, ' '), parser->arena);
	event->name = take_word(parser, span_cut(&rest, ' '));
	if (!take_number(span_cut(&rest, ' '), 599, &code))
		return false;
	event->code = (unsigned)code;
	event->status = take_word(parser, span_cut(&rest, ' '));
	event->words = take_value(rest, parser->arena);
	return event->recipients && event->name && event->status &&
	       event->words && record_apply(record, event);
}

/* ---- parsing ------------------------------------------------------------- */

static bool next_line(struct parser *parser)
{
	if (!parser->rest.length)
		return false;
	parser->line = span_cut(&parser->rest, '\n');
	parser->line_number++;
	return true;
}

static bool complain(
	const struct parser *parser, const char *reason, struct diag *why)
{
	char where[64];

	snprintf(where, sizeof where, "line %u", parser->line_number);
	diag_set(why, DIAG_QUEUE_RECORD, reason);
	return diag_add_where(why, where);
}

static bool check_magic(struct parser *parser, struct diag *why)
{
	struct span found;
	unsigned long format;
	char number[32];

	if (!next_line(parser) ||
		!span_starts_with(parser->line, span_of(magic)))
		return complain(parser,
			DIAG_WORDS N_("it does not begin as a record"), why);
	found = span_skip(parser->line, sizeof magic - 1);
	if (span_equal(found, span_of(plain_version)) ||
		span_equal(found, span_of(wish_version)) ||
		span_equal(found, span_of(smtputf8_version)) ||
		span_equal(found, span_of(taken_version)) ||
		span_equal(found, span_of(timed_version)))
		return true;
	/* There is no 0, and no letter in it: that is damage. */
	if (!span_number(found, ULONG_MAX, &format) || !format)
		return complain(parser,
			DIAG_WORDS N_("it does not begin as a record"), why);
	snprintf(number, sizeof number, "%lu", format);
	return diag_set(why, DIAG_QUEUE_RECORD_NEWER, number);
}

static const char *find_gap(const struct parser *parser)
{
	const struct record *record = parser->record;

	if (!parser->is_ended)
		return DIAG_WORDS N_("it stops in the middle");
	if (!record->id)
		return DIAG_WORDS N_("it has no id");
	if (!parser->has_created)
		return DIAG_WORDS N_("it has no time");
	if (!parser->has_size)
		return DIAG_WORDS N_("it has no size");
	if (!parser->has_sender)
		return DIAG_WORDS N_("it has no sender");
	if (!record->recipient_count)
		return DIAG_WORDS N_("it has no recipient");
	return NULL;
}

static size_t count_lines(struct span text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.length; i++)
		lines += text.at[i] == '\n';
	return lines;
}

/* Every array gets as many places as there are lines: no line can fill more
 * than one. */
static void make_room(struct parser *parser)
{
	struct record *record = parser->record;
	size_t lines = count_lines(parser->rest);

	record->settings =
		arena_alloc(parser->arena, lines * sizeof *record->settings);
	record->recipients =
		arena_alloc(parser->arena, lines * sizeof *record->recipients);
}

static struct span whole_lines(struct span text)
{
	while (text.length && text.at[text.length - 1] != '\n')
		text.length--;
	return text;
}

size_t record_find_end(struct span text)
{
	const struct span end = SPAN("\nend\n");
	size_t at = span_find(text, '\n');

	while (at < text.length) {
		struct span rest = span_skip(text, at);

		if (span_starts_with(rest, end))
			return at + end.length;
		at += 1 + span_find(span_skip(rest, 1), '\n');
	}
	return 0;
}

bool record_parse_head(struct span text, struct arena *arena,
	struct record *out, struct diag *why)
{
	struct parser parser = { .record = out, .arena = arena };
	size_t length = record_find_end(text);
	const char *gap;

	memset(out, 0, sizeof *out);
	parser.rest = length ? span_make(text.at, length) : whole_lines(text);
	if (!check_magic(&parser, why))
		return false;
	make_room(&parser);
	while (!parser.is_ended && next_line(&parser))
		if (!take_head_line(&parser))
			return complain(&parser,
				DIAG_WORDS N_("it makes no sense"), why);
	gap = find_gap(&parser);
	if (gap)
		return complain(&parser, gap, why);
	out->head_bytes = length;
	out->head_lines = parser.line_number;
	return true;
}

/* A power cut can leave zeros where a line was to be; there is no zero byte in
 * one. */
static struct span untorn(struct span text)
{
	return whole_lines(span_make(text.at, span_find(text, '\0')));
}

bool record_parse_journal(struct span text, struct arena *arena,
	struct record *record, struct diag *why)
{
	struct parser parser = {
		.record = record,
		.arena = arena,
		.rest = untorn(text),
		.line_number = record->head_lines,
	};

	record->journal_bytes = parser.rest.length;
	record->events = arena_alloc(
		arena, count_lines(parser.rest) * sizeof *record->events);
	while (next_line(&parser))
		if (!take_event(&parser))
			return complain(&parser,
				DIAG_WORDS N_("it makes no sense"), why);
	return true;
}

bool record_parse(struct span text, struct arena *arena, struct record *out,
	struct diag *why)
{
	return record_parse_head(text, arena, out, why) &&
	       record_parse_journal(
		       span_skip(text, out->head_bytes), arena, out, why);
}

/* ---- printing ------------------------------------------------------------ */

static void put_name(struct buf *out, const char *word)
{
	buf_puts(out, word);
	buf_put_byte(out, ' ');
}

static void put_line(struct buf *out, const char *word, const char *value)
{
	put_name(out, word);
	put_value(out, value);
	buf_put_byte(out, '\n');
}

static void put_address(struct buf *out, const char *word,
	const struct envelope_address *address)
{
	put_name(out, word);
	put_value(out, address->utf8);
	if (address->ascii && strcmp(address->ascii, address->utf8) != 0) {
		buf_put_byte(out, '\t');
		put_value(out, address->ascii);
	}
	buf_put_byte(out, '\n');
}

static void put_setting(struct buf *out, const struct record_setting *setting)
{
	buf_puts(out, "set ");
	put_value(out, setting->keyword);
	if (setting->value) {
		buf_put_byte(out, ' ');
		put_value(out, setting->value);
	}
	buf_put_byte(out, '\n');
}

static void put_texts(struct buf *out, const struct record *record)
{
	for (size_t i = 0; i < HEAD_LINES; i++) {
		const char *text;

		if (head_lines[i].take)
			continue;
		memcpy(&text, (const char *)record + head_lines[i].offset,
			sizeof text);
		if (text)
			put_line(out, head_lines[i].word, text);
	}
}

static void put_recipient(
	struct buf *out, const struct envelope_address *address)
{
	put_address(out, "recipient", address);
	if (address->wish.notify)
		put_line(out, "notify", address->wish.notify);
	if (address->wish.original)
		put_line(out, "original", address->wish.original);
}

static const char *version_of(const struct record *record)
{
	if (record->not_before)
		return timed_version;
	if (record->is_taken)
		return taken_version;
	if (record->wants_smtputf8)
		return smtputf8_version;
	for (size_t i = 0; i < record->recipient_count; i++) {
		const struct envelope_wish *wish =
			&record->recipients[i].address.wish;

		if (wish->notify || wish->original)
			return wish_version;
	}
	return plain_version;
}

static void write_digits(char *at, uint64_t number)
{
	for (size_t i = SIZE_DIGITS; i; i--, number /= 10)
		at[i - 1] = (char)('0' + number % 10);
}

/* Behind the line before it. */
static void put_size(struct buf *out, uint64_t size_bytes)
{
	char digits[SIZE_DIGITS];

	write_digits(digits, size_bytes);
	buf_puts(out, size_word);
	buf_put(out, digits, sizeof digits);
	buf_put_byte(out, '\n');
}

void record_set_size(struct buf *head, uint64_t size_bytes)
{
	const struct span word = span_of(size_word);

	for (size_t at = 0; at + word.length + SIZE_DIGITS < head->length; at++)
		if (span_starts_with(span_skip(buf_span(head), at), word)) {
			write_digits(head->data + at + word.length, size_bytes);
			return;
		}
}

void record_put_head(struct buf *out, const struct record *record)
{
	buf_puts(out, magic);
	buf_puts(out, version_of(record));
	buf_put_byte(out, '\n');
	put_line(out, "id", record->id);
	put_name(out, "created");
	buf_put_number(out, (uint64_t)record->created);
	put_size(out, record->size_bytes);
	if (record->not_before) {
		put_name(out, "not-before");
		buf_put_number(out, (uint64_t)record->not_before);
		buf_put_byte(out, '\n');
	}
	if (record->is_8bit || record->header_is_8bit || record->is_report ||
		record->wants_smtputf8 || record->is_taken)
		buf_printf(out, "flags%s%s%s%s%s\n",
			record->is_8bit ? " 8bit" : "",
			record->header_is_8bit ? " header-8bit" : "",
			record->is_report ? " report" : "",
			record->wants_smtputf8 ? " smtputf8" : "",
			record->is_taken ? " taken" : "");
	put_texts(out, record);
	for (size_t i = 0; i < record->setting_count; i++)
		put_setting(out, &record->settings[i]);
	put_address(out, "sender", &record->sender);
	for (size_t i = 0; i < record->recipient_count; i++)
		put_recipient(out, &record->recipients[i].address);
	buf_puts(out, "end\n");
}

static void put_word(struct buf *out, const char *word)
{
	buf_put_byte(out, ' ');
	put_value(out, word && word[0] ? word : "-");
}

/* Cut between characters, so that what was UTF-8 stays UTF-8. */
static size_t words_length(const char *words)
{
	size_t length = strlen(words);

	if (length <= RECORD_WORDS_LIMIT)
		return length;
	length = RECORD_WORDS_LIMIT;
	while (length && ((unsigned char)words[length] & 0xC0) == 0x80)
		length--;
	return length;
}

void record_put_event(struct buf *out, const struct record_event *event)
{
	const char *words = event->words ? event->words : "";
	char *cut = mem_strndup(words, words_length(words));

	buf_printf(out, "%s %" PRIu64 " %" PRIu64 " %lu %s",
		event_kinds[event->kind].word, (uint64_t)event->at,
		(uint64_t)event->next, event->count, event->recipients);
	put_word(out, event->name);
	buf_printf(out, " %u", event->code);
	put_word(out, event->status);
	buf_put_byte(out, ' ');
	put_value(out, cut);
	buf_put_byte(out, '\n');
	mem_free(cut);
}

void record_put_ranges(struct buf *out, const struct record *record,
	bool (*is_in)(const struct record *record, size_t index, void *context),
	void *context)
{
	for (size_t i = 0; i < record->recipient_count; i++) {
		size_t first = i;

		if (!is_in(record, i, context))
			continue;
		while (i + 1 < record->recipient_count &&
			is_in(record, i + 1, context))
			i++;
		buf_printf(out, "%s%zu", out->length ? "," : "", first + 1);
		if (i > first)
			buf_printf(out, "-%zu", i + 1);
	}
}

static bool is_alike(
	const struct record_recipient *a, const struct record_recipient *b)
{
	return a->state == b->state && a->tries == b->tries &&
	       a->next == b->next && a->last == b->last;
}

/* One line for a run of recipients that are in the same state. */
static void put_condensed_run(
	struct buf *out, const struct record *record, size_t first, size_t last)
{
	static const enum record_event_kind kinds[] = {
		[RECORD_WAITING] = RECORD_EVENT_DEFERRED,
		[RECORD_DELIVERED] = RECORD_EVENT_DELIVERED,
		[RECORD_REFUSED] = RECORD_EVENT_REFUSED,
	};
	const struct record_recipient *recipient = &record->recipients[first];
	struct record_event event = { .at = record->created };
	char range[48];

	if (recipient->last)
		event = *recipient->last;
	snprintf(range, sizeof range, "%zu-%zu", first + 1, last + 1);
	event.kind = kinds[recipient->state];
	event.next = recipient->next;
	event.count = recipient->tries;
	event.recipients = range;
	record_put_event(out, &event);
}

static bool is_reported(const struct record *record, size_t i, void *context)
{
	(void)context;
	return record->recipients[i].is_reported;
}

/* One report stands for all: each was there before the next was noted. */
static void put_condensed_report(
	struct buf *out, const struct record *record, time_t at)
{
	struct buf ranges = BUF_INIT(RECORD_LIMIT);
	struct record_event event = {
		.kind = RECORD_EVENT_NOTIFIED,
		.at = at,
		.words = record->report_id,
	};

	record_put_ranges(&ranges, record, is_reported, NULL);
	event.recipients = buf_text(&ranges);
	if (record->report_id && ranges.length)
		record_put_event(out, &event);
	buf_free(&ranges);
}

void record_put_condensed(struct buf *out, const struct record *record)
{
	const struct record_recipient *all = record->recipients;
	struct record_event event = { .recipients = "*" };

	for (size_t i = 0; i < record->recipient_count; i++) {
		size_t first = i;

		while (i + 1 < record->recipient_count &&
			is_alike(&all[first], &all[i + 1]))
			i++;
		if (all[first].last || all[first].next ||
			all[first].state != RECORD_WAITING)
			put_condensed_run(out, record, first, i);
	}
	event.at = record->event_count
			   ? record->events[record->event_count - 1].at
			   : record->created;
	put_condensed_report(out, record, event.at);
	event.kind = RECORD_EVENT_HELD;
	if (record->is_held)
		record_put_event(out, &event);
	event.kind = RECORD_EVENT_DOT;
	if (record->is_in_doubt)
		record_put_event(out, &event);
}

/* ---- questions ----------------------------------------------------------- */

size_t record_count(const struct record *record, enum record_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < record->recipient_count; i++)
		count += record->recipients[i].state == state;
	return count;
}

time_t record_next(const struct record *record)
{
	time_t next = 0;
	bool has_one = false;

	for (size_t i = 0; i < record->recipient_count; i++) {
		const struct record_recipient *one = &record->recipients[i];

		if (one->state != RECORD_WAITING)
			continue;
		if (!has_one || one->next < next)
			next = one->next;
		has_one = true;
	}
	return next > record->not_before ? next : record->not_before;
}

const struct record_event *record_last(const struct record *record)
{
	const struct record_event *last = NULL;

	for (size_t i = 0; i < record->recipient_count; i++) {
		const struct record_recipient *one = &record->recipients[i];

		if (one->state == RECORD_WAITING && one->last &&
			(!last || one->last->at > last->at))
			last = one->last;
	}
	return last;
}

unsigned long record_tries(const struct record *record)
{
	unsigned long tries = 0;

	for (size_t i = 0; i < record->recipient_count; i++)
		if (record->recipients[i].state == RECORD_WAITING &&
			record->recipients[i].tries > tries)
			tries = record->recipients[i].tries;
	return tries;
}
