/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The alias file.  Does not know where it is, nor what becomes of the
 * addresses.
 */
#include <config.h>

#include "mail/aliases.h"

#include "base/needle.h"
#include "base/text.h"

#include <stdlib.h>

enum { SEARCHES_LIMIT = 8 };

/* One logical line; both spans still have their quotes, and VALUE may hold
 * line ends and comment lines. */
struct alias {
	struct span name, value;
	unsigned line;
};

struct parser {
	struct arena *arena;
	struct aliases *out;
	struct aliases_note *notes; /* NULL: nobody wants to know */
};

static char *copy(struct arena *arena, struct span text)
{
	return text.length ? arena_strndup(arena, text.at, text.length)
			   : arena_strdup(arena, "");
}

static void note(struct parser *parser, enum aliases_fault fault, unsigned line,
	struct span name, struct span member)
{
	struct aliases *out = parser->out;

	if (!parser->notes)
		return;
	out->fault_count++;
	if (out->note_count == ALIASES_NOTES_LIMIT)
		return;
	parser->notes[out->note_count++] = (struct aliases_note){ line, fault,
		copy(parser->arena, name), copy(parser->arena, member) };
}

/* ---- lines --------------------------------------------------------------- */

static bool is_comment(struct span line)
{
	line = span_trim(line);
	return !line.length || line.at[0] == '#';
}

/* Cuts a logical line off *REST: the first physical one and all that continue
 * it; *LINES is how many were cut. */
static struct span cut_line(struct span *rest, unsigned *lines)
{
	struct span whole = *rest;
	const char *end = whole.at;

	*lines = 0;
	do {
		struct span line = span_cut(rest, '\n');

		/* Nothing can continue a comment at the top. */
		if (!*lines && is_comment(line)) {
			*lines = 1;
			return line;
		}

		/* Comments at its end do not belong to it, in its middle they
		 * do. */
		if (!*lines || !is_comment(line))
			end = line.at + line.length;
		++*lines;
	} while (rest->length &&
		 (ascii_is_wsp(rest->at[0]) || rest->at[0] == '#' ||
			 rest->at[0] == '\n' || rest->at[0] == '\r'));
	whole.length = (size_t)(end - whole.at);
	return whole;
}

/* The position of the first C outside double quotes; TEXT.length if there is
 * none, and *IS_OPEN when a quote does not end. */
static size_t find_unquoted(struct span text, char c, bool *is_open)
{
	bool is_quoted = false;

	*is_open = false;
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && text.at[i] == '\\')
			i++;
		else if (!is_quoted && text.at[i] == c)
			return i;
	}
	*is_open = is_quoted;
	return text.length;
}

/* ---- members ------------------------------------------------------------- */

/* Whether only white space stands before AT in its line.  There is always a
 * byte before: the colon. */
static bool is_line_start(const char *at)
{
	while (ascii_is_wsp(at[-1]))
		at--;
	return at[-1] == '\n';
}

/* Cuts leading white space and comment lines. */
static struct span skip_comments(struct span text)
{
	for (;;) {
		text = span_trim(text);
		if (!text.length || text.at[0] != '#' ||
			!is_line_start(text.at))
			return text;
		span_cut(&text, '\n');
	}
}

static struct span unquoted_front(struct span member)
{
	return member.length && member.at[0] == '"' ? span_skip(member, 1)
						    : member;
}

static bool is_skipped(struct span member, enum aliases_fault *fault)
{
	struct span front = unquoted_front(member);

	if (span_starts_with(front, SPAN("|")))
		*fault = ALIASES_COMMAND;
	else if (span_starts_with(front, SPAN("/")))
		*fault = ALIASES_FILE;
	else if (span_starts_with_nocase(front, SPAN(":include:")))
		*fault = ALIASES_INCLUDE;
	else
		return false;
	return true;
}

/* Cuts the next member, trimmed; empty when there is none left. */
static struct span cut_member(struct span *rest, bool *is_open)
{
	struct span member = { NULL, 0 };

