/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields for those who get mail with many others.  Does not know who they are,
 * nor what a token says. */
#include <config.h>

#include "cmd/send_list.h"

#include "base/text.h"
#include "mail/field.h"

#include <string.h>

enum { FIELD_LIMIT = 8 * 1024, FEEDBACK_MAX = 127 };

struct reader {
	const struct send_options *options;
	struct arena *arena;
	struct problems *problems;
};

static void refuse(struct reader *reader, const char *option, const char *value,
	const char *reason)
{
	struct diag why;

	diag_set(&why, DIAG_USAGE_BAD_VALUE, option, value, reason);
	problems_add(reader->problems, &why);
}

/* Whether --header writes the field NAME. */
static bool is_by_hand(const struct send_options *options, const char *name)
{
	for (size_t i = 0; i < options->header.count; i++) {
		struct span text = span_of(options->header.items[i]);

		if (span_equal_nocase(
			    span_trim(span_cut(&text, ':')), span_of(name)))
			return true;
	}
	return false;
}

static void read_once(
	struct reader *reader, const char *option, const char *field)
{
	if (is_by_hand(reader->options, field))
		refuse(reader, "--header", field,
			arena_printf(reader->arena, _("%s says it already"),
				option));
}

/* ---- links --------------------------------------------------------------- */

static bool is_link_byte(char c)
{
	return c > ' ' && c <= '~' && !strchr("<>\"\\,", c);
}

static const char *fault_of_link(struct span link)
{
	if (span_starts_with_nocase(link, SPAN("http://")))
		return N_("one click takes https:// (RFC 8058)");
	if (!span_starts_with_nocase(link, SPAN("https://")) &&
		!span_starts_with_nocase(link, SPAN("mailto:")))
		return N_("a link begins with https:// or mailto:");
	if (span_starts_with(
		    span_skip(link, sizeof "https://" - 1), SPAN("{{")))
		return N_("a row does not choose the host");
	return link.length > SEND_LIST_LINK_MAX ? N_("it is too long") : NULL;
}

/* What stands for itself in it: placeholders may have blanks. */
static const char *fault_of_pieces(const struct template *link)
{
	for (size_t i = 0; i < link->count; i++) {
		struct span text = link->pieces[i].text;

		if (link->pieces[i].name.length)
			continue;
		for (size_t k = 0; k < text.length; k++)
			if (!is_link_byte(text.at[k]))
				return N_("a link has no blanks, commas, "
					  "quotes and letters beyond ASCII: "
					  "write them as %20");
	}
	return NULL;
}

static void read_link(
	struct reader *reader, struct send_list *list, const char *word)
{
	struct template *link = &list->links[list->link_count];
	const char *fault = fault_of_link(span_of(word));
	struct diag why;

	if (list->link_count == SEND_LIST_LINKS)
		fault = N_("four links are enough");
	if (!fault && !template_parse(span_of(word), "--unsubscribe",
			      TEMPLATE_LINK, reader->arena, link, &why)) {
		problems_add(reader->problems, &why);
		return;
	}
	fault = fault ? fault : fault_of_pieces(link);
	if (fault)
		refuse(reader, "--unsubscribe", word, fault);
	else
		list->link_count++;
}

static bool is_https(const char *link)
{
	return span_starts_with_nocase(span_of(link), SPAN("https://"));
}

static void read_links(struct reader *reader, struct send_list *list)
{
	const struct words_list *words = &reader->options->unsubscribe;
	unsigned https = 0;

	list->links = arena_alloc(
		reader->arena, (SEND_LIST_LINKS + 1) * sizeof *list->links);
	for (size_t i = 0; i < words->count; i++) {
		https += is_https(words->items[i]);
		if (https == 2 && is_https(words->items[i]))
			refuse(reader, "--unsubscribe", words->items[i],
				N_("there is one https link (RFC 8058)"));
		else
			read_link(reader, list, words->items[i]);
	}
	if (words->count)
		read_once(reader, "--unsubscribe", "List-Unsubscribe");
}

/* ---- words --------------------------------------------------------------- */

/* RFC 2919 2: dot-atoms, at least two. */
static bool is_list_id(struct span id)
{
	struct span rest = id, label;
	unsigned labels = 0;

	if (!id.length || id.at[id.length - 1] == '.' || id.length > 255)
		return false;
	while (rest.length) {
		label = span_cut(&rest, '.');
		if (!label.length)
			return false;
		for (size_t i = 0; i < label.length; i++)
			if (!ascii_is_atext(label.at[i]))
				return false;
		labels++;
	}
	return labels > 1;
}

static bool is_plain(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] < ' ' || text.at[i] > '~' ||
			strchr("<>", text.at[i]))
			return false;
	return text.length < FEEDBACK_MAX;
}

/* "news.example.org", "<…>" or "Our news <…>". */
static const char *take_list_id(struct arena *arena, struct span text)
{
	struct span phrase = SPAN(""), id = text;

	if (span_find(text, '<') < text.length) {
		phrase = span_trim(span_cut(&text, '<'));
		id = span_cut(&text, '>');
		if (span_trim(text).length)
			return NULL;
	}
	if (!is_list_id(id) || !is_plain(phrase))
		return NULL;
	return arena_printf(arena, "%.*s%s<%.*s>", (int)phrase.length,
		phrase.length ? phrase.at : "", phrase.length ? " " : "",
		(int)id.length, id.at);
}

