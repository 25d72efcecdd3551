/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema as SQL.  Knows no connection. */
#ifndef POSTGRES_SCHEMA_H
#define POSTGRES_SCHEMA_H

#include "base/buf.h"

#include <stdbool.h>

enum { SCHEMA_VERSION = 1 };

/* Appends what makes the schema, or upgrades it FROM that version (0: there is
 * none), in one transaction with its BEGIN and COMMIT; nothing but a comment
 * when it is SCHEMA_VERSION.  IS_POSTGRES: with what other engines of the
 * protocol do not know. */
void schema_put(struct buf *out, int from, bool is_postgres);

#endif
