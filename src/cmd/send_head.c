/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a message from options.  Does not know what is in the body. */
#include <config.h>

#include "cmd/send_head.h"

#include "base/charset.h"
#include "base/clock.h"
#include "base/text.h"
#include "config/account.h"
#include "mail/date.h"
#include "mail/envelope.h"
#include "mail/field.h"
#include "mail/message.h"
#include "net/idn.h"

#include <stdint.h>
#include <string.h>

enum {
	ALIAS_DEPTH_MAX = 10,
	DOMAIN_LIMIT = 1024,
	DATE_LIMIT = 100,
	IDENTIFIER_LIMIT = 900, /* fits a line, which it cannot be folded in */
};

struct reader {
	struct send_head *head;
	struct arena *arena;
	struct problems *problems;
};

/* ---- text ---------------------------------------------------------------- */

/* TEXT in UTF-8; NULL (a problem) when that cannot be had. */
static const char *read_text(
	struct reader *reader, const char *option, const char *text)
{
	const char *utf8 = charset_to_utf8(
		reader->arena, span_of(text), charset_of_locale());
	struct diag why;

	if (utf8)
		return utf8;
	diag_set(&why, DIAG_SEND_NOT_UTF8, option, text);
	problems_add(reader->problems, &why);
	return NULL;
}

static void refuse(struct reader *reader, const char *option, const char *value,
	const char *reason)
{
	struct diag why;

	diag_set(&why, DIAG_USAGE_BAD_VALUE, option, value, reason);
	problems_add(reader->problems, &why);
}

/* ---- addresses ----------------------------------------------------------- */

static void append(struct arena *arena, struct mailbox_list *list,
	const struct mailbox *mailbox)
{
	/* Grows by doubling, whenever the count is a power of two. */
	if (!(list->count & (list->count - 1))) {
		size_t room = list->count ? list->count * 2 : 1;
		struct mailbox *items =
			arena_alloc(arena, room * sizeof *items);

		if (list->count)
			memcpy(items, list->items, list->count * sizeof *items);
		list->items = items;
	}
	list->items[list->count++] = *mailbox;
}

static bool has_null_address(const struct mailbox_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (address_is_null(&list->items[i]))
			return true;
	return false;
}

static void read_addresses(struct reader *reader, const char *option,
	const char *text, struct mailbox_list *out)
{
	const char *utf8 = read_text(reader, option, text);
	struct mailbox_list list;
	struct span offending;
	const char *reason;
	struct diag why;

	if (!utf8)
		return;
	if (!address_list_parse(
		    span_of(utf8), reader->arena, &list, &offending, &reason)) {
		diag_set(&why, DIAG_ADDRESS_INVALID,
			arena_strndup(
				reader->arena, offending.at, offending.length),
			reason);
		diag_add_where(&why, option);
	} else if (!list.count || has_null_address(&list)) {
		diag_set(&why, DIAG_SEND_EMPTY_RECIPIENT, option);
	} else {
		for (size_t i = 0; i < list.count; i++)
			append(reader->arena, out, &list.items[i]);
		return;
	}
	problems_add(reader->problems, &why);
}

static void read_address_options(struct reader *reader, const char *option,
	const struct words_list *values, struct mailbox_list *out)
{
	for (size_t i = 0; i < values->count; i++)
		read_addresses(reader, option, values->items[i], out);
}

static void read_author(struct reader *reader, const char *text)
{
	struct mailbox_list *from = &reader->head->from;

	read_addresses(reader, "--from", text, from);
	if (from->count > 1)
		refuse(reader, "--from", text, N_("one author is enough"));
}

/* "send a@x b@x text", "send --cc a@x b@x text": an address that became text
 * would be a recipient who never hears of it. */
static void check_words(struct reader *reader, const struct words_list *words)
{
	struct mailbox mailbox;
	const char *reason;
	struct diag why;

	for (size_t i = 0; i < words->count; i++) {
		if (!strchr(words->items[i], '@') ||
			!address_parse(span_of(words->items[i]), reader->arena,
				&mailbox, &reason) ||
			!*mailbox.domain)
			continue;
		diag_set(&why, DIAG_SEND_STRAY_ADDRESS, words->items[i]);
		problems_add(reader->problems, &why);
	}
}

static void read_recipients(
	struct reader *reader, const struct send_options *options)
{
	struct send_head *head = reader->head;
	struct diag why;

