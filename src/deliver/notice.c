/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of refusals.  Knows what is said, not how it is sent. */
#include <config.h>

#include "deliver/notice.h"

#include "base/clock.h"
#include "base/process.h"
#include "base/random.h"
#include "base/text.h"
#include "deliver/outcome.h"
#include "deliver/queue.h"
#include "mail/date.h"
#include "mail/field.h"
#include "mail/msgid.h"
#include "net/idn.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	NOTICE_LIMIT = 4 * 1024 * 1024,
	NOTICE_COLUMNS = 76,
	NOTICE_WORD = 900, /* RFC 5322 2.1.1 */
	NOTICE_RECIPIENTS = 100,
	NOTICE_RANGES = 2 * 1024 * 1024,
	MAKE_GOOD_S = 24 * 3600
};

/* ---- the text ------------------------------------------------------------ */

/* In English, as the log: whoever reads it is not whose language this process
 * was started with. */

static void put_line(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "    %-10s ", name);
	text_put_printable(out, span_of(value));
	buf_puts(out, "\r\n");
}

/* In lines of a readable length. */
static void put_words(struct buf *out, const char *words)
{
	struct buf printable = BUF_INIT(NOTICE_LIMIT);
	struct span rest, word;
	size_t column = 0;

	text_put_printable(&printable, span_of(words));
	rest = buf_span(&printable);
	while ((word = span_cut_word(&rest)).length) {
		if (word.length > NOTICE_WORD)
			word.length = NOTICE_WORD;
		if (column && column + 1 + word.length > NOTICE_COLUMNS) {
			buf_puts(out, "\r\n");
			column = 0;
		}
		buf_puts(out, column ? " " : "      ");
		column += (column ? 1 : 6) + word.length;
		buf_put_span(out, word);
	}
	buf_puts(out, "\r\n");
	buf_free(&printable);
}

static void put_refusals(struct buf *out, const struct record *record)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < record->recipient_count; i++) {
		const struct record_recipient *one = &record->recipients[i];

		if (one->state != RECORD_REFUSED)
			continue;
		if (shown == NOTICE_RECIPIENTS) {
			more++;
			continue;
		}
		shown++;
		buf_puts(out, "    ");
		text_put_printable(out, span_of(one->address.utf8));
		buf_puts(out, "\r\n");
		if (one->last)
			put_words(out, one->last->words);
	}
	if (more)
		buf_printf(out, "    and %zu more\r\n", more);
}

static void put_facts(struct buf *out, const struct record *record)
{
	struct buf date = BUF_INIT(128);

	date_put(&date, record->created, clock_zone_offset(record->created));
	put_line(out, "id", record->id);
	put_line(out, "queued", buf_text(&date));
	put_line(out, "sender",
		record->sender.utf8[0] ? record->sender.utf8 : "<>");
	if (record->account)
		put_line(out, "account", record->account);
	if (record->message_id)
		put_line(out, "Message-ID", record->message_id);
	buf_free(&date);
}

/* The fields of its header, named in lower case as the facts are. */
static void put_head_facts(struct buf *out, struct spool_entry *entry)
{
	struct buf head = BUF_INIT(NOTICE_LIMIT);
	struct span rest;

	spool_entry_put_head(entry, &head);
	rest = buf_span(&head);
	while (rest.length) {
		struct span value = span_cut(&rest, '\n');
		struct span name = span_cut(&value, ':');

		buf_puts(out, "    ");
		for (size_t i = 0; i < 10 || i < name.length; i++)
			buf_put_byte(out, i < name.length
						  ? ascii_lower(name.at[i])
						  : ' ');
		buf_put_byte(out, ' ');
		buf_put_span(out, span_trim(value));
		buf_puts(out, "\r\n");
	}
	buf_free(&head);
}

static void put_body(
	struct buf *out, const struct notice *notice, struct arena *arena)
{
	const struct record *record = spool_entry_record(notice->entry);
	const char *host = process_host_name(arena);

	buf_puts(out, "This message was refused, and is not tried again:\r\n"
		      "\r\n");
	put_facts(out, record);
	put_head_facts(out, notice->entry);
	buf_puts(out, "\r\nIt did not reach\r\n\r\n");
	put_refusals(out, record);
	buf_puts(out, "\r\nIt is kept on ");
	text_put_printable(out, span_of(host ? host : "this machine"));
	buf_puts(out, ", in ");
	text_put_printable(out, span_of(spool_path(notice->spool)));
	buf_printf(out,
		", until somebody says\r\n\r\n"
		"    mailchute queue release %s    to try it again, or\r\n"
		"    mailchute queue remove %s\r\n",
		record->id, record->id);
}

static void put_from(struct buf *out, const char *from, struct arena *arena)
{
	struct mailbox mailbox;
	struct mailbox_list list = { .items = &mailbox, .count = 1 };
	const char *reason;

	if (!address_parse(span_of(from), arena, &mailbox, &reason))
		return;
	mailbox.name = "mailchute";
	field_put_mailboxes(out, "From", &list);
}

static void put_to(struct buf *out, const char *to, struct arena *arena)
{
	struct mailbox mailbox;
	struct mailbox_list list = { .items = &mailbox, .count = 1 };
	const char *reason;

	if (address_parse(span_of(to), arena, &mailbox, &reason))
		field_put_mailboxes(out, "To", &list);
}

