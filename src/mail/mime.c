/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Content-Type and its kin.  Knows the shape of types, not what they hold. */
#include <config.h>

#include "mail/mime.h"

enum { VALUE_LIMIT = 64 * 1024 };

/* ---- kinds --------------------------------------------------------------- */

struct kind_row {
	const char *type; /* or its beginning, up to the slash */
	enum mime_kind kind;
};

/* The first row that fits counts. */
static const struct kind_row kinds[] = {
	{ "text/", MIME_TEXT },
	{ "multipart/", MIME_MULTIPART },
	{ "message/rfc822", MIME_MESSAGE },
	{ "message/global", MIME_MESSAGE },
	{ "message/news", MIME_MESSAGE },
	{ "message/delivery-status", MIME_FIELDS },
	{ "message/global-delivery-status", MIME_FIELDS },
	{ "message/disposition-notification", MIME_FIELDS },
	{ "message/global-disposition-notification", MIME_FIELDS },
	{ "message/feedback-report", MIME_FIELDS },
	{ "message/external-body", MIME_FIELDS },
	/* RFC 2046 5.2.2: part of another message's text. */
	{ "message/", MIME_OPAQUE },
	/* RFC 8551: what was signed is what stands here. */
	{ "application/pkcs7-mime", MIME_OPAQUE },
	{ "application/x-pkcs7-mime", MIME_OPAQUE },
};

static enum mime_kind kind_of(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct span row = span_of(kinds[i].type), whole = span_of(type);

		if (row.at[row.length - 1] == '/' ? span_starts_with(whole, row)
						  : span_equal(whole, row))
			return kinds[i].kind;
	}
	return MIME_DATA;
}

/* ---- tokens -------------------------------------------------------------- */

static void skip_comment(struct span *rest)
{
	size_t depth = 0, at = 0;

	for (; at < rest->length; at++) {
		char c = rest->at[at];

		if (c == '\\')
			at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && !--depth)
			break;
	}
	*rest = span_skip(*rest, at + 1);
}

static void skip_blanks(struct span *rest)
{
	while (rest->length &&
		(ascii_is_wsp(rest->at[0]) || rest->at[0] == '('))
		if (rest->at[0] == '(')
			skip_comment(rest);
		else
			*rest = span_skip(*rest, 1);
}

/* Up to a blank or one of ENDS; in lower case if wished. */
static const char *take_token(struct span *rest, const char *ends,
	bool is_lowered, struct arena *arena)
{
	size_t length = 0;
	char *token;

	skip_blanks(rest);
	while (length < rest->length && !ascii_is_wsp(rest->at[length]) &&
		!strchr(ends, rest->at[length]))
		length++;
	token = arena_strndup(arena, rest->at, length);
	for (char *c = token; is_lowered && *c; c++)
		*c = ascii_lower(*c);
	*rest = span_skip(*rest, length);
	skip_blanks(rest);
	return token;
}

static const char *take_quoted(struct span *rest, struct arena *arena)
{
	char *text = arena_alloc(arena, rest->length + 1);
	size_t length = 0, at = 1;

	for (; at < rest->length && rest->at[at] != '"'; at++) {
		if (rest->at[at] == '\\' && at + 1 < rest->length)
			at++;
		text[length++] = rest->at[at];
	}
	*rest = span_skip(*rest, at + 1);
	return text;
}

/* ---- fields -------------------------------------------------------------- */

/* The first value of the parameter boundary in what follows the type. */
static const char *find_boundary(struct span rest, struct arena *arena)
{
	while (rest.length) {
		const char *name, *value = "";

		if (rest.at[0] == ';') {
			rest = span_skip(rest, 1);
			continue;
		}
		name = take_token(&rest, ";=", true, arena);
		if (rest.length && rest.at[0] == '=') {
			rest = span_skip(rest, 1);
			skip_blanks(&rest);
			value = rest.length && rest.at[0] == '"'
					? take_quoted(&rest, arena)
					: take_token(&rest, ";", false, arena);
			if (strcmp(name, "boundary") == 0)
				return *value ? value : NULL;
		}
		/* What stands behind a value is nobody's. */
		rest = span_skip(rest, span_find(rest, ';'));
	}
	return NULL;
}

static bool is_type(const char *type)
{
	const char *slash = strchr(type, '/');

	return slash && slash > type && slash[1] && !strchr(slash + 1, '/');
}

static void read_type(struct span value, struct arena *arena, struct mime *out)
{
	const char *type = take_token(&value, ";", true, arena);

	out->type = is_type(type) ? type : "text/plain";
	out->kind = kind_of(out->type);
	if (out->kind == MIME_MULTIPART)
		out->boundary = find_boundary(value, arena);
}

static enum mime_encoding read_encoding(struct span value, struct arena *arena)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} rows[] = { { "", MIME_IDENTITY }, { "7bit", MIME_IDENTITY },
		{ "8bit", MIME_IDENTITY }, { "binary", MIME_IDENTITY },
		{ "quoted-printable", MIME_QUOTED_PRINTABLE },
		{ "base64", MIME_BASE64 } };
	const char *name = take_token(&value, ";", true, arena);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(name, rows[i].name) == 0)
			return rows[i].encoding;
	/* "8bits", "utf-8": every reader takes such bodies as they are. */
	return strncmp(name, "x-", 2) == 0 || strstr(name, "uue")
		       ? MIME_UNKNOWN
		       : MIME_IDENTITY;
}

/* The value of the first such field, unfolded in OUT; false without one. */
static bool field_value(
	const struct header *header, const char *name, struct buf *out)
{
	const struct header_field *field = header_find(header, name);

	buf_clear(out);
	if (field)
		header_unfold(field->value, out);
	return field != NULL;
}

void mime_read(const struct header *header, const char *default_type,
	struct arena *arena, struct mime *out)
{
	struct buf value = BUF_INIT(VALUE_LIMIT);

	*out = (struct mime){ .type = default_type,
		.kind = kind_of(default_type) };
	if (field_value(header, "Content-Type", &value)) {
		out->has_type = true;
		read_type(span_of(buf_text(&value)), arena, out);
	}
	if (field_value(header, "Content-Transfer-Encoding", &value))
		out->encoding = read_encoding(span_of(buf_text(&value)), arena);
	buf_free(&value);
	for (size_t i = 0; i < header->count; i++)
		out->is_mime |=
			header_field_is(&header->fields[i], "MIME-Version") ||
			span_starts_with_nocase(
				header->fields[i].name, SPAN("Content-"));
}

bool mime_is_signed(const struct header *header)
{
	return header_find(header, "DKIM-Signature") ||
	       header_find(header, "ARC-Message-Signature") ||
	       header_find(header, "DomainKey-Signature");
}
