/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables, byte by byte.  Knows no column's meaning. */
#include <config.h>

#include "mail/table.h"

#include "base/jsonwalk.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { AT_END = -1, AT_FAILURE = -2 };
enum { WHERE_BYTES = 128, WORD_BYTES = 64 };

/* Where a cell stands in the text of its row, which may still move. */
struct place {
	size_t name, name_length, value, value_length;
};

enum state { AT_CELL, IN_CELL, IN_QUOTES, BEHIND_QUOTES };

struct table {
	struct source *source;
	const char *name;
	struct buf ahead; /* read to find out what it is, and not used yet */
	size_t ahead_used;
	struct span piece;
	bool is_json, is_behind_cr;
	char separator;
	uint64_t line, number;
	struct buf head; /* the text of the columns */
	struct table_cell *columns;
	size_t column_count;
	/* The row that is read. */
	struct buf text;
	struct place *places;
	struct table_cell *cells;
	size_t count;
	uint64_t row_line;
	size_t size_bytes;         /* stored or not */
	const char *fault;         /* the first; NULL for none */
	char words[2][WORD_BYTES]; /* the texts for its %s; may be empty */
	struct diag failure;
};

/* ---- bytes --------------------------------------------------------------- */

static bool next_piece(struct table *table)
{
	return source_next(table->source, &table->piece, &table->failure);
}

static int next_byte(struct table *table)
{
	if (table->ahead_used < table->ahead.length)
		return (unsigned char)table->ahead.data[table->ahead_used++];
	if (!table->piece.length) {
		if (!next_piece(table))
			return AT_FAILURE;
		if (!table->piece.length)
			return AT_END;
	}
	table->piece.length--;
	return (unsigned char)*table->piece.at++;
}

/* The same with one kind of line end, which is counted: CR, LF and CR LF are
 * LF. */
static int next_char(struct table *table)
{
	int c = next_byte(table);

	if (c == '\n' && table->is_behind_cr)
		c = next_byte(table);
	table->is_behind_cr = c == '\r';
	if (c == '\r')
		c = '\n';
	table->line += c == '\n';
	return c;
}

/* Of the byte order mark. */
static size_t mark_length(struct span text)
{
	return span_starts_with(text, SPAN("\xEF\xBB\xBF")) ? 3 : 0;
}

/* Whether the first row is whole: it ends at a line end that is not quoted. */
static bool has_row(struct span text)
{
	bool is_quoted = false;

	text = span_skip(text, mark_length(text));
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '"')
			is_quoted = !is_quoted;
		if (!is_quoted && (text.at[i] == '\n' || text.at[i] == '\r') &&
			span_trim(span_make(text.at, i)).length)
			return true;
	}
	return false;
}

static bool look_ahead(struct table *table)
{
	while (!has_row(buf_span(&table->ahead))) {
		if (!next_piece(table))
			return false;
		if (!table->piece.length ||
			!buf_put_span(&table->ahead, table->piece))
			return true;
		table->piece.length = 0;
	}
	return true;
}

/* ---- cells --------------------------------------------------------------- */

static void set_fault(struct table *table, const char *fault)
{
	if (table->fault)
		return;
	table->fault = fault;
	table->words[0][0] = table->words[1][0] = '\0';
}

static void set_fault_numbers(
	struct table *table, const char *fault, size_t first, size_t second)
{
	if (table->fault)
		return;
	set_fault(table, fault);
	snprintf(table->words[0], WORD_BYTES, "%zu", first);
	snprintf(table->words[1], WORD_BYTES, "%zu", second);
}

static void begin_row(struct table *table)
{
	buf_clear(&table->text);
	table->count = 0;
	table->size_bytes = 0;
	table->row_line = table->line + 1;
	table->fault = NULL;
}

static void put_char(struct table *table, char c)
{
	table->size_bytes++;
	if (table->size_bytes > TABLE_ROW_BYTES)
		set_fault_numbers(table, N_("it has more than %s bytes"),
			TABLE_ROW_BYTES, 0);
	else
		buf_put_byte(&table->text, c);
}

static struct place *add_place(struct table *table)
{
	if (table->count == TABLE_COLUMNS_MAX) {
		set_fault_numbers(table, N_("it has more than %s cells"),
			TABLE_COLUMNS_MAX, 0);
		return NULL;
	}
	return &table->places[table->count++];
}

