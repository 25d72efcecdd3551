/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The message as a list of segments: words of our own, and bodies that stream.
 * Does not know where bodies come from.
 */
#include <config.h>

#include "mail/compose.h"

#include "base/text.h"
#include "mail/encode.h"
#include "mail/field.h"
#include "mail/flow.h"
#include "mail/message.h"
#include "mail/mimetype.h"
#include "mail/transfer.h"

enum {
	BOUNDARY_BYTES = 48,
	FIELDS_LIMIT = 64 * 1024, /* of one part */
};

/* Invariant: a segment is either words (source NULL) or a source. */
struct segment {
	struct span words;
	struct source *source;
};

struct composition {
	struct source source;
	struct segment *segments;
	size_t count, capacity, at;
	struct buf words; /* of the segment that is being made */
	/* While it is made. */
	struct arena *arena;
	const unsigned char *random;
	unsigned multipart_count;
};

/* ---- segments ------------------------------------------------------------ */

static void add_segment(struct composition *to, struct segment segment)
{
	if (to->count == to->capacity) {
		to->capacity = to->capacity ? to->capacity * 2 : 16;
		to->segments = mem_array(
			to->segments, to->capacity, sizeof *to->segments);
	}
	to->segments[to->count++] = segment;
}

/* What was written so far becomes a segment of its own. */
static void end_words(struct composition *to)
{
	struct span words = buf_span(&to->words);

	if (!words.length)
		return;
	words.at = arena_memdup(to->arena, words.at, words.length);
	add_segment(to, (struct segment){ .words = words });
	buf_clear(&to->words);
}

static void add_body(struct composition *to, struct source *body)
{
	end_words(to);
	add_segment(to, (struct segment){ .source = body });
}

static bool compose_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct composition *from = (struct composition *)source;

	*piece = SPAN("");
	while (from->at < from->count) {
		const struct segment *segment = &from->segments[from->at];

		if (!segment->source) {
			*piece = segment->words;
			from->at++;
			return true;
		}
		if (!source_next(segment->source, piece, why))
			return false;
		if (piece->length)
			return true;
		from->at++;
	}
	return true;
}

static bool can_rewind(const struct composition *from)
{
	for (size_t i = 0; i < from->count; i++)
		if (from->segments[i].source &&
			!from->segments[i].source->ops->rewind)
			return false;
	return true;
}

static bool compose_rewind(struct source *source, struct diag *why)
{
	struct composition *from = (struct composition *)source;

	for (size_t i = 0; i < from->count; i++)
		if (from->segments[i].source &&
			!source_rewind(from->segments[i].source, why))
			return false;
	from->at = 0;
	return true;
}

static void compose_close(struct source *source)
{
	struct composition *from = (struct composition *)source;

	for (size_t i = 0; i < from->count; i++)
		source_close(from->segments[i].source);
	mem_free(from->segments);
	buf_free(&from->words);
	mem_free(from);
}

/* ---- parts --------------------------------------------------------------- */

/* Without an encoding field: RFC 2045 6.1, the default is 7bit. */
static void put_encoding(struct composition *to, const char *encoding)
{
	if (encoding)
		buf_printf(&to->words, "Content-Transfer-Encoding: %s\r\n",
			encoding);
}

/* A byte that quoted-printable spells out costs two more, base 64 a third more
 * for all of them. */
static bool is_mostly_ascii(const struct content *content, uint64_t spelled)
{
	return spelled * 6 <= content->size;
}

static void add_text(struct composition *to, const struct compose_part *part,
	const char *subtype, bool may_flow)
{
	const struct content *content = &part->content;
	bool is_flowed = may_flow && flow_is_wise(content);
	uint64_t spelled = content->high_count + content->control_count;
	struct source *body = flow_source(part->body, is_flowed);
	const char *charset =
		part->charset ? part->charset : mimetype_charset(content);

	/* ASCII is UTF-8 too, and that is what a reply will be. */
	if (!strcmp(charset, "us-ascii"))
		charset = "utf-8";
	buf_printf(&to->words, "Content-Type: text/%s; charset=%s%s\r\n",
		subtype, charset, is_flowed ? "; format=flowed" : "");
	if (!spelled &&
		flow_longest_line(content, is_flowed) <= MESSAGE_LINE_LIMIT) {
		put_encoding(to, NULL);
	} else if (is_mostly_ascii(content, spelled)) {
		put_encoding(to, "quoted-printable");
		body = encode_quoted_printable(body);
	} else {
		put_encoding(to, "base64");
		body = transfer_base64(body);
	}
	buf_puts(&to->words, "\r\n");
	add_body(to, body);
}

static bool has_type(const char *type, const char *prefix)
{
	return span_starts_with_nocase(span_of(type), span_of(prefix));
}