static void read_id(struct reader *reader, struct send_list *list)
{
	const char *said = reader->options->list_id;

	if (!said)
		return;
	read_once(reader, "--list-id", "List-Id");
	list->id = take_list_id(reader->arena, span_trim(span_of(said)));
	if (!list->id)
		refuse(reader, "--list-id", said,
			N_("a list is called as in 'Our news "
			   "<news.example.org>'"));
}

static void read_feedback(struct reader *reader, struct send_list *list)
{
	const char *said = reader->options->feedback_id;

	if (!said)
		return;
	read_once(reader, "--feedback-id", "Feedback-ID");
	list->feedback_id = said;
	if (!*said || !is_plain(span_of(said)) || strchr(said, ' '))
		refuse(reader, "--feedback-id", said,
			N_("it has up to four words with colons between, the "
			   "last one the sender's, as in "
			   "'spring:::examplenews'"));
}

/* NULL (and a problem, when it is none of them) or the word; the last word
 * leaves the field out. */
static const char *choose(struct reader *reader, const char *option,
	const char *field, const char *said, const char *const *words,
	const char *reason)
{
	size_t i = 0;

	if (!said) /* a merge says the first */
		return reader->options->merge &&
				       !is_by_hand(reader->options, field)
			       ? words[0]
			       : NULL;
	read_once(reader, option, field);
	while (words[i] && strcmp(words[i], said) != 0)
		i++;
	if (!words[i])
		refuse(reader, option, said, reason);
	return words[i] && words[i + 1] ? words[i] : NULL;
}

void send_list_read(struct send_list *list, const struct send_options *options,
	struct arena *arena, struct problems *problems)
{
	static const char *const automatic[] = { "auto-generated",
		"auto-replied", "auto-notified", "no", NULL };
	static const char *const precedences[] = { "bulk", "list", "junk",
		"none", NULL };
	struct reader reader = { options, arena, problems };

	*list = (struct send_list){ .id = NULL };
	read_links(&reader, list);
	read_id(&reader, list);
	read_feedback(&reader, list);
	list->auto_submitted = choose(&reader, "--auto-submitted",
		"Auto-Submitted", options->auto_submitted, automatic,
		N_("auto-generated, auto-replied, auto-notified, or no"));
	list->precedence = choose(&reader, "--precedence", "Precedence",
		options->precedence, precedences,
		N_("bulk, list, junk, or none"));
	if (options->list_id || is_by_hand(options, "List-Id"))
		list->has_said_id = true;
}

/* ---- one recipient ------------------------------------------------------- */

bool send_list_uses(const struct send_list *list, struct span name)
{
	for (size_t i = 0; i < list->link_count; i++)
		if (template_uses(&list->links[i], name))
			return true;
	return false;
}

bool send_list_check(const struct send_list *list,
	const struct table_cell *columns, size_t count, struct diag *why)
{
	for (size_t i = 0; i < list->link_count; i++)
		if (!template_check(&list->links[i], columns, count, why))
			return false;
	return true;
}

/* "news.example.org" of news@example.org. */
void send_list_name(
	struct send_list *list, const char *author, struct arena *arena)
{
	char *name = arena_strdup(arena, author ? author : "");
	char *at = strrchr(name, '@');

	if (!list->link_count || list->has_said_id || !at)
		return;
	*at = '.';
	if (is_list_id(span_of(name)))
		list->id = arena_printf(arena, "<%s>", name);
}

const char *send_list_plain_id(
	const struct send_list *list, struct arena *arena)
{
	struct span id = span_of(list->id ? list->id : "<>");

	(void)span_cut(&id, '<');
	id = span_cut(&id, '>');
	return arena_strndup(arena, id.length ? id.at : "", id.length);
}

bool send_list_fill(struct send_list *list, const struct table_cell *cells,
	size_t count, struct arena *arena, struct diag *why)
{
	for (size_t i = 0; i < list->link_count; i++) {
		struct buf link = BUF_INIT(SEND_LIST_LINK_MAX);
		bool is_filled = template_fill(
			&list->links[i], cells, count, &link, why);

		list->filled[i] = arena_strdup(arena, buf_text(&link));
		buf_free(&link);
		if (!is_filled)
			return false;
	}
	return true;
}

static void put_links(const struct send_list *list, struct buf *out)
{
	struct buf words = BUF_INIT(FIELD_LIMIT);
	bool has_https = false;

	for (size_t i = 0; i < list->link_count; i++) {
		const char *link = list->filled[i];

		buf_printf(&words, "%s<%s>", i ? ", " : "", link);
		has_https = has_https || is_https(link);
	}
	if (words.length)
		field_put_words(out, "List-Unsubscribe", buf_span(&words));
	if (has_https)
		buf_puts(out, "List-Unsubscribe-Post: "
			      "List-Unsubscribe=One-Click\r\n");
	buf_free(&words);
}

static void put_word(struct buf *out, const char *name, const char *value)
{
	if (value)
		field_put_words(out, name, span_of(value));
}

void send_list_put(const struct send_list *list, struct buf *out)
{
	put_word(out, "List-Id", list->id);
	put_links(list, out);
	put_word(out, "Feedback-ID", list->feedback_id);
	put_word(out, "Auto-Submitted", list->auto_submitted);
	put_word(out, "Precedence", list->precedence);
}