static void end_cell(struct table *table, size_t begin)
{
	struct place *place = add_place(table);

	if (place)
		*place = (struct place){ 0, 0, begin,
			table->text.length - begin };
}

/* The spans, now that the text stays where it is. */
static void find_cells(struct table *table)
{
	const char *text = buf_text(&table->text);

	for (size_t i = 0; i < table->count; i++) {
		const struct place *place = &table->places[i];

		table->cells[i] = (struct table_cell){
			span_make(text + place->name, place->name_length),
			span_make(text + place->value, place->value_length)
		};
	}
}

static void check_text(struct table *table)
{
	struct span text = buf_span(&table->text);

	if (text.length && span_find(text, '\0') < text.length)
		set_fault(table, N_("it has a NUL byte"));
	if (text.length && !text_is_utf8(text))
		set_fault(table, N_("it is not UTF-8"));
}

/* ---- comma-separated values ---------------------------------------------- */

/* What C makes of the cell, which began at *BEGIN; false: the row ends. */
static bool take_char(
	struct table *table, int c, enum state *state, size_t *begin)
{
	bool is_end = c == '\n' || c == AT_END;

	if (*state == IN_QUOTES && c != AT_END) {
		if (c == '"')
			*state = BEHIND_QUOTES;
		else
			put_char(table, (char)c);
		return true;
	}
	if (*state == IN_QUOTES)
		set_fault(table, N_("a quote that begins in it has no end"));
	if (is_end || c == table->separator) {
		end_cell(table, *begin);
		*begin = table->text.length;
		*state = AT_CELL;
		return !is_end;
	}
	if (c == '"' && *state != IN_CELL) {
		/* Two of them are one that was meant. */
		if (*state == BEHIND_QUOTES)
			put_char(table, '"');
		*state = IN_QUOTES;
		return true;
	}
	if (*state == BEHIND_QUOTES)
		set_fault(table, N_("text stands behind a closing quote"));
	put_char(table, (char)c);
	*state = IN_CELL;
	return true;
}

static enum table_result read_csv(struct table *table)
{
	do {
		enum state state = AT_CELL;
		size_t begin = 0;
		int c;

		begin_row(table);
		do {
			c = next_char(table);
			if (c == AT_FAILURE)
				return TABLE_FAILED;
			if (c == AT_END && state == AT_CELL && !table->count)
				return TABLE_END;
		} while (take_char(table, c, &state, &begin));
	} while (!table->size_bytes && !table->fault);
	check_text(table);
	find_cells(table);
	return TABLE_ROW;
}

/* What stands most often outside of quotes in the first row; ',' first. */
static char find_separator(struct span text)
{
	static const char separators[] = ",;\t";
	size_t counts[sizeof separators] = { 0 }, best = 0;
	bool is_quoted = false;

	for (size_t i = 0; i < text.length; i++) {
		const char *found =
			text.at[i] ? strchr(separators, text.at[i]) : NULL;

		is_quoted ^= text.at[i] == '"';
		if (is_quoted)
			continue;
		if (text.at[i] == '\n' || text.at[i] == '\r')
			break;
		if (found)
			counts[found - separators]++;
	}
	for (size_t i = 1; i < sizeof separators - 1; i++)
		if (counts[i] > counts[best])
			best = i;
	return separators[best];
}

static void name_cells(struct table *table)
{
	if (table->count != table->column_count)
		set_fault_numbers(table,
			N_("it has %s cells, and the header names %s columns"),
			table->count, table->column_count);
	for (size_t i = 0; i < table->count && !table->fault; i++)
		table->cells[i].name = table->columns[i].name;
}

/* ---- JSON lines ---------------------------------------------------------- */

static bool value_text(const struct jsonwalk_member *member, struct buf *out)
{
	switch (member->kind) {
	case JSONWALK_TEXT:
		jsonwalk_put_text(out, member->value);
		return true;
	case JSONWALK_NUMBER:
	case JSONWALK_TRUE:
	case JSONWALK_FALSE:
		buf_put_span(out, member->value);
		return true;
	case JSONWALK_NULL:
		return true;
	case JSONWALK_NESTED:
		break;
	}
	return false;
}

