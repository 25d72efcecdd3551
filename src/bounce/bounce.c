/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report taken apart: which of its parts says what.  Knows no fields and no
 * prose by itself. */
#include <config.h>

#include "bounce/bounce.h"

#include "base/buf.h"
#include "base/source.h"
#include "bounce/decode.h"
#include "bounce/fields.h"
#include "bounce/prose.h"
#include "mail/address.h"
#include "mail/htmltext.h"
#include "mail/parts.h"

enum { ID_LIMIT = 998 };

struct reader {
	struct span body;
	struct arena *arena;
	struct bounce *out;
	struct buf text, html; /* of the first part of each kind */
	const char *original_to;
	bool has_text, has_html, has_original, is_receipt, is_complaint;
};

const char *bounce_kind_name(enum bounce_kind kind)
{
	static const char *const names[] = {
		[BOUNCE_NONE] = "none",
		[BOUNCE_AUTOMATIC] = "automatic",
		[BOUNCE_DELIVERED] = "delivered",
		[BOUNCE_DELAYED] = "delayed",
		[BOUNCE_COMPLAINT] = "complaint",
		[BOUNCE_FAILED] = "failed",
	};

	return names[kind];
}

/* ---- the message that it is about ---------------------------------------- */

/* The value of a line of LINES that begins with NAME, which has its colon. */
static struct span find_line(struct span lines, const char *name)
{
	while (lines.length) {
		struct span line = span_trim(span_cut(&lines, '\n'));

		if (span_starts_with_nocase(line, span_of(name)))
			return span_trim(span_skip(line, strlen(name)));
	}
	return SPAN("");
}

static void take_message_id(struct reader *r, struct span lines)
{
	struct span id = find_line(lines, "Message-ID:");

	/* Folded behind its name, as some do. */
	if (!*r->out->message_id && id.length)
		r->out->message_id = fields_printable(id, ID_LIMIT, r->arena);
}

static void take_original(struct reader *r, struct span head)
{
	r->has_original = true;
	take_message_id(r, head);
	r->original_to = fields_address(find_line(head, "To:"), r->arena);
}

/* ---- parts --------------------------------------------------------------- */

static bool is_type(const struct part *part, const char *type)
{
	return strcmp(part->mime.type, type) == 0;
}

static void keep(struct buf *out, bool *has, struct span content)
{
	if (*has)
		return;
	*has = true;
	buf_put_span(out, content);
}

static void take_leaf(
	struct reader *r, const struct part *part, struct span content)
{
	if (is_type(part, "message/delivery-status") ||
		is_type(part, "message/global-delivery-status"))
		fields_read_status(content, r->arena, r->out);
	else if (is_type(part, "message/feedback-report")) {
		r->is_complaint = true;
		fields_read_complaint(content, r->arena, r->out);
	} else if (is_type(part, "message/disposition-notification") ||
		   is_type(part, "message/global-disposition-notification"))
		r->is_receipt = true;
	else if (is_type(part, "text/rfc822-headers") ||
		 is_type(part, "message/rfc822-headers") ||
		 is_type(part, "message/global-headers"))
		take_original(r, content);
	else if (is_type(part, "text/plain"))
		keep(&r->text, &r->has_text, content);
	else if (is_type(part, "text/html"))
		keep(&r->html, &r->has_html, content);
}

static void on_part(void *context, const struct part *part)
{
	struct reader *r = context;
	struct buf content = BUF_INIT(BOUNCE_BODY_LIMIT);

	/* What the returned message holds says nothing of its return. */
	if (r->has_original)
		return;
	if (part->is_message && !part->is_top) {
		take_original(r, part->head);
		return;
	}
	if (part->kind != PART_LEAF)
		return;
	decode_body(&content,
		span_make(r->body.at + part->body_begin,
			(size_t)(part->body_end - part->body_begin)),
		part->mime.encoding);
	take_leaf(r, part, buf_span(&content));
	buf_free(&content);
}

/* ---- the whole ----------------------------------------------------------- */

/* What it says to people. */
static struct span prose_of(struct reader *r)
{
	if (!span_trim(buf_span(&r->text)).length && r->has_html) {
		buf_clear(&r->text);
		htmltext_put(&r->text, buf_span(&r->html));
	}
	return r->text.length ? buf_span(&r->text) : SPAN("");
}

static const char *find_returned_to(
	const struct header *header, struct arena *arena)
{
	static const char *const names[] = { "Delivered-To", "X-Original-To",
		"Envelope-To", "X-Envelope-To", "To" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct header_field *field =
			header_find(header, names[i]);
		const char *address =
			field ? fields_address(field->value, arena) : "";

		if (*address)
			return address;
	}
	return "";
}

/* Who complains is hidden by most; it was one recipient's message. */
static void finish_complaint(struct reader *r)
{
	for (size_t i = 0; i < r->out->count; i++) {
		struct bounce_recipient *one = &r->out->recipients[i];

		if (one->kind != BOUNCE_COMPLAINT)
			continue;
		one->reason = BOUNCE_REASON_COMPLAINT;
		if (!*one->address)
			one->address = one->original = r->original_to;
	}
}

static enum bounce_kind heaviest(const struct bounce *bounce)
{
	enum bounce_kind kind = BOUNCE_NONE;

	for (size_t i = 0; i < bounce->count; i++)
		if (bounce->recipients[i].kind > kind)
			kind = bounce->recipients[i].kind;
	return kind;
}

static void conclude(struct reader *r, const struct header *header)
{
	struct span prose = prose_of(r);

	if (r->out->count)
		prose_explain(prose, r->arena, r->out);
	else if (!r->is_receipt && !r->is_complaint)
		(void)prose_read(header, prose, r->arena, r->out);
	finish_complaint(r);
	r->out->kind = heaviest(r->out);
	if (r->out->kind == BOUNCE_NONE &&
		(r->is_receipt || prose_is_automatic(header)))
		r->out->kind = BOUNCE_AUTOMATIC;
	if (r->out->kind != BOUNCE_NONE)
		take_message_id(r, prose);
}

void bounce_read(const struct header *header, struct span body,
	struct arena *arena, struct bounce *out)
{
	struct reader reader = { .body = body,
		.arena = arena,
		.out = out,
		.text = BUF_INIT(BOUNCE_BODY_LIMIT),
		.html = BUF_INIT(BOUNCE_BODY_LIMIT),
		.original_to = "" };
	struct source *source;
	struct diag ignored;

	if (body.length > BOUNCE_BODY_LIMIT)
		reader.body.length = BOUNCE_BODY_LIMIT;
	*out = (struct bounce){ .kind = BOUNCE_NONE,
		.reporter = "",
		.message_id = "",
		.envelope_id = "",
		.returned_to = find_returned_to(header, arena) };
	source = source_from_span(reader.body);
	(void)parts_walk(header, source, on_part, &reader, &ignored);
	source_close(source);
	conclude(&reader, header);
	buf_free(&reader.text);
	buf_free(&reader.html);
}
