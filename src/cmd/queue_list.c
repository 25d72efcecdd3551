/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queues as text: for people, for programs, for what expects sendmail's. */
#include <config.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/failure.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/queue.h"
#include "cmd/queue_others.h"
#include "cmd/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
	LINE_LIMIT = 64 * 1024,
	ENTRY_LIMIT = 256 * 1024 * 1024,
	RECIPIENTS_SHOWN = 10,
	TIME_BYTES = 64
};

/* One entry, already in its form; lists are shown in the order of ids, which
 * begin with the time.  The id stands here as numbers: sorting a long queue is
 * a good part of listing it. */
struct line {
	uint64_t key[2];
	const char *text;
};

struct list {
	enum queue_form form;
	struct arena *arena;
	struct line *lines;
	size_t count, room;
	uint64_t bytes; /* of the messages */
	time_t now;
	const char *now_word; /* in the user's language */
	int exit_code;        /* of a queue that cannot be read, or 0 */
};

/* ---- pieces -------------------------------------------------------------- */

static void put_clean(struct buf *out, const char *text)
{
	text_put_printable(out, span_of(text ? text : ""));
}

static void put_size(struct buf *out, uint64_t bytes)
{
	static const char units[] = "KMGT";
	size_t unit = 0;

	if (bytes < 1024) {
		buf_put_number(out, bytes);
		return;
	}
	while (bytes >= 1024 * 1024 && units[unit + 1]) {
		bytes /= 1024;
		unit++;
	}
	bytes = (bytes * 10 + 512) / 1024;
	buf_put_number(out, bytes / 10);
	buf_put_byte(out, '.');
	buf_put_number(out, bytes % 10);
	buf_put_byte(out, units[unit]);
}

static void put_spaces(struct buf *out, size_t from, size_t to)
{
	while (from++ < to)
		buf_put_byte(out, ' ');
}

/* A column: TEXT, right aligned in WIDTH. */
static void put_column(struct buf *out, const struct buf *text, size_t width)
{
	put_spaces(out, text->length, width);
	buf_put_span(out, buf_span(text));
	buf_puts(out, "  ");
}

static void put_left(struct buf *out, const char *text, size_t width)
{
	buf_puts(out, text);
	put_spaces(out, strlen(text), width);
}

enum time_form { TIME_MAILQ, TIME_SHORT, TIME_WHOLE };

static size_t format_time(char *text, enum time_form form, const struct tm *at)
{
	switch (form) {
	case TIME_MAILQ:
		return strftime(text, TIME_BYTES, "%a %b %d %H:%M", at);
	case TIME_SHORT:
		return strftime(text, TIME_BYTES, "%Y-%m-%d %H:%M:%S", at);
	case TIME_WHOLE:
		return strftime(text, TIME_BYTES, "%Y-%m-%d %H:%M:%S %z", at);
	}
	return 0;
}

static void put_time(struct buf *out, enum time_form form, time_t at)
{
	char text[TIME_BYTES];
	struct tm local;

	if (localtime_r(&at, &local) && format_time(text, form, &local))
		buf_puts(out, text);
}

static const char *state_of(const struct record *record, enum spool_place place)
{
	if (place == SPOOL_IN_FAILED)
		return "failed";
	return record->is_held ? "held" : "waiting";
}

static bool is_shown(
	const struct record_recipient *recipient, enum spool_place place)
{
	return recipient->state ==
	       (place == SPOOL_IN_FAILED ? RECORD_REFUSED : RECORD_WAITING);
}

/* ---- the table ----------------------------------------------------------- */

