/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edits: the header that goes out as a list of pieces (most of them the
 * message's own bytes, in place), and the body as it is or reshaped.  Knows
 * no account: who the author is, and whether that is to be changed, are
 * arguments.
 */
#include <config.h>

#include "mail/edit.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/encode.h"
#include "mail/envelope.h"
#include "mail/msgid.h"
#include "mail/reshape.h"
#include "mail/wrap.h"

enum {
	/* A made field: a whole head of names encoded anew would fit, with a
	 * new address for each author of those that are changed at all. */
	FIELD_LIMIT = 16 * MESSAGE_HEAD_LIMIT,
	AUTHORS_LIMIT = 1000,
	/* RFC 5322 2.1.1: lines should have no more than 78 bytes. */
	LINE_WISHED = 78
};

struct edit {
	const struct message *message;
	struct span *pieces; /* of the header, with the empty line */
	size_t piece_count;
	uint64_t header_size;
	bool header_is_8bit;
	const struct reshape *reshape; /* NULL: the body as it is */
	struct diag body_failure;      /* DIAG_NONE, or why it is not known */
	uint64_t body_size;
	bool body_is_8bit;
	unsigned changes;
	const char *message_id;
};

struct maker {
	const struct edit_params *params;
	const struct message *message;
	struct arena *arena;
	struct edit *edit;
	size_t capacity;
	/* The author that replaces or supplies one: NULL for none. */
	const char *author, *local_author;
	/* Fields of these names are replaced when they are empty. */
	bool makes_from, makes_date, makes_msgid;
	bool had_from; /* a From was put already */
	/* What the header says of a body that is encoded. */
	struct reshape_header body_header;
};

/* ---- pieces -------------------------------------------------------------- */

static void piece_add(struct maker *m, struct span piece)
{
	struct edit *edit = m->edit;
	struct span *last =
		edit->piece_count ? &edit->pieces[edit->piece_count - 1] : NULL;

	if (!piece.length)
		return;
	edit->header_size += piece.length;
	/* Fields that stay, one after the other, are one piece. */
	if (last && last->at + last->length == piece.at) {
		last->length += piece.length;
		return;
	}
	if (edit->piece_count == m->capacity) {
		m->capacity = m->capacity ? m->capacity * 2 : 16;
		edit->pieces = mem_array(
			edit->pieces, m->capacity, sizeof *edit->pieces);
	}
	edit->pieces[edit->piece_count++] = piece;
}

/* Puts a field, folded where a line of it is too long. */
static void field_add(struct maker *m, struct span field)
{
	struct buf folded = BUF_INIT(wrap_field_limit(field));

	if (!wrap_is_needed(field)) {
		piece_add(m, field);
		return;
	}
	wrap_field(&folded, field);
	m->edit->changes |= CHANGE_FOLDED;
	piece_add(
		m, span_make(arena_memdup(m->arena, folded.data, folded.length),
			   folded.length));
	buf_free(&folded);
}

/* Puts a field that was made in FIELD, and frees that. */
static void made_field_add(struct maker *m, struct buf *field)
{
	buf_puts(field, "\r\n");
	field_add(m, span_make(arena_memdup(m->arena, buf_text(field),
				       field->length),
			     field->length));
	buf_free(field);
}

/* ---- From ---------------------------------------------------------------- */

/* The address as it may stand in a header, or NULL when it may not. */
static const char *author_check(struct maker *m, const char *text)
{
	struct mailbox mailbox;
	const char *reason;

	if (!text ||
		!address_parse(span_of(text), m->arena, &mailbox, &reason) ||
		address_is_null(&mailbox))
		return NULL;
	return address_string(m->arena, &mailbox);
}

static size_t column_of(const struct buf *field)
{
	size_t column = 0;

	while (column < field->length &&
		field->data[field->length - column - 1] != '\n')
		column++;
	return column;
}

static void put_author(struct buf *field, struct span name, const char *address)
{
	size_t before = field->length;

	encode_phrase(field, name, column_of(field));
	if (field->length == before) {
		buf_puts(field, address);
		return;
	}
	buf_puts(field, column_of(field) + strlen(address) + 3 > LINE_WISHED
				? "\r\n <"
				: " <");
	buf_puts(field, address);
	buf_puts(field, ">");
}

static void from_add(struct maker *m, struct span name)
{
	struct buf field = BUF_INIT(FIELD_LIMIT);

	buf_puts(&field, "From: ");
	put_author(&field, name, m->author);
	made_field_add(m, &field);
	m->had_from = true;
}

/* The domain of an address that means this machine and nothing outside. */
static bool is_local_domain(const char *domain, const char *this_host)
{
	struct span name = span_of(domain), host;

	if (!name.length || span_equal_nocase(name, SPAN("localhost")) ||
		span_equal_nocase(name, SPAN("localhost.localdomain")))
		return true;
	if (!this_host)
		return false;
	host = span_of(this_host);
	return span_equal_nocase(name, host) ||
	       span_equal_nocase(name, span_cut(&host, '.'));
}

/* A list longer than any real one is not worth the memory: it stays. */
static bool has_local_author(
	const struct mailbox_list *authors, const char *this_host)
{
	for (size_t i = 0; i < authors->count; i++)
		if (is_local_domain(authors->items[i].domain, this_host))
			return authors->count <= AUTHORS_LIMIT;
	return false;
}

char *edit_local_name(struct arena *arena, const struct mailbox *mailbox,
	const char *this_host)
{
	struct span host = span_of(this_host ? this_host : "");
	struct span name = span_cut(&host, '.');

	if (!name.length)
		return arena_strdup(arena, mailbox->local);
	return arena_printf(
		arena, "%s on %.*s", mailbox->local, (int)name.length, name.at);
}

static struct span name_of(
	struct maker *m, const struct mailbox *author, bool is_local)
{
	const struct edit_params *params = m->params;

	return span_of(
		is_local && params->names_local_from && !*author->name
			? edit_local_name(m->arena, author, params->this_host)
			: author->name);
}

/* The list of authors with the local ones replaced, names kept. */
static void put_authors(
	struct maker *m, const struct mailbox_list *authors, struct buf *field)
{
	for (size_t i = 0; i < authors->count; i++) {
		const struct mailbox *author = &authors->items[i];
		bool is_local =
			is_local_domain(author->domain, m->params->this_host);

		if (i)
			buf_puts(field, ",\r\n ");
		put_author(field, name_of(m, author, is_local),
			is_local ? m->local_author
				 : address_string(m->arena, author));
	}
}

static void local_from_add(struct maker *m, const struct mailbox_list *authors)
{
	struct buf field = BUF_INIT(FIELD_LIMIT);

	buf_puts(&field, "From: ");
	put_authors(m, authors, &field);
	made_field_add(m, &field);
	m->had_from = true;
}

/* A From that does not parse has no authors: it is left as it is. */
static void authors_read(struct maker *m, const struct header_field *field,
	struct mailbox_list *authors)
{
	struct span offending;
	const char *reason;

	*authors = (struct mailbox_list){ 0 };
	(void)address_list_parse(
		field->value, m->arena, authors, &offending, &reason);
}

static void from_edit(struct maker *m, const struct header_field *field)
{
	const struct edit_params *params = m->params;
	bool is_replaced = params->set_from == EDIT_FROM_ON && m->author;
	struct mailbox_list authors;

	if (is_replaced && m->had_from)
		return;
	authors_read(m, field, &authors);
	if (is_replaced)
		from_add(m, span_of(params->from_name ? params->from_name
				    : authors.count   ? authors.items[0].name
						      : ""));
	else if (params->set_from != EDIT_FROM_OFF && m->local_author &&
		 has_local_author(&authors, params->this_host))
		local_from_add(m, &authors);
	else
		field_add(m, field->whole);
}

/* ---- To and Cc ----------------------------------------------------------- */

/* With the backslash that says: no alias. */
static const char *literal_name(struct maker *m, const struct mailbox *mailbox)
{
	const char *name = address_string(m->arena, mailbox);

	return mailbox->is_verbatim ? arena_printf(m->arena, "\\%s", name)
				    : name;
}

/* The addresses that MAILBOX stands for, if it is local and has any. */
static size_t map_mailbox(struct maker *m, const struct mailbox *mailbox,
	const char *const **addresses)
{
	const struct edit_params *params = m->params;

	if (!is_local_domain(mailbox->domain, params->this_host))
		return 0;
	return params->map_local(params->map_context, literal_name(m, mailbox),
		m->arena, addresses);
}

static bool maps_any(struct maker *m, const struct mailbox_list *list)
{
	const char *const *addresses;

	for (size_t i = 0; i < list->count; i++)
		if (map_mailbox(m, &list->items[i], &addresses))
			return true;
	return false;
}

static void put_mapped(
	struct maker *m, const struct mailbox *mailbox, struct buf *field)
{
	const char *const *addresses;
	size_t count = map_mailbox(m, mailbox, &addresses);

	if (!count) {
		put_author(field, span_of(mailbox->name),
			literal_name(m, mailbox));
		return;
	}
	for (size_t i = 0; i < count; i++) {
		buf_puts(field, i ? ",\r\n " : "");
		put_author(field, span_of(count == 1 ? mailbox->name : ""),
			addresses[i]);
	}
}

/* One that does not parse is left as it is: the envelope has told. */
static void recipients_edit(struct maker *m, const struct header_field *field)
{
	struct buf made = BUF_INIT(FIELD_LIMIT);
	struct mailbox_list list;

	authors_read(m, field, &list);
	if (list.count > AUTHORS_LIMIT || !maps_any(m, &list)) {
		field_add(m, field->whole);
		return;
	}
	buf_put_span(&made, field->name);
	buf_puts(&made, ": ");
	for (size_t i = 0; i < list.count; i++) {
		buf_puts(&made, i ? ",\r\n " : "");
		put_mapped(m, &list.items[i], &made);
	}
	made_field_add(m, &made);
}

static void put_list(
	struct buf *field, const char *const *addresses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t column = column_of(field) + strlen(addresses[i]) + 2;

		if (i)
			buf_puts(field, column > LINE_WISHED ? ",\r\n " : ", ");
		buf_puts(field, addresses[i]);
	}
}

