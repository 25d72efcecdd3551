/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A queue, whatever keeps it.  Knows no store: it asks the one at hand. */
#include <config.h>

#include "base/text.h"
#include "mail/header.h"
#include "spool/store_ops.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_BYTES = 64 * 1024, HEAD_VALUE_BYTES = 500 };

/* ---- the queue ----------------------------------------------------------- */

void spool_close(struct spool *spool)
{
	if (spool)
		spool->ops->close(spool);
}

const char *spool_path(const struct spool *spool)
{
	return spool->path;
}

int spool_fd(const struct spool *spool)
{
	return spool->fd;
}

uid_t spool_owner(const struct spool *spool)
{
	return spool->owner;
}

bool spool_is_shared(const struct spool *spool)
{
	return spool->fd < 0;
}

/* Root may look after another user's queue; what it makes there is that
 * user's. */
void spool_give(const struct spool *spool, int fd)
{
	if (fd >= 0 && spool->owner != geteuid() && geteuid() == 0 &&
		fchown(fd, spool->owner, (gid_t)-1) < 0)
		errno = 0; /* its owner will find a file that is not its own */
}

bool spool_check_lasting(const struct spool *spool, struct diag *why)
{
	return spool->ops->check_lasting(spool, why);
}

bool spool_commit(struct spool *spool, struct record *record,
	struct source *message, struct diag *why)
{
	return spool->ops->commit(spool, record, message, why);
}

bool spool_note_ends(struct spool_entry *const *entries, size_t count,
	const struct spool_end *end, struct diag *why)
{
	return entries[0]->spool->ops->note_ends(entries, count, end, why);
}

bool spool_sync(struct spool *spool)
{
	return spool->ops->sync(spool);
}

/* ---- an entry ------------------------------------------------------------ */

enum spool_result spool_entry_open(struct spool *spool, enum spool_place place,
	const char *id, struct spool_entry **out, struct diag *why)
{
	if (record_id_is_valid(span_of(id)))
		return spool->ops->open(spool, place, id, out, why);
	diag_set(why, DIAG_QUEUE_NO_ENTRY, id);
	return SPOOL_GONE;
}

void spool_entry_close(struct spool_entry *entry)
{
	if (entry)
		entry->spool->ops->close_entry(entry);
}

const struct record *spool_entry_record(const struct spool_entry *entry)
{
	return &entry->record;
}

bool spool_entry_end_is_noted(const struct spool_entry *entry)
{
	return entry->is_end_noted;
}

void spool_cancel_end(struct spool_entry *entry)
{
	entry->spool->ops->cancel_end(entry);
}

struct source *spool_entry_message(struct spool_entry *entry)
{
	return entry->spool->ops->message(entry);
}

bool spool_entry_note(struct spool_entry *entry,
	const struct record_event *events, size_t count,
	enum spool_durability durability, struct diag *why)
{
	return entry->spool->ops->note(entry, events, count, durability, why);
}

bool spool_entry_finish(struct spool_entry *entry, struct diag *why)
{
	return entry->spool->ops->finish(entry, why);
}

bool spool_entry_remove(struct spool_entry *entry, struct diag *why)
{
	return entry->spool->ops->remove(entry, why);
}

bool spool_entry_requeue(struct spool_entry *entry, struct diag *why)
{
	return entry->spool->ops->requeue(entry, why);
}

static const char *keep(struct arena *arena, const char *text)
{
	return arena_strdup(arena, text ? text : "");
}

static void apply(struct spool_entry *entry, const struct record_event *event)
{
	struct record_event *kept =
		arena_memdup(entry->arena, event, sizeof *event);

	kept->recipients = keep(entry->arena, event->recipients);
	kept->name = keep(entry->arena, event->name);
	kept->status = keep(entry->arena, event->status);
	kept->words = keep(entry->arena, event->words);
	(void)record_apply(&entry->record, kept);
}

void store_apply(struct spool_entry *entry, const struct record_event *events,
	size_t count)
{
	for (size_t i = 0; i < count; i++)
		apply(entry, &events[i]);
}

bool store_not_noted(const struct spool_entry *entry, struct diag *why)
{
	int error = errno;

	diag_set(why, DIAG_QUEUE_NOT_NOTED, entry->id);
	return diag_add_errno(why, error);
}

/* ---- its head, for people ------------------------------------------------ */

/* The beginning of the message, up to the empty line. */
static struct span read_head(struct spool_entry *entry, struct buf *text)
{
	struct source *message = spool_entry_message(entry);
	struct span piece, head;
	struct diag ignored;

