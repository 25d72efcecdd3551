/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading prose.  Knows how reports look, not why anything failed. */
#include <config.h>

#include "bounce/prose.h"

#include "base/buf.h"
#include "base/needle.h"
#include "bounce/decode.h"
#include "bounce/fields.h"
#include "mail/address.h"

/* Of a text for people, before the copy of the message. */
enum { VALUE_LIMIT = 8192, PROSE_LIMIT = 64 * 1024, REASON_LIMIT = 2048 };

static const char *const senders[] = {
#define PROSE_SENDER(text) text,
#include "bounce/prose.def"
	NULL
};
static const char *const offices[] = {
#define PROSE_OFFICE(text) text,
#include "bounce/prose.def"
	NULL
};
static const char *const subjects[] = {
#define PROSE_SUBJECT(text) text,
#include "bounce/prose.def"
	NULL
};
static const char *const reports[] = {
#define PROSE_REPORT(text) text,
#include "bounce/prose.def"
	NULL
};
static const char *const delays[] = {
#define PROSE_DELAY(text) text,
#include "bounce/prose.def"
	NULL
};
static const char *const copies[] = {
#define PROSE_COPY(text) text,
#include "bounce/prose.def"
	NULL
};
static const char *const aways[] = {
#define PROSE_AWAY(text) text,
#include "bounce/prose.def"
	NULL
};

static bool has_one(const char *const *words, struct span text)
{
	for (; *words; words++) {
		struct needle needle;

		needle_start(&needle, text, span_of(*words));
		if (needle_next(&needle))
			return true;
	}
	return false;
}

static bool begins_with_one(const char *const *words, struct span text)
{
	for (; *words; words++)
		if (span_starts_with_nocase(text, span_of(*words)))
			return true;
	return false;
}

static bool is_one(const char *const *words, const char *text)
{
	for (; *words; words++)
		if (span_equal_nocase(span_of(text), span_of(*words)))
			return true;
	return false;
}

/* ---- what kind of message it is ------------------------------------------ */

static bool value_has(const struct header *header, const char *name,
	const char *const *words, bool (*has)(const char *const *, struct span))
{
	const struct header_field *field = header_find(header, name);
	struct buf value = BUF_INIT(VALUE_LIMIT);
	bool found = false;

	if (field) {
		decode_words(&value, field->value);
		found = has(words, span_trim(buf_span(&value)));
	}
	buf_free(&value);
	return found;
}

/* The local part of the first From; "" without. */
static const char *author(const struct header *header, struct arena *arena)
{
	const struct header_field *field = header_find(header, "From");
	struct mailbox_list list;

	if (!field)
		return "";
	address_list_read(field->value, arena, &list);
	return list.count ? list.items[0].local : "";
}

static bool comes_from_nobody(const struct header *header)
{
	const struct header_field *field = header_find(header, "Return-Path");

	return field && span_equal(span_trim(field->value), SPAN("<>"));
}

static bool looks_like_report(
	const struct header *header, struct span text, struct arena *arena)
{
	const char *from = author(header, arena);
	bool has_subject = value_has(header, "Subject", subjects, has_one);

	if (header_find(header, "X-Failed-Recipients"))
		return true;
	if (is_one(senders, from))
		return has_subject || has_one(reports, text);
	if (is_one(offices, from) || comes_from_nobody(header) ||
		span_starts_with_nocase(
			span_of(from), SPAN("microsoftexchange")))
		return has_subject && has_one(reports, text);
	return false;
}

bool prose_is_automatic(const struct header *header)
{
	static const char *const submitted[] = { "auto-", NULL };
	static const char *const names[] = { "X-Autoreply", "X-Autorespond",
		"X-Autoresponder", "X-Auto-Response-Suppress-Reply" };
	static const char *const precedence[] = { "auto_reply", "auto-reply",
		NULL };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (header_find(header, names[i]))
			return true;
	return value_has(
		       header, "Auto-Submitted", submitted, begins_with_one) ||
	       value_has(header, "Precedence", precedence, begins_with_one) ||
	       value_has(header, "Subject", aways, begins_with_one);
}

/* ---- addresses, and what follows them ------------------------------------ */

static struct span before_copy(struct span text)
{
	struct span rest = text;

	if (text.length > PROSE_LIMIT)
		text.length = rest.length = PROSE_LIMIT;
	while (rest.length) {
		const char *at = rest.at;

		if (begins_with_one(copies, span_trim(span_cut_line(&rest))))
			return span_make(text.at, (size_t)(at - text.at));
	}
	return text;
}

static size_t find_any(struct span text, const char *set)
{
	size_t i = 0;

	while (i < text.length && (!text.at[i] || !strchr(set, text.at[i])))
		i++;
	return i;
}

/* The address at the begin of a line: "<a@x>:", "a@x", "\"a@x\":", "a@x, …".
 * *REST becomes what follows it. */