static void put_row(struct buf *out, const struct list *list,
	const struct record *record, const char *state)
{
	time_t age = list->now - record->created, next = record_next(record);
	struct buf cell = BUF_INIT(LINE_LIMIT);

	put_left(out, record->id, 17);
	put_left(out, state, 8);
	duration_put_rough(&cell, age > 0 ? (long)age : 0);
	put_column(out, &cell, 4);
	buf_clear(&cell);
	put_size(&cell, record->size_bytes);
	put_column(out, &cell, 7);
	buf_clear(&cell);
	buf_put_number(&cell, record_tries(record));
	put_column(out, &cell, 5);
	buf_clear(&cell);
	if (next > list->now)
		duration_put_rough(&cell, (long)(next - list->now));
	else
		buf_puts(&cell,
			strcmp(state, "waiting") == 0 ? list->now_word : "-");
	put_column(out, &cell, 4);
	if (record->sender.utf8[0])
		put_clean(out, record->sender.utf8);
	else
		buf_puts(out, "<>");
	buf_put_byte(out, '\n');
	buf_free(&cell);
}

static void put_reason(struct buf *out, const struct record_event *reason)
{
	buf_puts(out, "    ");
	put_clean(out, reason->words);
	buf_put_byte(out, '\n');
}

/* Recipients that were told the same share a line of reason. */
static void put_people(
	struct buf *out, const struct record *record, enum spool_place place)
{
	const struct record_event *reason = NULL;
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < record->recipient_count; i++) {
		const struct record_recipient *one = &record->recipients[i];

		if (!is_shown(one, place))
			continue;
		if (shown == RECIPIENTS_SHOWN) {
			more++;
			continue;
		}
		if (shown && one->last != reason && reason)
			put_reason(out, reason);
		reason = one->last;
		buf_puts(out, "  ");
		put_clean(out, one->address.utf8);
		buf_put_byte(out, '\n');
		shown++;
	}
	if (reason)
		put_reason(out, reason);
	if (more) {
		buf_puts(out, "  ");
		buf_printf(out, ngettext_("and %zu more", "and %zu more", more),
			more);
		buf_put_byte(out, '\n');
	}
}

/* ---- sendmail's form ----------------------------------------------------- */

static void put_mailq(
	struct buf *out, const struct record *record, enum spool_place place)
{
	const struct record_event *last = NULL;

	buf_printf(out, "%-15s %8" PRIu64 " ", record->id, record->size_bytes);
	put_time(out, TIME_MAILQ, record->created);
	buf_puts(out, record->is_held ? " ! " : "   ");
	put_clean(out, record->sender.utf8[0] ? record->sender.utf8 : "<>");
	buf_put_byte(out, '\n');
	for (size_t i = 0; i < record->recipient_count; i++) {
		const struct record_recipient *one = &record->recipients[i];

		if (!is_shown(one, place))
			continue;
		if (one->last && one->last != last) {
			buf_puts(out, "                 (");
			put_clean(out, one->last->words);
			buf_puts(out, ")\n");
		}
		last = one->last;
		buf_printf(out, "%45s", "");
		put_clean(out, one->address.utf8);
		buf_put_byte(out, '\n');
	}
}

/* ---- JSON ---------------------------------------------------------------- */

/* What the record kept of it, which is less than the log. */
static void put_json_event(struct json *json, const struct record_event *event)
{
	bool is_deferred = event->kind == RECORD_EVENT_DEFERRED;
	struct failure failure = { .diag = event->name[0] ? event->name : NULL,
		.text = event->words,
		.status = event->status,
		.reply = event->code ? event->words : NULL,
		.is_temporary = is_deferred,
		.exit_code = is_deferred ? EX_TEMPFAIL : 0,
		.hint = diag_find_hint(event->name) };

	if (event->kind == RECORD_EVENT_REFUSED)
		failure.exit_code = diag_find_exit_code(event->name);
	json_number(json, "code", event->code);
	json_text(json, "words", event->words);
	failure_put(json, &failure);
}

static void put_json_recipient(
	struct json *json, const struct record_recipient *recipient)
{
	static const char *const states[] = {
		[RECORD_WAITING] = "waiting",
		[RECORD_DELIVERED] = "delivered",
		[RECORD_REFUSED] = "refused",
	};