	while (text->length < HEAD_BYTES &&
		source_next(message, &piece, &ignored) && piece.length) {
		size_t room = HEAD_BYTES - text->length;

		buf_put(text, piece.at,
			piece.length < room ? piece.length : room);
	}
	source_close(message);
	head = buf_span(text);
	for (size_t i = 0; i + 4 <= head.length; i++)
		if (memcmp(head.at + i, "\r\n\r\n", 4) == 0)
			return span_make(head.at, i + 2);
	/* Cut in the middle of a field: it ends where its line does. */
	while (head.length && head.at[head.length - 1] != '\n')
		head.length--;
	return head;
}

static void put_head_field(struct buf *out, const struct header_field *field)
{
	struct buf value = BUF_INIT(HEAD_VALUE_BYTES);

	header_unfold(field->value, &value);
	text_put_printable(out, field->name);
	buf_puts(out, ": ");
	text_put_printable(out, buf_span(&value));
	buf_put_byte(out, '\n');
	buf_free(&value);
}

void spool_entry_put_head(struct spool_entry *entry, struct buf *out)
{
	static const char *const names[] = { "From", "To", "Cc", "Subject",
		"Date" };
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT(HEAD_BYTES);
	struct header header;

	header_split(read_head(entry, &text), arena, &header);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct header_field *field =
			header_find(&header, names[i]);

		if (field)
			put_head_field(out, field);
	}
	buf_free(&text);
	arena_free(arena);
}

/* ---- those that are none, or no more ------------------------------------- */

bool spool_set_aside(
	struct spool *spool, const char *id, const struct diag *reason)
{
	return spool->ops->set_aside(spool, id, reason);
}

bool spool_take_back(struct spool *spool, const char *id, struct diag *why)
{
	if (!record_id_is_valid(span_of(id)))
		return diag_set(why, DIAG_QUEUE_NO_ENTRY, id);
	return spool->ops->take_back(spool, id, why);
}

bool spool_remove_damaged(struct spool *spool, const char *id)
{
	return record_id_is_valid(span_of(id)) &&
	       spool->ops->remove_damaged(spool, id);
}

void spool_sweep_draft(struct spool *spool, const char *id)
{
	spool->ops->sweep_draft(spool, id);
}

size_t spool_sweep(struct spool *spool, time_t now)
{
	return spool->ops->sweep(spool, now);
}

int spool_sleep(struct spool *spool, bool is_asleep)
{
	return spool->ops->sleep ? spool->ops->sleep(spool, is_asleep) : -1;
}

void spool_woken(struct spool *spool)
{
	if (spool->ops->woken)
		spool->ops->woken(spool);
}

void spool_let_go(struct spool *spool)
{
	if (spool->ops->let_go)
		spool->ops->let_go(spool);
}

bool spool_draw(const struct spool *spool, struct spool_lot *lot)
{
	return spool->ops->draw && spool->ops->draw(spool, lot);
}

void spool_overdraw(
	const struct spool *spool, const char *bucket, unsigned number)
{
	if (spool->ops->overdraw)
		spool->ops->overdraw(spool, bucket, number);
}

bool spool_knows(struct spool *spool, const char *id)
{
	return spool->ops->knows(spool, id);
}

bool spool_find_in_history(
	struct spool *spool, const char *id, struct buf *out, struct buf *head)
{
	return spool->ops->find_in_history(spool, id, out, head);
}

/* ---- going through it ---------------------------------------------------- */

struct spool_walk *spool_walk_new(
	struct spool *spool, enum spool_place place, struct diag *why)
{
	return spool->ops->walk(spool, place, why);
}

bool spool_walk_next(struct spool_walk *walk, struct spool_item *item)
{
	return walk->spool->ops->walk_next(walk, item);
}

bool spool_walk_next_name(struct spool_walk *walk, struct spool_item *item)
{
	return walk->spool->ops->walk_next_name(walk, item);
}

void spool_walk_look(
	struct spool_walk *walk, const char *id, struct spool_item *item)
{
	memset(item, 0, sizeof *item);
	if (record_id_is_valid(span_of(id)))
		walk->spool->ops->walk_look(walk, id, item);
}

void spool_walk_free(struct spool_walk *walk)
{
	if (walk)
		walk->spool->ops->walk_free(walk);
}

void spool_each_damaged(struct spool *spool,
	void (*tell)(void *context, const char *id, const char *reason),
	void *context)
{
	spool->ops->each_damaged(spool, tell, context);
}
