/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the schema is made with; that all of it works a server has to say. */
#include <config.h>

#include "postgres/postgres.h"
#include "postgres/schema.h"
#include "postgres/statement.h"
#include "tap.h"

#include <string.h>

static bool has(const struct buf *text, const char *words)
{
	return strstr(buf_text(text), words) != NULL;
}

static void test_schema(void)
{
	struct buf text = BUF_INIT(64 * 1024);

	schema_put(&text, 0, true);
	tap_ok(span_starts_with(buf_span(&text), SPAN("begin;\n")) &&
			has(&text, "\ncommit;\n"),
		"one transaction");
	tap_ok(has(&text, "fillfactor") && has(&text, "storage external"),
		"with what PostgreSQL alone knows");
	buf_clear(&text);
	schema_put(&text, 0, false);
	tap_ok(!has(&text, "fillfactor") && !has(&text, "storage"),
		"and without");
	buf_clear(&text);
	schema_put(&text, SCHEMA_VERSION, true);
	tap_ok(!has(&text, "create") && !has(&text, "begin"),
		"nothing to do is nothing");
	buf_free(&text);
}

/* As many parameters as types, and no type that is none. */
static void test_statements(void)
{
	for (size_t i = 0; i < STATEMENT_COUNT_OF; i++) {
		const struct statement_row *row = &statement_rows[i];
		size_t count = strlen(row->types);
		char after[4] = { '$', (char)('1' + count), 0 };
		bool has_all = true;

		for (size_t n = 0; n < count; n++) {
			char name[4] = { '$', (char)('1' + n), 0 };

			has_all &= strstr(row->sql, name) != NULL;
		}
		tap_ok(has_all && !strstr(row->sql, after) &&
				strspn(row->types, "tb") == count,
			"the parameters of statement %zu", i);
	}
}

static void test_not_built(void)
{
	const struct postgres_params params = { .url = "service=none",
		.name = "x" };
	struct diag why = { 0 };

	if (postgres_is_built()) {
		tap_skip("without libpq", "this build has it");
		return;
	}
	tap_ok(!postgres_open(&params, &why), "without libpq nothing opens");
	tap_is_diag(&why, DIAG_LIBRARY_NOT_BUILT, "… and it is said");
}

int main(void)
{
	test_schema();
	test_statements();
	test_not_built();
	return tap_done();
}
