/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The alias file, as sendmail and Postfix write it (aliases(5)): names of this
 * host and the addresses behind them.  Pure: the text is an argument.
 *
 *	aliases = aliases_open(text, arena);
 *	context = (struct aliases_context){ aliases, this_host };
 *	params.expand_alias = aliases_expand, params.alias_context = &context
 *
 *	aliases = aliases_parse(text, arena);
 *	for (i = 0; i < aliases->note_count; i++) … tell aliases->notes[i] …
 */
#ifndef MAIL_ALIASES_H
#define MAIL_ALIASES_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* The largest file worth reading, and how many of its faults are listed. */
enum { ALIASES_TEXT_LIMIT = 16 * 1024 * 1024, ALIASES_NOTES_LIMIT = 100 };

/* Why something in the file does not count. */
enum aliases_fault {
	ALIASES_COMMAND,   /* "|command": no mail is fed to programs */
	ALIASES_FILE,      /* "/file" */
	ALIASES_INCLUDE,   /* ":include:file" */
	ALIASES_TWICE,     /* the name was there before; the first counts */
	ALIASES_NO_NAME,   /* a line without "name:" */
	ALIASES_NO_MEMBER, /* a name with nothing behind it that counts */
	ALIASES_NUL,       /* a NUL byte in the line */
	ALIASES_QUOTE      /* a double quote that does not end */
};

struct aliases_note {
	unsigned line;
	enum aliases_fault fault;
	const char *name;   /* the alias, or "" */
	const char *member; /* what was skipped, or "" */
};

struct alias;

/* What a file says.  Lives in the arena it was made in, and borrows the text.
 * Invariant: entries are sorted by name, without regard to case. */
struct aliases {
	struct span text;
	struct arena *arena;
	unsigned searches; /* names that were looked for in the text */
	bool is_apart;     /* what follows is there */
	struct alias *entries;
	size_t count;
	const struct aliases_note *notes; /* the first ALIASES_NOTES_LIMIT */
	size_t note_count;                /* of those */
	size_t fault_count;               /* of all */
};

/* Takes the text of a file apart: "name: member, member"; lines that begin with
 * white space continue the one before; empty lines and lines whose first byte
 * is '#' count for nothing, and end nothing; names and members may be in double
 * quotes.  Names do not know case; the first of two counts.  It never fails:
 * what cannot be used is a note.  Time is that of sorting the names.  TEXT must
 * live as long as the result. */
struct aliases *aliases_parse(struct span text, struct arena *arena);
/* The same for who wants to find a few names: the text is searched for them,
 * and taken apart when there are more.  Without notes. */
struct aliases *aliases_open(struct span text, struct arena *arena);

/* The members behind NAME as an address list in ARENA; NULL when it is no
 * alias, or one of nothing but commands and files.  One step: members may be
 * aliases themselves.  NAME is a bare name, or an address of THIS_HOST (may be
 * NULL) or of localhost; for these the alias "default" catches what has none of
 * its own. Any other address counts only if it stands in the file as it is. */
const char *aliases_find(struct aliases *aliases, const char *name,
	const char *this_host, struct arena *arena);

/* The same as envelope_params.expand_alias wants it. */
struct aliases_context {
	struct aliases *aliases;
	const char *this_host;
};
const char *aliases_expand(
	void *context, const char *name, struct arena *arena);

/* Why it does not count, untranslated: a msgid. */
const char *aliases_fault_text(enum aliases_fault fault);
/* Appends the note as a sentence in the user's language: "line 3: …". */
void aliases_put_note(struct buf *out, const struct aliases_note *note);

#endif