	if (!options->to.count && !options->cc.count && !options->bcc.count &&
		!options->recipients.count) {
		diag_set(&why, DIAG_USAGE_NO_RECIPIENTS);
		diag_add_hint(
			&why, N_("name them in the first word, or with --to"));
		problems_add(reader->problems, &why);
	}
	read_address_options(reader, "--to", &options->to, &head->to);
	read_address_options(reader, "--cc", &options->cc, &head->cc);
	read_address_options(reader, "--bcc", &options->bcc, &head->bcc);
	/* A text with an '@' in front of other words looks like one. */
	read_address_options(
		reader, N_("the first word"), &options->recipients, &head->to);
	check_words(reader, &options->words);
}

/* ---- identifiers, dates, reports ----------------------------------------- */

static bool is_identifier_byte(char c)
{
	return c > ' ' && c <= '~' && c != '<' && c != '>';
}

/* "<left@right>", RFC 5322 3.6.4; who leaves out the brackets means them. */
static bool put_identifier(struct buf *out, struct span word)
{
	if (word.length > 2 && word.at[0] == '<' &&
		word.at[word.length - 1] == '>')
		word = span_make(word.at + 1, word.length - 2);
	for (size_t i = 0; i < word.length; i++)
		if (!is_identifier_byte(word.at[i]))
			return false;
	if (word.length > IDENTIFIER_LIMIT ||
		span_find(word, '@') == word.length)
		return false;
	buf_puts(out, out->length ? " <" : "<");
	buf_put_span(out, word);
	return buf_put_byte(out, '>');
}

static void read_identifiers(struct reader *reader, const char *text)
{
	struct span rest = span_of(text), word;
	struct buf out = BUF_INIT(MESSAGE_HEAD_LIMIT / 4);
	bool is_good = true;

	while (is_good && (word = span_cut_word(&rest)).length)
		is_good = put_identifier(&out, word);
	if (is_good && out.length)
		reader->head->in_reply_to =
			arena_strdup(reader->arena, buf_text(&out));
	else
		refuse(reader, "--in-reply-to", text,
			N_("a Message-ID looks like <123@example.org>"));
	buf_free(&out);
}

/* The offset depends on the time. */
long send_head_local_offset(int64_t wall_s)
{
	long offset = clock_zone_offset((time_t)wall_s);

	return clock_zone_offset((time_t)(wall_s - offset));
}

static void read_date(struct reader *reader, const char *text)
{
	struct buf out = BUF_INIT(DATE_LIMIT);
	struct date date;

	if (!date_read(span_of(text), &date)) {
		refuse(reader, "--date", text,
			N_("a date looks like '2026-11-22 02:10' or 'Sun, 22 "
			   "Nov 2026 02:10:00 +0100'"));
		return;
	}
	if (!date.has_zone)
		date.zone_offset_s = send_head_local_offset(date.wall_s);
	date_put(&out, (time_t)(date.wall_s - date.zone_offset_s),
		date.zone_offset_s);
	reader->head->date = arena_strdup(reader->arena, buf_text(&out));
	buf_free(&out);
}

/* The same words as in the configuration. */
static void read_dsn(struct reader *reader, const char *text)
{
	static const struct origin origin = { ORIGIN_COMMAND_LINE, NULL, 0 };
	struct account scratch = { .name = "" };

	if (option_set(&scratch, OPTION_dsn_notify, text, origin, reader->arena,
		    NULL) &&
		scratch.dsn_notify)
		reader->head->dsn_notify = scratch.dsn_notify;
	else
		refuse(reader, "--dsn", text,
			N_("never, or a list of failure, delay and success"));
}

/* ---- other fields -------------------------------------------------------- */

/* Fields that have an option, or are not the user's to write.  A name that ends
 * in '-' stands for all that begin so. */
static const struct {
	const char *name, *reason;
} taken[] = {
	{ "From", N_("use --from") },
	{ "Sender", N_("use --from") },
	{ "Reply-To", N_("use --reply-to") },
	{ "To", N_("use --to") },
	{ "Cc", N_("use --cc") },
	{ "Bcc", N_("use --bcc") },
	{ "Subject", N_("use --subject") },
	{ "Date", N_("use --date") },
	{ "In-Reply-To", N_("use --in-reply-to") },
	{ "References", N_("use --in-reply-to") },
	{ "Message-ID", N_("each message gets its own") },
	{ "MIME-Version", N_("it follows from the parts") },
	{ "Content-", N_("it follows from the parts") },
	{ "Resent-", N_("nothing is resent here") },
	{ "Received", N_("servers write it") },
	{ "Return-Path", N_("servers write it") },
	{ "DKIM-Signature", N_("servers write it") },
};