/* RFC 3834: no vacation program answers it. */
static void put_head(struct buf *out, const struct account *account,
	const struct record *record, const char *message_id,
	struct arena *arena)
{
	char subject[64];
	time_t now = clock_wall();

	put_from(out, account->from ? account->from : account->notify, arena);
	put_to(out, account->notify, arena);
	snprintf(subject, sizeof subject, "Mail %s was refused", record->id);
	field_put_text(out, "Subject", span_of(subject));
	buf_puts(out, "Date: ");
	date_put(out, now, clock_zone_offset(now));
	buf_printf(out, "\r\nMessage-ID: %s\r\n", message_id);
	buf_puts(out, "Auto-Submitted: auto-generated\r\n"
		      "MIME-Version: 1.0\r\n"
		      "Content-Type: text/plain; charset=UTF-8\r\n"
		      "Content-Transfer-Encoding: 8bit\r\n\r\n");
}

static const char *make_message_id(
	const struct account *account, struct arena *arena)
{
	struct buf text = BUF_INIT(1024);
	const char *from = account->from ? account->from : account->notify;
	const char *at = strrchr(from, '@'), *kept;
	unsigned char random[16];

	random_bytes(random, sizeof random);
	msgid_put(&text, clock_wall(), random, at ? at + 1 : "");
	kept = arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return kept;
}

/* ---- into the queue ------------------------------------------------------ */

/* The account's own sender, not the null one, which many a provider takes from
 * nobody who logs in; a bounce of the report ends with a person then. */
static bool make_envelope(const struct account *account, struct arena *arena,
	struct envelope *out, struct diag *why)
{
	struct envelope_params params = {
		.operands = &account->notify,
		.operand_count = 1,
		.sender = account->from,
		.to_ascii = idn_to_ascii,
	};

	if (envelope_make(&params, NULL, arena, out, NULL))
		return true;
	params.sender = NULL;
	return envelope_make(&params, NULL, arena, out, why);
}

static bool commit(
	const struct notice *notice, const char *id, struct diag *why)
{
	struct arena *arena = arena_new();
	const struct record *record = spool_entry_record(notice->entry);
	struct buf text = BUF_INIT(NOTICE_LIMIT);
	struct envelope envelope;
	struct delivery delivery = { .envelope = &envelope,
		.message_id = make_message_id(notice->account, arena) };
	const struct queue_message message = {
		.spool = notice->spool,
		.account = notice->account,
		.config_file = record->config,
		.id = id,
		.delivery = &delivery,
		.is_report = true,
		.is_taken = record->is_taken,
	};
	bool is_put = false;
	time_t next;

	if (make_envelope(notice->account, arena, &envelope, why)) {
		put_head(&text, notice->account, record, delivery.message_id,
			arena);
		delivery.header_is_8bit = !text_is_ascii(buf_span(&text));
		put_body(&text, notice, arena);
		delivery.is_8bit = !text_is_ascii(buf_span(&text));
		delivery.message = source_from_span(buf_span(&text));
		is_put = queue_put(&message, &next, why);
		source_close(delivery.message);
	}
	buf_free(&text);
	arena_free(arena);
	return is_put;
}

/* ---- once ---------------------------------------------------------------- */

static bool is_news(const struct record *record, size_t i, void *context)
{
	(void)context;
	return record->recipients[i].state == RECORD_REFUSED &&
	       !record->recipients[i].is_reported;
}

static bool note(const struct notice *notice, const struct buf *recipients,
	const char *id, struct diag *why)
{
	const struct record_event event = {
		.kind = RECORD_EVENT_NOTIFIED,
		.at = clock_wall(),
		.count = 1,
		.recipients = buf_text(recipients),
		.words = id,
	};

	return spool_entry_note(notice->entry, &event, 1, SPOOL_DURABLE, why);
}

/* The history forgets: what is nowhere to be found was sent long ago. */
static bool is_old(const struct record *record)
{
	time_t at = 0;

	for (size_t i = 0; i < record->event_count; i++)
		if (record->events[i].kind == RECORD_EVENT_NOTIFIED)
			at = record->events[i].at;
	return clock_wall() - at > MAKE_GOOD_S;
}

/* What a crash left: noted, but never committed. */
static bool make_good(
	const struct notice *notice, char *id, size_t size, struct diag *why)
{
	const struct record *record = spool_entry_record(notice->entry);
	const char *noted = record->report_id;

	if (!noted || spool_knows(notice->spool, noted) || is_old(record))
		return true;
	snprintf(id, size, "%s", noted);
	spool_sweep_draft(notice->spool, id);
	return commit(notice, id, why);
}

bool notice_put(const struct notice *notice,
	char id[static RECORD_ID_LENGTH + 1], struct diag *why)
{
	const struct record *record = spool_entry_record(notice->entry);
	struct buf recipients = BUF_INIT(NOTICE_RANGES);
	struct outcome named;
	bool is_fine;

	id[0] = '\0';
	if (!notice->account->notify || record->is_report ||
		!record_count(record, RECORD_REFUSED))
		return true;
	is_fine = make_good(notice, id, RECORD_ID_LENGTH + 1, why);
	record_put_ranges(&recipients, record, is_news, NULL);
	if (is_fine && recipients.length) {
		outcome_init(&named);
		outcome_make_id(&named);
		snprintf(id, RECORD_ID_LENGTH + 1, "%s", named.id);
		is_fine = note(notice, &recipients, id, why) &&
			  commit(notice, id, why);
	}
	buf_free(&recipients);
	return is_fine;
}
