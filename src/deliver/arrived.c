/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which row a message that arrived is.  Knows fields, not the DNS: which part
 * of a domain is the organisation's is taken from what the receiver said. */
#include <config.h>

#include "deliver/arrived.h"

#include "base/text.h"
#include "deliver/known.h"
#include "mail/header.h"

static const struct arrived_row rows[] = {
#define ARRIVED(id, dmarc, spf, dkim, words, cause, next)                      \
	{ id, ARRIVED_##dmarc, ARRIVED_##spf, ARRIVED_##dkim, words, cause,    \
		next },
#include "deliver/arrived.def"
#undef ARRIVED
};

const struct arrived_row *arrived_row(size_t index)
{
	return &rows[index];
}

size_t arrived_count(void)
{
	return sizeof rows / sizeof *rows;
}

/* ---- fields -------------------------------------------------------------- */

struct field {
	struct span name, value;
};

/* A line that was folded, whatever has become of the blanks before it. */
static bool goes_on(struct span line)
{
	return span_trim(line).length &&
	       (ascii_is_wsp(line.at[0]) || !header_line_is_field(line));
}

/* Cuts one off the front; false at the end.  What is no field is passed
 * over. */
static bool next_field(struct span *rest, struct field *out)
{
	while (rest->length) {
		struct span line = span_trim(span_cut(rest, '\n'));
		struct span more = *rest, name;

		if (!header_line_is_field(line))
			continue;
		out->value = line;
		name = span_cut(&out->value, ':');
		out->name = span_trim(name);
		while (more.length && goes_on(span_cut(&more, '\n')))
			*rest = more;
		out->value.length = (size_t)(rest->at - out->value.at);
		return true;
	}
	return false;
}

static bool is_named(const struct field *field, const char *name)
{
	return span_equal_nocase(field->name, span_of(name));
}

/* ---- what they say ------------------------------------------------------- */

/* All that is gathered before it is judged. */
struct gathering {
	struct arena *arena;
	struct span id;          /* whose results count */
	bool has_id, has_others; /* of other methods */
	bool is_report;
	struct span from; /* its domain; or empty */
	struct authres_item *items;
	size_t count, set_aside;
};

enum { ITEMS_MAX = 200 };

static void add(struct gathering *all, const struct authres_item *item)
{
	if (!all->items)
		all->items =
			arena_alloc(all->arena, ITEMS_MAX * sizeof *all->items);
	if (item->method == AUTHRES_OTHER)
		all->has_others = true;
	else if (all->count < ITEMS_MAX)
		all->items[all->count++] = *item;
	if (item->method == AUTHRES_DMARC && item->domain.length)
		all->from = item->domain;
}

static bool has_spf(const struct gathering *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].method == AUTHRES_SPF)
			return true;
	return false;
}

static void take_results(struct gathering *all, struct span value)
{
	struct authres results;
	struct authres_item item;

	authres_open(value, all->arena, &results);
	if (all->has_id && !span_equal_nocase(all->id, results.id)) {
		all->set_aside++;
		return;
	}
	all->has_id = true;
	all->id = results.id;
	while (authres_next(&results, &item))
		add(all, &item);
}

/* The word behind WORD in "'PASS' with domain x.example". */
static struct span word_after(struct span text, const char *word)
{
	struct span found;

	while ((found = span_cut_word(&text)).length)
		if (span_equal_nocase(found, span_of(word)))
			return span_cut_word(&text);
	return SPAN("");
}

/* "PASS with IP …", or with quotes around it: as web mailers sum it up. */
static void take_summary(
	struct gathering *all, enum authres_method method, struct span value)
{
	struct authres_item item = { .method = method, .words = SPAN("") };
	struct span text = span_trim(span_cut(&value, '\n')), rest = text;

	if (!authres_result_of(
		    authres_domain_of(span_cut_word(&rest)), &item.result))
		return;
	item.domain = authres_domain_of(word_after(text, "domain"));
	add(all, &item);
}

/* RFC 7208 9.1: "fail (comment) client-ip=…; envelope-from=a@x; helo=y;". */
static void take_received_spf(struct gathering *all, struct span value)
{
	static const struct span key = SPAN("envelope-from=");
	struct span rest = span_trim(value), word = span_cut_word(&rest);
	struct authres_item item = {
		.method = AUTHRES_SPF, .domain = SPAN(""), .words = SPAN("")
	};

	if (has_spf(all) || !authres_result_of(word, &item.result))
		return;
	while ((word = span_cut_word(&rest)).length) {
		word = span_trim(word);
		if (span_starts_with_nocase(word, key))
			item.domain =
				authres_domain_of(span_skip(word, key.length));
	}
	add(all, &item);
}

static void take_from(struct gathering *all, struct span value)
{
	if (!all->from.length && memchr(value.at, '@', value.length))
		all->from = authres_domain_of(span_trim(value));
}

/* A bounce has a head of its own. */
static bool is_of_report(const struct field *field)
{
	struct span value = span_trim(field->value);

	return is_named(field, "Diagnostic-Code") ||
	       is_named(field, "Final-Recipient") ||
	       is_named(field, "X-Failed-Recipients") ||
	       (is_named(field, "Return-Path") &&
		       span_starts_with(value, SPAN("<>"))) ||
	       (is_named(field, "Content-Type") &&
		       span_starts_with_nocase(
			       value, SPAN("multipart/report")));
}

static void take_field(struct gathering *all, const struct field *field)
{
	all->is_report |= is_of_report(field);
	if (is_named(field, "Authentication-Results"))
		take_results(all, field->value);
	else if (is_named(field, "ARC-Authentication-Results"))
		all->set_aside++;
	else if (is_named(field, "From"))
		take_from(all, field->value);
	else if (is_named(field, "SPF"))
		take_summary(all, AUTHRES_SPF, field->value);
	else if (is_named(field, "DKIM"))
		take_summary(all, AUTHRES_DKIM, field->value);
	else if (is_named(field, "DMARC"))
		take_summary(all, AUTHRES_DMARC, field->value);
}

