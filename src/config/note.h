/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is worth telling of a configuration besides its values: mistakes, all of
 * them and not the first alone, and settings that do not do what their writer
 * may think.  Collected while files are read and when they are checked.
 *
 *	struct config_notes notes = { .arena = arena };
 *	config_load_noting(request, &notes, arena, &config, why);
 *	config_check(&config, request, &notes);
 *	for (size_t i = 0; i < notes.count; i++) … notes.items[i] …
 */
#ifndef CONFIG_NOTE_H
#define CONFIG_NOTE_H

#include "base/diag.h"
#include "base/mem.h"

#include <stddef.h>

/* More are counted, but not kept: nobody reads on. */
enum { CONFIG_NOTES_LIMIT = 1000 };

enum config_note_kind {
	CONFIG_NOTE_ERROR,    /* no mail goes out with it */
	CONFIG_NOTE_EXPOSED,  /* what is secret, to those who can come by it */
	CONFIG_NOTE_DIFFERS,  /* msmtp does something else with it */
	CONFIG_NOTE_IGNORED,  /* has no effect */
	CONFIG_NOTE_OBSOLETE, /* works, but there is a better way to say it */
	CONFIG_NOTE_HIDDEN /* another file, line or variable counts instead */
};

struct config_note {
	enum config_note_kind kind;
	const char *file;    /* or the variable that it stands in */
	unsigned line;       /* 0: the file as a whole */
	const char *account; /* NULL: no account in particular */
	const char *keyword; /* NULL: no setting in particular */
	/* Untranslated; may have one %s, for WHAT, which stands in front
	 * without. */
	const char *text, *what;
	const struct diag *why; /* in place of a text, or NULL */
};

/* Lives in ARENA, which is not owned. */
struct config_notes {
	struct arena *arena;
	struct config_note *items;
	size_t count, error_count;
};

/* The strings must live as long as the arena, or be static; *NOTE->why is
 * copied.  The same text about the same line is told once. */
void config_notes_add(
	struct config_notes *notes, const struct config_note *note);
/* Puts them in the order of files (as they first appear) and lines. */
void config_notes_sort(struct config_notes *notes);
/* "error", "differs", … in English, for programs. */
const char *config_note_kind_name(enum config_note_kind kind);
/* Appends why, without file and keyword. */
void config_note_put_text(
	struct buf *out, const struct config_note *note, bool is_translated);
/* Appends the whole as a line for people, without its end:
 * "/etc/msmtprc:3: account work: timeout: differs: …". */
void config_note_put(struct buf *out, const struct config_note *note);

#endif
