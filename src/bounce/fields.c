/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading groups of fields, and what they say in the words of others. */
#include <config.h>

#include "bounce/fields.h"

#include "base/buf.h"
#include "base/text.h"
#include "mail/address.h"

#include <stdio.h>

/* Of a server's words. */
enum { TEXT_LIMIT = 1024, NAME_LIMIT = 256, VALUE_LIMIT = 8192 };

/* ---- lines and fields ---------------------------------------------------- */

struct field {
	struct span name;
	struct buf value; /* unfolded */
};

struct reader {
	struct span rest;
	struct field field;
};

static bool is_continued(struct span rest)
{
	struct span line = span_cut_line(&rest);

	return line.length && ascii_is_wsp(line.at[0]) &&
	       span_trim(line).length;
}

enum next { NEXT_FIELD, NEXT_GROUP, NEXT_END };

/* The next field; or the end of a group, which is an empty line. */
static enum next next_field(struct reader *r)
{
	struct span line;

	if (!r->rest.length)
		return NEXT_END;
	line = span_cut_line(&r->rest);
	if (!span_trim(line).length)
		return NEXT_GROUP;
	r->field.name = span_trim(span_cut(&line, ':'));
	buf_clear(&r->field.value);
	buf_put_span(&r->field.value, span_trim(line));
	while (is_continued(r->rest)) {
		buf_put_byte(&r->field.value, ' ');
		buf_put_span(
			&r->field.value, span_trim(span_cut_line(&r->rest)));
	}
	return NEXT_FIELD;
}

static bool is_named(const struct field *field, const char *name)
{
	return span_equal_nocase(field->name, span_of(name));
}

/* What follows the type: "rfc822; a@x", "smtp; 550 …". */
static struct span untyped(struct span value)
{
	size_t at = span_find(value, ';');

	return at < value.length ? span_trim(span_skip(value, at + 1)) : value;
}

/* ---- values -------------------------------------------------------------- */

/* White space of any kind and length is one blank. */
static void put_line(struct buf *out, struct span text)
{
	while ((text = span_trim(text)).length) {
		size_t length = 0;

		while (length < text.length &&
			!strchr(" \t\r\n", text.at[length]))
			length++;
		if (out->length)
			buf_put_byte(out, ' ');
		buf_put_span(out, span_make(text.at, length));
		text = span_skip(text, length);
	}
}

const char *fields_printable(
	struct span text, size_t limit, struct arena *arena)
{
	struct buf line = BUF_INIT(text.length), out = BUF_INIT(4 * TEXT_LIMIT);
	const char *kept;

	put_line(&line, text);
	text = line.length ? buf_span(&line) : SPAN("");
	text_put_printable(&out, text_cut(text, limit));
	kept = arena_strdup(arena, buf_text(&out));
	buf_free(&line);
	buf_free(&out);
	return kept;
}

/* A code point in hexadecimal digits, "\x{E9}" (RFC 6533 3). */
static bool put_escape(struct buf *out, struct span *rest)
{
	struct span digits;
	unsigned long rune = 0;

	if (!span_starts_with(*rest, SPAN("\\x{")))
		return false;
	digits = span_make(rest->at + 3, span_find(span_skip(*rest, 3), '}'));
	if (!digits.length || digits.length > 6 ||
		3 + digits.length >= rest->length)
		return false;
	for (size_t i = 0; i < digits.length; i++) {
		int value = ascii_hex_value(digits.at[i]);

		if (value < 0)
			return false;
		rune = 16 * rune + (unsigned long)value;
	}
	if (!text_put_rune(out, rune))
		return false;
	*rest = span_skip(*rest, 4 + digits.length);
	return true;
}

static void put_unescaped(struct buf *out, struct span text)
{
	while (text.length)
		if (!put_escape(out, &text)) {
			buf_put_byte(out, text.at[0]);
			text = span_skip(text, 1);
		}
}

