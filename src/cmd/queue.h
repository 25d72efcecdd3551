/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queues of a user, and how their entries are shown. */
#ifndef CMD_QUEUE_H
#define CMD_QUEUE_H

#include "base/buf.h"
#include "base/mem.h"
#include "config/argv.h"
#include "spool/store.h"

#include <stdbool.h>
#include <stddef.h>

enum { QUEUE_LIST_LIMIT = 1024 * 1024 * 1024 };

/* Every queue that some account of the configuration uses. */
struct queue_set {
	struct arena *arena;
	struct spool **spools;
	const char **runners; /* who runs each, in words; NULL: not known */
	/* Of a folder whose mail is only handed over: to which of SPOOLS; NULL.
	 */
	struct spool **into;
	size_t count;
	bool is_for_programs; /* what is said of it is in English */
	bool is_whole;        /* not one folder alone */
	int exit_code;        /* of what went wrong, or 0 */
};

/* Opens what is there; a queue that was never used is none, but made if
 * MAY_CREATE.  Failures are told on stderr and are in exit_code. */
void queue_set_open(struct queue_set *set, const struct request *request,
	bool may_create, bool is_for_programs);
/* Opens this one alone, without any configuration. */
void queue_set_open_folder(struct queue_set *set, const char *path);
void queue_set_close(struct queue_set *set);

/* The ways to show a list: columns for people, JSON for programs, and what
 * other MTAs' mailq prints. */
enum queue_form { QUEUE_FORM_TABLE, QUEUE_FORM_JSON, QUEUE_FORM_MAILQ };

/* Prints everything in every queue.  An exit code: that of one that cannot be
 * read, which is told. */
int queue_list(const struct queue_set *set, enum queue_form form);
/* Prints one record with its history; HEAD is what spool_entry_put_head()
 * gives, or empty. STATE is where it is: "waiting", "failed", "delivered". */
void queue_show(const struct record *record, struct span head,
	const char *state, enum queue_form form);
/* Appends one line for an entry that still waits. */
void queue_put_waiting(struct buf *out, const struct record *record);

#endif
