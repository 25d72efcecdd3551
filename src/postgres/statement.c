/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements.  Knows no connection. */
#include <config.h>

#include "postgres/statement.h"

const struct statement_row statement_rows[STATEMENT_COUNT_OF] = {
#define STATEMENT(name, types, sql) { types, sql },
#include "postgres/statement.def"
#undef STATEMENT
};