/* RFC 5322 3.4: a group of nobody, when none is to be named. */
static void to_add(struct maker *m)
{
	const struct edit_params *params = m->params;
	struct buf field = BUF_INIT(FIELD_LIMIT);

	buf_puts(&field, "To: ");
	if (!params->to_count)
		buf_puts(&field, "undisclosed-recipients:;");
	put_list(&field, params->to, params->to_count);
	made_field_add(m, &field);
}

static void original_add(struct maker *m)
{
	struct buf field = BUF_INIT(FIELD_LIMIT);

	buf_puts(&field, "X-Original-To: ");
	put_list(&field, m->params->original_to, m->params->original_count);
	made_field_add(m, &field);
}

/* ---- Date and Message-ID ------------------------------------------------- */

static void date_add(struct maker *m, const char *name)
{
	struct buf field = BUF_INIT(FIELD_LIMIT);

	buf_puts(&field, name);
	buf_puts(&field, ": ");
	date_put(&field, m->params->now, m->params->zone_offset_s);
	made_field_add(m, &field);
}

/* VARIANT tells the identifiers of one message apart. */
static const char *msgid_add(
	struct maker *m, const char *name, unsigned char variant)
{
	struct buf field = BUF_INIT(FIELD_LIMIT);
	unsigned char random[sizeof m->params->random];
	const char *domain = m->params->msgid_domain;
	const char *msgid;

