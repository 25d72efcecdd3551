/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DKIM signatures.  Knows no mathematics, and not where keys come from. */
#include <config.h>

#include "mail/dkim.h"

#include "base/base64.h"
#include "base/mem.h"
#include "mail/address.h"
#include "mail/field.h"
#include "mail/header.h"
#include "mail/relaxed.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	/* A header as edits may have lengthened it: twice the largest. */
	HEAD_LIMIT = 2 * 16 * 1024 * 1024,
	NAMES_LIMIT = 16 * 1024, /* of h= */
	DOMAIN_LIMIT = 1024
};

/* RFC 6376 5.4.1: what a reader sees, and what says how to read it; RFC 8058 4:
 * one click counts only when these are signed.  Signed once more than they
 * occur. */
static const char usual[] =
	"From:Reply-To:Subject:Date:To:Cc:Message-ID:MIME-Version:"
	"Content-Type:Content-Transfer-Encoding:List-Id:List-Help:"
	"List-Unsubscribe:List-Unsubscribe-Post:List-Subscribe:List-Post:"
	"List-Owner:List-Archive";

/* Signed as often as they occur: mailing lists and other servers may add one
 * without harm. */
static const char optional[] = "Sender:In-Reply-To:References:Content-ID:"
			       "Content-Description:Auto-Submitted:Feedback-ID";

/* A message that is being signed. */
struct signing {
	const struct dkim_params *params;
	struct arena *arena;
	struct header header;
	struct buf names;  /* h= */
	struct buf fields; /* those that are signed, canonical, with CRLF */
	unsigned char body_hash[DKIM_HASH_BYTES];
};

/* ---- whose message ------------------------------------------------------- */

static bool is_of_domain(const struct dkim_params *params, const char *domain)
{
	struct buf ascii = BUF_INIT(DOMAIN_LIMIT);
	bool is_ours;

	if (!params->to_ascii || !params->to_ascii(domain, &ascii, NULL)) {
		buf_clear(&ascii);
		buf_puts(&ascii, domain);
	}
	is_ours = span_is_below(buf_span(&ascii), span_of(params->domain));
	buf_free(&ascii);
	return is_ours;
}

bool dkim_is_ours(const struct dkim_params *params, struct span from_value)
{
	struct arena *arena = arena_new();
	struct buf value = BUF_INIT(HEAD_LIMIT);
	struct mailbox_list list = { 0 };
	struct span offending;
	const char *reason;
	bool is_ours;

	header_unfold(from_value, &value);
	is_ours = address_list_parse(buf_span(&value), arena, &list, &offending,
			  &reason) &&
		  list.count;
	for (size_t i = 0; is_ours && i < list.count; i++)
		is_ours = is_of_domain(params, list.items[i].domain);
	buf_free(&value);
	arena_free(arena);
	return is_ours;
}

/* ---- which fields -------------------------------------------------------- */

static struct span cut_name(struct span *names)
{
	size_t length = 0;
	struct span name;

	while (names->length && strchr(": ,\t", *names->at))
		*names = span_skip(*names, 1);
	while (length < names->length && !strchr(": ,\t", names->at[length]))
		length++;
	name = span_make(names->at, length);
	*names = span_skip(*names, length);
	return name;
}

static bool has_name(struct span names, struct span name)
{
	struct span other;

	while ((other = cut_name(&names)).length)
		if (span_equal_nocase(other, name))
			return true;
	return false;
}

static void put_name(struct signing *signing, struct span name)
{
	if (signing->names.length)
		buf_put_byte(&signing->names, ':');
	buf_put_span(&signing->names, name);
}

/* RFC 6376 5.4.2: of several fields of one name the last one comes first; a
 * name without a field stands for its absence. */
static void sign_name(
	struct signing *signing, struct span name, bool is_oversigned)
{
	unsigned count = 0;

	for (size_t i = signing->header.count;
		i-- && count < DKIM_REPEATED_LIMIT;) {
		const struct header_field *field = &signing->header.fields[i];

		if (!span_equal_nocase(field->name, name))
			continue;
		count++;
		put_name(signing, name);
		relaxed_put_field(&signing->fields, field->name, field->value);
		buf_puts(&signing->fields, "\r\n");
	}
	if (is_oversigned && count < DKIM_REPEATED_LIMIT)
		put_name(signing, name);
}

