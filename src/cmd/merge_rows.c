/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From rows to messages.  Does not know where they go. */
#include <config.h>

#include "cmd/merge_rows.h"

#include "base/interrupt.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { WHERE_BYTES = 200, ERRORS_LIMIT = 256 * 1024 };

void merge_rows_begin(struct merge_rows *rows, const struct request *request,
	const struct send_options *options)
{
	*rows = (struct merge_rows){ .arena = arena_new() };
	sending_begin(&rows->base, request, options);
	rows->base.request.operand_count = 0;
	buf_init(&rows->text, SEND_HTML_LIMIT);
	buf_init(&rows->page, SEND_HTML_LIMIT);
}

/* The problems but the last on standard error, the last in WHY. */
static bool tell(struct problems *problems, struct diag *why)
{
	struct buf errors = BUF_INIT(ERRORS_LIMIT);
	bool is_any = problems_tell(problems, &errors, why);

	fputs(buf_text(&errors), stderr);
	buf_free(&errors);
	return !is_any;
}

/* An author who is the same in every row chooses the account. */
static void set_author(struct sending *base)
{
	const char *from = base->options.from, *reason;
	struct mailbox mailbox;

	if (!from || strstr(from, "{{") ||
		!address_parse(
			span_of(from), base->run.arena, &mailbox, &reason))
		return;
	base->request.has_sender = true;
	base->request.sender = address_string(base->run.arena, &mailbox);
}

static bool set_limit(struct sending *base, struct diag *why)
{
	static const struct origin origin = { ORIGIN_COMMAND_LINE, NULL, 0 };
	struct request *request = &base->request;
	struct arena *arena = base->run.arena;
	struct account scratch = { .name = "" };
	struct request_setting *settings;

	if (!base->options.limit)
		return true;
	if (!option_set(&scratch, OPTION_rate, base->options.limit, origin,
		    arena, why))
		return false;
	settings = arena_alloc(
		arena, (request->setting_count + 1) * sizeof *settings);
	if (request->setting_count)
		memcpy(settings, request->settings,
			request->setting_count * sizeof *settings);
	settings[request->setting_count++] =
		(struct request_setting){ OPTION_rate, base->options.limit };
	request->settings = settings;
	return true;
}

bool merge_rows_load(struct merge_rows *rows, struct diag *why)
{
	set_author(&rows->base);
	return set_limit(&rows->base, why) && sending_load(&rows->base, why);
}

/* ---- texts --------------------------------------------------------------- */

/* What is read once cannot be in every message. */
static bool check_files(const struct send_options *options, struct diag *why)
{
	const struct words_list *const lists[] = { &options->attach,
		&options->inlined };

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < lists[i]->count; k++) {
			const char *word = lists[i]->items[k];

			if (word[0] != '-' || (word[1] && word[1] != ':'))
				continue;
			return diag_set(why, DIAG_USAGE_BAD_VALUE,
				i ? "--inline" : "--attach", word,
				DIAG_WORDS N_("every message of a merge needs "
					      "the file"));
		}
	return true;
}

static bool reads_stdin(const struct send_options *options)
{
	if (options->body || options->html)
		return (options->body && !strcmp(options->body, "-")) ||
		       (options->html && !strcmp(options->html, "-"));
	return !options->words.count;
}

bool merge_rows_read_texts(
	struct merge_rows *rows, bool stdin_was_closed, struct diag *why)
{
	struct send_options options = rows->base.options;
	struct send_parts parts = { .arena = rows->base.run.arena,
		.stdin_was_closed = stdin_was_closed };
	struct problems problems = { .count = 0 };
	bool is_read;

	if (!check_files(&options, why))
		return false;
	if (!strcmp(options.merge, "-") && reads_stdin(&options))
		return diag_set(why, DIAG_SEND_STDIN_TWICE, "--merge",
			options.html && !options.body ? "--html" : "--body");
	options.attach.count = options.inlined.count = 0;
	rows->has_page = options.html != NULL;
	rows->has_text = !options.html || options.body || options.words.count;
	send_parts_open(&parts, &options, &problems);
	if (rows->has_text)
		send_parts_read_text(&parts, &options, &problems);
	if (rows->has_text && !problems.count)
		send_parts_put_text(&parts, &rows->text, &problems);
	if (rows->has_page)
		buf_put_span(&rows->page, buf_span(&parts.page));
	is_read = tell(&problems, why);
	send_parts_close(&parts);
	problems_free(&problems);
	return is_read;
}