	json_begin(json, NULL, '{');
	json_text(json, "address", recipient->address.utf8);
	json_text(json, "state", states[recipient->state]);
	json_number(json, "tries", (int64_t)recipient->tries);
	json_number(json, "next", (int64_t)recipient->next);
	if (recipient->last)
		put_json_event(json, recipient->last);
	json_end(json, '}');
}

static void put_json_record(
	struct json *json, const struct record *record, const char *state)
{
	json_text(json, "id", record->id);
	json_text(json, "state", state);
	json_number(json, "created", (int64_t)record->created);
	json_number(json, "size", (int64_t)record->size_bytes);
	json_text(json, "account", record->account);
	json_text(json, "sender", record->sender.utf8);
	json_text(json, "message_id", record->message_id);
	json_number(json, "tries", (int64_t)record_tries(record));
	json_number(json, "next", (int64_t)record_next(record));
	json_begin(json, "recipients", '[');
	for (size_t i = 0; i < record->recipient_count; i++)
		put_json_recipient(json, &record->recipients[i]);
	json_end(json, ']');
}

/* ---- collecting ---------------------------------------------------------- */

static void set_key(struct line *line, const char *id)
{
	size_t length = strlen(id);

	for (size_t i = 0; i < sizeof line->key; i++)
		line->key[i / 8] = line->key[i / 8] << 8 |
				   (i < length ? (unsigned char)id[i] : 0);
}

static void add_line(struct list *list, const char *id, const struct buf *text)
{
	if (list->count == list->room) {
		list->room = 2 * list->room + 64;
		list->lines =
			mem_array(list->lines, list->room, sizeof *list->lines);
	}
	set_key(&list->lines[list->count], id);
	list->lines[list->count++].text =
		arena_strdup(list->arena, buf_text(text));
}

/* Of a queue that hosts share: who has it just now. */
static void put_runner(struct buf *out, const char *runner)
{
	if (!runner)
		return;
	buf_printf(out, "%17s", "");
	buf_puts(out, _("being sent by "));
	put_clean(out, runner);
	buf_put_byte(out, '\n');
}

static void put_entry(struct buf *out, const struct list *list,
	const struct spool_item *item, enum spool_place place)
{
	const struct record *record = item->record;
	struct json json = { .out = out };

	switch (list->form) {
	case QUEUE_FORM_TABLE:
		put_row(out, list, record, state_of(record, place));
		put_people(out, record, place);
		put_runner(out, item->runner);
		return;
	case QUEUE_FORM_MAILQ:
		put_mailq(out, record, place);
		return;
	case QUEUE_FORM_JSON:
		json_begin(&json, NULL, '{');
		put_json_record(&json, record, state_of(record, place));
		if (item->runner)
			json_text(&json, "runner", item->runner);
		json_end(&json, '}');
		return;
	}
}

/* What cannot be read, or was set aside. */
static void put_damaged(struct buf *out, enum queue_form form, const char *id,
	const char *reason)
{
	struct json json = { .out = out };

	if (form == QUEUE_FORM_JSON) {
		json_begin(&json, NULL, '{');
		json_text(&json, "id", id);
		json_text(&json, "state", "damaged");
		json_text(&json, "text", reason);
		json_text(&json, "words", reason);
		json_end(&json, '}');
		return;
	}
	buf_printf(out, "%-15s  %-8s", id, "damaged");
	put_clean(out, reason);
	buf_put_byte(out, '\n');
}

static void collect_place(
	struct list *list, struct spool *spool, enum spool_place place)
{
	struct diag why;
	struct spool_walk *walk = spool_walk_new(spool, place, &why);
	struct buf text = BUF_INIT(ENTRY_LIMIT);
	struct spool_item item;

	if (!walk && !list->exit_code)
		list->exit_code = report_problem(&why);
	while (walk && spool_walk_next(walk, &item)) {
		buf_clear(&text);
		if (item.record) {
			put_entry(&text, list, &item, place);
			list->bytes += item.record->size_bytes;
		} else {
			struct buf reason = BUF_INIT(LINE_LIMIT);

			diag_sentence(&item.problem, false, &reason);
			put_damaged(
				&text, list->form, item.id, buf_text(&reason));
			buf_free(&reason);
		}
		add_line(list, item.id, &text);
	}
	spool_walk_free(walk);
	buf_free(&text);
}

