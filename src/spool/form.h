/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands where in the files of an entry.  Reads them; opens, locks and
 * changes none.
 *
 * One file: the head of the record, the message (as many bytes as the head says
 * under "size"), and the journal.
 *
 * Of an earlier version, a folder of two: envelope, which is head and journal,
 * and message.
 */
#ifndef SPOOL_FORM_H
#define SPOOL_FORM_H

#include "base/diag.h"
#include "base/mem.h"
#include "spool/record.h"

#include <stdbool.h>
#include <sys/types.h>

struct form_file {
	int fd;
	off_t size;
	bool is_envelope; /* of an earlier version */
};

struct form {
	off_t message_at; /* of an envelope: 0, in the file beside it */
	off_t journal_at;
	off_t journal_end; /* of its whole lines */
};

enum form_result {
	FORM_OK,
	FORM_DAMAGED, /* *WHY: DIAG_QUEUE_ENTRY, _RECORD or _RECORD_NEWER */
	FORM_FAILED   /* errno */
};

/* Reads the record of ID; it lives in ARENA. */
enum form_result form_read(const struct form_file *file, const char *id,
	struct arena *arena, struct record *record, struct form *form,
	struct diag *why);

#endif