	memcpy(random, m->params->random, sizeof random);
	random[0] ^= variant;
	buf_puts(&field, name);
	buf_puts(&field, ": ");
	if (m->params->msgid_left && !variant)
		msgid_put_left(
			&field, m->params->msgid_left, domain ? domain : "");
	else
		msgid_put(&field, m->params->now, random, domain ? domain : "");
	msgid = arena_strdup(m->arena, strchr(field.data, '<'));
	made_field_add(m, &field);
	return msgid;
}

/* The identifier of a Message-ID field, or "". */
static const char *msgid_read(struct maker *m, const struct header_field *field)
{
	struct buf value = BUF_INIT(field->value.length);
	struct span text;
	const char *msgid = "";
	size_t begin, end;

	header_unfold(field->value, &value);
	text = buf_span(&value);
	begin = span_find(text, '<');
	end = span_find(text, '>');
	if (begin < end && end < text.length)
		msgid = arena_strndup(
			m->arena, text.at + begin, end - begin + 1);
	buf_free(&value);
	return msgid;
}

/* ---- the header ---------------------------------------------------------- */

static bool is_empty(const struct header_field *field)
{
	return !span_trim(field->value).length;
}

/* The first field of that name that says something, in [first, end). */
static const struct header_field *field_find(
	const struct header *header, size_t first, size_t end, const char *name)
{
	for (size_t i = first; i < end; i++)
		if (header_field_is(&header->fields[i], name) &&
			!is_empty(&header->fields[i]))
			return &header->fields[i];
	return NULL;
}