static void put_member(struct table *table, struct buf *out,
	const struct jsonwalk_member *member)
{
	struct place place = { .name = out->length };
	struct place *added;

	jsonwalk_put_text(out, member->name);
	place.name_length = out->length - place.name;
	place.value = out->length;
	if (!value_text(member, out))
		return;
	place.value_length = out->length - place.value;
	added = add_place(table);
	if (added)
		*added = place;
}

static void take_object(struct table *table, struct span line)
{
	struct jsonwalk walk = jsonwalk_of(line);
	struct jsonwalk_member member;
	/* No escape is shorter than what it stands for. */
	struct buf out = BUF_INIT(TABLE_ROW_BYTES);

	if (walk.close != '}')
		walk.close = 0;
	while (jsonwalk_next(&walk, &member))
		put_member(table, &out, &member);
	if (!walk.is_whole || span_trim(walk.rest).length)
		set_fault(
			table, N_("it is no JSON object on a line of its own"));
	buf_free(&table->text);
	table->text = out;
}

static enum table_result read_json(struct table *table)
{
	int c;

	do {
		begin_row(table);
		while ((c = next_char(table)) >= 0 && c != '\n')
			put_char(table, (char)c);
		if (c == AT_FAILURE)
			return TABLE_FAILED;
		if (c == AT_END && !table->size_bytes)
			return TABLE_END;
	} while (!span_trim(buf_span(&table->text)).length && !table->fault);
	check_text(table);
	if (!table->fault)
		take_object(table, buf_span(&table->text));
	check_text(table);
	find_cells(table);
	return TABLE_ROW;
}

/* ---- the columns --------------------------------------------------------- */

static enum table_result read_row(struct table *table)
{
	return table->is_json ? read_json(table) : read_csv(table);
}

static void trim_names(struct table_cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cells[i].name = span_trim(cells[i].name);
}

static void check_names(
	struct table *table, const struct table_cell *cells, size_t count)
{
	for (size_t i = 0; i < count && !table->fault; i++) {
		if (!cells[i].name.length ||
			!table_find(cells, i, cells[i].name))
			continue;
		set_fault(table, N_("the name '%s' stands in it twice"));
		snprintf(table->words[0], WORD_BYTES, "%.*s",
			(int)(cells[i].name.length < WORD_BYTES
					? cells[i].name.length
					: WORD_BYTES),
			cells[i].name.at);
	}
}

/* The row's text becomes the columns'. */
static void keep_columns(struct table *table)
{
	table->head = table->text;
	table->text = (struct buf)BUF_INIT(TABLE_ROW_BYTES);
	table->column_count = table->count;
	table->columns =
		mem_array(NULL, table->count + 1, sizeof *table->columns);
	for (size_t i = 0; i < table->count; i++)
		table->columns[i] =
			(struct table_cell){ table->is_json
						     ? table->cells[i].name
						     : table->cells[i].value,
				SPAN("") };
	trim_names(table->columns, table->count);
}

/* The sentence with its words, as diag_set() takes it. */
static void put_fault(const struct table *table, struct buf *out)
{
	buf_puts(out, DIAG_WORDS);
	buf_puts(out, table->fault);
	for (int i = 0; i < 2 && table->words[i][0]; i++) {
		buf_puts(out, DIAG_NEXT);
		buf_puts(out, table->words[i]);
	}
}

static bool refuse(struct table *table, const char *fault, struct diag *why)
{
	struct buf words = BUF_INIT(DIAG_TEXT_BYTES);

	set_fault(table, fault);
	put_fault(table, &words);
	diag_set(why, DIAG_TABLE_INVALID, table->name, buf_text(&words));
	buf_free(&words);
	return false;
}

static bool has_names(const struct table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].name.length)
			return true;
	return false;
}

static bool read_header(struct table *table, struct diag *why)
{
	enum table_result result = read_row(table);

	if (result == TABLE_FAILED) {
		*why = table->failure;
		return false;
	}
	if (result == TABLE_END)
		return refuse(table, N_("it is empty"), why);
	keep_columns(table);
	check_names(table, table->columns, table->column_count);
	if (!table->fault && !has_names(table))
		set_fault(table, N_("its first row names no column"));
	return !table->fault || refuse(table, table->fault, why);
}