static void sign_names(
	struct signing *signing, struct span names, bool is_oversigned)
{
	struct span before = names, name;

	while ((name = cut_name(&names)).length) {
		before.length = (size_t)(name.at - before.at);
		if (!has_name(before, name))
			sign_name(signing, name, is_oversigned);
	}
}

/* Whatever the wanted names are. */
static void sign_besides(struct signing *signing, struct span name)
{
	if (!has_name(span_of(signing->params->headers), name))
		sign_name(signing, name, true);
}

static void choose_fields(struct signing *signing)
{
	const char *wanted = signing->params->headers;

	if (!wanted) {
		sign_names(signing, span_of(usual), true);
		sign_names(signing, span_of(optional), false);
		return;
	}
	sign_besides(signing, SPAN("From"));
	if (header_find(&signing->header, "List-Unsubscribe-Post")) {
		sign_besides(signing, SPAN("List-Unsubscribe"));
		sign_besides(signing, SPAN("List-Unsubscribe-Post"));
	}
	sign_names(signing, span_of(wanted), true);
}

/* ---- the signature field ------------------------------------------------- */

/* A field that is made tag by tag, folded where a tag, a name or base 64 does
 * not fit into a line any more. */
struct tags {
	struct buf *out;
	size_t column;
};

static void put_word(struct tags *tags, struct span word)
{
	if (tags->column > 1 && tags->column + word.length > FIELD_COLUMNS) {
		buf_puts(tags->out, "\r\n\t");
		tags->column = 8;
		if (*word.at == ' ')
			word = span_skip(word, 1);
	}
	buf_put_span(tags->out, word);
	tags->column += word.length;
}

static void put_tag(struct tags *tags, const char *name, const char *value)
{
	struct buf tag = BUF_INIT(NAMES_LIMIT);

	buf_printf(&tag, " %s=%s;", name, value);
	put_word(tags, buf_span(&tag));
	buf_free(&tag);
}

/* RFC 6376 3.5: white space may stand around the colons of h=. */
static void put_names(struct tags *tags, struct span names)
{
	put_word(tags, SPAN(" h="));
	while (names.length) {
		size_t length = span_find(names, ':');

		if (length < names.length)
			length++;
		put_word(tags, span_make(names.at, length));
		names = span_skip(names, length);
	}
	put_word(tags, SPAN(";"));
}

static void put_base64(struct tags *tags, struct span bytes)
{
	struct buf text = BUF_INIT(2 * DKIM_SIGNATURE_LIMIT);
	struct span rest;

	base64_encode(bytes, &text);
	rest = buf_span(&text);
	while (rest.length) {
		size_t length = FIELD_COLUMNS - 8;

		if (tags->column + 8 < FIELD_COLUMNS)
			length = FIELD_COLUMNS - tags->column;
		if (length > rest.length)
			length = rest.length;
		put_word(tags, span_make(rest.at, length));
		rest = span_skip(rest, length);
	}
	buf_free(&text);
}

/* All but what follows "b=". */
static void put_unsigned(const struct signing *signing,
	const struct dkim_key *key, struct tags *tags)
{
	struct buf hash = BUF_INIT(DKIM_SIGNATURE_LIMIT);
	char number[24];

	base64_encode(
		span_make((const char *)signing->body_hash, DKIM_HASH_BYTES),
		&hash);
	put_word(tags, SPAN("DKIM-Signature:"));
	put_tag(tags, "v", "1");
	put_tag(tags, "a", key->algorithm);
	put_tag(tags, "c", "relaxed/relaxed");
	put_tag(tags, "d", signing->params->domain);
	put_tag(tags, "s", key->selector);
	snprintf(number, sizeof number, "%" PRId64,
		(int64_t)signing->params->now);
	put_tag(tags, "t", number);
	put_names(tags, buf_span(&signing->names));
	put_tag(tags, "bh", buf_text(&hash));
	put_word(tags, SPAN(" b="));
	buf_free(&hash);
}

/* The hash that is signed: the fields, then the one that is being made, with an
 * empty "b=" and no line end (RFC 6376 3.7). */
