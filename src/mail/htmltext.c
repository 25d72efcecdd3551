/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From HTML to text, in one pass and without a tree. */
#include <config.h>

#include "mail/htmltext.h"

#include "base/text.h"

#include <stdbool.h>

enum {
	QUOTE_DEPTH_MAX = 8,
	LIST_DEPTH_MAX = 8,
	ENTITY_LIMIT = 12, /* the longest we know, with & and ; */
};

enum element_kind {
	ELEMENT_PLAIN,
	ELEMENT_SKIPPED, /* its content is not for readers */
	ELEMENT_PRE,
	ELEMENT_QUOTE,
	ELEMENT_LIST,
	ELEMENT_NUMBERED,
	ELEMENT_ITEM,
	ELEMENT_CELL,
	ELEMENT_LINK,
	ELEMENT_IMAGE,
	ELEMENT_RULE,
	ELEMENT_BREAK,
};

static const struct element {
	const char *name;
	enum element_kind kind;
	unsigned lines;
} elements[] = {
#define ELEMENT(name, kind, lines) { name, ELEMENT_##kind, lines },
#define ENTITY(name, text)
#include "mail/htmltext.def"
#undef ELEMENT
#undef ENTITY
};

static const struct {
	const char *name, *text;
} entities[] = {
#define ELEMENT(name, kind, lines)
#define ENTITY(name, text) { name, text },
#include "mail/htmltext.def"
#undef ELEMENT
#undef ENTITY
};

enum {
	ELEMENT_COUNT = sizeof elements / sizeof elements[0],
	ENTITY_COUNT = sizeof entities / sizeof entities[0],
};

struct converter {
	struct buf *out;
	struct span rest;
	unsigned line_ends; /* that the next word wants before it */
	bool wants_space;   /* and a space, when it is on the same line */
	bool is_at_start;   /* nothing was put out */
	bool is_at_line_start;
	unsigned pre_depth, quote_depth, list_depth;
	unsigned item_number[LIST_DEPTH_MAX]; /* 0: not numbered */
	struct span href;                     /* of the link we are in */
	size_t link_start;                    /* where its text began in out */
};

/* ---- putting out --------------------------------------------------------- */

static void begin_line(struct converter *to)
{
	for (unsigned i = 0; i < to->quote_depth && i < QUOTE_DEPTH_MAX; i++)
		buf_put_byte(to->out, '>');
	if (to->quote_depth)
		buf_put_byte(to->out, ' ');
	to->is_at_line_start = true;
}

static void want_lines(struct converter *to, unsigned lines)
{
	if (lines > to->line_ends)
		to->line_ends = lines;
}

static void settle_lines(struct converter *to)
{
	if (to->is_at_start) {
		to->is_at_start = false;
		begin_line(to);
	} else if (to->line_ends) {
		for (unsigned i = 0; i < to->line_ends; i++)
			buf_put_byte(to->out, '\n');
		begin_line(to);
	}
	to->line_ends = 0;
}

/* Bytes of a word, after whatever has to stand before them. */
static void put_bytes(struct converter *to, struct span bytes)
{
	settle_lines(to);
	if (to->wants_space && !to->is_at_line_start)
		buf_put_byte(to->out, ' ');
	to->wants_space = to->is_at_line_start = false;
	buf_put_span(to->out, bytes);
}

static void put_space(struct converter *to, char c)
{
	if (!to->pre_depth) {
		to->wants_space = true;
	} else if (c == '\n') {
		/* Here an empty line counts. */
		to->line_ends++;
		to->wants_space = false;
	} else if (c != '\r') {
		settle_lines(to);
		to->is_at_line_start = false;
		buf_put_byte(to->out, c);
	}
}

/* ---- entities ------------------------------------------------------------ */

