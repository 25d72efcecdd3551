/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries on disk.  Knows files and their order, not what a message is for.
 * Paths are relative to the queue's folder, which belongs to us alone.
 */
#include <config.h>

#include "base/disk.h"
#include "base/text.h"
#include "spool/form.h"
#include "spool/history.h"
#include "spool/store_ops.h"
#include "spool/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PATH_BYTES = 64, /* "incoming/ID/envelope" */
	READ_BYTES = 64 * 1024,
	HEAD_LIMIT = 16 * 1024,
	WHY_BYTES = 4096
};

struct folder_spool {
	struct spool base;
	int sending_fd;   /* -1: not needed yet */
	bool is_unsynced; /* what was done in sending/ */
};

/* What an entry was before its end was noted. */
struct before {
	off_t journal_end;
	bool is_sending, is_in_doubt;
};

struct folder_entry {
	struct spool_entry base;
	bool is_folder;             /* of an earlier version */
	bool is_sending;            /* SPOOL_QUEUED, and in sending/ */
	struct before before;       /* its end was noted */
	int message_fd, journal_fd; /* one and the same but in a folder */
	struct form form;
};

static struct folder_spool *own(struct spool *spool)
{
	return (struct folder_spool *)spool;
}

static struct folder_entry *own_entry(struct spool_entry *entry)
{
	return (struct folder_entry *)entry;
}

static const char *const place_prefix[] = {
	[SPOOL_QUEUED] = "",
	[SPOOL_IN_FAILED] = "failed/",
};

struct path {
	char text[PATH_BYTES];
};

static struct path make_path(
	const char *prefix, const char *id, const char *suffix)
{
	struct path path;

	snprintf(path.text, sizeof path.text, "%s%s%s", prefix, id, suffix);
	return path;
}

static const char *prefix_of(const struct folder_entry *entry)
{
	return entry->is_sending ? "sending/" : place_prefix[entry->base.place];
}

static struct path entry_path(
	const struct folder_entry *entry, const char *suffix)
{
	return make_path(prefix_of(entry), entry->base.id, suffix);
}

/* ---- the queue ----------------------------------------------------------- */

static void close_folder(struct spool *spool)
{
	folder_close(own(spool)->sending_fd);
	folder_close(spool->fd);
	mem_free(spool->path);
	mem_free(spool);
}

static bool check_lasting(const struct spool *spool, struct diag *why)
{
	return disk_is_lasting(spool->fd) ||
	       diag_set(why, DIAG_QUEUE_NOT_LASTING, spool->path);
}

static void give_folder(const struct spool *spool, const char *folder)
{
	if (spool->owner != geteuid() && geteuid() == 0 &&
		fchownat(spool->fd, folder, spool->owner, (gid_t)-1,
			AT_SYMLINK_NOFOLLOW) < 0)
		errno = 0;
}

/* Makes FOLDER in the queue when it is missing. */
static bool need_folder(const struct spool *spool, const char *folder)
{
	if (mkdirat(spool->fd, folder, S_IRWXU) < 0)
		return errno == EEXIST;
	give_folder(spool, folder);
	return true;
}

