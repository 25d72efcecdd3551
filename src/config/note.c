/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of notes.  Does not know what is worth one. */
#include <config.h>

#include "config/note.h"

#include "base/text.h"

#include <string.h>

static const struct {
	const char *name, *label;
} kinds[] = {
	[CONFIG_NOTE_ERROR] = { "error", N_("error") },
	[CONFIG_NOTE_EXPOSED] = { "exposed", N_("exposed") },
	[CONFIG_NOTE_DIFFERS] = { "differs", N_("differs from msmtp") },
	[CONFIG_NOTE_IGNORED] = { "ignored", N_("has no effect") },
	[CONFIG_NOTE_OBSOLETE] = { "obsolete", N_("obsolete") },
	[CONFIG_NOTE_HIDDEN] = { "hidden", N_("hidden") },
};

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_same(const struct config_note *a, const struct config_note *b)
{
	return a->line == b->line && is_same_text(a->file, b->file) &&
	       is_same_text(a->keyword, b->keyword) &&
	       is_same_text(a->text, b->text) &&
	       is_same_text(a->what, b->what) && !a->why && !b->why;
}

void config_notes_add(
	struct config_notes *notes, const struct config_note *note)
{
	struct config_note *copy;

	notes->error_count += note->kind == CONFIG_NOTE_ERROR;
	if (notes->count == CONFIG_NOTES_LIMIT)
		return;
	for (size_t i = 0; i < notes->count; i++)
		if (is_same(&notes->items[i], note))
			return;
	if (!notes->items)
		notes->items = arena_alloc(notes->arena,
			CONFIG_NOTES_LIMIT * sizeof *notes->items);
	copy = &notes->items[notes->count++];
	*copy = *note;
	if (note->why)
		copy->why = arena_memdup(
			notes->arena, note->why, sizeof *note->why);
}

/* Where the file first appears: files keep the order they were read in. */
static size_t file_rank(const struct config_note *first, const char *file)
{
	size_t rank = 0;

	while (!is_same_text(first[rank].file, file))
		rank++;
	return rank;
}

static bool is_before(const struct config_note *first,
	const struct config_note *a, const struct config_note *b)
{
	size_t rank_a = file_rank(first, a->file);
	size_t rank_b = file_rank(first, b->file);

	return rank_a != rank_b ? rank_a < rank_b : a->line < b->line;
}

/* Stable: what was found first of a line is told first. */
void config_notes_sort(struct config_notes *notes)
{
	struct config_note *items = notes->items, *before;

	if (!notes->count)
		return;
	before =
		arena_memdup(notes->arena, items, notes->count * sizeof *items);
	for (size_t i = 1; i < notes->count; i++) {
		struct config_note moved = items[i];
		size_t at = i;

		for (; at && is_before(before, &moved, &items[at - 1]); at--)
			items[at] = items[at - 1];
		items[at] = moved;
	}
}

const char *config_note_kind_name(enum config_note_kind kind)
{
	return kinds[kind].name;
}

void config_note_put_text(
	struct buf *out, const struct config_note *note, bool is_translated)
{
	struct diag without_place;
	const char *text, *place;

	if (note->why) {
		without_place = *note->why;
		without_place.where[0] = '\0';
		diag_sentence(&without_place, is_translated, out);
		return;
	}
	text = text_translated(note->text, is_translated);
	place = strstr(text, "%s");
	if (!place) {
		text_put_printable(out, span_of(note->what ? note->what : ""));
		buf_puts(out, note->what && note->what[0] ? ": " : "");
		buf_puts(out, text);
		return;
	}
	buf_put(out, text, (size_t)(place - text));
	text_put_printable(out, span_of(note->what ? note->what : ""));
	buf_puts(out, place + 2);
}

void config_note_put(struct buf *out, const struct config_note *note)
{
	text_put_printable(out, span_of(note->file));
	if (note->line)
		buf_printf(out, ":%u", note->line);
	buf_puts(out, ": ");
	if (note->account) {
		buf_puts(out, "account ");
		text_put_printable(out, span_of(note->account));
		buf_puts(out, ": ");
	}
	if (note->keyword)
		buf_printf(out, "%s: ", note->keyword);
	buf_printf(out, "%s: ", _(kinds[note->kind].label));
	config_note_put_text(out, note, true);
}