static void collect_damaged(void *context, const char *id, const char *reason)
{
	struct list *list = context;
	struct buf text = BUF_INIT(LINE_LIMIT);

	put_damaged(&text, list->form, id, reason);
	add_line(list, id, &text);
	buf_free(&text);
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *one = a, *other = b;
	size_t i = one->key[0] == other->key[0];

	return (one->key[i] > other->key[i]) - (one->key[i] < other->key[i]);
}

static void begin_list(struct list *list, enum queue_form form)
{
	*list = (struct list){ .form = form,
		.arena = arena_new(),
		.now = clock_wall(),
		.now_word = _("now") };
}

static void end_list(struct list *list)
{
	mem_free(list->lines);
	arena_free(list->arena);
}

static void sort_list(struct list *list)
{
	if (list->count)
		qsort(list->lines, list->count, sizeof *list->lines,
			compare_lines);
}

static void print_lines(const struct list *list, const char *between)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			fputs(between, stdout);
		fputs(list->lines[i].text, stdout);
	}
}

/* ---- the lists ----------------------------------------------------------- */

static void collect(
	const struct queue_set *set, struct list *waiting, struct list *rest)
{
	for (size_t i = 0; i < set->count; i++) {
		collect_place(waiting, set->spools[i], SPOOL_QUEUED);
		if (waiting->exit_code)
			continue;
		collect_place(rest, set->spools[i], SPOOL_IN_FAILED);
		spool_each_damaged(set->spools[i], collect_damaged, rest);
	}
	sort_list(waiting);
	sort_list(rest);
}

/* For root. */
struct others {
	struct queue_other *items;
	size_t count;
};

static void print_others(const struct others *others)
{
	struct buf line = BUF_INIT(LINE_LIMIT);

	if (others->count)
		puts(_("Waiting in the queues of other users ('mailchute queue "
		       "list --folder'):"));
	for (size_t i = 0; i < others->count; i++) {
		buf_clear(&line);
		buf_printf(&line, "%8lu  ", others->items[i].waiting);
		put_clean(&line, others->items[i].user);
		buf_puts(&line, "  ");
		put_clean(&line, others->items[i].folder);
		puts(buf_text(&line));
	}
	buf_free(&line);
}

/* Untranslated, and last: scripts look there, those for Sendmail for the total
 * and those for Postfix for what follows it. */
static void print_total(const struct list *waiting)
{
	uint64_t kilobytes = (waiting->bytes + 1023) / 1024;

	if (!waiting->count)
		puts("Mail queue is empty");
	else
		printf("\t\tTotal requests: %zu\n"
		       "-- %" PRIu64 " Kbytes in %zu Request%s.\n",
			waiting->count, kilobytes, waiting->count,
			waiting->count == 1 ? "" : "s");
}

static void print_mailq(const struct list *waiting, const struct list *rest,
	const struct others *others)
{
	if (waiting->count) {
		puts("-----Q-ID------ --Size-- -----Q-Time-----   "
		     "------------Sender/Recipient-----------");
		print_lines(waiting, "");
	}
	if (rest->count) {
		puts(_("Not sent, kept until 'mailchute queue release' or "
		       "'remove':"));
		print_lines(rest, "");
	}
	print_others(others);
	print_total(waiting);
}

static void print_titles(void)
{
	static const struct {
		const char *title;
		int columns; /* as the lines below have them; negative: left */
	} titles[] = {
		{ N_("ID"), -17 },
		{ N_("STATE"), -8 },
		{ N_("AGE"), 4 },
		{ N_("SIZE"), 9 },
		{ N_("TRIES"), 7 },
		{ N_("NEXT"), 6 },
	};

	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
		const char *title = _(titles[i].title);
		int columns = titles[i].columns;

		printf("%*s",
			columns < 0 ? -text_field_width(title, -columns)
				    : text_field_width(title, columns),
			title);
	}
	printf("  %s\n", _("SENDER"));
}