static const char *reason_against(struct span name)
{
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		struct span other = span_of(taken[i].name);
		bool is_prefix = other.at[other.length - 1] == '-';

		if (is_prefix ? span_starts_with_nocase(name, other)
			      : span_equal_nocase(name, other))
			return taken[i].reason;
	}
	return NULL;
}

/* RFC 5322 2.2: printable ASCII without the colon. */
static bool is_field_name(struct span name)
{
	for (size_t i = 0; i < name.length; i++)
		if (name.at[i] <= ' ' || name.at[i] > '~')
			return false;
	return name.length > 0 && name.length < FIELD_COLUMNS - 2;
}

static bool has_line_end(struct span value)
{
	return span_find(value, '\r') < value.length ||
	       span_find(value, '\n') < value.length;
}

static void read_header(struct reader *reader, const char *text)
{
	struct send_head *head = reader->head;
	const char *utf8 = read_text(reader, "--header", text);
	struct span value = span_of(utf8 ? utf8 : ""), name;
	const char *reason = NULL;
	struct diag why;

	if (!utf8)
		return;
	if (span_find(value, ':') == value.length)
		reason = N_("there is no colon after a name");
	name = span_cut(&value, ':');
	if (!reason && !is_field_name(name))
		reason = N_("that is no name for a field");
	if (!reason)
		reason = reason_against(name);
	if (!reason && has_line_end(value))
		reason = N_("a field has one line");
	if (!reason && !span_trim(value).length)
		reason = N_("there is no text after the colon");
	if (reason) {
		diag_set(&why, DIAG_SEND_HEADER, utf8, reason);
		problems_add(reader->problems, &why);
		return;
	}
	head->headers[head->header_count++] = (struct send_header){
		arena_strndup(reader->arena, name.at, name.length),
		arena_strndup(reader->arena, value.at, value.length)
	};
}

/* ---- all of it ----------------------------------------------------------- */

void send_head_read(struct send_head *head, const struct send_options *options,
	struct arena *arena, struct problems *problems)
{
	struct reader reader = { head, arena, problems };

	*head = (struct send_head){ .arena = arena };
	head->headers = arena_alloc(
		arena, (options->header.count + 1) * sizeof *head->headers);
	if (options->subject)
		head->subject =
			read_text(&reader, "--subject", options->subject);
	if (options->from)
		read_author(&reader, options->from);
	read_recipients(&reader, options);
	read_address_options(
		&reader, "--reply-to", &options->reply_to, &head->reply_to);
	if (options->in_reply_to)
		read_identifiers(&reader, options->in_reply_to);
	if (options->date)
		read_date(&reader, options->date);
	if (options->dsn)
		read_dsn(&reader, options->dsn);
	send_list_read(&head->list, options, arena, problems);
	for (size_t i = 0; i < options->header.count; i++)
		read_header(&reader, options->header.items[i]);
}

/* ---- nicknames and domains ----------------------------------------------- */

struct expansion {
	struct arena *arena;
	const char *option; /* "--from"; NULL: recipients */
	struct aliases_context *aliases;
	const char *maildomain;
	struct problems *problems;
	bool is_over; /* a limit is passed: nothing more is looked at */
	struct mailbox_list out;
};

static void put_ascii_domain(struct expansion *to, struct mailbox *mailbox)
{
	struct buf ascii = BUF_INIT(DOMAIN_LIMIT);
	struct diag why;

	/* With such a local part the message needs SMTPUTF8 anyway. */
	if (text_is_ascii(span_of(mailbox->domain)) ||
		!address_local_is_ascii(mailbox))
		return;
	if (idn_to_ascii(mailbox->domain, &ascii, &why))
		mailbox->domain = arena_strdup(to->arena, buf_text(&ascii));
	else
		problems_add(to->problems, &why);
	buf_free(&ascii);
}

/* IS_HALF_A_NAME: what follows it in the list has a name, too. */
static void put_mailbox(
	struct expansion *to, struct mailbox mailbox, bool is_half_a_name)
{
	struct diag why;

