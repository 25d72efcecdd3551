/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of an entry's files.  Knows no folder and no lock. */
#include <config.h>

#include "spool/form.h"

#include "base/text.h"
#include "spool/folder.h"

#include <string.h>

enum {
	/* Most entries are no longer: one read is all of them. */
	FIRST_BYTES = 8192,
	MORE = 16 /* times as much, when the head is longer */
};

static enum form_result damaged(
	const char *id, const char *reason, struct diag *why)
{
	diag_set(why, DIAG_QUEUE_ENTRY, id, reason);
	return FORM_DAMAGED;
}

static enum form_result too_long(const char *id, struct diag *why)
{
	return damaged(id, DIAG_WORDS N_("its envelope is too long"), why);
}

/* Reads the head and whatever else comes with it. */
static bool read_beginning(
	const struct form_file *file, struct arena *arena, struct span *text)
{
	size_t room = FIRST_BYTES;

	for (;;) {
		off_t size =
			file->size < (off_t)room ? file->size : (off_t)room;

		if (!folder_read(file->fd, 0, (size_t)size, arena, text))
			return false;
		if (text->length < room || room >= RECORD_LIMIT ||
			record_find_end(*text))
			return true;
		room *= MORE;
	}
}

static enum form_result read_journal(const struct form_file *file,
	struct span beginning, const char *id, struct arena *arena,
	struct record *record, off_t at, struct diag *why)
{
	struct span text = span_skip(beginning, (size_t)at);

	if (file->size - at > RECORD_LIMIT)
		return too_long(id, why);
	if ((off_t)beginning.length < file->size &&
		!folder_read(
			file->fd, at, (size_t)(file->size - at), arena, &text))
		return FORM_FAILED;
	return record_parse_journal(text, arena, record, why) ? FORM_OK
							      : FORM_DAMAGED;
}

enum form_result form_read(const struct form_file *file, const char *id,
	struct arena *arena, struct record *record, struct form *form,
	struct diag *why)
{
	struct span beginning;
	enum form_result result;

	if (file->is_envelope && file->size > RECORD_LIMIT)
		return too_long(id, why);
	if (!read_beginning(file, arena, &beginning))
		return FORM_FAILED;
	if (!record_parse_head(beginning, arena, record, why))
		return FORM_DAMAGED;
	if (strcmp(record->id, id) != 0)
		return damaged(id,
			DIAG_WORDS N_("its envelope is another message's"),
			why);
	form->journal_at = (off_t)record->head_bytes;
	form->message_at = file->is_envelope ? 0 : form->journal_at;
	if (!file->is_envelope) {
		if (record->size_bytes >
			(uint64_t)(file->size - form->journal_at))
			return damaged(id,
				DIAG_WORDS N_("its message has not the size it "
					      "was kept with"),
				why);
		form->journal_at += (off_t)record->size_bytes;
	}
	result = read_journal(
		file, beginning, id, arena, record, form->journal_at, why);
	form->journal_end = form->journal_at + (off_t)record->journal_bytes;
	return result;
}