const char *fields_address(struct span text, struct arena *arena)
{
	struct buf plain = BUF_INIT(VALUE_LIMIT);
	struct mailbox mailbox;
	const char *reason, *address = "";

	put_unescaped(&plain, span_trim(text));
	if (address_parse(buf_span(&plain), arena, &mailbox, &reason) &&
		*mailbox.local && *mailbox.domain)
		address = address_string(arena, &mailbox);
	buf_free(&plain);
	return address;
}

static bool is_vague(const char *status)
{
	return !*status || strcmp(status + 1, ".0.0") == 0;
}

void fields_set_text(struct bounce_recipient *recipient, struct span text,
	struct arena *arena)
{
	char status[sizeof recipient->status];

	bounce_find_status(text, status, sizeof status);
	if (*status && (!*recipient->status || (is_vague(recipient->status) &&
						       !is_vague(status))))
		memcpy(recipient->status, status, sizeof status);
	if (!recipient->code)
		recipient->code = bounce_find_code(text);
	recipient->text = fields_printable(text, TEXT_LIMIT, arena);
}

/* ---- recipients ---------------------------------------------------------- */

struct bounce_recipient *fields_add_recipient(
	struct arena *arena, struct bounce *out)
{
	struct bounce_recipient *added;

	if (out->count == BOUNCE_RECIPIENTS_LIMIT)
		return NULL;
	if (!out->recipients)
		out->recipients = arena_alloc(arena,
			BOUNCE_RECIPIENTS_LIMIT * sizeof *out->recipients);
	added = &out->recipients[out->count++];
	*added = (struct bounce_recipient){
		.kind = BOUNCE_NONE, .address = "", .original = "", .text = ""
	};
	return added;
}

static enum bounce_kind kind_of_action(struct span value)
{
	static const struct {
		const char *action;
		enum bounce_kind kind;
	} rows[] = {
		{ "failed", BOUNCE_FAILED },
		{ "delayed", BOUNCE_DELAYED },
		{ "delivered", BOUNCE_DELIVERED },
		{ "relayed", BOUNCE_DELIVERED },
		{ "expanded", BOUNCE_DELIVERED },
	};
	struct span word = span_cut_word(&value);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_equal_nocase(word, span_of(rows[i].action)))
			return rows[i].kind;
	return BOUNCE_NONE;
}

/* Some forget the action. */
static enum bounce_kind kind_of_status(const struct bounce_recipient *one)
{
	switch (one->status[0] ? one->status[0]
			       : (char)('0' + one->code / 100)) {
	case '2':
		return BOUNCE_DELIVERED;
	case '4':
		return BOUNCE_DELAYED;
	default:
		return BOUNCE_FAILED;
	}
}

/* What was said of the recipient before it is complete. */
struct said {
	struct bounce_recipient *one;
	struct buf words; /* the diagnostic code */
	bool has_any;
};

static void take_recipient_field(
	struct said *said, const struct field *field, struct arena *arena)
{
	struct span value = buf_span(&field->value);
	struct bounce_recipient *one = said->one;

	if (is_named(field, "Final-Recipient"))
		one->address = fields_address(untyped(value), arena);
	else if (is_named(field, "Original-Recipient"))
		one->original = fields_address(untyped(value), arena);
	else if (is_named(field, "Action"))
		one->kind = kind_of_action(value);
	else if (is_named(field, "Status"))
		bounce_find_status(value, one->status, sizeof one->status);
	else if (is_named(field, "Diagnostic-Code")) {
		buf_clear(&said->words);
		buf_put_span(&said->words, untyped(value));
	} else
		return;
	said->has_any = true;
}

/* Some copy ORCPT as it came, in xtext (RFC 3461 6.3 wants what it stands for):
 * known by that it stands for the recipient himself.  "a+2B" is a fine address
 * otherwise, and stays. */
static void decode_original(struct bounce_recipient *one, struct arena *arena)
{
	struct buf plain = BUF_INIT(VALUE_LIMIT);

	if (text_put_from_xtext(&plain, span_of(one->original)) &&
		span_equal_nocase(buf_span(&plain), span_of(one->address)))
		one->original = arena_strdup(arena, buf_text(&plain));
	buf_free(&plain);
}