	while (rest->length && !member.length) {
		*rest = skip_comments(*rest);
		member = *rest;
		member.length = find_unquoted(*rest, ',', is_open);
		*rest = span_skip(*rest, member.length + 1);
		member = span_trim(member);
	}
	return member;
}

/* The members that count; what is skipped is noted. */
static size_t count_members(struct parser *parser, const struct alias *alias)
{
	struct span rest = alias->value, member;
	enum aliases_fault fault;
	bool is_open = false;
	size_t count = 0;

	while ((member = cut_member(&rest, &is_open)).length)
		if (is_open)
			note(parser, ALIASES_QUOTE, alias->line, alias->name,
				member);
		else if (is_skipped(member, &fault))
			note(parser, fault, alias->line, alias->name, member);
		else
			count++;
	return count;
}

/* Comment lines within a member would be taken for a part of it. */
static void put_member(struct buf *out, struct span member)
{
	struct span line = span_cut(&member, '\n');

	buf_puts(out, out->length ? ", " : "");
	buf_put_span(out, span_trim(line));
	while (member.length) {
		line = span_trim(span_cut(&member, '\n'));
		if (is_comment(line))
			continue;
		buf_put_byte(out, ' ');
		buf_put_span(out, line);
	}
}

static const char *members_text(const struct alias *alias, struct arena *arena)
{
	struct buf text = BUF_INIT(ALIASES_TEXT_LIMIT);
	struct span rest = alias->value, member;
	enum aliases_fault fault;
	bool is_open = false;
	const char *result;

	while ((member = cut_member(&rest, &is_open)).length)
		if (!is_open && !is_skipped(member, &fault))
			put_member(&text, member);
	result = arena_strndup(arena, buf_text(&text), text.length);
	buf_free(&text);
	return result;
}

/* ---- names --------------------------------------------------------------- */