	if (!mailbox.domain[0] && to->maildomain)
		mailbox.domain = to->maildomain;
	if (!mailbox.domain[0]) {
		if (to->option)
			diag_set(&why, DIAG_ADDRESS_INVALID, mailbox.local,
				N_("it has no domain"));
		else
			diag_set(&why, DIAG_ADDRESS_NO_DOMAIN, mailbox.local);
		diag_add_where(&why, to->option ? to->option : "");
		if (is_half_a_name)
			diag_add_hint(&why,
				N_("a name with a comma stands in quotes of "
				   "its own: '\"Lee, Ann\" "
				   "<ann@example.org>'"));
		problems_add(to->problems, &why);
		return;
	}
	put_ascii_domain(to, &mailbox);
	append(to->arena, &to->out, &mailbox);
	/* envelope_make() says that these are too many. */
	to->is_over = to->out.count > ENVELOPE_RECIPIENTS_LIMIT;
}

/* The members of an alias, in LIST; false when it is none.  What is wrong with
 * its members envelope_make() will say, whose affair it is. */
static bool find_members(struct expansion *to, const struct mailbox *mailbox,
	struct mailbox_list *list)
{
	struct span offending;
	const char *text, *reason;

	if (!to->aliases->aliases || mailbox->domain[0])
		return false;
	text = aliases_expand(to->aliases, mailbox->local, to->arena);
	return text && address_list_parse(span_of(text), to->arena, list,
			       &offending, &reason);
}

static void stop_at(struct expansion *to, const char *name)
{
	struct diag why;

	diag_set(&why, DIAG_ALIAS_TOO_DEEP, name,
		arena_printf(to->arena, "%d", ALIAS_DEPTH_MAX));
	problems_add(to->problems, &why);
	to->is_over = true;
}

static void expand(
	struct expansion *to, const struct mailbox_list *list, unsigned depth)
{
	struct mailbox_list members;

	for (size_t i = 0; i < list->count && !to->is_over; i++) {
		const struct mailbox *mailbox = &list->items[i];

		if (!find_members(to, mailbox, &members))
			put_mailbox(to, *mailbox,
				i + 1 < list->count && mailbox[1].name[0]);
		else if (depth < ALIAS_DEPTH_MAX)
			expand(to, &members, depth + 1);
		else
			stop_at(to, mailbox->local);
	}
}

void send_head_expand(struct send_head *head, struct aliases_context *aliases,
	const char *maildomain, struct problems *problems)
{
	struct mailbox_list *const lists[] = { &head->from, &head->reply_to,
		&head->to, &head->cc, &head->bcc };
	static const char *const options[] = { "--from", "--reply-to", NULL,
		NULL, NULL };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct expansion to = { .arena = head->arena,
			.option = options[i],
			.aliases = aliases,
			.maildomain = maildomain,
			.problems = problems };

		expand(&to, lists[i], 0);
		*lists[i] = to.out;
	}
}

/* ---- what comes of it ---------------------------------------------------- */

void send_head_recipients(const struct send_head *head,
	const char *const **operands, size_t *count)
{
	const struct mailbox_list *const lists[] = { &head->to, &head->cc,
		&head->bcc };
	size_t total = head->to.count + head->cc.count + head->bcc.count;
	const char **words =
		arena_alloc(head->arena, (total + 1) * sizeof *words);

	*count = 0;
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			words[(*count)++] = address_string(
				head->arena, &lists[i]->items[j]);
	*operands = words;
}

static void put_date(const struct send_head *head, struct buf *out)
{
	if (head->date)
		buf_printf(out, "Date: %s\r\n", head->date);
}

static void put_list(
	struct buf *out, const char *name, const struct mailbox_list *list)
{
	if (list->count)
		field_put_mailboxes(out, name, list);
}

void send_head_put(const struct send_head *head, struct buf *out)
{
	put_date(head, out);
	put_list(out, "From", &head->from);
	put_list(out, "Reply-To", &head->reply_to);
	/* Without any the field shows that it was not forgotten. */
	if (head->to.count || !head->cc.count)
		field_put_mailboxes(out, "To", &head->to);
	put_list(out, "Cc", &head->cc);
	if (head->subject && head->subject[0])
		field_put_text(out, "Subject", span_of(head->subject));
	if (head->in_reply_to) {
		struct span words = span_of(head->in_reply_to);

		field_put_words(out, "In-Reply-To", words);
		field_put_words(out, "References", words);
	}
	send_list_put(&head->list, out);
	for (size_t i = 0; i < head->header_count; i++)
		field_put_text(out, head->headers[i].name,
			span_of(head->headers[i].value));
}
