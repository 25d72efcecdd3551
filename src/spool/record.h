/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The envelope record of a queued message: versioned text, parsed and printed.
 * First the head, written once, ending in the line "end"; then the journal,
 * one line for each thing that happened, only ever appended to.  What a
 * recipient's state is now follows from the two.  Knows no file; pure.
 *
 *	mailchute-queue 2
 *	id 07b2x0y2k4m6p8r
 *	created 1795313400
 *	config /home/ann/.mailchuterc
 *	account work
 *	set timeout 30
 *	size 0000000000000001234
 *	sender ann@example.org
 *	recipient bob@example.net
 *	recipient zoe@bücher.example<TAB>zoe@xn--bcher-kva.example
 *	notify NEVER
 *	original rfc822;zoe@example.com
 *	end
 *	deferred 1795313402 1795313702 1 1-2 net.refused 0 4.4.1 mail.example…
 *	delivered 1795313703 0 1 1 - 250 2.0.0 queued as 4F2
 *
 * "notify" and "original" are the wish for the recipient above them; a head
 * that has them calls itself version 2, others version 1 (record.c has the
 * rest).  A value ends at the line's end; control bytes and backslashes in it
 * are written "\xHH".  Bytes after the last newline, or from a zero byte on,
 * are what a crash cut short: never an error, they count as never written.
 */
#ifndef SPOOL_RECORD_H
#define SPOOL_RECORD_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"
#include "mail/envelope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
	RECORD_ID_LENGTH = 15,
	RECORD_JOB_LENGTH = 10, /* of which may be a job's */
	RECORD_LIMIT = 64 * 1024 * 1024,
	/* A journal that grows past this, and past its message, is condensed;
	 * past the limit in any case. */
	RECORD_JOURNAL_BYTES = 256 * 1024,
	RECORD_JOURNAL_LIMIT = 16 * 1024 * 1024,
	RECORD_WORDS_LIMIT = 1000 /* of one event, before escapes */
};

enum record_state { RECORD_WAITING, RECORD_DELIVERED, RECORD_REFUSED };

/* What can happen to an entry.  The word of each is in record.c. */
enum record_event_kind {
	RECORD_EVENT_DELIVERED, /* a recipient has it */
	RECORD_EVENT_DEFERRED,  /* to be tried again at NEXT */
	RECORD_EVENT_REFUSED,   /* never */
	RECORD_EVENT_DOT,  /* the end of the message goes out now; the answer to
			      come.  As the last line after a crash: it may have
			      been delivered */
	RECORD_EVENT_HELD, /* a person wants it to wait */
	RECORD_EVENT_RELEASED, /* … no more; refused recipients wait again */
	RECORD_EVENT_NOTIFIED, /* somebody is told of these refusals, by the
				  message whose id the words are */
	RECORD_EVENT_COUNT
};

/* recipients is "1-3,7" or "*" for all.  NAME is the diag's, "-" for none;
 * status may be empty; words are printable.  NULL counts as empty. */
struct record_event {
	enum record_event_kind kind;
	time_t at, next;
	unsigned long count; /* of attempts that this line stands for */
	const char *recipients, *name, *status, *words;
	unsigned code; /* of the server's reply, or 0 */
};

struct record_recipient {
	struct envelope_address address;
	enum record_state state;
	unsigned long tries;
	time_t next; /* RECORD_WAITING: not before; 0 is at once */
	const struct record_event *last; /* what it was told; NULL: nothing */
	bool is_reported; /* RECORD_EVENT_NOTIFIED has named it */
};

/* A non-secret setting that did not come from the configuration file. */
struct record_setting {
	const char *keyword, *value; /* value NULL: the keyword stood alone */
};

/* Invariant: id is valid, sender and every recipient parse as addresses, there
 * is at least one recipient. */
struct record {
	const char *id;
	time_t created;
	time_t not_before;  /* whoever runs the queue; 0: at once */
	const char *config; /* the file named with -C; NULL: the usual search */
	const char *account; /* NULL: chosen by the sender */
	struct record_setting *settings;
	size_t setting_count;
	uint64_t size_bytes; /* of the message file */
	bool is_8bit, header_is_8bit;
	bool wants_smtputf8; /* where the server has it */
	bool is_report;      /* of a refusal: nobody is told of its own */
	/* From another than who runs it: of what it says about its account
	 * little counts (deliver/terms.h).  A store that others write sets it
	 * in all that comes out of it. */
	bool is_taken;
	const char *message_id; /* for people; or NULL */
	const char *dsn_notify, *dsn_return, *dsn_envid;
	struct envelope_address sender;
	struct record_recipient *recipients;
	size_t recipient_count;
	struct record_event *events;
	size_t event_count;
	bool is_held;
	bool is_in_doubt;      /* the last thing known is RECORD_EVENT_DOT */
	const char *report_id; /* of the last RECORD_EVENT_NOTIFIED; NULL */
	size_t head_bytes;     /* up to and with "end" */
	unsigned head_lines;
	size_t journal_bytes; /* whole lines; what follows is torn */
};

/* Whether TEXT could be the name of an entry: letters and digits as
 * outcome_make_id() makes them. */
bool record_id_is_valid(struct span text);

/* "delivered", "deferred", …: as it stands in the journal. */
const char *record_event_word(enum record_event_kind kind);

/* How long the head is that TEXT begins with, "end" included; 0: it does not
 * end in it. */
size_t record_find_end(struct span text);

/* Parses the head that TEXT begins with, whatever follows it; everything in
 * *OUT lives in ARENA.  Fails with DIAG_QUEUE_RECORD (what is wrong, and in
 * which line) or DIAG_QUEUE_RECORD_NEWER. */
bool record_parse_head(struct span text, struct arena *arena,
	struct record *out, struct diag *why);
/* Parses the journal of a head that was parsed; a torn line at its end is left
 * out.  Fails with DIAG_QUEUE_RECORD, whose line is counted from the beginning
 * of the head. */
bool record_parse_journal(struct span text, struct arena *arena,
	struct record *record, struct diag *why);
/* Parses a head and its journal, one behind the other. */
bool record_parse(struct span text, struct arena *arena, struct record *out,
	struct diag *why);

/* Changes the size that HEAD says, which is record_put_head()'s. */
void record_set_size(struct buf *head, uint64_t size_bytes);
/* Appends the head, "end" included: as many bytes whatever size_bytes is, so
 * that it can be written before the message is counted, and again after. */
void record_put_head(struct buf *out, const struct record *record);
/* Appends one line of the journal. */
void record_put_event(struct buf *out, const struct record_event *event);
/* Appends a journal that says in few lines what the recipients' states are
 * now: what record_parse() makes of head and condensed journal is the same
 * record but for its history. */
void record_put_condensed(struct buf *out, const struct record *record);
/* Appends the numbers (from 1) of the recipients for which IS_IN says so, as
 * ranges: "1-3,7". */
void record_put_ranges(struct buf *out, const struct record *record,
	bool (*is_in)(const struct record *record, size_t index, void *context),
	void *context);

/* Applies an event to the record as record_parse() would; the strings of EVENT
 * must outlive it. */
bool record_apply(struct record *record, const struct record_event *event);

size_t record_count(const struct record *record, enum record_state state);
/* When the first of the waiting recipients is due; 0: now. */
time_t record_next(const struct record *record);
/* The latest thing that a waiting recipient was told, or NULL. */
const struct record_event *record_last(const struct record *record);
/* The most attempts that a waiting recipient has behind it. */
unsigned long record_tries(const struct record *record);

#endif