static int compare_names(struct span a, struct span b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;

	for (size_t i = 0; i < shorter; i++) {
		unsigned char x = (unsigned char)ascii_lower(a.at[i]);
		unsigned char y = (unsigned char)ascii_lower(b.at[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.length > b.length) - (a.length < b.length);
}

static int compare_entries(const void *a, const void *b)
{
	const struct alias *x = a, *y = b;
	int order = compare_names(x->name, y->name);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int compare_key(const void *key, const void *entry)
{
	return compare_names(
		*(const struct span *)key, ((const struct alias *)entry)->name);
}

static const struct alias *find_entry(
	const struct aliases *aliases, struct span name)
{
	if (!aliases->count)
		return NULL;
	return bsearch(&name, aliases->entries, aliases->count,
		sizeof *aliases->entries, compare_key);
}

/* Sorts, and keeps the first of each name. */
static void sort_entries(struct parser *parser)
{
	struct aliases *out = parser->out;
	size_t kept = 0;

	if (out->count)
		qsort(out->entries, out->count, sizeof *out->entries,
			compare_entries);
	for (size_t i = 0; i < out->count; i++) {
		const struct alias *entry = &out->entries[i];

		if (kept && compare_names(out->entries[kept - 1].name,
				    entry->name) == 0)
			note(parser, ALIASES_TWICE, entry->line, entry->name,
				span_of(""));
		else
			out->entries[kept++] = *entry;
	}
	out->count = kept;
}

/* ---- the file ------------------------------------------------------------ */

static struct span unquote_name(struct span name)
{
	name = span_trim(name);
	if (name.length > 1 && name.at[0] == '"' &&
		name.at[name.length - 1] == '"')
		return span_make(name.at + 1, name.length - 2);
	return name;
}

/* False when the line makes no alias. */
static bool parse_line(struct parser *parser, struct span line, unsigned number,
	struct alias *out)
{
	bool is_open;
	size_t colon = find_unquoted(line, ':', &is_open);

	out->line = number;
	out->name = unquote_name(span_make(line.at, colon));
	if (memchr(line.at, '\0', line.length)) {
		note(parser, ALIASES_NUL, number, span_of(""), span_of(""));
		return false;
	}
	if (colon == line.length || !out->name.length) {
		note(parser, is_open ? ALIASES_QUOTE : ALIASES_NO_NAME, number,
			span_of(""), span_trim(line));
		return false;
	}
	out->value = span_skip(line, colon + 1);
	if (count_members(parser, out))
		return true;
	note(parser, ALIASES_NO_MEMBER, number, out->name, span_of(""));
	return false;
}

static size_t count_lines(struct span text)
{
	size_t count = 1;

	for (size_t i = 0; i < text.length; i++)
		count += text.at[i] == '\n';
	return count;
}

/* Stable, which qsort() need not be: what is wrong with one line is told in
 * the order in which it was found. */
static void sort_notes(struct aliases_note *notes, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct aliases_note moved = notes[i];
		size_t place = i;

		for (; place && notes[place - 1].line > moved.line; place--)
			notes[place] = notes[place - 1];
		notes[place] = moved;
	}
}

static void take_apart(struct aliases *aliases, struct aliases_note *notes)
{
	struct parser parser = { aliases->arena, aliases, notes };
	struct span text = aliases->text;
	unsigned number = 1, lines;

	aliases->is_apart = true;
	aliases->entries = arena_alloc(
		aliases->arena, count_lines(text) * sizeof *aliases->entries);
	while (text.length) {
		struct span line = cut_line(&text, &lines);

		aliases->count += !is_comment(line) &&
				  parse_line(&parser, line, number,
					  &aliases->entries[aliases->count]);
		number += lines;
	}
	sort_entries(&parser);
}

struct aliases *aliases_open(struct span text, struct arena *arena)
{
	struct aliases *aliases = arena_alloc(arena, sizeof *aliases);

	aliases->text = text;
	aliases->arena = arena;
	return aliases;
}

struct aliases *aliases_parse(struct span text, struct arena *arena)
{
	struct aliases *aliases = aliases_open(text, arena);
	struct aliases_note *notes =
		arena_alloc(arena, ALIASES_NOTES_LIMIT * sizeof *notes);

	take_apart(aliases, notes);
	/* Doubles are found last, but people read from the top. */
	sort_notes(notes, aliases->note_count);
	aliases->notes = notes;
	return aliases;
}

/* ---- one name in the text ------------------------------------------------ */

/* What a name is where it was found. */
enum place { NO_KEY, A_KEY, UNCLEAR };

/* Only what is usual is judged here; *LINE is where the line begins. */
static enum place judge(
	struct span text, const char *at, size_t length, const char **line)
{
	struct span rest = span_skip(text, (size_t)(at - text.at) + length);
	bool is_quoted = at > text.at && at[-1] == '"';
	const char *start = at - is_quoted;

	*line = start;
	while (start > text.at &&
		(ascii_is_wsp(start[-1]) || start[-1] == '\r'))
		start--;
	if ((start > text.at && start[-1] != '\n') ||
		(is_quoted && !span_starts_with(rest, SPAN("\""))))
		return NO_KEY;
	rest = span_skip(rest, is_quoted);
	while (rest.length && ascii_is_wsp(rest.at[0]))
		rest = span_skip(rest, 1);
	if (start < *line || !rest.length || rest.at[0] == '\r' ||
		rest.at[0] == '\n')
		return UNCLEAR;
	return rest.at[0] == ':' ? A_KEY : NO_KEY;
}

/* No character that a name may have in other forms, too. */
static bool is_plain_key(struct span name)
{
	for (size_t i = 0; i < name.length; i++)
		if (memchr("\"\\:# \t\r\n", name.at[i], 8))
			return false;
	return name.length > 0;
}

/* What find_entry() has when all is taken apart.  False: only that can tell. */
static bool search(const struct aliases *aliases, struct span name,
	const struct alias **out)
{
	struct parser nobody = { .arena = aliases->arena };
	struct alias *alias = arena_alloc(aliases->arena, sizeof *alias);
	struct needle needle;
	const char *at, *line;
	unsigned lines;

	*out = NULL;
	if (!is_plain_key(name))
		return false;
	needle_start(&needle, aliases->text, name);
	while ((at = needle_next(&needle))) {
		enum place place = judge(aliases->text, at, name.length, &line);
		struct span rest = span_skip(
			aliases->text, (size_t)(line - aliases->text.at));

		if (place == UNCLEAR)
			return false;
		if (place == A_KEY &&
			parse_line(
				&nobody, cut_line(&rest, &lines), 0, alias)) {
			*out = alias;
			return true;
		}
	}
	return true;
}

/* A few names are looked for in the text; many are not worth it. */
static const struct alias *find(struct aliases *aliases, struct span name)
{
	const struct alias *alias;

	if (!aliases->is_apart && aliases->searches++ < SEARCHES_LIMIT &&
		search(aliases, name, &alias))
		return alias;
	if (!aliases->is_apart)
		take_apart(aliases, NULL);
	return find_entry(aliases, name);
}

/* ---- looking up ---------------------------------------------------------- */

/* The local part of a name of this host; its length is 0 for any other. */
static struct span local_part(struct span name, const char *this_host)
{
	size_t at = name.length;
	struct span domain;

	while (at && name.at[at - 1] != '@')
		at--;
	if (!at)
		return name;
	domain = span_skip(name, at);
	if (span_equal_nocase(domain, SPAN("localhost")) ||
		(this_host && span_equal_nocase(domain, span_of(this_host))))
		return span_make(name.at, at - 1);
	return span_make(name.at, 0);
}

/* Names are kept without quotes; an address has them when it must. */
static struct span plain_name(struct span local, struct arena *arena)
{
	char *plain;
	size_t length = 0;

	if (local.length < 2 || local.at[0] != '"' ||
		local.at[local.length - 1] != '"')
		return local;
	plain = arena_alloc(arena, local.length);
	for (size_t i = 1; i < local.length - 1; i++) {
		i += local.at[i] == '\\' && i < local.length - 2;
		plain[length++] = local.at[i];
	}
	return span_make(plain, length);
}

const char *aliases_find(struct aliases *aliases, const char *name,
	const char *this_host, struct arena *arena)
{
	const struct alias *alias = find(aliases, span_of(name));
	struct span local;

	if (!alias) {
		local = local_part(span_of(name), this_host);
		if (local.length)
			alias = find(aliases, plain_name(local, arena));
		if (local.length && !alias)
			alias = find(aliases, SPAN("default"));
	}
	return alias ? members_text(alias, arena) : NULL;
}

const char *aliases_expand(void *context, const char *name, struct arena *arena)
{
	const struct aliases_context *with = context;

	return aliases_find(with->aliases, name, with->this_host, arena);
}

const char *aliases_fault_text(enum aliases_fault fault)
{
	static const char *const texts[] = {
		[ALIASES_COMMAND] = N_("commands are not run, skipped"),
		[ALIASES_FILE] = N_("files are not written, skipped"),
		[ALIASES_INCLUDE] = N_("lists are not included, skipped"),
		[ALIASES_TWICE] = N_("defined before, skipped"),
		[ALIASES_NO_NAME] = N_("no 'name:', skipped"),
		[ALIASES_NO_MEMBER] = N_("no address, skipped"),
		[ALIASES_NUL] = N_("a NUL byte in the line, skipped"),
		[ALIASES_QUOTE] = N_("a quote that does not end, skipped"),
	};

	return texts[fault];
}

void aliases_put_note(struct buf *out, const struct aliases_note *note)
{
	buf_printf(out, _("line %u"), note->line);
	buf_puts(out, ": ");
	text_put_printable(out, span_of(note->name));
	buf_puts(out, note->name[0] ? ": " : "");
	text_put_printable(out, span_of(note->member));
	buf_puts(out, note->member[0] ? ": " : "");
	buf_puts(out, _(aliases_fault_text(note->fault)));
}
