/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows of a table as messages, one after the other: what options and texts
 * with placeholders are for each of them, and what is wrong with it.
 *
 *	merge_rows_begin(&rows, request, &options);
 *	merge_rows_load(&rows, why) &&
 *		… rows.text, rows.page are there … &&
 *		merge_rows_open(&rows, source, "people.csv", why) &&
 *		merge_rows_each(&rows, &user, why);
 *	merge_rows_end(&rows);
 */
#ifndef CMD_MERGE_ROWS_H
#define CMD_MERGE_ROWS_H

#include "base/source.h"
#include "cmd/merge_seen.h"
#include "cmd/send_template.h"
#include "cmd/sending.h"
#include "mail/table.h"

#include <stdbool.h>
#include <stdint.h>

struct merge_rows {
	struct sending base; /* the account; its options have placeholders */
	bool has_text, has_page;
	struct buf text, page;
	struct words_list to; /* when the options name nobody */
	struct send_template template;
	const char *name;
	struct table *table;
	struct merge_seen seen;
	struct arena *arena; /* of one row */
	uint64_t count, faults;
};

/* What is done with them. */
struct merge_user {
	void *context;
	/* Whether the row is wanted at all; before it is made.  NULL: all. */
	bool (*wants)(void *context, const struct table_row *row,
		bool *is_wanted, struct diag *why);
	/* A message, until the function returns; false ends it all. */
	bool (*use)(void *context, const struct table_row *row,
		struct sending *message, struct diag *why);
	/* A row that there is no message for; WHY says where it stands. */
	void (*fault)(void *context, const struct table_row *row,
		const struct diag *why);
};

/* REQUEST and OPTIONS are copied, what they point to is borrowed. */
void merge_rows_begin(struct merge_rows *rows, const struct request *request,
	const struct send_options *options);
/* The account. */
bool merge_rows_load(struct merge_rows *rows, struct diag *why);
/* Text and page, from where the options say that they are. */
bool merge_rows_read_texts(
	struct merge_rows *rows, bool stdin_was_closed, struct diag *why);
/* The table's columns, and whether the placeholders name them.  Everything that
 * is wrong but the last goes to standard error, the last to *WHY.  SOURCE is
 * borrowed. */
bool merge_rows_open(struct merge_rows *rows, struct source *source,
	const char *name, struct diag *why);
/* How many rows SOURCE has, used or not. */
bool merge_rows_count(struct source *source, const char *name, uint64_t *count,
	struct diag *why);
/* Every row, in order.  False when the table cannot be read, the user had
 * enough, or we are interrupted. */
bool merge_rows_each(struct merge_rows *rows, const struct merge_user *user,
	struct diag *why);
/* The columns that nothing uses, with commas. */
void merge_rows_put_unused(const struct merge_rows *rows, struct buf *out);
void merge_rows_end(struct merge_rows *rows);

#endif