/* A head whose line ends are lost. */
static void take_anywhere(struct gathering *all, struct span text)
{
	static const struct span name = SPAN("authentication-results:");

	for (size_t at = 0; at + name.length < text.length; at++) {
		if (!span_starts_with_nocase(span_skip(text, at), name) ||
			(at && text.at[at - 1] != ' '))
			continue;
		take_results(all, span_skip(text, at + name.length));
		return;
	}
}

static void gather(struct gathering *all, struct span text)
{
	struct span rest = text;
	struct field field;

	while (next_field(&rest, &field))
		take_field(all, &field);
	for (rest = text; next_field(&rest, &field);)
		if (is_named(&field, "Received-SPF"))
			take_received_spf(all, field.value);
	if (!all->has_id && !all->count)
		take_anywhere(all, text);
}

/* ---- what it comes to ---------------------------------------------------- */

/* How many of the last labels A and B have in common. */
static unsigned common_labels(struct span a, struct span b)
{
	unsigned labels = 0;

	while (a.length && b.length) {
		size_t in_a = a.length, in_b = b.length;

		while (in_a && a.at[in_a - 1] != '.')
			in_a--;
		while (in_b && b.at[in_b - 1] != '.')
			in_b--;
		if (!span_equal_nocase(span_skip(a, in_a), span_skip(b, in_b)))
			break;
		labels++;
		a.length = in_a ? in_a - 1 : 0;
		b.length = in_b ? in_b - 1 : 0;
	}
	return labels;
}

/* RFC 9989 4.10.3, as far as two names tell: one below the other belongs to it;
 * two that lie side by side below three labels or more may. */
static enum arrived_state alignment(struct span domain, struct span from)
{
	if (!domain.length || !from.length)
		return ARRIVED_PASS;
	if (span_is_below(domain, from) || span_is_below(from, domain))
		return ARRIVED_ALIGNED;
	return common_labels(domain, from) >= 2 ? ARRIVED_PASS : ARRIVED_OTHER;
}

static enum arrived_state state_of(
	const struct authres_item *item, struct span from)
{
	switch (item->result) {
	case AUTHRES_PASS:
		return item->method == AUTHRES_DMARC
			       ? ARRIVED_PASS
			       : alignment(item->domain, from);
	case AUTHRES_FAIL:
	case AUTHRES_SOFTFAIL:
	case AUTHRES_NEUTRAL:
	case AUTHRES_POLICY:
		return ARRIVED_FAIL;
	case AUTHRES_TEMPERROR:
		return ARRIVED_TEMPORARY;
	case AUTHRES_PERMERROR:
		return ARRIVED_BROKEN;
	case AUTHRES_NONE:
		break;
	}
	return ARRIVED_ABSENT;
}

/* What says most of several: a pass for From's domain, then a failure of its
 * own signature, then what others signed. */
static unsigned weight_of(const struct authres_item *item,
	enum arrived_state state, struct span from)
{
	bool is_own = alignment(item->domain, from) == ARRIVED_ALIGNED;

	switch (state) {
	case ARRIVED_ALIGNED:
		return 7;
	case ARRIVED_PASS:
		return 6;
	case ARRIVED_OTHER:
		return 4;
	case ARRIVED_FAIL:
	case ARRIVED_BROKEN:
	case ARRIVED_TEMPORARY:
		return is_own ? 5 : 3;
	case ARRIVED_ABSENT:
		break;
	}
	return 1;
}

/* Its words are those of DKIM's that counts. */
static void sum_up(
	const struct gathering *all, struct arrived *out, struct span *words)
{
	unsigned weights[AUTHRES_OTHER] = { 0 };

	for (size_t i = 0; i < AUTHRES_OTHER; i++)
		out->marks[i].state = ARRIVED_ABSENT;
	for (size_t i = 0; i < all->count; i++) {
		const struct authres_item *item = &all->items[i];
		enum arrived_state state = state_of(item, all->from);
		unsigned weight = weight_of(item, state, all->from);

		if (weight <= weights[item->method])
			continue;
		weights[item->method] = weight;
		out->marks[item->method] =
			(struct arrived_mark){ state, item->result };
		if (item->method == AUTHRES_DKIM)
			*words = item->words;
	}
	out->set_aside = all->set_aside;
	out->is_report = all->is_report;
}

static bool fits(const struct arrived_row *row, const struct arrived *found,
	struct span words)
{
	struct span word;

	return (row->dmarc & found->marks[AUTHRES_DMARC].state) &&
	       (row->spf & found->marks[AUTHRES_SPF].state) &&
	       (row->dkim & found->marks[AUTHRES_DKIM].state) &&
	       (!*row->words ||
		       known_has_word(words, span_of(row->words), &word));
}

/* The last row fits everything. */
static const struct arrived_row *find_row(
	const struct arrived *found, struct span words)
{
	for (size_t i = 0; i + 1 < arrived_count(); i++)
		if (fits(&rows[i], found, words))
			return &rows[i];
	return &rows[arrived_count() - 1];
}

bool arrived_find(struct span text, struct arrived *out)
{
	struct gathering all = {
		.arena = arena_new(), .id = SPAN(""), .from = SPAN("")
	};
	struct span words = SPAN("");
	bool is_found;

	*out = (struct arrived){ .row = NULL };
	gather(&all, text);
	is_found = all.count || (all.has_id && !all.has_others);
	sum_up(&all, out, &words);
	if (is_found)
		out->row = find_row(out, words);
	arena_free(all.arena);
	return is_found;
}
