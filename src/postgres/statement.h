/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements: a helper runs these and no others. */
#ifndef POSTGRES_STATEMENT_H
#define POSTGRES_STATEMENT_H

enum statement {
#define STATEMENT(name, types, sql) STATEMENT_##name,
#include "postgres/statement.def"
#undef STATEMENT
	STATEMENT_COUNT_OF
};

struct statement_row {
	const char *types, *sql;
};
extern const struct statement_row statement_rows[STATEMENT_COUNT_OF];

#endif
