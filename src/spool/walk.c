/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Going through a queue.  Knows names and records, changes nothing. */
#include <config.h>

#include "spool/walk.h"

#include "base/text.h"
#include "spool/form.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WHY_BYTES = 4096 };

struct folder_walk {
	struct spool_walk base;
	DIR *list;    /* NULL: the place is not there */
	DIR *sending; /* of SPOOL_QUEUED: the other part of it */
	DIR *at;      /* one of them: where the items are now */
	bool has_sending;
	struct arena *arena;
	struct record record;
};

static struct folder_walk *own(struct spool_walk *walk)
{
	return (struct folder_walk *)walk;
}

static const char *const place_names[] = {
	[SPOOL_QUEUED] = ".",
	[SPOOL_IN_FAILED] = "failed",
	[SPOOL_DUE] = ".", /* nobody shares it: all of it */
	[SPOOL_NOW] = ".",
};

static DIR *open_list(struct spool *spool, const char *name)
{
	int fd = openat(spool_fd(spool), name,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;

	if (!list)
		folder_close(fd);
	return list;
}

struct spool_walk *walk_new(
	struct spool *spool, enum spool_place place, struct diag *why)
{
	DIR *list = open_list(spool, place_names[place]);
	struct folder_walk *walk;

	if (!list && errno != ENOENT) {
		int error = errno;

		diag_set(why, DIAG_QUEUE_FOLDER, spool_path(spool));
		diag_add_errno(why, error);
		return NULL;
	}
	walk = mem_zalloc(sizeof *walk);
	walk->base.spool = spool;
	walk->list = walk->at = list;
	walk->has_sending = place != SPOOL_IN_FAILED;
	walk->arena = arena_new();
	return &walk->base;
}

void walk_free(struct spool_walk *base)
{
	struct folder_walk *walk = own(base);

	if (walk->list)
		closedir(walk->list);
	if (walk->sending)
		closedir(walk->sending);
	arena_free(walk->arena);
	mem_free(walk);
}

/* ---- one entry ----------------------------------------------------------- */

static bool damaged(struct spool_item *item, const char *reason)
{
	item->is_damaged = true;
	return diag_set(&item->problem, DIAG_QUEUE_ENTRY, item->id, reason);
}

static bool failed(struct spool_item *item)
{
	int error = errno;

	diag_set(&item->problem, DIAG_QUEUE_FOLDER, item->id);
	return diag_add_errno(&item->problem, error);
}

/* False without an id: it went away meanwhile. */
static bool check_missing(struct folder_walk *walk, struct spool_item *item)
{
	struct stat status;

	if (fstatat(dirfd(walk->at), item->id, &status, AT_SYMLINK_NOFOLLOW) <
		0) {
		if (errno != ENOENT)
			return failed(item);
		item->id = NULL;
		return false;
	}
	return damaged(item, DIAG_WORDS N_("its file envelope is missing"));
}

/* Opens what has the record: PATH is the entry's one file, or the envelope of
 * an earlier version. */
static bool open_record(struct folder_walk *walk, struct spool_item *item,
	const char *path, struct form_file *file)
{
	const char *reason = NULL;
	struct stat status;

	switch (folder_open_file(dirfd(walk->at), path, O_RDONLY,
		spool_owner(walk->base.spool), &file->fd, &status, &reason)) {
	case FOLDER_OK:
		file->size = status.st_size;
		return true;
	case FOLDER_MISSING:
		return check_missing(walk, item);
	case FOLDER_IS_FOLDER:
		reason = DIAG_WORDS N_("it is no regular file");
		return damaged(item, reason);
	case FOLDER_WRONG:
		return damaged(item, reason);
	case FOLDER_FAILED:
		break;
	}
	return failed(item);
}

static void read_record(struct folder_walk *walk, struct spool_item *item,
	const struct form_file *file)
{
	struct form form;

	switch (form_read(file, item->id, walk->arena, &walk->record, &form,
		&item->problem)) {
	case FORM_OK:
		/* entry.h: S3. */
		if (walk->at == walk->sending &&
			record_count(&walk->record, RECORD_WAITING))
			walk->record.is_in_doubt = true;
		item->record = &walk->record;
		break;
	case FORM_DAMAGED:
		item->is_damaged = true;
		break;
	case FORM_FAILED:
		failed(item);
		break;
	}
}

/* What a name stands for, without following it: a symbolic link would lead the
 * path "ID/envelope" astray. */
enum kind { KIND_FILE, KIND_FOLDER, KIND_OTHER, KIND_GONE };

static enum kind look_at(struct folder_walk *walk, const char *name)
{
	struct stat status;

	if (fstatat(dirfd(walk->at), name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return KIND_GONE;
	if (S_ISREG(status.st_mode))
		return KIND_FILE;
	return S_ISDIR(status.st_mode) ? KIND_FOLDER : KIND_OTHER;
}

/* Most file systems say what a name is without being asked again. */
static enum kind find_kind(struct folder_walk *walk, const struct dirent *name)
{
#ifdef DT_DIR
	if (name->d_type == DT_REG)
		return KIND_FILE;
	if (name->d_type == DT_DIR)
		return KIND_FOLDER;
#endif
	return look_at(walk, name->d_name);
}

/* Leaves no id in *ITEM when it went away meanwhile. */
static void read_item(
	struct folder_walk *walk, enum kind kind, struct spool_item *item)
{
	struct form_file file = { .fd = -1,
		.is_envelope = kind == KIND_FOLDER };
	char path[RECORD_ID_LENGTH + sizeof "/envelope"];

	if (kind == KIND_GONE)
		item->id = NULL;
	if (kind == KIND_OTHER)
		damaged(item, DIAG_WORDS N_("it is no regular file"));
	if (kind == KIND_GONE || kind == KIND_OTHER)
		return;
	arena_reset(walk->arena);
	snprintf(path, sizeof path, "%s%s", item->id,
		file.is_envelope ? "/envelope" : "");
	if (open_record(walk, item, path, &file))
		read_record(walk, item, &file);
	folder_close(file.fd);
}

/* The folder is made when it is first needed. */
static bool find_sending(struct folder_walk *walk)
{
	if (walk->has_sending && !walk->sending)
		walk->sending = open_list(walk->base.spool, "sending");
	return walk->sending != NULL;
}

static bool look_in(struct folder_walk *walk, DIR *list, const char *id,
	struct spool_item *item)
{
	enum kind kind;

	if (!list)
		return false;
	walk->at = list;
	kind = look_at(walk, id);
	item->id = id;
	read_item(walk, kind, item);
	return item->id != NULL;
}

void walk_look(struct spool_walk *base, const char *id, struct spool_item *item)
{
	struct folder_walk *walk = own(base);

	/* It may be moved from one to the other, and back. */
	(void)(look_in(walk, walk->list, id, item) ||
		(find_sending(walk) &&
			look_in(walk, walk->sending, id, item)) ||
		look_in(walk, walk->list, id, item));
}

/* ---- all of them --------------------------------------------------------- */

static const struct dirent *read_name(struct folder_walk *walk)
{
	const struct dirent *name = walk->at ? readdir(walk->at) : NULL;

	if (name || !walk->at || walk->at == walk->sending ||
		!find_sending(walk))
		return name;
	walk->at = walk->sending;
	return readdir(walk->at);
}

static const struct dirent *next_name(
	struct folder_walk *walk, struct spool_item *item)
{
	const struct dirent *name;

	memset(item, 0, sizeof *item);
	do {
		name = read_name(walk);
	} while (name && !record_id_is_valid(span_of(name->d_name)));
	if (name)
		item->id = name->d_name;
	return name;
}

bool walk_next(struct spool_walk *base, struct spool_item *item)
{
	struct folder_walk *walk = own(base);
	const struct dirent *name;

	while ((name = next_name(walk, item))) {
		read_item(walk, find_kind(walk, name), item);
		if (item->id)
			return true;
	}
	return false;
}

bool walk_next_name(struct spool_walk *base, struct spool_item *item)
{
	return next_name(own(base), item) != NULL;
}

/* ---- what was set aside -------------------------------------------------- */

static void read_reason(DIR *list, const char *id, char *reason, size_t size)
{
	char path[RECORD_ID_LENGTH + sizeof ".why"];
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof path, "%.*s.why", RECORD_ID_LENGTH, id);
	fd = openat(dirfd(list), path,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		got = read(fd, reason, size - 1);
	folder_close(fd);
	reason[got < 0 ? 0 : got] = '\0';
	reason[strcspn(reason, "\n")] = '\0';
}

void walk_each_damaged(struct spool *spool,
	void (*tell)(void *context, const char *id, const char *reason),
	void *context)
{
	DIR *list = open_list(spool, "damaged");
	const struct dirent *name;

	while (list && (name = readdir(list))) {
		char reason[WHY_BYTES];

		if (!record_id_is_valid(span_of(name->d_name)))
			continue;
		read_reason(list, name->d_name, reason, sizeof reason);
		tell(context, name->d_name, reason);
	}
	if (list)
		closedir(list);
}