static const char *address_of_line(
	struct span line, struct arena *arena, struct span *rest)
{
	struct span word = span_trim(line);
	bool is_quoted = word.length && strchr("<\"'", *word.at);
	size_t length;
	const char *address;

	if (is_quoted)
		word = span_skip(word, 1);
	length = find_any(word, is_quoted ? ">\"'" : " \t,;:()<>\"'");
	*rest = span_skip(word, length + (is_quoted && length < word.length));
	/* A sentence may begin with an address: it is about something else. */
	if (!is_quoted && rest->length && !strchr(",;:(", *rest->at) &&
		!span_starts_with(span_trim(*rest), SPAN("on ")))
		return "";
	word.length = length;
	while (word.length && word.at[word.length - 1] == '.')
		word.length--;
	address = span_find(word, '@') < word.length
			  ? fields_address(word, arena)
			  : "";
	while (rest->length && strchr(",;: >\"'\t", *rest->at))
		*rest = span_skip(*rest, 1);
	return address;
}

static void end_one(struct bounce_recipient *one, enum bounce_kind kind,
	struct span words, struct arena *arena)
{
	if (words.length > REASON_LIMIT)
		words.length = REASON_LIMIT;
	one->kind = kind;
	fields_set_text(one, words, arena);
	one->reason = bounce_reason_of(one->status, one->code, words);
	one->is_permanent = kind == BOUNCE_FAILED && one->status[0] != '4' &&
			    one->code / 100 != 4;
}

static bool is_told(const struct bounce *bounce, const char *address)
{
	for (size_t i = 0; i < bounce->count; i++)
		if (span_equal_nocase(span_of(bounce->recipients[i].address),
			    span_of(address)))
			return true;
	return false;
}

/* Whoever stands at the begin of a line is one, and what follows, up to the
 * next one, is said of them. */
static void take_lines(struct span text, enum bounce_kind kind,
	struct arena *arena, struct bounce *out)
{
	struct bounce_recipient *one = NULL;
	struct span rest = text, words = SPAN("");

	while (rest.length) {
		const char *at = rest.at;
		struct span line = span_cut_line(&rest), behind;
		const char *address = address_of_line(line, arena, &behind);

		if (!*address || is_told(out, address))
			continue;
		if (one) {
			words.length = (size_t)(at - words.at);
			end_one(one, kind, words, arena);
		}
		one = fields_add_recipient(arena, out);
		if (!one)
			return;
		one->address = address;
		words = behind;
	}
	if (one) {
		words.length = (size_t)(text.at + text.length - words.at);
		end_one(one, kind, words, arena);
	}
}

/* Exim names them in a field. */
static void take_named(const struct header *header, struct span text,
	enum bounce_kind kind, struct arena *arena, struct bounce *out)
{
	const struct header_field *field =
		header_find(header, "X-Failed-Recipients");

	for (; field; field = header_find_next(
			      header, field, "X-Failed-Recipients")) {
		struct mailbox_list list;

		address_list_read(field->value, arena, &list);
		for (size_t i = 0; i < list.count; i++) {
			const char *address =
				address_string(arena, &list.items[i]);
			struct bounce_recipient *one =
				is_told(out, address)
					? NULL
					: fields_add_recipient(arena, out);

			if (!one)
				continue;
			one->address = address;
			end_one(one, kind, text, arena);
		}
	}
}

bool prose_read(const struct header *header, struct span text,
	struct arena *arena, struct bounce *out)
{
	struct span said = before_copy(text);
	enum bounce_kind kind =
		has_one(delays, said) ||
				value_has(header, "Subject", delays, has_one)
			? BOUNCE_DELAYED
			: BOUNCE_FAILED;
	struct bounce_recipient *nobody;

	if (!looks_like_report(header, said, arena))
		return false;
	take_lines(said, kind, arena, out);
	take_named(header, said, kind, arena, out);
	if (!out->count && (nobody = fields_add_recipient(arena, out)))
		end_one(nobody, kind, said, arena);
	return true;
}

/* What stands behind the recipient's address, or all of it. */
static struct span words_about(
	const struct bounce *told, const struct bounce_recipient *one)
{
	for (size_t i = 0; i < told->count; i++) {
		const struct bounce_recipient *other = &told->recipients[i];

		if (span_equal_nocase(
			    span_of(other->address), span_of(one->address)))
			return span_of(other->text);
	}
	return SPAN("");
}

void prose_explain(struct span text, struct arena *arena, struct bounce *out)
{
	struct span said = before_copy(text);
	struct bounce told = { .count = 0 };

	take_lines(said, BOUNCE_FAILED, arena, &told);
	if (said.length > REASON_LIMIT)
		said.length = REASON_LIMIT;
	for (size_t i = 0; i < out->count; i++) {
		struct bounce_recipient *one = &out->recipients[i];
		struct span words = words_about(&told, one);

		if (*one->text || one->kind == BOUNCE_COMPLAINT)
			continue;
		if (!words.length)
			words = said;
		fields_set_text(one, words, arena);
		one->reason = bounce_reason_of(one->status, one->code, words);
	}
}
