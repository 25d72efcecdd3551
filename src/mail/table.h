/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table of people, read row by row: comma-separated values (RFC 4180; ';' or
 * tab between them, and a byte order mark, are taken too), or JSON lines.  A
 * row that cannot be used is told and passed over; memory is that of one row.
 * Pure: the bytes are a source's.
 *
 *	table = table_new(source, "people.csv");
 *	if (table_begin(table, why))
 *		while ((result = table_next(table, &row, why)) != TABLE_END)
 *			…
 *	table_free(table);
 */
#ifndef MAIL_TABLE_H
#define MAIL_TABLE_H

#include "base/diag.h"
#include "base/source.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TABLE_ROW_BYTES = 1024 * 1024, TABLE_COLUMNS_MAX = 1000 };

struct table;

/* In UTF-8, without NUL.  A name has no blanks around it, and may be empty. */
struct table_cell {
	struct span name, value;
};

/* Lives until the next call.  NUMBER counts from 1 and without the header; LINE
 * is where it begins in the file. */
struct table_row {
	uint64_t number, line;
	const struct table_cell *cells;
	size_t count;
};

enum table_result {
	TABLE_ROW,
	TABLE_FAULT, /* this row cannot be used; number and line are set */
	TABLE_END,
	TABLE_FAILED /* the source did */
};

/* Borrows both.  NAME is for people. */
struct table *table_new(struct source *source, const char *name);
/* Finds out what it is, and reads the names of the columns.  Fails with
 * DIAG_TABLE_INVALID, DIAG_FILE_UTF16, or as the source does. */
bool table_begin(struct table *table, struct diag *why);
/* The names: of the header, or of the first row of JSON.  Live as long as the
 * table; their values are empty. */
const struct table_cell *table_columns(
	const struct table *table, size_t *count);
/* Whether a row may lack a column that another one has: JSON. */
bool table_is_loose(const struct table *table);
/* The next row.  In CSV, rows without a single byte in any cell are no rows.
 * In JSON, null is empty, and what is an object or an array is left out.
 * *WHY (DIAG_TABLE_ROW, with the file and line) is set by TABLE_FAULT, and by
 * TABLE_FAILED as by the source. */
enum table_result table_next(
	struct table *table, struct table_row *row, struct diag *why);
/* NULL is allowed. */
void table_free(struct table *table);

/* The cell of that name, in any case of ASCII; NULL when there is none. */
const struct table_cell *table_find(
	const struct table_cell *cells, size_t count, struct span name);

#endif