/* Never over something that is there: that would be another mail's end. */
static bool rename_in(
	const struct spool *spool, const char *from, const char *to)
{
	struct stat status;

	if (fstatat(spool->fd, to, &status, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return false;
	}
	return errno == ENOENT && renameat(spool->fd, from, spool->fd, to) == 0;
}

/* The same when the folder of TO may be missing. */
static bool rename_into(const struct spool *spool, const char *from,
	const char *folder, const char *to)
{
	if (rename_in(spool, from, to))
		return true;
	if (errno != ENOENT)
		return false;
	return need_folder(spool, folder) && rename_in(spool, from, to);
}

/* ---- S1, S2: commit ------------------------------------------------------ */

static void draft_discard(const struct spool *spool, const char *path)
{
	int kept = errno;

	(void)unlinkat(spool->fd, path, 0);
	errno = kept;
}

/* Makes incoming/ID, and locks it. */
static int draft_make(const struct spool *spool, const char *path)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(spool->fd, path, flags, S_IRUSR | S_IWUSR);

	if (fd < 0 && errno == ENOENT && need_folder(spool, "incoming"))
		fd = openat(spool->fd, path, flags, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return -1;
	spool_give(spool, fd);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	folder_close(fd);
	draft_discard(spool, path);
	return -1;
}

/* A record that could not be read again would be a lost mail; better to hear
 * of it now. */
static bool record_survives(struct span text, struct diag *why)
{
	struct arena *arena = arena_new();
	struct record again;
	bool survives = record_parse(text, arena, &again, why);

	arena_free(arena);
	return survives;
}

static bool not_kept(const struct spool *spool, struct diag *why)
{
	int error = errno;

	diag_set(why, DIAG_QUEUE_NOT_KEPT, spool->path);
	return diag_add_errno(why, error);
}

static bool check_text(struct span text, bool is_too_long, struct diag *why)
{
	if (is_too_long)
		return diag_set(why, DIAG_QUEUE_RECORD,
			DIAG_WORDS N_("it is too long"));
	return record_survives(text, why);
}

/* The head stands before the message and the events behind it; the size is
 * known at the end. */
static bool draft_write(const struct spool *spool, int fd,
	struct record *record, struct source *message, struct diag *why)
{
	struct buf text = BUF_INIT(RECORD_LIMIT);
	enum folder_copied copied;
	struct span head, events;
	bool is_written = false;

	record_put_head(&text, record);
	copied = folder_copy(
		fd, (off_t)text.length, message, &record->size_bytes, why);
	record_set_size(&text, record->size_bytes);
	head.length = text.length;
	for (size_t i = 0; i < record->event_count; i++)
		record_put_event(&text, &record->events[i]);
	head = span_make(text.data, head.length);
	events = span_skip(buf_span(&text), head.length);
	if (copied == FOLDER_NOT_WRITTEN)
		not_kept(spool, why);
	else if (copied == FOLDER_COPIED &&
		 check_text(buf_span(&text), text.overflowed, why))
		is_written = (folder_write(fd, head, 0) &&
				     folder_write(fd, events,
					     (off_t)(head.length +
						     record->size_bytes))) ||
			     not_kept(spool, why);
	buf_free(&text);
	return is_written;
}

/* The rename may be seen before it is durable; whoever sees it finds the entry
 * locked until it is.  When it cannot be made durable it is taken back. */
static bool draft_publish(
	const struct spool *spool, int fd, const char *path, const char *id)
{
	if (!disk_sync_data(fd) || !rename_in(spool, path, id))
		return false;
	if (disk_sync(spool->fd))
		return true;
	draft_discard(spool, id);
	return false;
}

static bool commit(struct spool *spool, struct record *record,
	struct source *message, struct diag *why)
{
	struct path path = make_path("incoming/", record->id, "");
	int fd = draft_make(spool, path.text);
	bool is_committed;

	if (fd < 0)
		return not_kept(spool, why);
	is_committed = draft_write(spool, fd, record, message, why) &&
		       (draft_publish(spool, fd, path.text, record->id) ||
			       not_kept(spool, why));
	if (!is_committed)
		draft_discard(spool, path.text);
	/* The lock goes last: until here no runner touches the entry. */
	folder_close(fd);
	return is_committed;
}

/* ---- opening ------------------------------------------------------------- */

static enum spool_result say_gone(const char *id, struct diag *why)
{
	diag_set(why, DIAG_QUEUE_NO_ENTRY, id);
	return SPOOL_GONE;
}

static enum spool_result say_damaged(
	const char *id, const char *reason, struct diag *why)
{
	diag_set(why, DIAG_QUEUE_ENTRY, id, reason);
	return SPOOL_DAMAGED;
}

static enum spool_result say_failed(const char *id, struct diag *why)
{
	int error = errno;

	diag_set(why, DIAG_QUEUE_STUCK, id);
	diag_add_errno(why, error);
	return SPOOL_FAILED;
}

/* A file is missing: the whole entry was just moved away, or it is no entry. */
static enum spool_result say_missing(
	const struct folder_entry *entry, const char *name, struct diag *why)
{
	struct path path = entry_path(entry, "");
	struct stat status;
	char reason[128];

	if (fstatat(entry->base.spool->fd, path.text, &status,
		    AT_SYMLINK_NOFOLLOW) < 0 &&
		errno == ENOENT)
		return say_gone(entry->base.id, why);
	snprintf(reason, sizeof reason, "%s%s",
		DIAG_WORDS N_("its file %s is missing") DIAG_NEXT, name);
	return say_damaged(entry->base.id, reason, why);
}

/* One of the two in a folder. */
static enum spool_result open_file(struct folder_entry *entry, int folder_fd,
	const char *name, int *fd, struct stat *status, struct diag *why)
{
	char reason[128];
	const char *fault = NULL;

	switch (folder_open_file(folder_fd, name, O_RDWR,
		entry->base.spool->owner, fd, status, &fault)) {
	case FOLDER_OK:
		return SPOOL_OK;
	case FOLDER_MISSING:
		return say_missing(entry, name, why);
	case FOLDER_IS_FOLDER:
		fault = DIAG_WORDS N_("it is no regular file");
		break;
	case FOLDER_WRONG:
		break;
	case FOLDER_FAILED:
		return say_failed(entry->base.id, why);
	}
	snprintf(reason, sizeof reason, "%s%s%s",
		DIAG_WORDS N_("its file %s is not as it was made") DIAG_NEXT,
		name, fault);
	return say_damaged(entry->base.id, reason, why);
}

static enum spool_result open_folder(
	struct folder_entry *entry, int *fd, struct diag *why)
{
	struct path path = entry_path(entry, "");
	struct stat status;

	*fd = openat(entry->base.spool->fd, path.text,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0) {
		if (errno == ENOENT)
			return say_gone(entry->base.id, why);
		if (errno == ELOOP || errno == ENOTDIR)
			return say_damaged(entry->base.id,
				DIAG_WORDS N_("it is no folder"), why);
		return say_failed(entry->base.id, why);
	}
	if (fstat(*fd, &status) < 0)
		return say_failed(entry->base.id, why);
	if (status.st_uid != entry->base.spool->owner)
		return say_damaged(entry->base.id,
			DIAG_WORDS N_("it belongs to another user"), why);
	return SPOOL_OK;
}

/* Between our open() and our lock its last holder may have moved it away, or
 * written it anew. */
static bool is_still_there(
	const struct folder_entry *entry, const struct stat *locked)
{
	struct path path =
		entry_path(entry, entry->is_folder ? "/message" : "");
	struct stat now;

	return fstatat(entry->base.spool->fd, path.text, &now,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	       now.st_ino == locked->st_ino && now.st_dev == locked->st_dev;
}

static enum spool_result lock(
	struct folder_entry *entry, const struct stat *locked, struct diag *why)
{
	int result;

	do {
		result = flock(entry->message_fd, LOCK_EX | LOCK_NB);
	} while (result < 0 && errno == EINTR);
	if (result < 0 && errno == EWOULDBLOCK) {
		diag_set(why, DIAG_QUEUE_BUSY, entry->base.id);
		return SPOOL_BUSY;
	}
	if (result < 0)
		return say_failed(entry->base.id, why);
	return is_still_there(entry, locked) ? SPOOL_OK
					     : say_gone(entry->base.id, why);
}

static enum spool_result read_record(
	struct folder_entry *entry, off_t size, struct diag *why)
{
	const struct form_file file = {
		.fd = entry->journal_fd,
		.size = size,
		.is_envelope = entry->is_folder,
	};

	switch (form_read(&file, entry->base.id, entry->base.arena,
		&entry->base.record, &entry->form, why)) {
	case FORM_OK:
		break;
	case FORM_DAMAGED:
		return SPOOL_DAMAGED;
	case FORM_FAILED:
		return say_failed(entry->base.id, why);
	}
	if (entry->is_sending &&
		record_count(&entry->base.record, RECORD_WAITING))
		entry->base.record.is_in_doubt = true;
	/* A line that a crash cut short must not become the beginning of the
	 * next one. */
	if (entry->form.journal_end < size &&
		ftruncate(entry->journal_fd, entry->form.journal_end) < 0)
		return say_failed(entry->base.id, why);
	return SPOOL_OK;
}

static enum spool_result fill_from_file(
	struct folder_entry *entry, const struct stat *status, struct diag *why)
{
	enum spool_result result = lock(entry, status, why);
	struct stat now;

	entry->journal_fd = entry->message_fd;
	if (result != SPOOL_OK)
		return result;
	/* Before we had the lock somebody may have appended. */
	if (fstat(entry->message_fd, &now) < 0)
		return say_failed(entry->base.id, why);
	return read_record(entry, now.st_size, why);
}

static enum spool_result fill_from_folder(
	struct folder_entry *entry, int folder_fd, struct diag *why)
{
	struct stat message, envelope;
	enum spool_result result = open_file(
		entry, folder_fd, "message", &entry->message_fd, &message, why);

	if (result == SPOOL_OK)
		result = lock(entry, &message, why);
	if (result == SPOOL_OK)
		result = open_file(entry, folder_fd, "envelope",
			&entry->journal_fd, &envelope, why);
	if (result == SPOOL_OK)
		result = read_record(entry, envelope.st_size, why);
	if (result == SPOOL_OK &&
		(uint64_t)message.st_size != entry->base.record.size_bytes)
		return say_damaged(entry->base.id,
			DIAG_WORDS N_("its message has not the size it was "
				      "kept with"),
			why);
	return result;
}

static enum spool_result fill(struct folder_entry *entry, struct diag *why)
{
	struct path path = entry_path(entry, "");
	const char *fault = NULL;
	enum spool_result result;
	struct stat status;
	int folder_fd = -1;

	switch (folder_open_file(entry->base.spool->fd, path.text, O_RDWR,
		entry->base.spool->owner, &entry->message_fd, &status,
		&fault)) {
	case FOLDER_OK:
		return fill_from_file(entry, &status, why);
	case FOLDER_MISSING:
		return say_gone(entry->base.id, why);
	case FOLDER_WRONG:
		return say_damaged(entry->base.id, fault, why);
	case FOLDER_FAILED:
		return say_failed(entry->base.id, why);
	case FOLDER_IS_FOLDER:
		break;
	}
	entry->is_folder = true;
	result = open_folder(entry, &folder_fd, why);
	if (result == SPOOL_OK)
		result = fill_from_folder(entry, folder_fd, why);
	folder_close(folder_fd);
	return result;
}

static void close_entry(struct spool_entry *base)
{
	struct folder_entry *entry = own_entry(base);

	if (entry->journal_fd != entry->message_fd)
		folder_close(entry->journal_fd);
	folder_close(entry->message_fd);
	arena_free(entry->base.arena);
	mem_free(entry);
}

static enum spool_result open_one(struct spool *spool, enum spool_place place,
	bool is_sending, const char *id, struct spool_entry **out,
	struct diag *why)
{
	struct folder_entry *entry = mem_zalloc(sizeof *entry);
	enum spool_result result;

	entry->base.spool = spool;
	entry->base.place = place;
	entry->is_sending = is_sending;
	entry->base.arena = arena_new();
	entry->message_fd = entry->journal_fd = -1;
	snprintf(entry->base.id, sizeof entry->base.id, "%s", id);
	result = fill(entry, why);
	if (result == SPOOL_OK)
		*out = &entry->base;
	else
		close_entry(&entry->base);
	return result;
}

static bool is_in_sending(const struct spool *spool, const char *id)
{
	struct path path = make_path("sending/", id, "");
	struct stat status;

	return fstatat(spool->fd, path.text, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Sending comes first: what is there is in doubt, whatever else is.  Between
 * two looks it may have been moved. */
static enum spool_result open_entry(struct spool *spool, enum spool_place place,
	const char *id, struct spool_entry **out, struct diag *why)
{
	enum spool_result result;

	if (place == SPOOL_QUEUED && is_in_sending(spool, id)) {
		result = open_one(spool, place, true, id, out, why);
		if (result != SPOOL_GONE)
			return result;
	}
	result = open_one(spool, place, false, id, out, why);
	if (result == SPOOL_GONE && place == SPOOL_QUEUED &&
		is_in_sending(spool, id))
		result = open_one(spool, place, true, id, out, why);
	return result;
}

/* ---- the message --------------------------------------------------------- */

struct message_source {
	struct source source;
	int fd;
	off_t begin, end, offset;
	char bytes[READ_BYTES];
};

static bool message_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct message_source *from = (struct message_source *)source;
	size_t rest = (size_t)(from->end - from->offset);
	ssize_t got;

	do {
		got = pread(from->fd, from->bytes,
			rest < sizeof from->bytes ? rest : sizeof from->bytes,
			from->offset);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		int error = errno;

		diag_set(why, DIAG_INPUT_NOT_KEPT, DIAG_WORDS N_("the queue"));
		return diag_add_errno(why, error);
	}
	from->offset += (off_t)got;
	*piece = span_make(from->bytes, (size_t)got);
	return true;
}

static bool message_rewind(struct source *source, struct diag *why)
{
	struct message_source *from = (struct message_source *)source;

	(void)why;
	from->offset = from->begin;
	return true;
}

static void message_close(struct source *source)
{
	mem_free(source);
}

static struct source *open_message(struct spool_entry *base)
{
	struct folder_entry *entry = own_entry(base);
	static const struct source_ops ops = {
		message_next,
		message_rewind,
		message_close,
	};
	struct message_source *source = mem_alloc(sizeof *source);

	source->source.ops = &ops;
	source->fd = entry->message_fd;
	source->begin = source->offset = entry->form.message_at;
	source->end = source->begin + (off_t)entry->base.record.size_bytes;
	return &source->source;
}

/* ---- the journal --------------------------------------------------------- */

/* What is appended from now on goes to the new file: its name must be as
 * durable as the lines will be. */
static bool sync_place(const struct folder_entry *entry)
{
	bool is_synced;
	int fd;

	if (!*prefix_of(entry))
		return disk_sync(entry->base.spool->fd);
	fd = openat(entry->base.spool->fd, prefix_of(entry),
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	is_synced = fd >= 0 && disk_sync(fd);
	folder_close(fd);
	return is_synced;
}

/* Writes head, message and condensed journal to FD; *FORM says where. */
static bool write_condensed(
	struct folder_entry *entry, int fd, struct form *form)
{
	struct buf head = BUF_INIT(RECORD_LIMIT),
		   events = BUF_INIT(RECORD_LIMIT);
	struct source *message = open_message(&entry->base);
	struct diag ignored;
	uint64_t size = 0;
	bool is_written;

	record_put_head(&head, &entry->base.record);
	record_put_condensed(&events, &entry->base.record);
	form->message_at = (off_t)head.length;
	form->journal_at =
		form->message_at + (off_t)entry->base.record.size_bytes;
	form->journal_end = form->journal_at + (off_t)events.length;
	is_written = !head.overflowed && !events.overflowed &&
		     folder_copy(fd, form->message_at, message, &size,
			     &ignored) == FOLDER_COPIED &&
		     size == entry->base.record.size_bytes &&
		     folder_write(fd, buf_span(&head), 0) &&
		     folder_write(fd, buf_span(&events), form->journal_at) &&
		     disk_sync_data(fd);
	source_close(message);
	buf_free(&head);
	buf_free(&events);
	return is_written;
}

/* S6: a new file that takes the old one's place. */
static bool condense(struct folder_entry *entry)
{
	struct spool *spool = entry->base.spool;
	struct path draft = make_path("incoming/", entry->base.id, "");
	struct path path = entry_path(entry, "");
	struct form form;
	int fd;

	/* What a crash left of the last time. */
	draft_discard(spool, draft.text);
	fd = draft_make(spool, draft.text);
	if (fd < 0)
		return false;
	if (!write_condensed(entry, fd, &form) ||
		renameat(spool->fd, draft.text, spool->fd, path.text) < 0) {
		draft_discard(spool, draft.text);
		folder_close(fd);
		return false;
	}
	folder_close(entry->message_fd);
	entry->message_fd = entry->journal_fd = fd;
	entry->form = form;
	entry->base.record.head_bytes = (size_t)form.message_at;
	return sync_place(entry);
}

/* The message is copied with it: a journal may become as long as that. */
static bool journal_is_long(const struct folder_entry *entry)
{
	off_t length = entry->form.journal_end - entry->form.journal_at;
	off_t message = (off_t)entry->base.record.size_bytes;

	return !entry->is_folder && length > RECORD_JOURNAL_BYTES &&
	       (length > message || length > RECORD_JOURNAL_LIMIT);
}

/* What cannot be cut off does no harm: readers leave a torn line out, and the
 * next event is written over it. */
static void cut_back(const struct folder_entry *entry)
{
	int ignored = ftruncate(entry->journal_fd, entry->form.journal_end);

	(void)ignored;
}

/* A line that is written but not synced tells the truth all the same, and may
 * be all that keeps a mail from going out twice. */
static bool append_line(struct folder_entry *entry, struct span line,
	bool must_sync, bool is_intention)
{
	bool is_done = false;
	int error;

	if (folder_write(entry->journal_fd, line, entry->form.journal_end)) {
		is_done = !must_sync || disk_sync_data(entry->journal_fd);
		if (is_done || !is_intention)
			entry->form.journal_end += (off_t)line.length;
	}
	error = errno;
	if (!is_done)
		cut_back(entry);
	errno = error;
	return is_done;
}

/* Whether the line must be on disk before anything else is done. */
static bool needs_sync(
	const struct folder_entry *entry, enum spool_durability durability)
{
	const struct record *record = &entry->base.record;
	bool all_have_it = !record_count(record, RECORD_WAITING) &&
			   !record_count(record, RECORD_REFUSED);

	if (entry->is_sending)
		return durability == SPOOL_DURABLE || !all_have_it;
	return durability != SPOOL_LAZY;
}

/* S3 → S2.  When it does not succeed, it stays in doubt: that is told, and no
 * mail is lost. */
static void move_back(struct folder_entry *entry)
{
	struct path path = entry_path(entry, "");

	if (!rename_in(entry->base.spool, path.text, entry->base.id))
		return;
	entry->is_sending = false;
	own(entry->base.spool)->is_unsynced = true;
}

static bool has_dot(const struct record_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (events[i].kind == RECORD_EVENT_DOT)
			return true;
	return false;
}

/* When nothing could be condensed, the long journal does as well. */
static bool has_place(struct folder_entry *entry)
{
	return !journal_is_long(entry) || condense(entry) ||
	       journal_is_long(entry);
}

static bool note(struct spool_entry *base, const struct record_event *events,
	size_t count, enum spool_durability durability, struct diag *why)
{
	struct folder_entry *entry = own_entry(base);
	struct buf line = BUF_INIT(RECORD_LIMIT);
	bool is_noted = has_place(entry);

	for (size_t i = 0; i < count; i++)
		record_put_event(&line, &events[i]);
	store_apply(&entry->base, events, count);
	entry->base.is_end_noted = false;
	is_noted =
		is_noted && !line.overflowed &&
		append_line(entry, buf_span(&line),
			needs_sync(entry, durability), has_dot(events, count));
	if (!is_noted)
		store_not_noted(&entry->base, why);
	else if (entry->is_sending && !entry->base.record.is_in_doubt &&
		 record_count(&entry->base.record, RECORD_WAITING))
		move_back(entry);
	buf_free(&line);
	return is_noted;
}

/* ---- S2, S3: the ends of several ----------------------------------------- */

/* Its own name must be there after a power cut as well. */
static bool open_sending(struct spool *spool)
{
	bool is_new;

	if (own(spool)->sending_fd >= 0)
		return true;
	is_new = mkdirat(spool->fd, "sending", S_IRWXU) == 0;
	if (is_new)
		give_folder(spool, "sending");
	else if (errno != EEXIST)
		return false;
	own(spool)->sending_fd = openat(spool->fd, "sending",
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return own(spool)->sending_fd >= 0 && (!is_new || disk_sync(spool->fd));
}

static bool begin_sending(struct folder_entry *entry, time_t at)
{
	const struct record_event dot = { .kind = RECORD_EVENT_DOT,
		.at = at,
		.count = 1,
		.recipients = "*" };
	struct path from = entry_path(entry, "");
	struct path to = make_path("sending/", entry->base.id, "");
	struct buf line = BUF_INIT(RECORD_LIMIT);
	bool has_room = has_place(entry), is_written;

	entry->before = (struct before){
		.journal_end = entry->form.journal_end,
		.is_sending = entry->is_sending,
		.is_in_doubt = entry->base.record.is_in_doubt,
	};
	record_put_event(&line, &dot);
	is_written =
		has_room && append_line(entry, buf_span(&line), false, true);
	buf_free(&line);
	if (!is_written)
		return false;
	store_apply(&entry->base, &dot, 1);
	entry->is_sending = entry->is_sending ||
			    rename_in(entry->base.spool, from.text, to.text);
	return entry->is_sending;
}

/* It did not go out.  Where that is not durable, it stays in doubt. */
static void stop_sending(struct folder_entry *entry)
{
	const struct before *before = &entry->before;

	if (entry->is_sending && !before->is_sending)
		move_back(entry);
	entry->form.journal_end = before->journal_end;
	entry->base.record.is_in_doubt = before->is_in_doubt;
	entry->base.is_end_noted = false;
	cut_back(entry);
}

/* False: those up to *BEGUN are to be taken back. */
static bool begin_all(struct spool_entry *const *entries, size_t count,
	time_t at, size_t *begun)
{
	for (*begun = 0; *begun < count; ++*begun) {
		struct folder_entry *entry = own_entry(entries[*begun]);

		if (entry->base.is_end_noted || begin_sending(entry, at))
			continue;
		stop_sending(entry);
		return false;
	}
	return true;
}

static bool are_noted(struct spool_entry *const *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!entries[i]->is_end_noted)
			return false;
	return true;
}

static bool note_ends(struct spool_entry *const *entries, size_t count,
	const struct spool_end *end, struct diag *why)
{
	struct folder_spool *spool = own(entries[0]->spool);
	size_t begun = 0;
	bool is_noted;
	int error;

	if (are_noted(entries, count))
		return true;
	is_noted = open_sending(&spool->base) &&
		   begin_all(entries, count, end->at, &begun) &&
		   disk_sync(spool->sending_fd);
	error = errno;
	for (size_t i = 0; i < begun; i++)
		if (is_noted)
			entries[i]->is_end_noted = true;
		else if (!entries[i]->is_end_noted)
			stop_sending(own_entry(entries[i]));
	if (is_noted) {
		spool->is_unsynced = false;
		return true;
	}
	errno = error;
	return store_not_noted(entries[0], why);
}

static void cancel_end(struct spool_entry *base)
{
	if (base->is_end_noted)
		stop_sending(own_entry(base));
}

static bool sync_ends(struct spool *spool)
{
	if (own(spool)->is_unsynced && own(spool)->sending_fd >= 0 &&
		!disk_sync(own(spool)->sending_fd))
		return false;
	own(spool)->is_unsynced = false;
	return true;
}

/* ---- the end ------------------------------------------------------------- */

/* Head and journal, as they stand in the files. */
static bool put_record_text(
	const struct folder_entry *entry, struct arena *arena, struct buf *out)
{
	const struct form *form = &entry->form;
	struct span head, journal;

	if (!folder_read(entry->journal_fd, 0, entry->base.record.head_bytes,
		    arena, &head) ||
		!folder_read(entry->journal_fd, form->journal_at,
			(size_t)(form->journal_end - form->journal_at), arena,
			&journal))
		return false;
	buf_put_span(out, head);
	buf_put_span(out, journal);
	return true;
}

static bool put_block(struct folder_entry *entry, int fd)
{
	struct arena *arena = arena_new();
	struct buf record = BUF_INIT(RECORD_LIMIT), head = BUF_INIT(HEAD_LIMIT);
	bool is_put = put_record_text(entry, arena, &record);

	spool_entry_put_head(&entry->base, &head);
	is_put = is_put && history_put(fd, buf_span(&record), buf_span(&head));
	buf_free(&record);
	buf_free(&head);
	arena_free(arena);
	return is_put;
}

/* A courtesy to whoever asks what became of a mail: not synced, and a full
 * disk does not stop the mail.  But a job sends again what is not here. */
static bool add_to_history(struct folder_entry *entry)
{
	struct spool *spool = entry->base.spool;
	int fd = history_open_job(spool->fd, spool->owner, entry->base.id);
	bool is_of_job = fd >= 0, is_put;

	if (!is_of_job) {
		fd = history_open(spool->fd);
		spool_give(spool, fd);
	}
	is_put = fd >= 0 && put_block(entry, fd) &&
		 (!is_of_job || disk_sync_data(fd));
	folder_close(fd);
	return is_put || !is_of_job;
}

/* An older version may have said that it does not know the entry. */
static void forget_told(const struct folder_entry *entry)
{
	struct path told = make_path("damaged/", entry->base.id, ".why");

	(void)unlinkat(entry->base.spool->fd, told.text, 0);
}

static void unlink_files(int folder_fd)
{
	static const char *const names[] = { "message", "envelope",
		"envelope.new" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		(void)unlinkat(folder_fd, names[i], 0);
}

/* Removes what stands under PATH: a file, or a folder of an earlier version. */
static bool remove_whole(int parent_fd, const char *path)
{
	int fd = openat(parent_fd, path,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool is_removed;

	if (fd >= 0)
		unlink_files(fd);
	is_removed = unlinkat(parent_fd, path, fd >= 0 ? AT_REMOVEDIR : 0) == 0;
	folder_close(fd);
	return is_removed;
}

/* A folder is not gone in one step: it is moved to where the sweep looks. */
static bool take_folder_away(struct folder_entry *entry, const char *path)
{
	struct path grave = make_path("incoming/", entry->base.id, "");

	if (!rename_into(entry->base.spool, path, "incoming", grave.text))
		return false;
	(void)remove_whole(entry->base.spool->fd, grave.text);
	return true;
}

static bool take_away(struct folder_entry *entry, struct diag *why)
{
	struct path path = entry_path(entry, "");
	bool is_gone;

	if (!add_to_history(entry))
		return store_not_noted(&entry->base, why);
	forget_told(entry);
	own(entry->base.spool)->is_unsynced |= entry->is_sending;
	is_gone = entry->is_folder
			  ? take_folder_away(entry, path.text)
			  : unlinkat(entry->base.spool->fd, path.text, 0) == 0;
	return is_gone || store_not_noted(&entry->base, why);
}

static bool remove_entry(struct spool_entry *base, struct diag *why)
{
	return take_away(own_entry(base), why);
}

static bool finish(struct spool_entry *base, struct diag *why)
{
	struct folder_entry *entry = own_entry(base);
	struct path path = entry_path(entry, "");
	struct path failed = make_path("failed/", entry->base.id, "");

	if (!record_count(&entry->base.record, RECORD_REFUSED))
		return take_away(entry, why);
	if (!rename_into(entry->base.spool, path.text, "failed", failed.text))
		return store_not_noted(&entry->base, why);
	entry->base.place = SPOOL_IN_FAILED;
	own(entry->base.spool)->is_unsynced |= entry->is_sending;
	entry->is_sending = false;
	return true;
}

static bool requeue(struct spool_entry *base, struct diag *why)
{
	struct folder_entry *entry = own_entry(base);
	struct path failed = make_path("failed/", entry->base.id, "");

	if (!rename_in(entry->base.spool, failed.text, entry->base.id) ||
		!disk_sync(entry->base.spool->fd))
		return store_not_noted(&entry->base, why);
	entry->base.place = SPOOL_QUEUED;
	return true;
}

/* ---- what is no entry ---------------------------------------------------- */

static void write_reason(
	struct spool *spool, const char *id, const struct diag *reason)
{
	struct path path = make_path("damaged/", id, ".why");
	struct buf text = BUF_INIT(WHY_BYTES);
	int fd = openat(spool->fd, path.text,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK |
			O_CLOEXEC,
		S_IRUSR | S_IWUSR);

	spool_give(spool, fd);
	buf_printf(&text, "%s ", diag_name(reason->id));
	diag_sentence(reason, false, &text);
	buf_put_byte(&text, '\n');
	if (fd >= 0)
		(void)folder_write(fd, buf_span(&text), 0);
	folder_close(fd);
	buf_free(&text);
}

/* The version that wrote it will be back, or has an entry of its own there
 * already.  It stays; a reason beside it says that this was told. */
static bool is_told_first(
	struct spool *spool, const char *id, const struct diag *reason)
{
	struct path told = make_path("damaged/", id, ".why");
	struct stat status;

	if (fstatat(spool->fd, told.text, &status, AT_SYMLINK_NOFOLLOW) == 0)
		return false;
	if (!need_folder(spool, "damaged"))
		return false;
	write_reason(spool, id, reason);
	return true;
}

static bool set_aside(
	struct spool *spool, const char *id, const struct diag *reason)
{
	struct path damaged = make_path("damaged/", id, "");
	struct path sending = make_path("sending/", id, "");

	if (reason->id == DIAG_QUEUE_RECORD_NEWER)
		return is_told_first(spool, id, reason);
	if (!rename_into(spool, id, "damaged", damaged.text) &&
		!rename_into(spool, sending.text, "damaged", damaged.text))
		return false;
	write_reason(spool, id, reason);
	return true;
}

static bool take_back(struct spool *spool, const char *id, struct diag *why)
{
	struct path damaged = make_path("damaged/", id, "");
	struct path reason = make_path("damaged/", id, ".why");
	int error;

	if (rename_in(spool, damaged.text, id)) {
		(void)unlinkat(spool->fd, reason.text, 0);
		return true;
	}
	error = errno;
	if (error == ENOENT)
		return diag_set(why, DIAG_QUEUE_NO_ENTRY, id);
	diag_set(why, DIAG_QUEUE_FOLDER, id);
	return diag_add_errno(why, error);
}

static bool remove_damaged(struct spool *spool, const char *id)
{
	struct path damaged = make_path("damaged/", id, "");
	struct path reason = make_path("damaged/", id, ".why");

	if (!remove_whole(spool->fd, damaged.text))
		return false;
	(void)unlinkat(spool->fd, reason.text, 0);
	return true;
}

/* ---- S1, S6: the sweep --------------------------------------------------- */

/* A living author holds the lock.  Where that cannot be found out (no
 * descriptor, no right, no locks), there is one: a draft that stays a while
 * longer is no loss. */
static bool has_author(int parent_fd, const char *path)
{
	int fd = openat(
		parent_fd, path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool may_live =
		fd < 0 ? errno != ENOENT : flock(fd, LOCK_EX | LOCK_NB) < 0;

	folder_close(fd);
	return may_live;
}

/* What is in incoming/: PATH is of the file that its author would lock. */
struct remains {
	struct path locked;
	time_t age_s; /* so young, it may have an author who is not there yet */
	struct stat status;
};

/* Between the making of a draft and its lock there is no telling; what had a
 * message has lost its author when nobody holds that. */
static bool find_remains(int parent_fd, const char *prefix, const char *id,
	struct remains *remains)
{
	struct path path = make_path(prefix, id, "");
	struct stat message;

	remains->locked = path;
	remains->age_s = SPOOL_ORPHAN_AGE_S;
	if (fstatat(parent_fd, path.text, &remains->status,
		    AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (S_ISREG(remains->status.st_mode))
		return true;
	remains->locked = make_path(prefix, id, "/message");
	if (fstatat(parent_fd, remains->locked.text, &message,
		    AT_SYMLINK_NOFOLLOW) < 0)
		remains->age_s = SPOOL_SWEEP_AGE_S;
	return S_ISDIR(remains->status.st_mode);
}

static bool sweep_one(int incoming_fd, const char *id, time_t now)
{
	struct remains remains;

	return find_remains(incoming_fd, "", id, &remains) &&
	       remains.status.st_mtime < now - remains.age_s &&
	       !has_author(incoming_fd, remains.locked.text) &&
	       remove_whole(incoming_fd, id);
}

static void sweep_draft(struct spool *spool, const char *id)
{
	struct path path = make_path("incoming/", id, "");
	struct remains remains;

	if (find_remains(spool->fd, "incoming/", id, &remains) &&
		!has_author(spool->fd, remains.locked.text))
		(void)remove_whole(spool->fd, path.text);
}

static size_t sweep(struct spool *spool, time_t now)
{
	int fd = openat(spool->fd, "incoming",
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *item;
	size_t count = 0;

	if (!list) {
		folder_close(fd);
		return 0;
	}
	while ((item = readdir(list)))
		if (record_id_is_valid(span_of(item->d_name)))
			count += sweep_one(dirfd(list), item->d_name, now);
	closedir(list);
	return count;
}

/* ---- the history --------------------------------------------------------- */

static bool find_in_history(
	struct spool *spool, const char *id, struct buf *out, struct buf *head)
{
	return history_find(spool->fd, spool->owner, id, out, head);
}

static bool knows(struct spool *spool, const char *id)
{
	static const char *const places[] = { "", "sending/", "failed/",
		"damaged/" };
	struct buf block = BUF_INIT(RECORD_LIMIT);
	bool is_known = false;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct path path = make_path(places[i], id, "");
		struct stat status;

		is_known = is_known || fstatat(spool->fd, path.text, &status,
					       AT_SYMLINK_NOFOLLOW) == 0;
	}
	is_known = is_known || find_in_history(spool, id, &block, NULL);
	buf_free(&block);
	return is_known;
}

/* ---- the whole ----------------------------------------------------------- */

static const struct store_ops folder_ops = {
	.close = close_folder,
	.check_lasting = check_lasting,
	.commit = commit,
	.sync = sync_ends,
	.note_ends = note_ends,
	.cancel_end = cancel_end,
	.open = open_entry,
	.close_entry = close_entry,
	.message = open_message,
	.note = note,
	.finish = finish,
	.remove = remove_entry,
	.requeue = requeue,
	.set_aside = set_aside,
	.take_back = take_back,
	.remove_damaged = remove_damaged,
	.sweep_draft = sweep_draft,
	.sweep = sweep,
	.knows = knows,
	.find_in_history = find_in_history,
	.walk = walk_new,
	.walk_next = walk_next,
	.walk_next_name = walk_next_name,
	.walk_look = walk_look,
	.walk_free = walk_free,
	.each_damaged = walk_each_damaged,
};

struct spool *spool_open(const struct folder_params *params, struct diag *why)
{
	int fd = folder_open(params, why);
	struct buf path = BUF_INIT(8192);
	struct stat status;
	struct folder_spool *spool;

	if (fd < 0)
		return NULL;
	buf_printf(&path, "%s%s%s", params->base, params->rest[0] ? "/" : "",
		params->rest);
	spool = mem_zalloc(sizeof *spool);
	spool->base.ops = &folder_ops;
	spool->base.fd = fd;
	spool->sending_fd = -1;
	spool->base.path = mem_strdup(buf_text(&path));
	spool->base.owner = fstat(fd, &status) == 0 ? status.st_uid : geteuid();
	buf_free(&path);
	return &spool->base;
}
