/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The main() of a fuzz target in make check: feeds it every file of its
 * corpus, one TAP case each.  The corpus of X_fuzz is
 * $TOP_SRCDIR/tests/fuzz/corpus/X, or the folder named on the command line.
 * Does not know what it feeds.
 */
#include <config.h>

#include "base/file.h"
#include "fuzz/fuzz.h"
#include "tap.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPLAY_FILE_BYTES = 16 * 1024 * 1024 };

static const char *corpus_of(struct arena *arena, const char *program)
{
	const char *top = getenv("TOP_SRCDIR");
	const char *slash = strrchr(program, '/');
	struct span name = span_of(slash ? slash + 1 : program);

	if (name.length > 5)
		name.length -= strlen("_fuzz");
	return arena_printf(arena, "%s/tests/fuzz/corpus/%.*s", top ? top : ".",
		(int)name.length, name.at);
}

static int is_case(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The bytes go into a block of exactly their size, so that the address
 * sanitizer sees a read past their end. */
static void feed(const struct buf *content)
{
	uint8_t *exact = mem_alloc(content->length);

	memcpy(exact, buf_text(content), content->length);
	LLVMFuzzerTestOneInput(exact, content->length);
	mem_free(exact);
}

static void replay(struct arena *arena, const char *folder, const char *name)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name);
	struct buf content = BUF_INIT(REPLAY_FILE_BYTES);
	struct diag why;

	/* Said before, so that a crash has a name. */
	tap_note("%s", name);
	fflush(stdout);
	if (file_read(path, &content, NULL, &why) == FILE_READ) {
		feed(&content);
		tap_ok(true, "%s", name);
	} else {
		tap_ok(false, "%s cannot be read", name);
	}
	buf_free(&content);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	const char *folder = argc > 1 ? argv[1] : corpus_of(arena, argv[0]);
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_case, alphasort);

	if (count <= 0)
		tap_ok(false, "no corpus in %s", folder);
	for (int i = 0; i < count; i++) {
		replay(arena, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	arena_free(arena);
	return tap_done();
}