static void put_code_point(struct converter *to, unsigned long code)
{
	struct buf rune = BUF_INIT(8);

	if (!code || !text_put_rune(&rune, code))
		(void)text_put_rune(&rune, 0xFFFD);
	if (code == ' ' || code == '\n' || code == '\t')
		put_space(to, (char)code);
	else if (!code || code >= 32)
		put_bytes(to, buf_span(&rune));
	buf_free(&rune);
}

static bool read_number(struct span digits, unsigned long *code)
{
	unsigned base = 10;

	if (digits.length && (digits.at[0] == 'x' || digits.at[0] == 'X')) {
		base = 16;
		digits = span_skip(digits, 1);
	}
	*code = 0;
	for (size_t i = 0; i < digits.length; i++) {
		static const char letters[] = "0123456789abcdef";
		const char *letter = strchr(letters, ascii_lower(digits.at[i]));

		if (!letter || !*letter || letter >= letters + base)
			return false;
		*code = *code * base + (unsigned long)(letter - letters);
	}
	return digits.length > 0;
}

/* The entity at the front of the rest; false when it is only an ampersand. */
static bool take_entity(struct converter *to)
{
	struct span near = to->rest, name;
	unsigned long code;
	size_t end;

	if (near.length > ENTITY_LIMIT)
		near.length = ENTITY_LIMIT;
	end = span_find(near, ';');
	if (end == near.length || end < 2)
		return false;
	name = span_make(near.at + 1, end - 1);
	if (name.at[0] == '#') {
		if (!read_number(span_skip(name, 1), &code))
			return false;
		to->rest = span_skip(to->rest, end + 1);
		put_code_point(to, code);
		return true;
	}
	for (size_t i = 0; i < ENTITY_COUNT; i++) {
		if (!span_equal(name, span_of(entities[i].name)))
			continue;
		to->rest = span_skip(to->rest, end + 1);
		put_bytes(to, span_of(entities[i].text));
		return true;
	}
	return false;
}

/* ---- tags ---------------------------------------------------------------- */

static bool is_space(char c)
{
	return ascii_is_wsp(c) || c == '\n' || c == '\r' || c == '\f';
}

static void skip_spaces(struct span *text)
{
	while (text->length && is_space(text->at[0]))
		*text = span_skip(*text, 1);
}

static bool ends_name(char c)
{
	return is_space(c) || c == '/' || c == '>' || c == '=';
}

static struct span cut_name(struct span *text)
{
	struct span name = span_make(text->at, 0);

	while (name.length < text->length && !ends_name(text->at[name.length]))
		name.length++;
	*text = span_skip(*text, name.length);
	return name;
}

static struct span cut_value(struct span *text)
{
	struct span value;

	if (text->length && (text->at[0] == '"' || text->at[0] == '\'')) {
		char quote = text->at[0];

		*text = span_skip(*text, 1);
		return span_cut(text, quote);
	}
	value = span_make(text->at, 0);
	while (value.length < text->length &&
		!is_space(text->at[value.length]) &&
		text->at[value.length] != '>')
		value.length++;
	*text = span_skip(*text, value.length);
	return value;
}

/* Cuts the next attribute off *TAG; false at its end. */
static bool cut_attribute(
	struct span *tag, struct span *name, struct span *value)
{
	for (;;) {
		skip_spaces(tag);
		if (!tag->length || tag->at[0] == '>')
			return false;
		if (tag->at[0] != '/' && tag->at[0] != '=')
			break;
		*tag = span_skip(*tag, 1);
	}
	*name = cut_name(tag);
	*value = SPAN("");
	skip_spaces(tag);
	if (tag->length && tag->at[0] == '=') {
		*tag = span_skip(*tag, 1);
		skip_spaces(tag);
		*value = cut_value(tag);
	}
	return true;
}

static struct span find_attribute(struct span tag, const char *wanted)
{
	struct span name, value;

	while (cut_attribute(&tag, &name, &value))
		if (span_equal_nocase(name, span_of(wanted)))
			return value;
	return SPAN("");
}

