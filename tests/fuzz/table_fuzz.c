/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table: rows are UTF-8 without NUL and within their limits, faults are
 * counted, too; and no value makes a header of more than one line. */
#include <config.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "mail/table.h"
#include "mail/template.h"

#include <stdint.h>
#include <string.h>

static void check_cells(const struct table_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		struct span value = row->cells[i].value;

		fuzz_check(value.length <= TABLE_ROW_BYTES);
		fuzz_check(text_is_utf8(value));
		fuzz_check(!value.length || !memchr(value.at, 0, value.length));
		fuzz_check(!row->cells[i].name.length ||
			   table_find(row->cells, row->count,
				   row->cells[i].name) == &row->cells[i]);
	}
}

static void fill(const struct table_row *row, const struct template *template)
{
	struct buf out = BUF_INIT(2 * TABLE_ROW_BYTES + 100);
	struct diag why;

	if (template_fill(template, row->cells, row->count, &out, &why))
		fuzz_check(!strpbrk(buf_text(&out), "\r\n"));
	buf_free(&out);
}

static void read_rows(struct table *table, const struct template *template)
{
	enum table_result result;
	struct table_row row;
	uint64_t number = 0, line = 0;
	struct diag why;

	while ((result = table_next(table, &row, &why)) != TABLE_END) {
		fuzz_check(result != TABLE_FAILED);
		fuzz_check(row.number == ++number);
		fuzz_check(row.line > line);
		line = row.line;
		if (result == TABLE_FAULT)
			continue;
		check_cells(&row);
		fill(&row, template);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct source *source = source_from_span(fuzz_span(data, size));
	struct table *table = table_new(source, "table");
	struct template template;
	struct diag why;

	if (template_parse(SPAN("{{a}} \"{{b|x}}\" <{{a}}>"), "a",
		    TEMPLATE_ADDRESS, arena, &template, &why) &&
		table_begin(table, &why))
		read_rows(table, &template);
	table_free(table);
	source_close(source);
	/* And as a template. */
	if (template_parse(fuzz_span(data, size), "a", TEMPLATE_HTML, arena,
		    &template, &why))
		for (size_t i = 0; i < template.count; i++)
			fuzz_check(!memchr(template.pieces[i].name.at
						   ? template.pieces[i].name.at
						   : "",
				'{', template.pieces[i].name.length));
	arena_free(arena);
	return 0;
}
