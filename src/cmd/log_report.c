/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a summary of the log asks others.  Knows no line of the log. */
#include <config.h>

#include "cmd/log_report.h"

#include "base/clock.h"
#include "base/file.h"
#include "cmd/queue.h"
#include "config/provider.h"
#include "deliver/known.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ACCOUNTS_MAX = 400 };

const char *log_report_provider(void *context, struct span host)
{
	const struct provider *provider = providers_of_host(context, host);

	return provider ? provider->name : NULL;
}

/* ---- what it means ------------------------------------------------------- */

static struct log_advice of_reason(const char *name)
{
	for (int i = 0; i < KNOWN_REASON_COUNT; i++)
		if (strcmp(known_reason_name((enum known_reason)i), name) == 0)
			return (struct log_advice){
				.cause = known_reason_text((enum known_reason)i)
			};
	return (struct log_advice){ NULL };
}

struct log_advice log_report_advise(const struct log_cause *cause)
{
	const struct known *row = NULL;

	if (cause->kind == LOG_REASON)
		return of_reason(cause->name);
	if (cause->kind == LOG_DIAG)
		return (struct log_advice){ .next = diag_find_hint(
						    cause->name) };
	row = known_named(span_of(cause->name));
	return row ? (struct log_advice){ row->cause, row->next }
		   : (struct log_advice){ NULL };
}

/* ---- what waits ---------------------------------------------------------- */

struct waiting {
	struct log_waiting *items;
	size_t count;
	struct arena *arena;
};

/* The last one is for all that have no room. */
static struct log_waiting *waiting_of(struct waiting *waiting, const char *name)
{
	for (size_t i = 0; i < waiting->count; i++)
		if (strcmp(waiting->items[i].account, name) == 0)
			return &waiting->items[i];
	if (waiting->count == ACCOUNTS_MAX)
		return &waiting->items[ACCOUNTS_MAX - 1];
	waiting->items[waiting->count] = (struct log_waiting){
		.account = arena_strdup(waiting->arena,
			waiting->count == ACCOUNTS_MAX - 1 ? "\xE2\x80\xA6"
							   : name),
		.oldest_s = -1
	};
	return &waiting->items[waiting->count++];
}

static void count_entry(struct waiting *waiting, const struct record *record,
	enum spool_place place)
{
	struct log_waiting *one =
		waiting_of(waiting, record->account ? record->account : "-");
	int64_t age = (int64_t)(clock_wall() - record->created);

	if (place == SPOOL_IN_FAILED) {
		one->failed++;
		return;
	}
	if (record->is_held)
		one->held++;
	else
		one->waiting++;
	if (!record->is_held && age > one->oldest_s)
		one->oldest_s = age;
}

static void count_place(
	struct waiting *waiting, struct spool *spool, enum spool_place place)
{
	struct diag why;
	struct spool_walk *walk = spool_walk_new(spool, place, &why);
	struct spool_item item;

	while (walk && spool_walk_next(walk, &item))
		if (item.record)
			count_entry(waiting, item.record, place);
	spool_walk_free(walk);
}

size_t log_report_waiting(const struct request *request, struct arena *arena,
	struct log_waiting **out)
{
	struct waiting waiting = { .arena = arena };
	struct queue_set set;

	waiting.items =
		arena_alloc(arena, ACCOUNTS_MAX * sizeof *waiting.items);
	queue_set_open(&set, request, false, true);
	for (size_t i = 0; i < set.count; i++) {
		count_place(&waiting, set.spools[i], SPOOL_QUEUED);
		count_place(&waiting, set.spools[i], SPOOL_IN_FAILED);
	}
	queue_set_close(&set);
	*out = waiting.items;
	return waiting.count;
}

/* ---- where it goes ------------------------------------------------------- */

bool log_report_write(const char *path, struct span content, struct diag *why)
{
	struct buf draft = BUF_INIT(8192);
	bool is_written;

	if (strcmp(path, "-") == 0) {
		(void)fwrite(content.at, 1, content.length, stdout);
		return true;
	}
	buf_printf(&draft, "%s.%ld", path, (long)getpid());
	is_written = !draft.overflowed &&
		     file_create(buf_text(&draft), 0600, content, why);
	if (is_written && rename(buf_text(&draft), path) != 0) {
		is_written = diag_set(why, DIAG_FILE_FAILED, path);
		diag_add_errno(why, errno);
		(void)unlink(buf_text(&draft));
	}
	buf_free(&draft);
	return is_written;
}