/* "sep=;": what a spreadsheet of that name writes before the header. */
static void take_separator_line(struct table *table)
{
	struct span text =
		span_skip(buf_span(&table->ahead), table->ahead_used);

	table->separator = find_separator(text);
	if (text.length < 6 || !span_starts_with_nocase(text, SPAN("sep=")) ||
		(text.at[5] != '\n' && text.at[5] != '\r') ||
		!strchr(",;|\t", text.at[4]))
		return;
	table->separator = text.at[4];
	table->ahead_used += 5;
	while (next_char(table) != '\n')
		;
}

static bool take_marks(struct table *table, struct diag *why)
{
	struct span text = buf_span(&table->ahead);

	if (text.length >= 2 &&
		(span_starts_with(text, SPAN("\xFF\xFE")) ||
			span_starts_with(text, SPAN("\xFE\xFF"))))
		return diag_set(why, DIAG_FILE_UTF16, table->name);
	table->ahead_used = mark_length(text);
	return true;
}

bool table_begin(struct table *table, struct diag *why)
{
	struct span text;
	uint64_t line;
	size_t used;

	if (!look_ahead(table)) {
		*why = table->failure;
		return false;
	}
	if (!take_marks(table, why))
		return false;
	text = span_trim(span_skip(buf_span(&table->ahead), table->ahead_used));
	if (text.length && text.at[0] == '[')
		return refuse(table,
			N_("it is a JSON list: give each object a line of its "
			   "own, as 'jq -c .[]' does"),
			why);
	table->is_json = text.length && text.at[0] == '{';
	if (!table->is_json) {
		take_separator_line(table);
		return read_header(table, why);
	}
	/* The first row is read twice: once for its names. */
	used = table->ahead_used;
	line = table->line;
	if (!read_header(table, why))
		return false;
	table->ahead_used = used;
	table->line = line;
	table->is_behind_cr = false;
	return true;
}

/* ---- rows ---------------------------------------------------------------- */

enum table_result table_next(
	struct table *table, struct table_row *row, struct diag *why)
{
	enum table_result result = read_row(table);
	struct buf words = BUF_INIT(DIAG_TEXT_BYTES);
	char where[WHERE_BYTES], number[24];

	if (result == TABLE_FAILED)
		*why = table->failure;
	if (result != TABLE_ROW)
		return result;
	table->number++;
	*row = (struct table_row){ table->number, table->row_line, table->cells,
		table->count };
	if (table->is_json) {
		trim_names(table->cells, table->count);
		check_names(table, table->cells, table->count);
	} else {
		name_cells(table);
	}
	if (!table->fault)
		return TABLE_ROW;
	put_fault(table, &words);
	snprintf(number, sizeof number, "%llu",
		(unsigned long long)table->number);
	snprintf(where, sizeof where, "%.*s:%llu", WHERE_BYTES / 2, table->name,
		(unsigned long long)table->row_line);
	diag_set(why, DIAG_TABLE_ROW, number, buf_text(&words));
	diag_add_where(why, where);
	buf_free(&words);
	return TABLE_FAULT;
}

const struct table_cell *table_columns(const struct table *table, size_t *count)
{
	*count = table->column_count;
	return table->columns;
}

bool table_is_loose(const struct table *table)
{
	return table->is_json;
}

const struct table_cell *table_find(
	const struct table_cell *cells, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal_nocase(cells[i].name, name))
			return &cells[i];
	return NULL;
}

struct table *table_new(struct source *source, const char *name)
{
	struct table *table = mem_zalloc(sizeof *table);

	table->source = source;
	table->name = name;
	buf_init(&table->ahead, TABLE_ROW_BYTES + 64 * 1024);
	buf_init(&table->head, TABLE_ROW_BYTES);
	buf_init(&table->text, TABLE_ROW_BYTES);
	table->places =
		mem_array(NULL, TABLE_COLUMNS_MAX, sizeof *table->places);
	table->cells = mem_array(NULL, TABLE_COLUMNS_MAX, sizeof *table->cells);
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	buf_free(&table->ahead);
	buf_free(&table->head);
	buf_free(&table->text);
	mem_free(table->columns);
	mem_free(table->places);
	mem_free(table->cells);
	mem_free(table);
}