/* ---- columns ------------------------------------------------------------- */

/* The column that the addresses are in, when nobody says which. */
static const struct table_cell *find_addresses(const struct table *table)
{
	static const char *const names[] = { "email", "e-mail", "mail",
		"email address", "e-mail address", "address", "recipient",
		"to" };
	size_t count;
	const struct table_cell *columns = table_columns(table, &count);
	const struct table_cell *found = NULL;

	for (size_t i = 0; !found && i < sizeof names / sizeof *names; i++)
		found = table_find(columns, count, span_of(names[i]));
	return found;
}

static bool set_recipients(struct merge_rows *rows, struct diag *why)
{
	struct send_options *options = &rows->base.options;
	const struct table_cell *column;

	if (options->to.count || options->cc.count || options->bcc.count)
		return true;
	column = find_addresses(rows->table);
	if (!column)
		return diag_set(why, DIAG_MERGE_NO_ADDRESS, rows->name);
	words_list_add(&options->to,
		arena_printf(rows->base.run.arena, "{{%.*s}}",
			(int)column->name.length, column->name.at),
		rows->base.run.arena);
	return true;
}

/* With those that --unsubscribe adds: a token for its links, and the first of
 * them for the texts. */
static void check_columns(struct merge_rows *rows,
	const struct table_cell *columns, size_t count,
	struct problems *problems)
{
	const struct send_options *options = &rows->base.options;
	struct arena *arena = rows->base.run.arena;
	struct table_cell *with =
		arena_alloc(arena, (count + 1) * sizeof *with);
	const size_t added = options->unsubscribe.count ? 1 : 0;
	struct send_list list;
	struct diag why;

	memcpy(with + added, columns, count * sizeof *columns);
	if (added)
		with[0] =
			(struct table_cell){ .name = SPAN(SEND_TEMPLATE_LINK) };
	send_template_check(&rows->template, with, count + added, problems);
	send_list_read(&list, options, arena, problems);
	if (added)
		with[0].name = SPAN("token");
	if (!problems->count &&
		!send_list_check(&list, with, count + added, &why))
		problems_add(problems, &why);
}

static bool read_templates(struct merge_rows *rows, struct diag *why)
{
	struct span text = buf_span(&rows->text), page = buf_span(&rows->page);
	struct problems problems = { .count = 0 };
	size_t count;
	const struct table_cell *columns = table_columns(rows->table, &count);
	bool is_fine;

	send_template_read(&rows->template, &rows->base.options,
		rows->has_text ? &text : NULL, rows->has_page ? &page : NULL,
		rows->base.run.arena, &problems);
	/* Another row of JSON may have what the first one has not. */
	if (!problems.count && !table_is_loose(rows->table))
		check_columns(rows, columns, count, &problems);
	is_fine = tell(&problems, why);
	problems_free(&problems);
	return is_fine;
}

bool merge_rows_open(struct merge_rows *rows, struct source *source,
	const char *name, struct diag *why)
{
	table_free(rows->table);
	merge_seen_free(&rows->seen);
	rows->name = name;
	rows->table = table_new(source, name);
	rows->count = rows->faults = 0;
	return table_begin(rows->table, why) && set_recipients(rows, why) &&
	       read_templates(rows, why);
}

void merge_rows_put_unused(const struct merge_rows *rows, struct buf *out)
{
	size_t count;
	const struct table_cell *columns = table_columns(rows->table, &count);

	for (size_t i = 0; i < count; i++) {
		if (!columns[i].name.length ||
			send_template_uses(&rows->template, columns[i].name))
			continue;
		if (out->length)
			buf_puts(out, ", ");
		text_put_printable(out, columns[i].name);
	}
}

/* ---- rows ---------------------------------------------------------------- */

static void tell_fault(struct merge_rows *rows, const struct merge_user *user,
	const struct table_row *row, struct diag why)
{
	char where[WHERE_BYTES];

	rows->faults++;
	snprintf(where, sizeof where, "%.*s:%llu%s%.*s", WHERE_BYTES / 3,
		rows->name, (unsigned long long)row->line,
		why.where[0] ? ": " : "", WHERE_BYTES / 3, why.where);
	if (why.id != DIAG_TABLE_ROW)
		diag_add_where(&why, where);
	user->fault(user->context, row, &why);
}