static void end_recipient(struct said *said, struct arena *arena)
{
	struct bounce_recipient *one = said->one;

	if (*one->original)
		decode_original(one, arena);
	fields_set_text(one, buf_span(&said->words), arena);
	if (one->kind == BOUNCE_NONE)
		one->kind = kind_of_status(one);
	if (!*one->address)
		one->address = one->original;
	one->reason = bounce_reason_of(
		one->status, one->code, buf_span(&said->words));
	one->is_permanent = one->kind == BOUNCE_FAILED && one->status[0] != '4';
}

static void take_message_field(
	const struct field *field, struct arena *arena, struct bounce *out)
{
	struct span value = buf_span(&field->value);

	if (is_named(field, "Reporting-MTA"))
		out->reporter =
			fields_printable(untyped(value), NAME_LIMIT, arena);
	else if (is_named(field, "Original-Envelope-Id"))
		out->envelope_id = fields_printable(value, NAME_LIMIT, arena);
}

/* A group without a recipient adds nobody. */
static enum next read_group(
	struct reader *r, struct arena *arena, struct bounce *out)
{
	struct bounce_recipient one = { .address = "", .original = "" };
	struct said said = { .one = &one, .words = BUF_INIT(VALUE_LIMIT) };
	struct bounce_recipient *added;
	enum next next;

	while ((next = next_field(r)) == NEXT_FIELD) {
		take_recipient_field(&said, &r->field, arena);
		take_message_field(&r->field, arena, out);
	}
	if (said.has_any) {
		end_recipient(&said, arena);
		added = fields_add_recipient(arena, out);
		if (added)
			*added = one;
	}
	buf_free(&said.words);
	return next;
}

void fields_read_status(
	struct span text, struct arena *arena, struct bounce *out)
{
	struct reader reader = { .rest = text,
		.field.value = BUF_INIT(VALUE_LIMIT) };

	while (out->count < BOUNCE_RECIPIENTS_LIMIT &&
		read_group(&reader, arena, out) != NEXT_END)
		;
	buf_free(&reader.field.value);
}

/* ---- complaints ---------------------------------------------------------- */

static bool is_complaint(struct span type)
{
	static const char *const types[] = { "abuse", "fraud", "opt-out",
		"opt-out-list", "virus", "miscategorized", "other" };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (span_equal_nocase(type, span_of(types[i])))
			return true;
	return false;
}

static void add_complainer(
	struct span value, struct arena *arena, struct bounce *out)
{
	const char *address = fields_address(value, arena);
	struct bounce_recipient *one;

	/* Both fields name the same one, mostly. */
	for (size_t i = 0; i < out->count; i++)
		if (strcmp(out->recipients[i].address, address) == 0)
			return;
	one = fields_add_recipient(arena, out);
	if (!one)
		return;
	one->kind = BOUNCE_COMPLAINT;
	one->is_permanent = true;
	one->address = one->original = address;
}

void fields_read_complaint(
	struct span text, struct arena *arena, struct bounce *out)
{
	struct reader reader = { .rest = text,
		.field.value = BUF_INIT(VALUE_LIMIT) };
	size_t before = out->count;
	bool is_one = false;
	enum next next;

	while ((next = next_field(&reader)) != NEXT_END) {
		struct span value = buf_span(&reader.field.value);

		if (next == NEXT_GROUP)
			continue;
		if (is_named(&reader.field, "Feedback-Type"))
			is_one = is_complaint(span_cut_word(&value));
		else if (is_named(&reader.field, "Original-Rcpt-To") ||
			 is_named(&reader.field, "Removal-Recipient"))
			add_complainer(value, arena, out);
		else if (is_named(&reader.field, "Original-Envelope-Id"))
			out->envelope_id =
				fields_printable(value, NAME_LIMIT, arena);
	}
	if (!is_one)
		out->count = before;
	else if (out->count == before)
		/* Most hide whose it is. */
		add_complainer(SPAN(""), arena, out);
	buf_free(&reader.field.value);
}
