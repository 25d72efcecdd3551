/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a death means for the entry.  Knows no process but by its status. */
#include <config.h>

#include "deliver/blame.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <sys/wait.h>

enum { RANGES_LIMIT = 1024 * 1024 };

bool blame_is_due(int status)
{
	return !WIFEXITED(status) || WEXITSTATUS(status) > 1;
}

static bool is_waiting(const struct record *record, size_t i, void *context)
{
	(void)context;
	return record->recipients[i].state == RECORD_WAITING;
}

/* Whether the message may have been delivered is as open as before. */
static void note_for_waiting(
	struct spool_entry *entry, const struct record_event *deferral)
{
	const struct record *record = spool_entry_record(entry);
	struct record_event events[] = { *deferral, *deferral };
	struct buf ranges = BUF_INIT(RANGES_LIMIT);
	struct diag why;

	record_put_ranges(&ranges, record, is_waiting, NULL);
	events[0].recipients = buf_text(&ranges);
	events[1].kind = RECORD_EVENT_DOT;
	events[1].recipients = "*";
	if (ranges.length)
		(void)spool_entry_note(entry, events,
			record->is_in_doubt ? 2 : 1, SPOOL_LAZY, &why);
	buf_free(&ranges);
}

/* One that was killed, by a person or for its memory, need not wait long; one
 * of which every process dies waits longer each time. */
static long wait_s(const struct record *record)
{
	unsigned long tries = record_tries(record);
	long wait = BLAME_FIRST_S;

	while (tries-- && wait < BLAME_MAX_S)
		wait *= 2;
	return wait < BLAME_MAX_S ? wait : BLAME_MAX_S;
}

static void describe(int status, struct diag *why)
{
	char reason[64];

	if (WIFSIGNALED(status))
		snprintf(reason, sizeof reason, "%s%d",
			DIAG_WORDS N_("signal %s") DIAG_NEXT, WTERMSIG(status));
	else
		snprintf(reason, sizeof reason, "%s%d",
			DIAG_WORDS N_("exit code %s") DIAG_NEXT,
			WEXITSTATUS(status));
	diag_set(why, DIAG_QUEUE_CRASHED, reason);
}

void blame(struct spool *spool, const char *id, int status)
{
	struct record_event event = {
		.kind = RECORD_EVENT_DEFERRED,
		.at = clock_wall(),
		.count = 1,
	};
	struct spool_entry *entry = NULL;
	struct buf words = BUF_INIT(DIAG_TEXT_BYTES);
	struct diag why;

	if (spool_entry_open(spool, SPOOL_QUEUED, id, &entry, &why) != SPOOL_OK)
		return;
	describe(status, &why);
	diag_sentence(&why, false, &words);
	event.next = event.at + wait_s(spool_entry_record(entry));
	event.name = diag_name(why.id);
	event.status = why.status;
	event.words = buf_text(&words);
	note_for_waiting(entry, &event);
	spool_entry_close(entry);
	buf_free(&words);
}