static bool is_first(
	struct merge_rows *rows, struct sending *message, struct diag *why)
{
	const struct send_head *head = &message->head;
	const struct mailbox_list *list = head->to.count   ? &head->to
					  : head->cc.count ? &head->cc
							   : &head->bcc;

	if (merge_seen_add(&rows->seen, list) || rows->base.options.duplicates)
		return true;
	return diag_set(why, DIAG_MERGE_TWICE,
		address_string(message->run.arena, &list->items[0]));
}

static bool take_problem(const struct problems *problems, struct diag *why)
{
	if (!problems->count)
		return true;
	*why = problems->items[0];
	return false;
}

/* Up to where the row's address is known. */
static bool address(struct merge_rows *rows, struct sending *message,
	const struct send_filled *filled, struct diag *why)
{
	sending_begin(message, &rows->base.request, &filled->options);
	sending_share(message, &rows->base);
	sending_read_head(message);
	return take_problem(&message->problems, why) &&
	       is_first(rows, message, why);
}

/* The links need the address, the texts may have them. */
static bool fill_texts(struct merge_rows *rows, struct sending *message,
	const struct table_row *row, struct send_filled *filled,
	struct diag *why)
{
	const struct send_list *list = &message->head.list;

	return sending_fill_links(message, row->cells, row->count, why) &&
	       send_template_fill_texts(&rows->template, row,
		       list->link_count ? list->filled[0] : NULL, rows->arena,
		       filled, why);
}

static bool make(struct merge_rows *rows, struct sending *message,
	const struct table_row *row, struct send_filled *filled,
	struct diag *why)
{
	sending_expand(message, true);
	if (!take_problem(&message->problems, why) ||
		!fill_texts(rows, message, row, filled, why))
		return false;
	message->parts.given_text = rows->has_text ? &filled->text : NULL;
	message->parts.given_page = rows->has_page ? &filled->page : NULL;
	sending_read_parts(message);
	return take_problem(&message->problems, why) &&
	       sending_make(message, why);
}

static bool do_row(struct merge_rows *rows, const struct merge_user *user,
	const struct table_row *row, struct diag *why)
{
	struct send_filled filled;
	struct sending message;
	bool is_wanted = true, goes_on = true;
	struct diag fault;

	arena_reset(rows->arena);
	if (!send_template_fill(
		    &rows->template, row, rows->arena, &filled, &fault)) {
		tell_fault(rows, user, row, fault);
		return true;
	}
	if (!address(rows, &message, &filled, &fault))
		tell_fault(rows, user, row, fault);
	else if (user->wants &&
		 !user->wants(user->context, row, &is_wanted, why))
		goes_on = false;
	else if (is_wanted && !make(rows, &message, row, &filled, &fault))
		tell_fault(rows, user, row, fault);
	else if (is_wanted)
		goes_on = user->use(user->context, row, &message, why);
	sending_end(&message);
	return goes_on;
}

bool merge_rows_count(struct source *source, const char *name, uint64_t *count,
	struct diag *why)
{
	struct table *table = table_new(source, name);
	enum table_result result;
	struct table_row row;
	struct diag fault;
	bool is_counted = table_begin(table, why);

	*count = 0;
	while (is_counted &&
		(result = table_next(table, &row, &fault)) != TABLE_END) {
		is_counted = result != TABLE_FAILED;
		if (!is_counted)
			*why = fault;
		++*count;
	}
	table_free(table);
	return is_counted;
}

bool merge_rows_each(struct merge_rows *rows, const struct merge_user *user,
	struct diag *why)
{
	enum table_result result;
	struct table_row row;
	struct diag fault;

	while ((result = table_next(rows->table, &row, &fault)) != TABLE_END) {
		if (interrupt_is_there())
			return interrupt_explain(why);
		if (result == TABLE_FAILED) {
			*why = fault;
			return false;
		}
		rows->count++;
		if (result == TABLE_FAULT)
			tell_fault(rows, user, &row, fault);
		else if (!do_row(rows, user, &row, why))
			return false;
	}
	return true;
}

void merge_rows_end(struct merge_rows *rows)
{
	table_free(rows->table);
	merge_seen_free(&rows->seen);
	buf_free(&rows->text);
	buf_free(&rows->page);
	sending_end(&rows->base);
	arena_free(rows->arena);
}