/* A field that stands empty where one is made would be there twice. */
static bool is_superseded(
	const struct maker *m, const struct header_field *field)
{
	return is_empty(field) &&
	       ((m->makes_from && header_field_is(field, "From")) ||
		       (m->makes_date && header_field_is(field, "Date")) ||
		       (m->makes_msgid &&
			       header_field_is(field, "Message-ID")));
}

static bool is_removed(const struct maker *m, const struct header_field *field)
{
	if (m->params->remove_bcc &&
		(header_field_is(field, "Bcc") ||
			header_field_is(field, "Resent-Bcc")))
		return true;
	if (m->params->set_to &&
		(header_field_is(field, "To") || header_field_is(field, "Cc") ||
			header_field_is(field, "Bcc")))
		return true;
	if (m->params->original_count &&
		header_field_is(field, "X-Original-To"))
		return true;
	/* Whoever sent it for another author is nobody to the server. */
	if (m->params->set_from == EDIT_FROM_ON && m->author &&
		header_field_is(field, "Sender"))
		return true;
	if (m->body_header.encoding &&
		header_field_is(field, "Content-Transfer-Encoding"))
		return true;
	return header_field_is(field, "Return-Path") || is_superseded(m, field);
}

/* What stands in front of the header: what it lacks. */
static void front_add(struct maker *m)
{
	const struct edit_params *params = m->params;

	if (m->makes_from)
		from_add(
			m, span_of(params->from_name ? params->from_name : ""));
	if (params->original_count)
		original_add(m);
	if (params->set_to)
		to_add(m);
	if (m->makes_date)
		date_add(m, "Date");
	if (m->makes_msgid)
		m->edit->message_id = msgid_add(m, "Message-ID", 0);
}

/* What the latest Resent block [first, end) lacks, put in front of it. */
static void resent_add(struct maker *m, size_t first, size_t end)
{
	const struct header *header = &m->message->header;

	if (m->params->set_date &&
		!field_find(header, first, end, "Resent-Date"))
		date_add(m, "Resent-Date");
	if (m->params->set_msgid &&
		!field_find(header, first, end, "Resent-Message-ID"))
		(void)msgid_add(m, "Resent-Message-ID", 1);
}

static void fields_add(struct maker *m)
{
	const struct header *header = &m->message->header;
	size_t first = SIZE_MAX, end = SIZE_MAX;
	bool was_resent = envelope_resent_block(header, &first, &end);

	for (size_t i = 0; i < header->count; i++) {
		const struct header_field *field = &header->fields[i];

		if (was_resent && i == first)
			resent_add(m, first, end);
		if (is_removed(m, field))
			continue;
		if (header_field_is(field, "From"))
			from_edit(m, field);
		else if (m->params->map_local &&
			 (header_field_is(field, "To") ||
				 header_field_is(field, "Cc")))
			recipients_edit(m, field);
		else
			field_add(m, field->whole);
	}
}

static void lacks_find(struct maker *m)
{
	const struct edit_params *params = m->params;
	const struct header *header = &m->message->header;
	const struct header_field *msgid =
		field_find(header, 0, header->count, "Message-ID");

	m->author = author_check(m, params->from_address);
	m->local_author = author_check(m, params->local_from);
	m->makes_from = params->set_from != EDIT_FROM_OFF && m->author &&
			!field_find(header, 0, header->count, "From");
	m->makes_date = params->set_date &&
			!field_find(header, 0, header->count, "Date");
	m->makes_msgid = params->set_msgid && !msgid;
	m->edit->message_id = msgid ? msgid_read(m, msgid) : "";
}

static void body_header_add(struct maker *m)
{
	struct buf fields = BUF_INIT(FIELD_LIMIT);

	reshape_header_put(&fields, &m->body_header);
	piece_add(m, span_make(arena_memdup(m->arena, buf_text(&fields),
				       fields.length),
			     fields.length));
	buf_free(&fields);
}