/* Who sends it, as far as that is known; of several queues, of which. */
static void print_runners(const struct queue_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->runners[i] && set->count == 1)
			puts(set->runners[i]);
		else if (set->runners[i])
			printf("%s: %s\n", spool_path(set->spools[i]),
				set->runners[i]);
}

static void print_table(const struct queue_set *set, const struct list *waiting,
	const struct list *rest, const struct others *others)
{
	if (waiting->count || rest->count)
		print_titles();
	else if (!others->count)
		puts(_("Nothing waits."));
	print_lines(waiting, "");
	print_lines(rest, "");
	/* Nobody runs what is over. */
	if (waiting->count || !rest->count)
		print_runners(set);
	print_others(others);
}

static void print_json_queues(const struct queue_set *set)
{
	struct buf text = BUF_INIT(ENTRY_LIMIT);
	struct json json = { .out = &text };

	json_begin(&json, NULL, '[');
	for (size_t i = 0; i < set->count; i++) {
		json_begin(&json, NULL, '{');
		json_text(&json, "folder", spool_path(set->spools[i]));
		json_text(&json, "runner", set->runners[i]);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	printf(",\"queues\":%s", buf_text(&text));
	buf_free(&text);
}

static void print_json_others(const struct others *others)
{
	struct buf text = BUF_INIT(ENTRY_LIMIT);
	struct json json = { .out = &text };

	json_begin(&json, NULL, '[');
	for (size_t i = 0; i < others->count; i++) {
		json_begin(&json, NULL, '{');
		json_text(&json, "user", others->items[i].user);
		json_text(&json, "folder", others->items[i].folder);
		json_number(
			&json, "waiting", (int64_t)others->items[i].waiting);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	printf(",\"others\":%s", buf_text(&text));
	buf_free(&text);
}

static void print_json(const struct queue_set *set, const struct list *waiting,
	const struct list *rest, const struct others *others)
{
	printf("{\"entries\":[");
	print_lines(waiting, ",");
	if (waiting->count && rest->count)
		putchar(',');
	print_lines(rest, ",");
	putchar(']');
	print_json_queues(set);
	if (others->count)
		print_json_others(others);
	puts("}");
}

int queue_list(const struct queue_set *set, enum queue_form form)
{
	int exit_code;
	struct list waiting, rest;
	struct others others = { NULL, 0 };

	begin_list(&waiting, form);
	begin_list(&rest, form);
	collect(set, &waiting, &rest);
	if (set->is_whole)
		others.count = queue_others_find(waiting.arena, &others.items);
	switch (form) {
	case QUEUE_FORM_TABLE:
		print_table(set, &waiting, &rest, &others);
		break;
	case QUEUE_FORM_JSON:
		print_json(set, &waiting, &rest, &others);
		break;
	case QUEUE_FORM_MAILQ:
		print_mailq(&waiting, &rest, &others);
		break;
	}
	exit_code = waiting.exit_code;
	end_list(&waiting);
	end_list(&rest);
	return exit_code;
}

/* ---- one entry ----------------------------------------------------------- */

static void put_json_head(struct json *json, struct span head)
{
	json_begin(json, "header", '{');
	while (head.length) {
		struct span value = span_cut(&head, '\n');
		struct span name = span_cut(&value, ':');
		char *key = mem_strndup(name.at, name.length);
		char *text = mem_strndup(
			span_trim(value).at, span_trim(value).length);

		json_text(json, key, text);
		mem_free(key);
		mem_free(text);
	}
	json_end(json, '}');
}

static void show_json(
	const struct record *record, struct span head, const char *state)
{
	struct buf out = BUF_INIT(ENTRY_LIMIT);
	struct json json = { .out = &out };

	json_begin(&json, NULL, '{');
	put_json_record(&json, record, state);
	put_json_head(&json, head);
	json_begin(&json, "history", '[');
	for (size_t i = 0; i < record->event_count; i++) {
		const struct record_event *event = &record->events[i];

		json_begin(&json, NULL, '{');
		json_text(&json, "event", record_event_word(event->kind));
		json_number(&json, "at", (int64_t)event->at);
		json_text(&json, "recipients", event->recipients);
		json_number(&json, "next", (int64_t)event->next);
		put_json_event(&json, event);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	json_end(&json, '}');
	puts(buf_text(&out));
	buf_free(&out);
}

static void put_name(struct buf *out, const char *name)
{
	buf_printf(out, "%-*s ", text_field_width(name, 12), name);
}

static void put_field(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	put_name(out, name);
	put_clean(out, value);
	buf_put_byte(out, '\n');
}

static void put_history(struct buf *out, const struct record *record)
{
	for (size_t i = 0; i < record->event_count; i++) {
		const struct record_event *event = &record->events[i];

		put_time(out, TIME_SHORT, event->at);
		buf_printf(out, "  %-9s  ", record_event_word(event->kind));
		put_clean(out, event->recipients);
		buf_puts(out, "  ");
		if (event->name[0])
			buf_printf(out, "%s: ", event->name);
		put_clean(out, event->words);
		buf_put_byte(out, '\n');
	}
}

/* The lines that tell a person which mail it is. */
static void put_head(struct buf *out, struct span head)
{
	while (head.length) {
		struct span value = span_cut(&head, '\n');
		struct span name = span_cut(&value, ':');

		buf_printf(out, "%-12.*s ", (int)name.length, name.at);
		text_put_printable(out, span_trim(value));
		buf_put_byte(out, '\n');
	}
}

static void show_text(
	const struct record *record, struct span head, const char *state)
{
	static const char *const states[] = {
		[RECORD_WAITING] = N_("waiting"),
		[RECORD_DELIVERED] = N_("delivered"),
		[RECORD_REFUSED] = N_("refused"),
	};
	struct buf out = BUF_INIT(ENTRY_LIMIT);

	put_field(&out, _("ID"), record->id);
	put_field(&out, _("State"), state);
	put_name(&out, _("Queued"));
	put_time(&out, TIME_WHOLE, record->created);
	buf_put_byte(&out, '\n');
	put_name(&out, _("Size"));
	buf_printf(&out, "%" PRIu64 "\n", record->size_bytes);
	put_field(&out, _("Account"), record->account);
	put_field(&out, _("Message-ID"), record->message_id);
	put_field(&out, _("Sender"),
		record->sender.utf8[0] ? record->sender.utf8 : "<>");
	for (size_t i = 0; i < record->recipient_count; i++) {
		const struct record_recipient *one = &record->recipients[i];

		put_name(&out, _("Recipient"));
		put_clean(&out, one->address.utf8);
		buf_printf(&out, " (%s)\n", _(states[one->state]));
	}
	put_head(&out, head);
	put_history(&out, record);
	fputs(buf_text(&out), stdout);
	buf_free(&out);
}

void queue_show(const struct record *record, struct span head,
	const char *state, enum queue_form form)
{
	if (form == QUEUE_FORM_JSON)
		show_json(record, head, state);
	else
		show_text(record, head, state);
}

void queue_put_waiting(struct buf *out, const struct record *record)
{
	const struct record_event *last = record_last(record);
	time_t now = clock_wall(), next = record_next(record);
	size_t count = record_count(record, RECORD_WAITING);

	for (size_t i = 0; i < record->recipient_count; i++)
		if (record->recipients[i].state == RECORD_WAITING) {
			buf_printf(out, "%s: ", record->id);
			put_clean(out, record->recipients[i].address.utf8);
			break;
		}
	if (count > 1)
		buf_printf(out, " +%zu", count - 1);
	buf_puts(out, ": ");
	put_clean(out, last ? last->words : _("not tried yet"));
	if (next > now) {
		buf_puts(out, _(", next try in "));
		duration_put_rough(out, (long)(next - now));
	}
	buf_put_byte(out, '\n');
}