static const struct element *find_element(struct span name)
{
	static const struct element other = { "", ELEMENT_PLAIN, 0 };

	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		if (span_equal_nocase(name, span_of(elements[i].name)))
			return &elements[i];
	return &other;
}

static void begin_item(struct converter *to)
{
	unsigned depth = to->list_depth < LIST_DEPTH_MAX ? to->list_depth
							 : LIST_DEPTH_MAX;
	unsigned *number = depth ? &to->item_number[depth - 1] : NULL;

	settle_lines(to);
	for (unsigned i = 1; i < depth; i++)
		buf_puts(to->out, "  ");
	if (number && *number)
		buf_printf(to->out, "%u. ", (*number)++);
	else
		buf_puts(to->out, "* ");
	to->wants_space = false;
	to->is_at_line_start = true;
}

static void begin_list(struct converter *to, bool is_numbered)
{
	/* A list within an item is part of it. */
	if (to->list_depth)
		to->line_ends = to->line_ends > 1 ? 1 : to->line_ends;
	if (to->list_depth < LIST_DEPTH_MAX)
		to->item_number[to->list_depth] = is_numbered ? 1 : 0;
	to->list_depth++;
}

/* An attribute's text, its entities undone. */
static void put_value(struct converter *to, struct span value)
{
	struct span rest = to->rest;

	to->rest = value;
	while (to->rest.length) {
		if (to->rest.at[0] == '&' && take_entity(to))
			continue;
		if (is_space(to->rest.at[0]))
			put_space(to, ' ');
		else
			put_bytes(to, span_make(to->rest.at, 1));
		to->rest = span_skip(to->rest, 1);
	}
	to->rest = rest;
}

static void put_image(struct converter *to, struct span tag)
{
	struct span alt = span_trim(find_attribute(tag, "alt"));

	if (!alt.length)
		return;
	put_bytes(to, SPAN("["));
	put_value(to, alt);
	put_bytes(to, SPAN("]"));
}

static bool is_worth_showing(struct span href)
{
	return span_starts_with_nocase(href, SPAN("http:")) ||
	       span_starts_with_nocase(href, SPAN("https:")) ||
	       span_starts_with_nocase(href, SPAN("mailto:")) ||
	       span_starts_with_nocase(href, SPAN("ftp:")) ||
	       span_starts_with_nocase(href, SPAN("tel:"));
}

static void end_link(struct converter *to)
{
	struct span href = to->href, text, bare;

	to->href = SPAN("");
	if (!href.length || to->link_start > to->out->length)
		return;
	text = span_trim(span_skip(buf_span(to->out), to->link_start));
	bare = span_skip(href, span_find(href, ':') + 1);
	if (span_starts_with(bare, SPAN("//")))
		bare = span_skip(bare, 2);
	if (span_equal(text, href) || span_equal(text, bare))
		return;
	to->wants_space = to->wants_space || text.length;
	put_bytes(to, SPAN("<"));
	put_value(to, href);
	put_bytes(to, SPAN(">"));
}

static void open_element(
	struct converter *to, const struct element *element, struct span tag)
{
	/* What follows an item's mark stays on its line. */
	if (!to->is_at_line_start || element->kind == ELEMENT_ITEM)
		want_lines(to, element->lines);
	switch (element->kind) {
	case ELEMENT_PRE:
		to->pre_depth++;
		break;
	case ELEMENT_QUOTE:
		to->quote_depth++;
		break;
	case ELEMENT_LIST:
	case ELEMENT_NUMBERED:
		begin_list(to, element->kind == ELEMENT_NUMBERED);
		break;
	case ELEMENT_ITEM:
		begin_item(to);
		break;
	case ELEMENT_CELL:
		to->wants_space = true;
		break;
	case ELEMENT_LINK:
		to->href = span_trim(find_attribute(tag, "href"));
		if (!is_worth_showing(to->href))
			to->href = SPAN("");
		to->link_start = to->out->length;
		break;
	case ELEMENT_IMAGE:
		put_image(to, tag);
		break;
	case ELEMENT_RULE:
		put_bytes(to, SPAN("----------"));
		want_lines(to, element->lines);
		break;
	case ELEMENT_BREAK:
		to->line_ends++;
		to->wants_space = false;
		break;
	case ELEMENT_PLAIN:
	case ELEMENT_SKIPPED:
		break;
	}
}

