/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queues in the homes of other users.  Knows nothing of what is in them. */
#include <config.h>

#include "cmd/queue_others.h"

#include "base/apart.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/place.h"
#include "base/process.h"
#include "base/text.h"
#include "deliver/queue.h"
#include "spool/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OTHERS_SECONDS = 5,
	OTHERS_USERS_MAX = 5000,
	OTHERS_BYTES = 1024 * 1024
};

/* ---- in a child, which may be killed ------------------------------------- */

struct user {
	uid_t uid;
	char *name, *home;
};

static unsigned long count(struct spool *spool)
{
	struct diag ignored;
	struct spool_walk *walk = spool_walk_new(spool, SPOOL_QUEUED, &ignored);
	struct spool_item item;
	unsigned long waiting = 0;

	while (walk && spool_walk_next_name(walk, &item))
		waiting++;
	spool_walk_free(walk);
	return waiting;
}

/* A line for a queue in which something waits. */
static void look_at(const struct user *user, struct buf *out)
{
	const struct folder_params place = {
		.base = user->home, .rest = QUEUE_IN_HOME, .base_is_ours = true
	};
	struct diag ignored;
	struct spool *spool = spool_open(&place, &ignored);
	unsigned long waiting = spool ? count(spool) : 0;

	if (waiting)
		buf_printf(out, "%lu %s %s/%s\n", waiting, user->name,
			user->home, QUEUE_IN_HOME);
	spool_close(spool);
}

/* NAME:PASSWORD:UID:GID:TEXT:HOME:SHELL, as passwd(5) has it. */
static bool take_user(struct span line, struct arena *arena, struct user *out)
{
	struct span fields[6];
	unsigned long uid;

	for (size_t i = 0; i < 6; i++)
		fields[i] = span_cut(&line, ':');
	if (!span_number(fields[2], UINT32_MAX - 1, &uid) || uid == 0 ||
		!fields[0].length || fields[5].length < 2 ||
		fields[5].at[0] != '/')
		return false;
	*out = (struct user){ (uid_t)uid,
		arena_strndup(arena, fields[0].at, fields[0].length),
		arena_strndup(arena, fields[5].at, fields[5].length) };
	return true;
}

/* Of this machine's own file: a directory of thousands is not asked. */
static size_t list_users(struct arena *arena, struct user *users)
{
	struct buf text = BUF_INIT(OTHERS_BYTES);
	struct span rest;
	struct diag ignored;
	size_t found = 0;

	if (file_read(place_system.passwd, &text, NULL, &ignored) == FILE_READ)
		rest = buf_span(&text);
	else
		rest = SPAN("");
	while (rest.length && found < OTHERS_USERS_MAX)
		if (take_user(span_cut(&rest, '\n'), arena, &users[found]))
			found++;
	buf_free(&text);
	return found;
}

/* Most users have none, and to act as somebody costs a look at all groups.
 * Where that cannot be seen (a home of another machine), there may be one. */
static bool may_have_queue(const struct user *user)
{
	struct buf path = BUF_INIT(OTHERS_BYTES);
	struct stat status;
	bool may_have;

	buf_printf(&path, "%s/%s", user->home, QUEUE_IN_HOME);
	may_have = stat(buf_text(&path), &status) == 0 ||
		   (errno != ENOENT && errno != ENOTDIR);
	buf_free(&path);
	return may_have;
}

static bool look(void *context, struct buf *out)
{
	struct arena *arena = context;
	struct user *users =
		arena_alloc(arena, OTHERS_USERS_MAX * sizeof *users);
	size_t found = list_users(arena, users);

	for (size_t i = 0; i < found; i++) {
		if (!may_have_queue(&users[i]))
			continue;
		if (process_act_as(users[i].uid))
			look_at(&users[i], out);
		if (!process_act_as(0))
			return false;
	}
	return true;
}

/* ---- what it said -------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const struct queue_other *one = a, *other = b;

	return strcmp(one->user, other->user);
}

static bool take_line(
	struct span line, struct arena *arena, struct queue_other *out)
{
	struct span user;

	if (!span_number(span_cut(&line, ' '), UINT32_MAX, &out->waiting))
		return false;
	user = span_cut(&line, ' ');
	out->user = arena_strndup(arena, user.at, user.length);
	out->folder = arena_strndup(arena, line.at, line.length);
	return line.length != 0;
}

size_t queue_others_find(struct arena *arena, struct queue_other **out)
{
	struct buf said = BUF_INIT(OTHERS_BYTES);
	struct span rest;
	size_t found = 0;

	*out = NULL;
	if (geteuid() != 0)
		return 0;
	if (apart_run(look, arena, clock_deadline(OTHERS_SECONDS), &said) !=
		APART_DONE)
		buf_clear(&said);
	*out = arena_alloc(arena, OTHERS_USERS_MAX * sizeof **out);
	rest = buf_span(&said);
	while (rest.length && found < OTHERS_USERS_MAX)
		if (take_line(span_cut(&rest, '\n'), arena, &(*out)[found]))
			found++;
	buf_free(&said);
	if (found)
		qsort(*out, found, sizeof **out, compare);
	return found;
}