static bool hash_header(
	const struct signing *signing, struct span field, unsigned char *out)
{
	const struct dkim_hash *hash = &signing->params->hash;
	size_t colon = span_find(field, ':');
	struct buf canonical = BUF_INIT(DKIM_FIELDS_LIMIT);
	void *state = hash->begin();
	bool is_hashed;

	relaxed_put_field(&canonical, span_make(field.at, colon),
		span_skip(field, colon + 1));
	hash->put(state, buf_span(&signing->fields));
	hash->put(state, buf_span(&canonical));
	is_hashed = hash->end(state, out);
	buf_free(&canonical);
	return is_hashed;
}

static bool put_signature(const struct signing *signing,
	const struct dkim_key *key, struct buf *fields, struct diag *why)
{
	struct tags tags = { .out = fields };
	size_t start = fields->length;
	struct buf signature = BUF_INIT(DKIM_SIGNATURE_LIMIT);
	unsigned char hash[DKIM_HASH_BYTES];
	bool is_signed;

	put_unsigned(signing, key, &tags);
	is_signed =
		hash_header(signing, span_skip(buf_span(fields), start), hash)
			? key->sign(key->context,
				  span_make((const char *)hash, sizeof hash),
				  &signature, why)
			: diag_set(why, DIAG_SYSTEM_FAILED, "SHA-256");
	put_base64(&tags, buf_span(&signature));
	buf_puts(fields, "\r\n");
	buf_free(&signature);
	return is_signed;
}

/* ---- the message --------------------------------------------------------- */

/* Where the header of HEAD ends: behind the line end before the empty line;
 * HEAD.length when that has not come yet. */
static size_t header_end(struct span head, size_t from)
{
	if (span_starts_with(head, SPAN("\r\n")))
		return 0;
	for (size_t at = from; at + 4 <= head.length; at++) {
		at += span_find(span_skip(head, at), '\r');
		if (at + 4 <= head.length &&
			memcmp(head.at + at, "\r\n\r\n", 4) == 0)
			return at + 2;
	}
	return head.length;
}

/* Header into HEAD (with what came along of the body), the body hashed. */
static bool read_message(struct signing *signing, struct source *message,
	struct buf *head, struct diag *why)
{
	const struct dkim_hash *hash = &signing->params->hash;
	struct relaxed_body body = { .put = hash->put,
		.context = hash->begin() };
	size_t end = 0, from = 0;
	struct span piece = { NULL, 0 };
	bool is_read, is_hashed;

	while ((is_read = source_next(message, &piece, why)) && piece.length) {
		buf_put_span(head, piece);
		end = header_end(buf_span(head), from);
		from = head->length > 3 ? head->length - 3 : 0;
		if (end < head->length || head->overflowed)
			break;
	}
	if (is_read && end < head->length)
		relaxed_body_put(&body, span_skip(buf_span(head), end + 2));
	while (is_read && piece.length && !head->overflowed &&
		(is_read = source_next(message, &piece, why)))
		relaxed_body_put(&body, piece);
	relaxed_body_end(&body);
	is_hashed = hash->end(body.context, signing->body_hash);
	head->length = end;
	if (is_read && head->overflowed)
		return diag_set(why, DIAG_MESSAGE_HEAD_TOO_LARGE, "33554432");
	return is_read &&
	       (is_hashed || diag_set(why, DIAG_SYSTEM_FAILED, "SHA-256"));
}

static bool is_ours(const struct signing *signing)
{
	const struct header_field *from = header_find(&signing->header, "From");

	return from && !header_find_next(&signing->header, from, "From") &&
	       dkim_is_ours(signing->params, from->value);
}

bool dkim_sign(const struct dkim_params *params, struct source *message,
	struct buf *fields, struct diag *why)
{
	struct signing signing = { .params = params,
		.arena = arena_new(),
		.names = BUF_INIT(NAMES_LIMIT),
		.fields = BUF_INIT(HEAD_LIMIT) };
	struct buf head = BUF_INIT(HEAD_LIMIT);
	bool is_good = read_message(&signing, message, &head, why);

	if (is_good) {
		header_split(buf_span(&head), signing.arena, &signing.header);
		if (is_ours(&signing)) {
			choose_fields(&signing);
			for (size_t i = 0; is_good && i < params->key_count;
				i++)
				is_good = put_signature(&signing,
					&params->keys[i], fields, why);
		}
	}
	buf_free(&head);
	buf_free(&signing.fields);
	buf_free(&signing.names);
	arena_free(signing.arena);
	return is_good;
}