static void decrease(unsigned *depth)
{
	if (*depth)
		--*depth;
}

static void close_element(struct converter *to, const struct element *element)
{
	if (element->kind == ELEMENT_PRE)
		decrease(&to->pre_depth);
	if (element->kind == ELEMENT_QUOTE)
		decrease(&to->quote_depth);
	if (element->kind == ELEMENT_LIST || element->kind == ELEMENT_NUMBERED)
		decrease(&to->list_depth);
	if (element->kind == ELEMENT_LINK)
		end_link(to);
	if (element->kind != ELEMENT_BREAK)
		want_lines(to, element->lines);
	if (to->list_depth && to->line_ends > 1)
		to->line_ends = 1;
}

/* Everything up to the end tag of that name. */
static void skip_content(struct converter *to, struct span name)
{
	while (to->rest.length) {
		struct span after;

		to->rest = span_skip(to->rest, span_find(to->rest, '<'));
		if (!span_starts_with(to->rest, SPAN("</"))) {
			to->rest = span_skip(to->rest, 1);
			continue;
		}
		after = span_skip(to->rest, 2);
		to->rest = after;
		if (span_equal_nocase(cut_name(&after), name)) {
			to->rest = span_skip(after, span_find(after, '>') + 1);
			return;
		}
	}
}

static void skip_comment(struct converter *to)
{
	to->rest = span_skip(to->rest, 4);
	while (to->rest.length && !span_starts_with(to->rest, SPAN("-->")))
		to->rest = span_skip(to->rest, 1);
	to->rest = span_skip(to->rest, 3);
}

static bool begins_tag(struct span rest)
{
	return rest.length > 1 && rest.at[1] &&
	       (ascii_is_alpha(rest.at[1]) || strchr("/!?", rest.at[1]));
}

/* The tag at the front of the rest; false when it is only a "<". */
static bool take_tag(struct converter *to)
{
	struct span name, value, tag, attributes;
	const struct element *element;
	bool is_end;

	if (!begins_tag(to->rest))
		return false;
	if (span_starts_with(to->rest, SPAN("<!--"))) {
		skip_comment(to);
		return true;
	}
	is_end = to->rest.at[1] == '/';
	tag = span_skip(to->rest, is_end ? 2 : 1);
	name = cut_name(&tag);
	attributes = tag;
	element = find_element(name);
	while (cut_attribute(&tag, &value, &value))
		;
	to->rest = span_skip(tag, 1);
	if (is_end)
		close_element(to, element);
	else if (element->kind == ELEMENT_SKIPPED)
		skip_content(to, name);
	else
		open_element(to, element, attributes);
	return true;
}

static size_t text_run(struct span rest)
{
	size_t length = 1;

	while (length < rest.length && !is_space(rest.at[length]) &&
		rest.at[length] != '<' && rest.at[length] != '&')
		length++;
	return length;
}

void htmltext_put(struct buf *out, struct span html)
{
	struct converter to = { .out = out, .rest = html, .is_at_start = true };

	while (to.rest.length && !out->overflowed) {
		char c = to.rest.at[0];

		if ((c == '<' && take_tag(&to)) ||
			(c == '&' && take_entity(&to)))
			continue;
		if (is_space(c)) {
			put_space(&to, c == '\n' || c == '\t' ? c : ' ');
			to.rest = span_skip(to.rest, 1);
		} else {
			size_t run = text_run(to.rest);

			put_bytes(&to, span_make(to.rest.at, run));
			to.rest = span_skip(to.rest, run);
		}
	}
	if (!to.is_at_start)
		buf_put_byte(out, '\n');
}