/* ---- the body ------------------------------------------------------------ */

/* A body that cannot be read is reported when it is sent. */
static void body_plan(struct maker *m)
{
	struct edit *edit = m->edit;

	if (m->message->longest_line <= MESSAGE_LINE_LIMIT)
		return;
	edit->reshape = reshape_plan(m->message, m->arena, &edit->body_failure);
	if (!edit->reshape)
		return;
	edit->changes |= reshape_changes(edit->reshape);
	m->body_header = *reshape_header(edit->reshape);
}

static struct source *body_source(const struct edit *edit)
{
	return edit->reshape
		       ? reshape_source(edit->reshape, edit->message->body)
		       : store_source(edit->message->body);
}

/* Size and bytes of the body as it goes out. */
static void body_measure(struct edit *edit)
{
	struct source *body;
	struct span piece;
	bool is_ok;

	edit->body_size = edit->message->body_size;
	edit->body_is_8bit = edit->message->body_is_8bit;
	if (!edit->reshape)
		return;
	edit->body_size = 0;
	edit->body_is_8bit = false;
	body = body_source(edit);
	while ((is_ok = source_next(body, &piece, &edit->body_failure)) &&
		piece.length) {
		edit->body_size += piece.length;
		edit->body_is_8bit |= !text_is_ascii(piece);
	}
	source_close(body);
}

/* ---- the edit ------------------------------------------------------------ */

static void header_finish(struct maker *m)
{
	struct edit *edit = m->edit;
	struct span *pieces = edit->pieces;

	edit->pieces = arena_memdup(
		m->arena, pieces, edit->piece_count * sizeof *pieces);
	mem_free(pieces);
	for (size_t i = 0; i < edit->piece_count; i++)
		if (!text_is_ascii(edit->pieces[i]))
			edit->header_is_8bit = true;
}

struct edit *edit_make(const struct edit_params *params,
	const struct message *message, struct arena *arena)
{
	struct maker m = { .params = params,
		.message = message,
		.arena = arena,
		.edit = arena_alloc(arena, sizeof *m.edit) };

	m.edit->message = message;
	m.edit->changes = (message->nul_count ? CHANGE_NULS : 0) |
			  (message->bare_cr_count ? CHANGE_LINE_ENDS : 0);
	body_plan(&m);
	lacks_find(&m);
	front_add(&m);
	fields_add(&m);
	body_header_add(&m);
	piece_add(&m, SPAN("\r\n"));
	header_finish(&m);
	body_measure(m.edit);
	return m.edit;
}

int64_t edit_size(const struct edit *edit, struct diag *why)
{
	if (edit->body_failure.id == DIAG_NONE)
		return (int64_t)(edit->header_size + edit->body_size);
	if (why)
		*why = edit->body_failure;
	return -1;
}

bool edit_is_8bit(const struct edit *edit)
{
	return edit->header_is_8bit || edit->body_is_8bit;
}

bool edit_header_is_8bit(const struct edit *edit)
{
	return edit->header_is_8bit;
}

unsigned edit_changes(const struct edit *edit)
{
	return edit->changes;
}

const char *edit_message_id(const struct edit *edit)
{
	return edit->message_id;
}

/* ---- what goes out ------------------------------------------------------- */

struct edit_source {
	struct source source;
	const struct edit *edit;
	size_t next_piece;
	struct source *body;
};

static bool edit_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct edit_source *from = (struct edit_source *)source;

	if (from->next_piece == from->edit->piece_count)
		return source_next(from->body, piece, why);
	*piece = from->edit->pieces[from->next_piece++];
	return true;
}

static bool edit_rewind(struct source *source, struct diag *why)
{
	struct edit_source *from = (struct edit_source *)source;

	from->next_piece = 0;
	return source_rewind(from->body, why);
}

static void edit_close(struct source *source)
{
	source_close(((struct edit_source *)source)->body);
	mem_free(source);
}

struct source *edit_source(const struct edit *edit)
{
	static const struct source_ops ops = {
		.next = edit_next, .rewind = edit_rewind, .close = edit_close
	};
	struct edit_source *from = mem_alloc(sizeof *from);

	*from = (struct edit_source){
		.source.ops = &ops, .edit = edit, .body = body_source(edit)
	};
	return &from->source;
}
