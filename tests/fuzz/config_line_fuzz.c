/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration: what is read is in the table's words, what is not is told with
 * its place, and a value that was printed can be read again. */
#include <config.h>

#include "config/syntax.h"
#include "fuzz/fuzz.h"

#include <stdint.h>

enum { VALUE_LIMIT = 8 * 65536 };

/* Text is printed so that it is safe to see, and a path with its "~" expanded;
 * all else comes back as it was. */
static bool prints_as_it_is(const struct account *account, enum option_id id)
{
	struct buf form = BUF_INIT(1000);
	bool is_text;

	option_put_form(&form, id);
	is_text = span_equal(buf_span(&form), SPAN("TEXT")) ||
		  span_equal(buf_span(&form), SPAN("FILE")) ||
		  span_equal(buf_span(&form), SPAN("SECRET"));
	buf_free(&form);
	return !is_text && option_is_set(account, id);
}

static void check_again(
	const struct account *account, enum option_id id, struct arena *arena)
{
	struct account *again = account_new("again", account->dialect, arena);
	struct buf first = BUF_INIT(VALUE_LIMIT),
		   second = BUF_INIT(VALUE_LIMIT);
	struct diag why = { .id = DIAG_NONE };

	option_put(&first, account, id);
	fuzz_check(option_set(
		again, id, buf_text(&first), account->origin[id], arena, &why));
	option_put(&second, again, id);
	fuzz_check(span_equal(buf_span(&first), buf_span(&second)));
	fuzz_check(why.id == DIAG_NONE);
	buf_free(&first);
	buf_free(&second);
}

static void check_account(const struct account *account, struct arena *arena)
{
	struct buf shown = BUF_INIT(100);

	fuzz_check(account->name[0] != '\0');
	for (int i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = (enum option_id)i;

		if (!option_is_said(account, id))
			continue;
		fuzz_check(account->origin[id].kind == ORIGIN_FILE &&
			   account->origin[id].line > 0);
		if (prints_as_it_is(account, id))
			check_again(account, id, arena);
	}
	option_put(&shown, account, OPTION_password);
	fuzz_check(span_equal(buf_span(&shown),
		account->password.length ? SPAN("********") : SPAN("")));
	buf_free(&shown);
}

/* With notes no line is the end, and each note can be told. */
static void parse_whole(struct span text, enum dialect dialect, bool is_fine)
{
	struct arena *arena = arena_new();
	struct config_notes notes = { .arena = arena };
	struct account_list list;
	struct buf told = BUF_INIT(VALUE_LIMIT);
	struct diag why = { .id = DIAG_NONE };
	const struct config_text source = {
		.text = text, .name = "f", .dialect = dialect, .notes = &notes
	};

	fuzz_check(config_parse(&source, arena, &list, &why));
	fuzz_check(is_fine == (notes.error_count == 0));
	config_notes_sort(&notes);
	for (size_t i = 0; i < notes.count; i++) {
		fuzz_check(notes.items[i].line > 0);
		fuzz_check(
			!i || notes.items[i - 1].line <= notes.items[i].line);
		buf_clear(&told);
		config_note_put(&told, &notes.items[i]);
		fuzz_check(span_starts_with(buf_span(&told), SPAN("f:")));
		fuzz_check(span_find(buf_span(&told), '\n') == told.length);
	}
	buf_free(&told);
	config_wipe_list(&list);
	arena_free(arena);
}

static void parse(struct span text, enum dialect dialect)
{
	struct arena *arena = arena_new();
	struct account_list list;
	struct diag why = { .id = DIAG_NONE };
	const struct config_text source = {
		.text = text, .name = "f", .dialect = dialect
	};
	bool is_fine = config_parse(&source, arena, &list, &why);

	fuzz_check(is_fine == (why.id == DIAG_NONE));
	if (!is_fine)
		fuzz_check(why.exit_code == 78 && why.where[0] == 'f');
	for (size_t i = 0; is_fine && i < list.count; i++)
		check_account(list.items[i], arena);
	parse_whole(text, dialect, is_fine);
	config_wipe_list(&list);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse(fuzz_span(data, size), DIALECT_MAILCHUTE);
	parse(fuzz_span(data, size), DIALECT_MSMTP);
	return 0;
}