static void put_type(struct composition *to, const struct compose_part *part,
	const char *type)
{
	buf_printf(&to->words, "Content-Type: %s", type);
	if (has_type(type, "text/") && !strstr(type, "charset="))
		buf_printf(&to->words, "; charset=%s",
			mimetype_charset(&part->content));
	/* What clients that know no RFC 2231 show, and Outlook wants. */
	field_put_parameter(&to->words, "name",
		field_ascii_name(to->arena, part->file_name));
	buf_puts(&to->words, "\r\n");
}

static void put_disposition(
	struct composition *to, const struct compose_part *part)
{
	buf_printf(&to->words, "Content-Disposition: %s",
		part->is_inline ? "inline" : "attachment");
	field_put_parameter(&to->words, "filename", part->file_name);
	buf_puts(&to->words, "\r\n");
	if (part->content_id)
		buf_printf(
			&to->words, "Content-ID: <%s>\r\n", part->content_id);
}

/* RFC 2046 5.2.1: message/rfc822 must not be encoded, so it has to be fit to
 * travel as it is; NULL when it is not. */
static const char *message_encoding(const struct content *content)
{
	if (content->nul_count || !content->size ||
		content->longest_line > MESSAGE_LINE_LIMIT)
		return NULL;
	return content->high_count ? "8bit" : "7bit";
}

/* Whether quoted-printable is shorter than base 64, and readable. */
static bool is_readable(const struct content *content)
{
	return content->size && content_is_text(content) &&
	       is_mostly_ascii(
		       content, content->high_count + content->control_count);
}

/* All its lines end in CRLF: spelled out in quoted-printable, some readers show
 * them as one; base 64 keeps them. */
static bool is_dos(const struct content *content)
{
	return content->cr_count && content->cr_count == content->crlf_count &&
	       content->lf_count == content->crlf_count;
}

/* A text whose line ends are the mail's.  Those of a calendar are CRLF by its
 * own standard (RFC 5545 3.1); another text with CRLF keeps every byte. */
static bool is_lines(const char *type, const struct content *content)
{
	return is_readable(content) &&
	       ((has_type(type, "text/") && !content->cr_count) ||
		       (has_type(type, "text/calendar") && is_dos(content)));
}

static void add_file(struct composition *to, const struct compose_part *part)
{
	bool is_message = has_type(part->type, "message/rfc822");
	const char *type = part->type;
	const char *encoding =
		is_message ? message_encoding(&part->content) : NULL;
	struct source *body = part->body;

	if (encoding) {
		body = flow_source(body, false);
	} else if (is_lines(type, &part->content)) {
		encoding = "quoted-printable";
		body = encode_quoted_printable(body);
	} else if (is_readable(&part->content) && !is_dos(&part->content)) {
		encoding = "quoted-printable";
		body = encode_quoted_printable_file(body);
	} else {
		encoding = "base64";
		body = transfer_base64(body);
	}
	if (is_message && strchr("qb", encoding[0]))
		type = "application/octet-stream";
	put_type(to, part, type);
	put_disposition(to, part);
	put_encoding(to, encoding);
	buf_puts(&to->words, "\r\n");
	add_body(to, body);
}

/* ---- the tree ------------------------------------------------------------ */

/* "=_" can be in no quoted-printable and no base 64 (RFC 2045 6.7 (5)), 128
 * random bits are in nothing else; none is the beginning of another. */
static void begin_multipart(struct composition *to, const char *subtype,
	char boundary[static BOUNDARY_BYTES])
{
	struct buf text = BUF_INIT(BOUNDARY_BYTES - 1);

	buf_printf(&text, "=_%u_", ++to->multipart_count);
	text_put_hex(&text, to->random, 16);
	memcpy(boundary, buf_text(&text), text.length + 1);
	buf_free(&text);
	buf_printf(&to->words,
		"Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n",
		subtype, boundary);
}

static void put_delimiter(struct composition *to, const char *boundary)
{
	buf_printf(&to->words, "\r\n--%s\r\n", boundary);
}

static void end_multipart(struct composition *to, const char *boundary)
{
	buf_printf(&to->words, "\r\n--%s--\r\n", boundary);
}

static void add_html(
	struct composition *to, const struct compose_params *params)
{
	char boundary[BOUNDARY_BYTES];

	if (!params->inline_count) {
		add_text(to, params->html, "html", false);
		return;
	}
	/* RFC 2387: the type of the root has to be named. */
	begin_multipart(to, "related; type=\"text/html\"", boundary);
	put_delimiter(to, boundary);
	add_text(to, params->html, "html", false);
	for (size_t i = 0; i < params->inline_count; i++) {
		put_delimiter(to, boundary);
		add_file(to, params->inlines[i]);
	}
	end_multipart(to, boundary);
}

