/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The alias file: whatever is in it, members come out on one line, and every
 * fault is counted. */
#include <config.h>

#include "fuzz/fuzz.h"
#include "mail/aliases.h"

#include <stdint.h>
#include <string.h>

/* What was taken apart, and a search of its own in the text. */
static const char *find_both_ways(struct aliases *aliases, const char *name,
	const char *this_host, struct arena *arena)
{
	const char *members = aliases_find(aliases, name, this_host, arena);
	const char *found = aliases_find(
		aliases_open(aliases->text, arena), name, this_host, arena);

	fuzz_check(!members == !found);
	fuzz_check(!members || !strcmp(members, found));
	return members;
}

/* Every word of the text is asked for, so that each alias is found. */
static void ask(struct aliases *aliases, struct span text, struct arena *arena)
{
	static const char *const always[] = { "root", "default", "a@localhost",
		"@", "" };

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		(void)find_both_ways(aliases, always[i], "host.example", arena);
	while (text.length) {
		struct span word = span_trim(span_cut(&text, ':'));
		const char *members = find_both_ways(aliases,
			arena_strndup(
				arena, word.length ? word.at : "", word.length),
			NULL, arena);

		fuzz_check(!members || (members[0] && !strpbrk(members, "\n")));
		if (word.length > 1000)
			return;
		while (span_find(word, '\n') < word.length)
			span_cut(&word, '\n');
		word = span_trim(word);
		(void)find_both_ways(aliases,
			arena_strndup(
				arena, word.length ? word.at : "", word.length),
			NULL, arena);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	/* The text is borrowed, and may be empty. */
	struct span text = fuzz_span(data, size);
	struct aliases *aliases = aliases_parse(text, arena);
	struct buf sentence = BUF_INIT(16 * size + 10000);

	fuzz_check(aliases->note_count <= aliases->fault_count);
	fuzz_check(aliases->note_count <= ALIASES_NOTES_LIMIT);
	for (size_t i = 0; i < aliases->note_count; i++) {
		buf_clear(&sentence);
		aliases_put_note(&sentence, &aliases->notes[i]);
		fuzz_check(!strchr(buf_text(&sentence), '\033'));
	}
	if (size < 10000)
		ask(aliases, text, arena);
	buf_free(&sentence);
	arena_free(arena);
	return 0;
}