static void add_words(
	struct composition *to, const struct compose_params *params)
{
	char boundary[BOUNDARY_BYTES];

	if (!params->html) {
		add_text(to, params->text, "plain", true);
	} else if (!params->text) {
		add_html(to, params);
	} else {
		begin_multipart(to, "alternative", boundary);
		put_delimiter(to, boundary);
		add_text(to, params->text, "plain", true);
		put_delimiter(to, boundary);
		add_html(to, params);
		end_multipart(to, boundary);
	}
}

static void add_files(struct composition *to, const char *boundary,
	const struct compose_part *const *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		put_delimiter(to, boundary);
		add_file(to, files[i]);
	}
}

static void add_all(struct composition *to, const struct compose_params *params)
{
	/* Without HTML there is nothing an inline file could relate to. */
	size_t inline_count = params->html ? 0 : params->inline_count;
	char boundary[BOUNDARY_BYTES];

	if (!inline_count && !params->attachment_count) {
		add_words(to, params);
		return;
	}
	begin_multipart(to, "mixed", boundary);
	if (params->text || params->html) {
		put_delimiter(to, boundary);
		add_words(to, params);
	}
	add_files(to, boundary, params->inlines, inline_count);
	add_files(to, boundary, params->attachments, params->attachment_count);
	end_multipart(to, boundary);
}

struct source *compose_source(
	const struct compose_params *params, struct arena *arena)
{
	static const struct source_ops ops = { .next = compose_next,
		.rewind = compose_rewind,
		.close = compose_close };
	static const struct source_ops ops_once = { .next = compose_next,
		.close = compose_close };
	struct composition *to = mem_zalloc(sizeof *to);

	to->words = BUF_INIT(FIELDS_LIMIT);
	to->arena = arena;
	to->random = params->random;
	if (params->head.length)
		add_segment(to, (struct segment){ .words = params->head });
	buf_puts(&to->words, "MIME-Version: 1.0\r\n");
	add_all(to, params);
	end_words(to);
	to->source.ops = can_rewind(to) ? &ops : &ops_once;
	return &to->source;
}

/* ---- references ---------------------------------------------------------- */

static bool is_atom_byte(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

char *compose_content_id(struct arena *arena, const char *name,
	const unsigned char random[static 16])
{
	struct buf id = BUF_INIT(FIELDS_LIMIT);
	char *copy;

	/* RFC 2392: an address, of dot-atoms to be on the safe side. */
	for (const char *at = name; *at && id.length < FIELD_COLUMNS / 3;
		at++) {
		bool is_dot = *at == '.' && at > name && is_atom_byte(at[-1]) &&
			      is_atom_byte(at[1]);

		buf_put_byte(&id, is_dot || is_atom_byte(*at) ? *at : '_');
	}
	if (id.length && id.data[id.length - 1] == '.')
		buf_put_byte(&id, '_');
	buf_put_byte(&id, '@');
	text_put_hex(&id, random, 16);
	copy = arena_strdup(arena, buf_text(&id));
	buf_free(&id);
	return copy;
}

/* The value of a "%41" at the front, or -1. */
static int percent_value(struct span text)
{
	int high, low;

	if (text.length < 3 || text.at[0] != '%')
		return -1;
	high = ascii_hex_value(text.at[1]);
	low = ascii_hex_value(text.at[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* The length of NAME at the front of TEXT, percent-encoded or not; 0 when it is
 * not there as a whole. */
static size_t reference_length(struct span text, const char *name)
{
	struct span rest = text;

	for (; *name; name++) {
		int value = percent_value(rest);

		if (rest.length && rest.at[0] == *name)
			rest = span_skip(rest, 1);
		else if (value == (int)(unsigned char)*name)
			rest = span_skip(rest, 3);
		else
			return 0;
	}
	if (rest.length && !strchr("\"'<>() \t\r\n", rest.at[0]))
		return 0;
	return text.length - rest.length;
}

size_t compose_refer(struct buf *out, struct span html, const char *name,
	const char *content_id)
{
	const struct span scheme = SPAN("cid:");
	size_t count = 0, from = 0;

	for (size_t at = 0; at < html.length; at++) {
		struct span rest = span_skip(html, at);
		size_t length;

		if (!span_starts_with_nocase(rest, scheme))
			continue;
		length = reference_length(span_skip(rest, scheme.length), name);
		if (!length)
			continue;
		buf_put(out, html.at + from, at - from);
		buf_put_span(out, scheme);
		buf_puts(out, content_id);
		from = at + scheme.length + length;
		at = from - 1;
		count++;
	}
	buf_put(out, html.at + from, html.length - from);
	return count;
}
